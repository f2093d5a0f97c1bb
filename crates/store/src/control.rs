//! Cancel, pause, resume, and waking what is due.

use std::sync::Arc;

use jiff::Timestamp;
use model::id::{RunId, SyncKey};
use model::run::Run;
use model::state::{Control, RunState};

use crate::db::Result;
use crate::ledger::{self, Entry};
use crate::request::by_id;
use crate::rows::{self, partition_columns};
use crate::settle::{self, Delta, Wish};
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args, wrong};
use crate::types::{Claimed, Controlled, Lost, LostWords};
use crate::{Store, lease, reap};

static READ_RUNS: Sql = Sql::new(
    "UPDATE run SET read_at = $3 WHERE read_at IS NULL AND state >= 10 AND id <= $2 \
     AND (CAST($1 AS TEXT) IS NULL OR system = CAST($1 AS TEXT))",
);
static WAKE: Sql = Sql::new(
    "UPDATE partition SET state = 0, available_at = NULL WHERE id IN (SELECT id FROM partition \
     WHERE state = 2 AND available_at <= $1 ORDER BY available_at LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING run_id",
);
static LEFT: Sql = Sql::new(concat!(
    "SELECT ",
    partition_columns!(),
    " FROM partition WHERE run_id = $1 AND state IN (0, 2) \
     AND key IN (SELECT key FROM ledger WHERE run_id = $1 AND state = 1) ORDER BY id"
));
static DUE_RUNS: Sql = Sql::new(
    "SELECT id FROM run WHERE state = 3 AND resume_at IS NOT NULL AND resume_at <= $1 ORDER BY resume_at LIMIT $2",
);
static BUFFERED: Sql =
    Sql::new("SELECT DISTINCT sync FROM run WHERE state = 0 AND lease_wanted AND NOT lease_held");
static NEXT_DUE: Sql = Sql::new(
    "SELECT min(at) FROM (SELECT min(available_at) AS at FROM partition WHERE state = 2 \
     UNION ALL SELECT min(resume_at) FROM run WHERE state = 3 AND resume_at IS NOT NULL AND resume_at > $1) AS due",
);

impl Store {
    /// Cancels a run: what is not running ends now, holders are told. Of keys that nobody holds any more, though the
    /// ledger calls them under way, `words` are written, as their holders would have done.
    ///
    /// # Errors
    /// The store failed.
    pub async fn cancel(&self, run: RunId, words: LostWords, now: Timestamp) -> Result<Controlled> {
        self.write_tx("cancelling a run", move |tx| {
            let words = Arc::clone(&words);
            Box::pin(async move { cancel_in(tx, run, Some(&words), now).await })
        })
        .await
    }

    /// Pauses a run until a person resumes it; with `words` as for [`Store::cancel`].
    ///
    /// # Errors
    /// The store failed.
    pub async fn pause(&self, run: RunId, words: LostWords, now: Timestamp) -> Result<Controlled> {
        self.write_tx("pausing a run", move |tx| {
            let words = Arc::clone(&words);
            Box::pin(async move { pause_in(tx, run, &words, now).await })
        })
        .await
    }

    /// Lets a paused run go on, when its lease is free. A pause that was asked for and not carried out yet is taken
    /// back.
    ///
    /// # Errors
    /// The store failed.
    pub async fn resume(&self, run: RunId, now: Timestamp) -> Result<Controlled> {
        self.write_tx("resuming a run", move |tx| Box::pin(resume_in(tx, run, now))).await
    }

    /// Acknowledges ended runs of a system (all, when `None`) up to `up_to`.
    ///
    /// # Errors
    /// The store failed.
    pub async fn mark_read(&self, system: Option<&str>, up_to: RunId, now: Timestamp) -> Result<u64> {
        let system = system.map(str::to_owned);
        self.write_tx("marking runs as read", move |tx| {
            let system = system.clone();
            Box::pin(async move {
                tx.touched.events = true;
                tx.run(&READ_RUNS, &args![system, up_to.0, now]).await
            })
        })
        .await
    }

    /// Makes due what is due: waiting partitions, paused runs whose time came, buffered runs whose lease is free.
    /// Answers when the next is due.
    ///
    /// # Errors
    /// The store failed.
    pub async fn promote(&self, limit: u32, now: Timestamp) -> Result<Option<Timestamp>> {
        self.write_tx("making due work ready", move |tx| Box::pin(promote(tx, limit, now))).await
    }
}

async fn controlled(
    tx: &mut Tx<'_>,
    run: RunId,
    outcome: impl FnOnce(Run) -> Controlled,
) -> std::result::Result<Controlled, DbError> {
    Ok(by_id(tx, run).await?.map_or(Controlled::Unknown, outcome))
}

