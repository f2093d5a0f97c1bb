//! Follow-ups: what ended is remembered until its system was asked what is wanted next, whatever crashes meanwhile.

use std::sync::Arc;

use jiff::Timestamp;
use model::schedule::ScheduleSpec;

use crate::db::Result;
use crate::rows::{self, run_columns, schedule_columns, tick_columns};
use crate::schedule::put;
use crate::sql::Sql;
use crate::tx::args;
use crate::types::Unfollowed;
use crate::{Reader, Store};

static RUNS: Sql = Sql::new(concat!(
    "SELECT ",
    run_columns!(),
    " FROM run WHERE followed_at IS NULL AND state >= 10 ORDER BY id LIMIT $1"
));
static TICKS: Sql = Sql::new(concat!(
    "SELECT schedule_id, ",
    tick_columns!(),
    " FROM tick WHERE followed_at IS NULL ORDER BY id LIMIT $1"
));
static SCHEDULE: Sql = Sql::new(concat!("SELECT ", schedule_columns!(), " FROM schedule WHERE id = $1"));
static RUN_FOLLOWED: Sql = Sql::new("UPDATE run SET followed_at = $2 WHERE id = $1 AND followed_at IS NULL");
static TICK_FOLLOWED: Sql = Sql::new(
    "UPDATE tick SET followed_at = $3 WHERE schedule_id = $1 AND nominal_at = $2 AND followed_at IS NULL",
);

impl Store {
    /// Notes that the follow-ups of something that ended are known, and puts them, in one transaction; each comes with
    /// its next time. False: somebody else did it before, nothing was written.
    ///
    /// # Errors
    /// The store failed.
    pub async fn follow(
        &self,
        ended: &Unfollowed,
        wanted: Vec<(ScheduleSpec, Option<Timestamp>)>,
        now: Timestamp,
    ) -> Result<bool> {
        let (sql, args) = match ended {
            Unfollowed::Run(run) => (&RUN_FOLLOWED, args![run.id.0, now].to_vec()),
            Unfollowed::Tick(schedule, tick) => {
                (&TICK_FOLLOWED, args![schedule.id.0, tick.nominal_at, now].to_vec())
            }
        };
        let noted = Arc::new((args, wanted));
        self.write_tx("following up", move |tx| {
            let noted = Arc::clone(&noted);
            Box::pin(async move {
                let (args, wanted) = &*noted;
                if tx.run(sql, args).await? == 0 {
                    return Ok(false);
                }
                for (spec, next) in wanted {
                    put(tx, spec, *next, now).await?;
                }
                Ok(true)
            })
        })
        .await
    }
}

impl Reader {
    /// Ended runs and ticks without a run nobody followed up yet, oldest first; see [`Store::follow`].
    ///
    /// # Errors
    /// The store failed.
    pub async fn unfollowed(&self, limit: u32) -> Result<Vec<Unfollowed>> {
        self.read_tx("looking for follow-ups", move |tx| {
            Box::pin(async move {
                let mut ends = Vec::new();
                for row in tx.all(&RUNS, &args![limit]).await? {
                    ends.push(Unfollowed::Run(Box::new(rows::run(row)?)));
                }
                for mut row in tx.all(&TICKS, &args![limit]).await? {
                    let schedule = row.int()?;
                    let tick = rows::tick(&mut row)?;
                    let Some(mut row) = tx.first(&SCHEDULE, &args![schedule]).await? else { continue };
                    ends.push(Unfollowed::Tick(Box::new(rows::schedule(&mut row)?), tick));
                }
                Ok(ends)
            })
        })
        .await
    }
}
