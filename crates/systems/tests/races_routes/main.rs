//! The documented routes of races, over a real engine, a real store and a simulated source. Each claim on both
//! databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[path = "../shared/outside.rs"]
mod outside;
#[macro_use]
#[path = "../shared/mod.rs"]
#[expect(dead_code, unused_imports, reason = "of what beds share, this one has no use for all")]
mod shared;

mod bed;
mod outages;
mod plans;
mod refusals;