pub(crate) async fn cancel_in(
    tx: &mut Tx<'_>,
    run: RunId,
    words: Option<&LostWords>,
    now: Timestamp,
) -> std::result::Result<Controlled, DbError> {
    let Some(mut head) = settle::lock(tx, run).await? else { return Ok(Controlled::Unknown) };
    if head.state == RunState::Cancelled || head.control == Control::Cancel {
        return controlled(tx, run, Controlled::Unchanged).await;
    }
    if head.state.is_end() {
        return controlled(tx, run, Controlled::Refused).await;
    }
    if let Some(words) = words {
        say_of_left(tx, run, (&Lost::Cancelled, words), now).await?;
    }
    let delta = Delta { wish: Wish::Cancel, ..Delta::default() };
    Ok(Controlled::Done(settle::apply(tx, &mut head, delta, now).await?))
}

async fn pause_in(
    tx: &mut Tx<'_>,
    run: RunId,
    words: &LostWords,
    now: Timestamp,
) -> std::result::Result<Controlled, DbError> {
    let Some(mut head) = settle::lock(tx, run).await? else { return Ok(Controlled::Unknown) };
    if head.state.is_end() || head.control == Control::Cancel {
        return controlled(tx, run, Controlled::Refused).await;
    }
    if head.state == RunState::Paused || head.control == Control::Pause {
        return controlled(tx, run, Controlled::Unchanged).await;
    }
    say_of_left(tx, run, (&Lost::Paused, words), now).await?;
    let delta = Delta { wish: Wish::Pause, ..Delta::default() };
    Ok(Controlled::Done(settle::apply(tx, &mut head, delta, now).await?))
}

/// Writes the system's words over what the ledger says of keys that were handed back in the middle.
async fn say_of_left(
    tx: &mut Tx<'_>,
    run: RunId,
    (fate, words): (&Lost, &LostWords),
    now: Timestamp,
) -> std::result::Result<(), DbError> {
    let left = tx.all(&LEFT, &args![run.0]).await?;
    if left.is_empty() {
        return Ok(());
    }
    let run = by_id(tx, run).await?.ok_or_else(|| wrong("a run", &run.to_string()))?;
    for row in left {
        let lost = Claimed { partition: rows::partition(row)?, run: run.clone() };
        let Some(write) = reap::say(words, &lost, fate) else { continue };
        let (sync, key) = (run.sync.as_str(), lost.partition.key.as_str());
        let holder = lost.partition.holder.as_deref();
        ledger::write(tx, &[Entry { sync, key, run: run.id, holder, write: &write }], now).await?;
    }
    Ok(())
}

async fn resume_in(tx: &mut Tx<'_>, run: RunId, now: Timestamp) -> std::result::Result<Controlled, DbError> {
    let Some(seen) = by_id(tx, run).await? else { return Ok(Controlled::Unknown) };
    // The lease before the run, as everywhere.
    let holder = lease::lock(tx, seen.sync.as_str()).await?;
    let Some(mut head) = settle::lock(tx, run).await? else { return Ok(Controlled::Unknown) };
    let pausing = head.control == Control::Pause;
    if head.state != RunState::Paused && !pausing {
        return controlled(tx, run, Controlled::Refused).await;
    }
    if head.lease_wanted && !head.lease_held {
        if let Some(holder) = holder.filter(|holder| *holder != run) {
            let current = by_id(tx, holder).await?;
            return Ok(Controlled::Busy(current.ok_or_else(|| wrong("a run", &holder.to_string()))?));
        }
        lease::take(tx, seen.sync.as_str(), run, now).await?;
        head.lease_held = true;
    }
    let delta = Delta { wish: Wish::Resume, ..Delta::default() };
    Ok(Controlled::Done(settle::apply(tx, &mut head, delta, now).await?))
}

async fn promote(
    tx: &mut Tx<'_>,
    limit: u32,
    now: Timestamp,
) -> std::result::Result<Option<Timestamp>, DbError> {
    let mut runs = std::collections::BTreeSet::new();
    for mut row in tx.all(&WAKE, &args![now, limit]).await? {
        runs.insert(RunId(row.int()?));
    }
    for run in runs {
        settle::settle(tx, run, Delta { returned: 1, ..Delta::default() }, now).await?;
    }
    for mut row in tx.all(&DUE_RUNS, &args![now, limit]).await? {
        resume_in(tx, RunId(row.int()?), now).await?;
    }
    for mut row in tx.all(&BUFFERED, &[]).await? {
        let sync = row.text()?;
        let sync = SyncKey::parse(&sync).map_err(|_| wrong("a sync's name", &sync))?;
        settle::start_next(tx, &sync, now).await?;
    }
    let mut row = tx.first(&NEXT_DUE, &args![now]).await?.ok_or_else(|| wrong("a row", "none"))?;
    row.instant_or_null()
}
