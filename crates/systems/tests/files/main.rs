//! The files system whole: its documented routes over a real engine and a real store, on folders of this machine, its
//! clock set by hand. Each claim on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[macro_use]
#[path = "../shared/mod.rs"]
mod shared;

mod bed;
mod configs;
mod routes;
mod runs;
