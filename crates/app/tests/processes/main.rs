//! The real binary, as processes: started, asked, killed, started again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod bed;
mod commands;
mod configuration;
mod crashes;
mod demo;
mod disk;
mod doors;
mod files;
mod race_plans;
mod races;
mod starts;
mod task_crashes;
mod tasks;
mod tree_crashes;
mod two;
mod waiting;
