//! Durable state, on SQLite and PostgreSQL behind one closed enum.
//!
//! One body per operation serves both databases: it is written against [`db::Tx`], runs inside one transaction and
//! takes `now` as an argument. SQL lives here (and in `connect::tables`) and nowhere else; no driver type leaves.
//!
//! [`Store`] writes and is for the engine; [`Reader`] reads and may be handed to anybody.

mod db;
mod error;
mod ring;
mod types;

pub use db::{Reader, Store};
pub use error::StoreError;
pub use ring::Rings;
pub use types::*;
