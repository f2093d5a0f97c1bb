//! What systems keep of a run in tables of their own, written in the transaction that changes the run.
//!
//! A contract that documents a table of runs is held by a row that begins and ends with its run, whatever ends it: a
//! worker, a person, the reaper. Nothing of it is read back by the engine.

use jiff::Timestamp;
use model::run::Run;

use crate::files;
use crate::tasks::record;
use crate::tx::{DbError, Tx};

/// A run was made.
pub(crate) async fn run_accepted(tx: &mut Tx<'_>, run: &Run) -> Result<(), DbError> {
    match run.sync.system() {
        "files" => files::run::accepted(tx, run).await,
        "tasks" => record::accepted(tx, run).await,
        _ => Ok(()),
    }
}

/// A run's state was stored.
pub(crate) async fn run_stored(tx: &mut Tx<'_>, run: &Run, now: Timestamp) -> Result<(), DbError> {
    match run.sync.system() {
        "files" if run.state.is_end() => files::run::ended(tx, run, now).await,
        "tasks" if run.state.is_end() => record::ended(tx, run, now).await,
        _ => Ok(()),
    }
}
