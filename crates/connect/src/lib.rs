//! Clients of upstream systems, storages and destination tables.

pub mod baostock;
pub mod http;
pub mod storage;
pub mod tables;
