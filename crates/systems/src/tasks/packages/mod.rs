//! Packages of leads: as people keep them, in CSV files with English or Chinese headers, and as they are shown. Reading
//! and writing files is pure; what is stored is the store's business.

mod columns;
mod read;
mod records;
mod shown;
mod text;
mod verbs;
mod write;

pub use read::{BadCsv, Line, LineFault, Sheet, read};
pub use shown::PackageShown;
pub use verbs::{Import, ImportError, Imported, PackageError};
pub use write::write;

/// Bytes of a file, as documented: a hundred thousand packages with room to spare.
pub const BYTES_MAX: usize = 32 << 20;
