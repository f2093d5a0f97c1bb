//! What can go wrong with the state store.

/// An operation on the state store failed. Nothing of it was written, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or was lost on the way. A write may have been committed: repeat it.
    #[error("state store unavailable while {tried}: {reason}")]
    Unavailable {
        /// What was tried.
        tried: &'static str,
        /// The driver's words, without credentials.
        reason: String,
    },
    /// The database refused a statement: a bug, a full disk or a foreign schema.
    #[error("state store failed while {tried}: {reason}")]
    Failed {
        /// What was tried.
        tried: &'static str,
        /// The driver's words, without credentials.
        reason: String,
    },
    /// Another process has the embedded database open.
    #[error(
        "{path} is in use by another syncline process; stop it, or use --database-url for several processes"
    )]
    InUse {
        /// The database file.
        path: String,
    },
    /// A value over its bound.
    #[error("{what} is too large: {size}, at most {limit}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// Its size.
        size: usize,
        /// The bound.
        limit: usize,
    },
}
