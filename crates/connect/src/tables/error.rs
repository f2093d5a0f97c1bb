//! What can go wrong at a destination, and what each means for trying again.

use model::fault::Fault;

/// A destination's error: says what was tried with which table, and never holds a connection string.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TablesError {
    /// A newer holder of the partition has written: nothing of this transaction was.
    #[error("partition {partition} was written by a newer holder than fence {fence}: nothing was written")]
    Fenced {
        /// The partition.
        partition: i64,
        /// The fence that was refused.
        fence: i64,
    },
    /// A row does not fit its table.
    #[error(transparent)]
    Value(#[from] BadValue),
    /// A table is not, or cannot be made, what its constant says.
    #[error("table `{table}`: {why}")]
    Shape {
        /// Which.
        table: String,
        /// What is wrong.
        why: String,
    },
    /// A read names what the table does not have, or asks for what cannot be.
    #[error("reading `{table}`: {why}")]
    Select {
        /// Which table.
        table: String,
        /// What is wrong.
        why: String,
    },
    /// The destination cannot be reached, or the connection was cut: what was tried may or may not have happened,
    /// and is safe to repeat.
    #[error("{tried}: the destination cannot be reached: {why}")]
    Lost {
        /// What was tried.
        tried: String,
        /// In the driver's words.
        why: String,
    },
    /// The destination has no room left; nothing of the transaction was written.
    #[error("{tried}: the destination is full: {why}")]
    Full {
        /// What was tried.
        tried: String,
        /// In the driver's words.
        why: String,
    },
    /// Others were in the way for too long; nothing of the transaction was written.
    #[error("{tried}: the destination is busy: {why}")]
    Busy {
        /// What was tried.
        tried: String,
        /// In the driver's words.
        why: String,
    },
    /// The destination refused (a constraint, a type, a permission); nothing of the transaction was written.
    #[error("{tried}: the destination refused: {why}")]
    Refused {
        /// What was tried.
        tried: String,
        /// In the driver's words.
        why: String,
    },
}

/// A value that does not fit its column; quoted, so that a person can find it upstream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{table}.{column}` does not take `{value}`: {why}")]
pub struct BadValue {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The value, cut at 100 characters.
    pub value: String,
    /// Why not.
    pub why: String,
}

impl TablesError {
    /// Whether the same transaction may succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Lost { .. } | Self::Full { .. } | Self::Busy { .. })
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Fenced { .. } => "fenced",
            Self::Value(_) => "bad_value",
            Self::Shape { .. } => "destination_shape",
            Self::Select { .. } => "bad_select",
            Self::Lost { .. } => "destination_lost",
            Self::Full { .. } => "destination_full",
            Self::Busy { .. } => "destination_busy",
            Self::Refused { .. } => "destination_refused",
        }
    }
}

impl From<TablesError> for Fault {
    fn from(error: TablesError) -> Self {
        let message = error.to_string();
        if error.is_passing() {
            Self::again(error.code(), message)
        } else {
            Self::never(error.code(), message)
        }
    }
}

impl From<BadValue> for Fault {
    fn from(error: BadValue) -> Self {
        TablesError::from(error).into()
    }
}
