//! What this build is.

/// The package's version.
pub(crate) const NUMBER: &str = env!("CARGO_PKG_VERSION");

/// The commit it was built from, where the build was told (`make` does).
pub(crate) const COMMIT: Option<&str> = option_env!("SYNCLINE_COMMIT");

/// `syncline 0.1.0`.
pub(crate) const LINE: &str = concat!("syncline ", env!("CARGO_PKG_VERSION"));
