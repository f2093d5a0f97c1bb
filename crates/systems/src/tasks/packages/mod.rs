//! Packages of leads as people keep them: in CSV files, with English or Chinese headers. Reading and writing them is
//! pure; what is stored is the store's business.

mod columns;
mod read;
mod records;
mod text;
mod write;

pub use read::{BadCsv, Line, LineFault, Sheet, read};
pub use write::write;

/// Bytes of a file, as documented: a hundred thousand packages with room to spare.
pub const BYTES_MAX: usize = 32 << 20;
