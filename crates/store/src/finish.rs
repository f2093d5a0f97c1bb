//! Taking partitions back from their holders: outcome, try, ledger and run in one transaction.
//!
//! Only the fence decides whether an outcome counts. Giving a partition back undone raises it, so that the same
//! outcome sent twice counts once.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use model::fault::Fault;
use model::id::{Fence, PartitionId, RunId};
use model::state::PartitionState;
use serde_json::{Value, json};

use crate::Store;
use crate::db::Result;
use crate::ledger::{self, Entry};
use crate::settle::{self, Delta};
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args};
use crate::types::{End, Finish, FinishAnswer, Settled};

static END: Sql = Sql::new(
    "UPDATE partition AS p SET state = x.of_state, ready = FALSE, fence = p.fence + x.of_step, \
     attempt = p.attempt - x.of_uncounted, lease_until = NULL, available_at = x.of_available, \
     units_done = x.of_done, units_failed = x.of_units_failed, units_total = x.of_total, items_new = x.of_new, \
     items_updated = x.of_updated, items_unchanged = x.of_unchanged, items_deleted = x.of_deleted, \
     items_failed = x.of_items_failed, items_skipped = x.of_skipped, message = coalesce(x.of_message, p.message), \
     fault_code = x.of_code, fault_message = x.of_fault, ended_at = x.of_ended \
     FROM BATCH($1: of_id INT, of_fence INT, of_state INT, of_step INT, of_uncounted INT, of_available INT, \
     of_done INT, of_units_failed INT, of_total INT, of_new INT, of_updated INT, of_unchanged INT, of_deleted INT, \
     of_items_failed INT, of_skipped INT, of_message TEXT, of_code TEXT, of_fault TEXT, of_ended INT) AS x \
     WHERE p.id = x.of_id AND p.fence = x.of_fence AND p.ended_at IS NULL \
     RETURNING id, run_id, key, attempt, holder, claimed_at",
);
/// Of a finish that was written before and whose answer was lost: its try is on record with the same outcome.
static OURS: Sql = Sql::new(
    "SELECT a.partition_id FROM attempt a JOIN BATCH($1: of_id INT, of_fence INT, of_outcome TEXT) AS x \
     ON a.partition_id = x.of_id AND a.fence = x.of_fence AND a.outcome = x.of_outcome",
);
static ATTEMPTS: Sql = Sql::new(
    "INSERT INTO attempt (partition_id, fence, attempt, holder, started_at, ended_at, outcome, fault_code, \
     fault_message) SELECT x.of_id, x.of_fence, x.of_attempt, x.of_holder, x.of_started, $2, x.of_outcome, x.of_code, \
     x.of_fault FROM BATCH($1: of_id INT, of_fence INT, of_attempt INT, of_holder TEXT, of_started INT, \
     of_outcome TEXT, of_code TEXT, of_fault TEXT) AS x WHERE TRUE ON CONFLICT (partition_id, fence) DO NOTHING",
);
static SYNCS: Sql = Sql::new("SELECT id, sync FROM run WHERE id IN LIST_INT($1)");

/// A partition taken back.
struct Taken {
    /// The fence it was held under.
    fence: Fence,
    run: RunId,
    key: String,
    attempt: i64,
    holder: String,
    claimed_at: Option<Timestamp>,
}

impl Store {
    /// Takes partitions back, counts, admits the next, settles runs, frees leases, starts buffered runs: one transaction.
    ///
    /// Consecutive `End::Failed` faults that are `from_source` are counted on the run (a partition that succeeded sets
    /// the count back); at the policy's `source_fault_limit` the run ends `failed` with that fault.
    /// A repeated finish whose first reply was lost (its try is on record under the same fence) is answered as accepted.
    ///
    /// # Errors
    /// The store failed; repeat it.
    pub async fn finish(&self, finishes: Vec<Finish>, now: Timestamp) -> Result<Settled> {
        let finishes = Arc::new(finishes);
        self.write_tx("taking finished work back", move |tx| {
            let finishes = Arc::clone(&finishes);
            Box::pin(async move { finish(tx, &finishes, now).await })
        })
        .await
    }
}

