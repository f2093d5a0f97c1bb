//! Clients of upstream systems, storages and destination tables.

pub mod baostock;
pub mod tables;
