//! Placeholder while the drivers land.