async fn finish(
    tx: &mut Tx<'_>,
    finishes: &[Finish],
    now: Timestamp,
) -> std::result::Result<Settled, DbError> {
    // A worker that stalled may hold a partition twice: of two claims only the newer can count.
    let newest: BTreeMap<PartitionId, &Finish> = finishes
        .iter()
        .map(|finish| ((finish.partition, finish.fence), finish))
        .collect::<BTreeMap<_, _>>()
        .into_iter()
        .map(|((id, _), finish)| (id, finish))
        .collect();
    let sorted: Vec<&Finish> = newest.values().copied().collect();
    let batch: Vec<Value> = sorted.iter().map(|finish| end_of(finish, now)).collect();
    let mut taken = BTreeMap::new();
    for mut row in tx.all(&END, &args![Value::from(batch)]).await? {
        let id = PartitionId(row.int()?);
        let one = Taken {
            fence: newest[&id].fence,
            run: RunId(row.int()?),
            key: row.text()?,
            attempt: row.int()?,
            holder: row.text_or_null()?.unwrap_or_default(),
            claimed_at: row.instant_or_null()?,
        };
        taken.insert(id, one);
    }
    let accepted: Vec<(&Finish, &Taken)> =
        sorted.iter().filter_map(|finish| Some((*finish, taken_by(&taken, finish)?))).collect();
    record_attempts(tx, &accepted, now).await?;
    record_outcomes(tx, &accepted, now).await?;
    let mut ended = Vec::new();
    for (run, delta) in deltas(finishes, &taken) {
        ended.extend(settle::settle(tx, run, delta, now).await?);
    }
    let ours = written_before(tx, finishes, &taken).await?;
    let answer = |finish: &Finish| FinishAnswer {
        partition: finish.partition,
        accepted: taken_by(&taken, finish).is_some() || ours.contains(&finish.partition),
    };
    Ok(Settled { answers: finishes.iter().map(answer).collect(), ended })
}

/// What this very finish took back.
fn taken_by<'a>(taken: &'a BTreeMap<PartitionId, Taken>, finish: &Finish) -> Option<&'a Taken> {
    taken.get(&finish.partition).filter(|taken| taken.fence == finish.fence)
}

fn fault_of(end: &End) -> Option<&Fault> {
    match end {
        End::Failed(fault) | End::Retry(fault, _) => Some(fault),
        End::Succeeded | End::Skipped | End::Released | End::Cancelled => None,
    }
}

fn state_of(end: &End) -> PartitionState {
    match end {
        End::Succeeded => PartitionState::Succeeded,
        End::Skipped => PartitionState::Skipped,
        End::Failed(_) => PartitionState::Failed,
        End::Retry(..) => PartitionState::Waiting,
        End::Released => PartitionState::Queued,
        End::Cancelled => PartitionState::Cancelled,
    }
}

/// The word of a try's record.
fn outcome_of(end: &End) -> &'static str {
    match end {
        End::Succeeded => "succeeded",
        End::Skipped => "skipped",
        End::Failed(_) => "failed",
        End::Retry(..) => "retry",
        End::Released => "released",
        End::Cancelled => "cancelled",
    }
}

fn end_of(finish: &Finish, now: Timestamp) -> Value {
    let state = state_of(&finish.end);
    let fault = fault_of(&finish.end);
    let available = match &finish.end {
        End::Retry(_, at) => Some(at.as_microsecond()),
        _ => None,
    };
    json!({
        "of_id": finish.partition.0, "of_fence": finish.fence.0, "of_state": state.code(),
        "of_step": i64::from(!state.is_end()), "of_uncounted": i64::from(matches!(finish.end, End::Released)),
        "of_available": available, "of_done": finish.units.done, "of_units_failed": finish.units.failed,
        "of_total": finish.units.total, "of_new": finish.counts.new, "of_updated": finish.counts.updated,
        "of_unchanged": finish.counts.unchanged, "of_deleted": finish.counts.deleted,
        "of_items_failed": finish.counts.failed, "of_skipped": finish.counts.skipped,
        "of_message": finish.message, "of_code": fault.map(|fault| &fault.code),
        "of_fault": fault.map(|fault| &fault.message),
        "of_ended": state.is_end().then(|| now.as_microsecond()),
    })
}

