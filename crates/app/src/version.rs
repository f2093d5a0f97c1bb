//! What this build is.

/// The package's version.
pub(crate) const NUMBER: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from; `None` where the build saw neither a checkout nor `SYNCLINE_COMMIT`.
pub(crate) const COMMIT: Option<&str> = option_env!("BUILT_FROM_COMMIT");

/// `syncline 0.1.0 (4f2a8c1d0)`.
pub(crate) fn line() -> String {
    COMMIT.map_or_else(|| format!("syncline {NUMBER}"), |commit| format!("syncline {NUMBER} ({commit})"))
}
