//! Claiming partitions and keeping them: the claim, the beat, the checkpoint.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use model::event::EventKind;
use model::id::{Fence, PartitionId, RunId, SyncKey};
use model::limits;
use model::run::Run;
use model::state::Control;
use serde_json::{Value, json};

use crate::db::Result;
use crate::event::{self, About};
use crate::rows::{self, partition_columns, run_columns};
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args};
use crate::types::{Beat, BeatAnswer, Claimed, Right};
use crate::{Store, StoreError};

static CLAIM: Sql = Sql::new(concat!(
    "WITH chosen AS MATERIALIZED (SELECT id FROM partition WHERE ready AND system IN LIST_TEXT($1) ",
    "ORDER BY priority DESC, id LIMIT $2 FOR UPDATE SKIP LOCKED) ",
    "UPDATE partition SET state = 1, ready = FALSE, attempt = attempt + 1, fence = fence + 1, holder = $3, ",
    "claimed_at = $4, lease_until = $5, message = NULL, started_at = coalesce(started_at, $4) ",
    "WHERE id IN (SELECT id FROM chosen) RETURNING ",
    partition_columns!()
));
static STARTED: Sql = Sql::new(
    "UPDATE run SET state = 1, started_at = coalesce(started_at, $2) \
     WHERE id IN LIST_INT($1) AND state IN (0, 2)",
);
static RUNS: Sql = Sql::new(concat!("SELECT ", run_columns!(), " FROM run WHERE id IN LIST_INT($1)"));
static HELD: Sql = Sql::new("SELECT 1 FROM partition WHERE id = $1 AND fence = $2 AND state = 1 FOR UPDATE");
static BEAT: Sql = Sql::new(
    "UPDATE partition AS p SET lease_until = $2, units_done = x.of_done, units_failed = x.of_failed, \
     units_total = x.of_total, items_new = x.of_new, items_updated = x.of_updated, \
     items_unchanged = x.of_unchanged, items_deleted = x.of_deleted, items_failed = x.of_items_failed, \
     items_skipped = x.of_skipped, message = coalesce(x.of_message, p.message) \
     FROM BATCH($1: of_id INT, of_fence INT, of_done INT, of_failed INT, of_total INT, of_new INT, of_updated INT, \
     of_unchanged INT, of_deleted INT, of_items_failed INT, of_skipped INT, of_message TEXT) AS x \
     WHERE p.id = x.of_id AND p.fence = x.of_fence AND p.state = 1 RETURNING id, run_id",
);
static CONTROLS: Sql = Sql::new("SELECT id, control, sync FROM run WHERE id IN LIST_INT($1) ORDER BY id");
static SAY: Sql = Sql::new("UPDATE run SET message = $2 WHERE id = $1");
static CHECKPOINT: Sql =
    Sql::new("UPDATE partition SET checkpoint = $3 WHERE id = $1 AND fence = $2 AND state = 1");

/// Whether a partition is still held under this fence; if so, it stays so to the end of the transaction.
pub(crate) async fn held(tx: &mut Tx<'_>, right: Right) -> std::result::Result<bool, DbError> {
    Ok(tx.first(&HELD, &args![right.partition.0, right.fence.0]).await?.is_some())
}

impl Store {
    /// Claims up to `limit` ready partitions of the given systems: highest priority, then oldest run, then plan order.
    ///
    /// # Errors
    /// The store failed. What was claimed without our hearing of it comes back when its lease runs out.
    #[expect(clippy::too_many_arguments, reason = "each is a plain fact of the statement")]
    pub async fn claim(
        &self,
        holder: &str,
        systems: &[String],
        limit: u32,
        lease: Duration,
        now: Timestamp,
    ) -> Result<Vec<Claimed>> {
        let systems = Value::from(systems.to_vec());
        let until = now + lease;
        let args = Arc::new(args![&systems, limit, holder, now, until]);
        self.write_tx("claiming work", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                let rows = tx.all(&CLAIM, &*args).await?;
                claimed(tx, rows, now).await
            })
        })
        .await
    }

    /// Renews leases, stores progress, learns controls, for all partitions a process holds.
    ///
    /// # Errors
    /// The store failed.
    pub async fn beat(&self, beats: Vec<Beat>, lease: Duration, now: Timestamp) -> Result<Vec<BeatAnswer>> {
        let beats = Arc::new(beats);
        self.write_tx("renewing leases", move |tx| {
            let beats = Arc::clone(&beats);
            Box::pin(async move { beat(tx, &beats, now + lease, now).await })
        })
        .await
    }

    /// Stores where the partition can go on. False: the fence is old.
    ///
    /// # Errors
    /// The store failed, or the state is larger than [`limits::CHECKPOINT_MAX`].
    pub async fn checkpoint(
        &self,
        partition: PartitionId,
        fence: Fence,
        state: Value,
        _now: Timestamp,
    ) -> Result<bool> {
        let text = state.to_string();
        if text.len() > limits::CHECKPOINT_MAX {
            let (size, limit) = (text.len(), limits::CHECKPOINT_MAX);
            return Err(StoreError::TooLarge { what: "a checkpoint (bytes)", size, limit });
        }
        let args = Arc::new(args![partition.0, fence.0, text]);
        self.write_tx("storing a checkpoint", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { Ok(tx.run(&CHECKPOINT, &*args).await? == 1) })
        })
        .await
    }
}

