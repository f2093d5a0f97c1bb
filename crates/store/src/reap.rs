//! Taking back what dead holders held.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use model::fault::Fault;
use model::id::RunId;
use model::ledger::LedgerWrite;
use model::limits;
use model::partition::Partition;
use model::policy::SyncPolicy;
use model::run::Run;
use model::state::{Control, PartitionState};
use serde_json::json;

use crate::Store;
use crate::db::Result;
use crate::finish::insert_attempts;
use crate::ledger::{self, Entry};
use crate::request::by_id;
use crate::rows::{self, partition_columns};
use crate::settle::{self, Delta};
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args};
use crate::types::{Claimed, Lost, LostWords, Settled};

static EXPIRED: Sql = Sql::new(concat!(
    "SELECT ",
    partition_columns!(),
    " FROM partition WHERE state = 1 AND lease_until < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED"
));
static HELD: Sql = Sql::new(concat!(
    "SELECT ",
    partition_columns!(),
    " FROM partition WHERE state = 1 ORDER BY id FOR UPDATE"
));
static POLICY: Sql = Sql::new("SELECT policy FROM sync WHERE key = $1");
static TAKE_BACK: Sql = Sql::new(
    "UPDATE partition SET state = $2, ready = FALSE, fence = fence + 1, crashes = crashes + 1, lease_until = NULL, \
     available_at = $3, fault_code = $4, fault_message = $5, ended_at = $6 WHERE id = $1",
);
static FORMER: Sql = Sql::new(
    "UPDATE partition SET state = 0, ready = FALSE, fence = fence + 1, attempt = attempt - 1, lease_until = NULL \
     WHERE state = 1 RETURNING run_id",
);

impl Store {
    /// Takes expired claims back: to the queue with a pause that grows with the crashes, or to an end when as many
    /// holders died with it as its sync's policy, or else [`limits::CRASHES_MAX`], allows. Tries of the policy are for
    /// faults and are not used up by deaths.
    ///
    /// # Errors
    /// The store failed.
    pub async fn reap(&self, limit: u32, words: LostWords, now: Timestamp) -> Result<Settled> {
        self.write_tx("taking lost work back", move |tx| {
            let words = Arc::clone(&words);
            Box::pin(async move { reap(tx, limit, &words, now).await })
        })
        .await
    }

    /// Gives back everything former boots held (embedded database only: nobody else can hold it): uncounted, but for
    /// syncs whose policy bounds the deaths.
    ///
    /// # Errors
    /// The store failed.
    pub async fn release_former(&self, words: LostWords, now: Timestamp) -> Result<u64> {
        if !self.is_embedded() {
            return Ok(0);
        }
        self.write_tx("taking former work back", move |tx| {
            let words = Arc::clone(&words);
            Box::pin(async move { release_former(tx, &words, now).await })
        })
        .await
    }
}

async fn release_former(
    tx: &mut Tx<'_>,
    words: &LostWords,
    now: Timestamp,
) -> std::result::Result<u64, DbError> {
    let mut deltas: BTreeMap<RunId, Delta> = BTreeMap::new();
    let mut released = 0;
    for row in tx.all(&HELD, &[]).await? {
        let partition = rows::partition(row)?;
        let Some(run) = by_id(tx, partition.run_id).await? else { continue };
        let Some(most) = deaths_max(tx, &run).await? else { continue };
        let delta = deltas.entry(run.id).or_default();
        take_back(tx, (Claimed { partition, run }, most), words, (delta, now)).await?;
        released += 1;
    }
    for mut row in tx.all(&FORMER, &[]).await? {
        deltas.entry(RunId(row.int()?)).or_default().returned += 1;
        released += 1;
    }
    for (run, delta) in deltas {
        settle::settle(tx, run, delta, now).await?;
    }
    Ok(released)
}

/// The bound of the run's sync, where its policy has one of its own.
async fn deaths_max(tx: &mut Tx<'_>, run: &Run) -> std::result::Result<Option<u32>, DbError> {
    let Some(mut row) = tx.first(&POLICY, &args![run.sync.as_str()]).await? else { return Ok(None) };
    let policy: SyncPolicy = row.json()?;
    Ok(policy.deaths_max)
}

