//! The tasks system whole: its documented routes over a real engine, a real store and a simulated platform, its clock
//! set by hand. Each claim on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[macro_use]
#[path = "../shared/mod.rs"]
mod shared;

mod batches;
mod bed;
mod bodies;
mod decisions;
mod fallback;
mod faults;
mod holders;
mod journal;
mod listings;
mod look;
mod retention;
mod runs;
mod secrets;
mod week;