async fn claimed(
    tx: &mut Tx<'_>,
    rows: Vec<crate::tx::Row>,
    now: Timestamp,
) -> std::result::Result<Vec<Claimed>, DbError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut partitions = rows.into_iter().map(rows::partition).collect::<std::result::Result<Vec<_>, _>>()?;
    let ids: BTreeSet<i64> = partitions.iter().map(|partition| partition.run_id.0).collect();
    let ids = Value::from(ids.into_iter().collect::<Vec<_>>());
    tx.run(&STARTED, &args![&ids, now]).await?;
    let runs = tx.all(&RUNS, &args![&ids]).await?;
    let runs = runs.into_iter().map(rows::run).collect::<std::result::Result<Vec<Run>, _>>()?;
    let runs: BTreeMap<RunId, Run> = runs.into_iter().map(|run| (run.id, run)).collect();
    for run in runs.values() {
        progressed(tx, run.id, &run.sync, now).await?;
    }
    // Rows come back in any order.
    partitions.sort_by_key(|partition| {
        (std::cmp::Reverse(runs.get(&partition.run_id).map(|run| run.priority)), partition.id)
    });
    let of = |id| runs.get(&id).cloned().expect("a partition's run is in the same transaction");
    Ok(partitions.into_iter().map(|partition| Claimed { run: of(partition.run_id), partition }).collect())
}

async fn progressed(
    tx: &mut Tx<'_>,
    run: RunId,
    sync: &SyncKey,
    now: Timestamp,
) -> std::result::Result<(), DbError> {
    let about = About { sync: Some(sync), run: Some(run), ..About::default() };
    event::append(tx, EventKind::RunProgressed, about, &json!({}), now).await
}

async fn beat(
    tx: &mut Tx<'_>,
    beats: &[Beat],
    until: Timestamp,
    now: Timestamp,
) -> std::result::Result<Vec<BeatAnswer>, DbError> {
    let mut sorted: Vec<&Beat> = beats.iter().collect();
    sorted.sort_by_key(|beat| beat.partition);
    let batch: Vec<Value> = sorted
        .iter()
        .map(|beat| {
            json!({
                "of_id": beat.partition.0, "of_fence": beat.fence.0, "of_done": beat.units.done,
                "of_failed": beat.units.failed, "of_total": beat.units.total, "of_new": beat.counts.new,
                "of_updated": beat.counts.updated, "of_unchanged": beat.counts.unchanged,
                "of_deleted": beat.counts.deleted, "of_items_failed": beat.counts.failed,
                "of_skipped": beat.counts.skipped, "of_message": beat.message,
            })
        })
        .collect();
    let mut held = BTreeMap::new();
    for mut row in tx.all(&BEAT, &args![Value::from(batch), until]).await? {
        held.insert(PartitionId(row.int()?), RunId(row.int()?));
    }
    say(tx, &sorted, &held).await?;
    let runs: BTreeSet<i64> = held.values().map(|run| run.0).collect();
    let ids = Value::from(runs.into_iter().collect::<Vec<_>>());
    let mut controls = BTreeMap::new();
    for mut row in tx.all(&CONTROLS, &args![ids]).await? {
        let (run, control) = (RunId(row.int()?), row.code(Control::from_code)?);
        controls.insert(run, control);
        progressed(tx, run, &rows::sync_key(&row.text()?)?, now).await?;
    }
    let control = |run| controls.get(run).copied().unwrap_or(Control::Cancel);
    Ok(held.iter().map(|(id, run)| BeatAnswer { partition: *id, control: control(run) }).collect())
}

/// What partitions say of their runs, in the order runs are locked everywhere.
async fn say(
    tx: &mut Tx<'_>,
    beats: &[&Beat],
    held: &BTreeMap<PartitionId, RunId>,
) -> std::result::Result<(), DbError> {
    let said =
        beats.iter().filter_map(|beat| Some((held.get(&beat.partition)?.0, beat.run_message.as_deref()?)));
    for (run, words) in said.collect::<BTreeMap<_, _>>() {
        tx.run(&SAY, &args![run, words]).await?;
    }
    Ok(())
}
