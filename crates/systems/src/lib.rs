//! The systems that ship with Syncline. Each has a folder; they never see one another. `wire` is no system: it is what
//! their documented routes share.

pub mod files;
pub mod races;
pub mod stocks;
pub mod tasks;
mod upstream;
mod wire;
