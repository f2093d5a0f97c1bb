//! The client of upstreams that speak JSON over HTTP: one request → one answer, asked again where that may help,
//! never faster than the upstream allows.
//!
//! Where an upstream is and how patient to be with it is in [`config`], what is asked in [`request`], the asking
//! and the trying again in [`client`], what can go wrong in [`trouble`]. How fast one may ask is a [`Budget`], a
//! value; a [`Purse`] grants requests from it. A listing in pages is followed by [`paging`]. What authorizes a request
//! and runs out is a [`Credential`]; whoever wants to hear of further tries is a [`Watch`]; what the other side says is
//! shown after a [`scrub()`] only.
//!
//! No cookies, no cache, no proxy, no compressed bodies. Messages name the upstream and the path; never a host,
//! a query, a header or a body.
//!
//! What must not enter: what an answer means, tables, SQL, the time of day except through [`Pause`].

pub mod budget;
pub mod client;
pub mod config;
pub mod credential;
pub mod paging;
pub mod pause;
pub mod purse;
pub mod request;
pub(crate) mod retry_after;
pub mod scrub;
pub(crate) mod tls;
pub mod trouble;
pub mod watch;
mod wire;

pub use budget::{Budget, Decision, Limits};
pub use client::{Answer, Client, Means};
pub use config::{Base, Config, Pauses, Policy, RetryAfter};
pub use credential::Credential;
pub use paging::{Break, ListError, Listing, Page, Paging, Turn, list};
pub use pause::{Pause, Stopped};
pub use purse::{Counted, Keeper, Memory, Purse, Unlimited};
pub use request::Request;
pub use scrub::scrub;
pub use tls::plain;
pub use trouble::{Failure, ForGood, Trouble, Unread, read_json};
pub use watch::Watch;

pub use crate::baostock::Secret;
