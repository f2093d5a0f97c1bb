//! The engine as processes run it, its loops included: their times on a clock that stands still until everybody waits,
//! and two nodes on one PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod bed;
mod log;
mod loops;
mod two;
