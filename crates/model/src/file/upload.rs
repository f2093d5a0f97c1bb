//! Uploads in parts that were begun at a config's target: whoever dies leaves one that the next goes on with.

use super::baseline::FileMark;

/// An upload that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileUpload {
    /// The file's place, from the target's root.
    pub path: String,
    /// What the store calls it.
    pub upload: String,
    /// The source's file as it was when it began: another content goes in another upload.
    pub source: FileMark,
    /// Bytes of each part but the last.
    pub part_size: u64,
}