async fn reap(
    tx: &mut Tx<'_>,
    limit: u32,
    words: &LostWords,
    now: Timestamp,
) -> std::result::Result<Settled, DbError> {
    let mut deltas: BTreeMap<RunId, Delta> = BTreeMap::new();
    for row in tx.all(&EXPIRED, &args![now, limit]).await? {
        let partition = rows::partition(row)?;
        let Some(run) = by_id(tx, partition.run_id).await? else { continue };
        let most = deaths_max(tx, &run).await?.unwrap_or(limits::CRASHES_MAX);
        let delta = deltas.entry(run.id).or_default();
        take_back(tx, (Claimed { partition, run }, most), words, (delta, now)).await?;
    }
    let mut ended = Vec::new();
    for (run, delta) in deltas {
        ended.extend(settle::settle(tx, run, delta, now).await?);
    }
    Ok(Settled { answers: Vec::new(), ended })
}

/// What becomes of a partition whose holder died, of which `most` may.
fn fate(partition: &Partition, run: &Run, most: u32) -> (PartitionState, Option<Lost>) {
    if partition.crashes + 1 >= most {
        let fault = Fault::never("lease_lost", format!("{} workers died doing it", partition.crashes + 1));
        return (PartitionState::Quarantined, Some(Lost::GivenUp(fault)));
    }
    match run.control {
        Control::Cancel => (PartitionState::Cancelled, Some(Lost::Cancelled)),
        Control::Pause => (PartitionState::Queued, Some(Lost::Paused)),
        Control::None if partition.crashes == 0 => (PartitionState::Queued, None),
        Control::None => (PartitionState::Waiting, None),
    }
}

async fn take_back(
    tx: &mut Tx<'_>,
    (lost, most): (Claimed, u32),
    words: &LostWords,
    (delta, now): (&mut Delta, Timestamp),
) -> std::result::Result<(), DbError> {
    let partition = &lost.partition;
    let (state, fate) = fate(partition, &lost.run, most);
    let crashes = i64::from(partition.crashes) + 1;
    let pause = SignedDuration::from_secs((5 * crashes * crashes).min(300));
    let available = (state == PartitionState::Waiting).then(|| now + pause);
    let holder = partition.holder.clone().unwrap_or_default();
    let reason = match &fate {
        Some(Lost::GivenUp(fault)) => fault.message.clone(),
        _ => format!("its worker {holder} went silent"),
    };
    let args = args![
        partition.id.0,
        state.code(),
        available,
        "lease_lost",
        reason.as_str(),
        state.is_end().then_some(now),
    ];
    tx.run(&TAKE_BACK, &args).await?;
    let started = partition.started_at.unwrap_or(now).as_microsecond();
    let attempt = json!({
        "of_id": partition.id.0, "of_fence": partition.fence.0, "of_attempt": partition.attempt, "of_holder": holder,
        "of_started": started, "of_outcome": "lost", "of_code": "lease_lost", "of_fault": reason,
    });
    insert_attempts(tx, vec![attempt], now).await?;
    if let Some(write) = fate.as_ref().and_then(|fate| say(words, &lost, fate)) {
        let sync = lost.run.sync.as_str();
        let entry =
            Entry { sync, key: &partition.key, run: lost.run.id, holder: Some(&holder), write: &write };
        ledger::write(tx, &[entry], now).await?;
    }
    if state.is_end() {
        delta.items += partition.counts;
    }
    match state {
        PartitionState::Quarantined => delta.failed += 1,
        PartitionState::Cancelled => delta.cancelled += 1,
        _ => delta.returned += 1,
    }
    Ok(())
}

/// A system's words; one that panics over them has none, and the work is taken back all the same.
pub(crate) fn say(words: &LostWords, lost: &Claimed, fate: &Lost) -> Option<LedgerWrite> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| words(lost, fate))).unwrap_or_else(|_| {
        tracing::error!(
            run.id = lost.run.id.0,
            partition.id = lost.partition.id.0,
            "the system `{}` panicked over the words for lost work",
            lost.run.sync.system()
        );
        None
    })
}
