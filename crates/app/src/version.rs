//! What this build is.

/// The package's version.
pub(crate) const NUMBER: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from, where the build was told (`make` does).
pub(crate) const COMMIT: Option<&str> = match option_env!("SYNCLINE_COMMIT") {
    Some("") | None => None,
    commit => commit,
};

/// `syncline 0.1.0 (4f2a8c1)`.
pub(crate) fn line() -> String {
    COMMIT.map_or_else(|| format!("syncline {NUMBER}"), |commit| format!("syncline {NUMBER} ({commit})"))
}
