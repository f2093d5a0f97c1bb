//! The tasks of a call platform, synced in two windows and matched to packages of leads.

pub mod packages;
