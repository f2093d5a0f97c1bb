//! What the engine promises, each promise a test: a clock set by hand, a system that follows a script, the state as a
//! page of text.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod bed;
mod control;
mod nodes;
mod runs;
mod schedules;
