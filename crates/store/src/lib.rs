//! Durable state, on SQLite and PostgreSQL behind one closed enum.
//!
//! One body per operation serves both databases: it is written against a transaction of ours, runs inside one
//! transaction of theirs and takes `now` as an argument. SQL lives here (and in `connect::tables`) and nowhere else; no
//! driver type leaves.
//!
//! [`Store`] writes and is for the engine; [`Reader`] reads and may be handed to anybody; what a system keeps of its
//! own has a handle of its own ([`RacePlans`], [`CallTasks`], [`FileSyncs`]).

mod budget;
mod claim;
mod control;
mod db;
mod error;
mod event;
mod files;
mod finish;
mod follow;
mod lease;
mod ledger;
mod like;
mod log;
mod postgres;
mod projection;
mod races;
mod read;
mod reap;
mod request;
mod retention;
mod ring;
mod rows;
mod schedule;
mod schema;
mod seal;
mod settle;
mod sql;
mod sqlite;
mod tasks;
mod tries;
mod tx;
mod types;
mod views;

pub use db::{Probe, ProbeAnswer, Reader, Store};
pub use error::StoreError;
pub use files::*;
pub use races::RacePlans;
pub use ring::Rings;
pub use seal::{Seal, SealError};
pub use tasks::*;
pub use tx::Cost;
pub use types::*;
