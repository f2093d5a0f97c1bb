//! What is wrong with a config: which field, which value, what is allowed.

/// One field that cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its path: `source.path`, `filters.exclusions.1.pattern`.
    pub field: String,
    /// What is wrong and what is allowed, for people.
    pub message: String,
    /// The value as it came; never a secret.
    pub input: serde_json::Value,
}

impl Wrong {
    pub(super) fn new(
        field: impl Into<String>,
        message: impl Into<String>,
        input: impl Into<serde_json::Value>,
    ) -> Self {
        Self { field: field.into(), message: message.into(), input: input.into() }
    }
}
