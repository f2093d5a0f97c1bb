//! The client of the baostock service: a market data source spoken to over plain TCP, strictly request → reply.
//!
//! The wire format is in [`frame`], the rows of a reply in [`records`], one connection with its login, its time
//! limits and its retries in [`session`], the operations in [`query`]. A [`Client`] holds at most one
//! connection; it opens and logs in when first asked something, and again after anything went wrong on the wire.
//!
//! What must not enter: which stocks are wanted, what a trading day is, what a missing row means, tables, SQL,
//! the time of day. Those are the stocks system's.

pub mod api_key;
pub mod budget;
pub mod config;
pub mod frame;
pub mod query;
pub mod records;
pub mod session;
mod trouble;
mod wire;

pub use api_key::ApiKey;
pub use budget::{Budget, budget_spent, is_budget_spent};
pub use config::{Config, Secret, Timeouts};
pub use query::Adjust;
pub use records::{Column, Records, Row};
pub use session::{Client, Wait, WallWait};

/// The service's codes that a caller may have to tell apart, as they stand in [`model::fault::Fault::code`].
pub mod code {
    /// Not logged in; the client logs in again by itself.
    pub const NOT_LOGGED_IN: &str = "10001001";
    /// Too many logins; not before a minute.
    pub const LOGIN_LIMIT: &str = "10001005";
    /// No permission, for the account or (unverified) for one type of request.
    pub const NO_PERMISSION: &str = "10001006";
    /// The address or user is on the blacklist.
    pub const BLACKLISTED: &str = "10001011";
    /// The API key is malformed.
    pub const API_KEY_FORMAT: &str = "10001012";
    /// The service does not know this type of request.
    pub const UNKNOWN_TYPE: &str = "10004020";
}
