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
#[path = "../../../connect/tests/storage/lies.rs"]
#[expect(dead_code, reason = "nobody lies here")]
mod lies;
#[path = "../../../systems/tests/files/patience.rs"]
mod patience;
#[path = "../../../connect/tests/storage/proxy.rs"]
#[expect(dead_code, reason = "tests of storages ask more of servers")]
mod proxy;
mod race_plans;
mod races;
#[path = "../../../connect/tests/storage/servers.rs"]
#[expect(dead_code, reason = "tests of storages ask more of servers")]
mod servers;
mod starts;
mod task_crashes;
mod tasks;
mod tree_crashes;
mod two;
mod upload_crashes;
mod waiting;
