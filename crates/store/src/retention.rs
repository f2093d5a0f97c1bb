//! What is old goes, a little at a time.

use jiff::Timestamp;
use model::run::Run;

use crate::Store;
use crate::db::Result;
use crate::rows::{self, run_columns};
use crate::sql::Sql;
use crate::tx::args;
use crate::types::Keep;

/// Runs deleted in one transaction, with all that hangs on them.
const RUNS_MAX: u32 = 200;
/// Events deleted in one transaction.
const EVENTS_MAX: u32 = 10_000;

static RUNS: Sql = Sql::new(concat!(
    "DELETE FROM run WHERE id IN (SELECT id FROM run WHERE ended_at IS NOT NULL AND ended_at < $1 AND followed_at IS NOT NULL ",
    "ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING ",
    run_columns!()
));
static EVENTS: Sql =
    Sql::new("DELETE FROM event WHERE id IN (SELECT id FROM event WHERE at < $1 ORDER BY at LIMIT $2)");
static TICKS: Sql = Sql::new(
    "DELETE FROM tick WHERE id IN (SELECT id FROM tick WHERE decided_at < $1 AND followed_at IS NOT NULL ORDER BY id LIMIT $2)",
);

impl Store {
    /// Deletes what is older than `keep`, a bounded number a call; answers the runs that went: call again while there
    /// are some.
    ///
    /// # Errors
    /// The store failed.
    pub async fn forget(&self, keep: Keep, now: Timestamp) -> Result<Vec<Run>> {
        let (runs, events) = (now - keep.runs, now - keep.events);
        self.write_tx("forgetting what is old", move |tx| {
            Box::pin(async move {
                tx.run(&EVENTS, &args![events, EVENTS_MAX]).await?;
                tx.run(&TICKS, &args![runs, EVENTS_MAX]).await?;
                let gone = tx.all(&RUNS, &args![runs, RUNS_MAX]).await?;
                gone.into_iter().map(rows::run).collect()
            })
        })
        .await
    }
}
