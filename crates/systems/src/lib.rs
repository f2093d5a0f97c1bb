//! The systems that ship with Syncline. Each has a folder; they never see one another. `wire` and `english` are no
//! systems: the one is what their documented routes share, the other says their Chinese sentences in English.

mod english;
pub mod files;
pub mod races;
pub mod stocks;
pub mod tasks;
mod upstream;
mod wire;

pub use english::in_english;
