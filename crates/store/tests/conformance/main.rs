//! One suite of claims about the store, held by both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod bed;
mod claims;
mod control;
mod feed;
mod file_tables;
mod invariants;
mod ledger;
mod looks;
mod migrations;
mod races;
mod repeats;
mod schedules;
mod shell;
mod task_bed;
mod task_packages;
mod task_records;
mod task_tables;
mod task_writes;
