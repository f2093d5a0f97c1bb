//! Clients of upstream systems, storages and destination tables.

pub mod tables;
