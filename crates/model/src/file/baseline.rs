//! What is remembered of files that were synced to where times are not kept: how both sides told of them then.

/// How a storage told of a file. What it did not tell is not compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileMark {
    /// Bytes.
    pub size: u64,
    /// When its content was made, in nanoseconds since 1970 (UTC).
    pub modified_ns: Option<i64>,
    /// The storage's mark of the content.
    pub etag: Option<String>,
}

/// A file of the target as it was when it was known to be the source's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileBaseline {
    /// The folder it lies in, from the target's root; empty for that root.
    pub folder: String,
    /// Its name there.
    pub name: String,
    /// The source's file.
    pub source: FileMark,
    /// The target's.
    pub target: FileMark,
}
