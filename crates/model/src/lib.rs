//! The nouns of Syncline and the rules that hold between them.
//!
//! What must not enter: I/O, a clock, async, SQL, anything a system knows. `now` is an argument.

pub mod counts;
pub mod cron;
pub mod event;
pub mod fault;
pub mod file;
pub mod id;
pub mod ledger;
pub mod limits;
pub mod missed;
pub mod partition;
pub mod policy;
pub mod progress;
pub mod race;
pub mod run;
pub mod schedule;
pub mod state;
pub mod task;
