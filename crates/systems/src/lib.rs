//! The systems that ship with Syncline. Each has a folder; they never see one another.

pub mod races;
pub mod stocks;