async fn record_attempts(
    tx: &mut Tx<'_>,
    accepted: &[(&Finish, &Taken)],
    now: Timestamp,
) -> std::result::Result<(), DbError> {
    let batch: Vec<Value> = accepted
        .iter()
        .map(|(finish, taken)| {
            let fault = fault_of(&finish.end);
            json!({
                "of_id": finish.partition.0, "of_fence": finish.fence.0,
                "of_attempt": taken.attempt + i64::from(matches!(finish.end, End::Released)),
                "of_holder": taken.holder,
                "of_started": taken.claimed_at.unwrap_or(now).as_microsecond(), "of_outcome": outcome_of(&finish.end),
                "of_code": fault.map(|fault| &fault.code), "of_fault": fault.map(|fault| &fault.message),
            })
        })
        .collect();
    insert_attempts(tx, batch, now).await
}

/// Rows of `attempt`, as [`ATTEMPTS`] names them.
pub(crate) async fn insert_attempts(
    tx: &mut Tx<'_>,
    batch: Vec<Value>,
    now: Timestamp,
) -> std::result::Result<(), DbError> {
    if !batch.is_empty() {
        tx.run(&ATTEMPTS, &args![Value::from(batch), now]).await?;
    }
    Ok(())
}

async fn record_outcomes(
    tx: &mut Tx<'_>,
    accepted: &[(&Finish, &Taken)],
    now: Timestamp,
) -> std::result::Result<(), DbError> {
    let said: Vec<_> = accepted
        .iter()
        .filter_map(|(finish, taken)| finish.ledger.as_ref().map(|write| (*taken, write)))
        .collect();
    if said.is_empty() {
        return Ok(());
    }
    let mut ids: Vec<i64> = said.iter().map(|(taken, _)| taken.run.0).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut syncs = BTreeMap::new();
    for mut row in tx.all(&SYNCS, &args![Value::from(ids)]).await? {
        syncs.insert(RunId(row.int()?), row.text()?);
    }
    let entries: Vec<Entry<'_>> = said
        .iter()
        .filter_map(|(taken, write)| {
            let sync = syncs.get(&taken.run)?;
            Some(Entry { sync, key: &taken.key, run: taken.run, holder: Some(&taken.holder), write })
        })
        .collect();
    ledger::write(tx, &entries, now).await
}

/// What the outcomes mean for each run, in the order they were given.
fn deltas(finishes: &[Finish], taken: &BTreeMap<PartitionId, Taken>) -> BTreeMap<RunId, Delta> {
    let mut deltas: BTreeMap<RunId, Delta> = BTreeMap::new();
    for finish in finishes {
        let Some(taken) = taken_by(taken, finish) else { continue };
        let delta = deltas.entry(taken.run).or_default();
        match &finish.end {
            End::Succeeded => delta.succeeded += 1,
            End::Skipped => delta.skipped += 1,
            End::Failed(_) => delta.failed += 1,
            End::Cancelled => delta.cancelled += 1,
            End::Retry(..) | End::Released => delta.returned += 1,
        }
        match &finish.end {
            End::Failed(fault) if fault.from_source => delta.source_faults.push(Some(fault.clone())),
            End::Succeeded | End::Failed(_) => delta.source_faults.push(None),
            End::Skipped | End::Retry(..) | End::Released | End::Cancelled => {}
        }
        if state_of(&finish.end).is_end() {
            delta.items += finish.counts;
        }
        delta.effects.push(finish.run.clone());
    }
    deltas
}

async fn written_before(
    tx: &mut Tx<'_>,
    finishes: &[Finish],
    taken: &BTreeMap<PartitionId, Taken>,
) -> std::result::Result<Vec<PartitionId>, DbError> {
    let refused: Vec<Value> = finishes
        .iter()
        .filter(|finish| !taken.contains_key(&finish.partition))
        .map(|finish| json!({
            "of_id": finish.partition.0, "of_fence": finish.fence.0, "of_outcome": outcome_of(&finish.end),
        }))
        .collect();
    if refused.is_empty() {
        return Ok(Vec::new());
    }
    let rows = tx.all(&OURS, &args![Value::from(refused)]).await?;
    rows.into_iter().map(|mut row| Ok(PartitionId(row.int()?))).collect()
}
