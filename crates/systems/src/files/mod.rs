//! Trees of files, copied from one storage to another on a cron.
//!
//! A config is a sync; its run has one partition, the tree. Both trees are walked in step, files are copied on the
//! way, and what the source does not have is deleted last, if at all.

mod compare;
mod filter;
mod merge;
mod rename;
mod tree;
mod wrong;

pub use wrong::Wrong;

/// What temporary names of all runs begin with; left out on both sides.
pub(crate) const TEMPORARY: &str = ".syncline-tmp-";
