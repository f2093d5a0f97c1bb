//! Accepting a run: what is in its way, its row, its partitions, its event, in one transaction.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use model::event::EventKind;
use model::id::{RunId, SyncKey};
use model::limits;
use model::policy::{Overlap, SyncPolicy};
use model::run::Run;
use serde_json::{Value, json};

use crate::db::Result;
use crate::event::{self, About};
use crate::rows::{self, run_columns};
use crate::settle::{self, Delta};
use crate::sql::Sql;
use crate::tx::{Arg, DbError, Tx, args, wrong};
use crate::types::{NewRun, Requested};
use crate::{Store, control, lease, projection};

/// Numbers tried for one reference: as many runs of one name in as many seconds do not happen.
const REFERENCES_MAX: i64 = 10_000;

/// Numbers looked at in one statement once the first is taken: somebody who starts runs faster than one a second is
/// that far ahead of the clock after a while.
const REFERENCES_AT_ONCE: i64 = 256;

pub(crate) static KNOWN: Sql =
    Sql::new(concat!("SELECT ", run_columns!(), " FROM run WHERE sync = $1 AND idempotency_key = $2"));
pub(crate) static BY_ID: Sql = Sql::new(concat!("SELECT ", run_columns!(), " FROM run WHERE id = $1"));
pub(crate) static BY_IDS: Sql =
    Sql::new(concat!("SELECT ", run_columns!(), " FROM run WHERE id IN LIST_INT($1)"));
static BUFFERED: Sql =
    Sql::new("SELECT count(*) FROM run WHERE sync = $1 AND state = 0 AND lease_wanted AND NOT lease_held");
static TAKEN: Sql = Sql::new("SELECT reference FROM run WHERE sync = $1 AND reference IN LIST_TEXT($2)");
static INSERT: Sql = Sql::new(concat!(
    "INSERT INTO run (sync, system, state, trigger, label, reference, params, priority, schedule_id, nominal_at, ",
    "requested_by, idempotency_key, max_parallel, source_fault_limit, lease_wanted, lease_held, lease_kept, ",
    "partitions_total, created_at) ",
    "VALUES ($1, $2, 0, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) RETURNING ",
    run_columns!()
));
static PARTITIONS: Sql = Sql::new(
    "INSERT INTO partition (run_id, ordinal, key, payload, system, priority, state, ready) \
     SELECT $2, x.of_ordinal, x.of_key, x.of_payload, $3, $4, 0, x.of_ordinal < $5 \
     FROM BATCH($1: of_ordinal INT, of_key TEXT, of_payload TEXT) AS x ORDER BY x.of_ordinal",
);
static SYNC: Sql = Sql::new(
    "INSERT INTO sync (key, system, policy, updated_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (key) DO UPDATE SET policy = excluded.policy, updated_at = excluded.updated_at \
     WHERE sync.policy <> excluded.policy",
);

impl Store {
    /// Makes the sync known (its policy is stored and shown).
    ///
    /// # Errors
    /// The store failed.
    pub async fn upsert_sync(&self, key: &SyncKey, policy: &SyncPolicy, now: Timestamp) -> Result<()> {
        let args = Arc::new(args![key.as_str(), key.system(), as_json(policy), now]);
        self.write_tx("making a sync known", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.run(&SYNC, &*args).await.map(drop) })
        })
        .await
    }

    /// Accepts a run, or says what is in its way: lease, reference, run, partitions, event in one transaction.
    ///
    /// # Errors
    /// The store failed, or the plan is larger than [`limits::PARTITIONS_PER_RUN_MAX`] or names a key twice.
    pub async fn request(&self, new: NewRun, now: Timestamp) -> Result<Requested> {
        let new = Arc::new(new);
        self.write_tx("accepting a run", move |tx| {
            let new = Arc::clone(&new);
            Box::pin(async move { accept(tx, &new, now).await })
        })
        .await
    }
}

pub(crate) fn as_json<T: serde::Serialize>(value: &T) -> Value {
    serde_json::to_value(value).expect("a noun of ours is plain data")
}

pub(crate) async fn by_id(tx: &mut Tx<'_>, id: RunId) -> std::result::Result<Option<Run>, DbError> {
    tx.first(&BY_ID, &args![id.0]).await?.map(rows::run).transpose()
}

/// The body of [`Store::request`], also run inside a schedule's transaction.
pub(crate) async fn accept(
    tx: &mut Tx<'_>,
    new: &NewRun,
    now: Timestamp,
) -> std::result::Result<Requested, DbError> {
    check(new)?;
    let sync = &new.request.sync;
    if let Some(run) = known(tx, new).await? {
        return Ok(Requested::Known(run));
    }
    let exclusive = new.policy.overlap != Overlap::Allow;
    let holds = if exclusive {
        match way(tx, new, now).await? {
            Way::Free => true,
            Way::Wait => false,
            Way::Busy(current) => {
                // The same request at the same moment may have had the lease before us.
                return Ok(known(tx, new).await?.map_or(Requested::Busy(*current), Requested::Known));
            }
        }
    } else {
        false
    };
    let run = insert(tx, new, holds, now).await?;
    projection::run_accepted(tx, &run).await?;
    if holds && !lease::take(tx, sync.as_str(), run.id, now).await? {
        return Err(DbError::Conflict("the lease was taken meanwhile".to_owned()));
    }
    let about = About { sync: Some(sync), run: Some(run.id), ..About::default() };
    event::append(tx, EventKind::RunCreated, about, &json!({"label": run.label}), now).await?;
    tx.touched.work = true;
    if run.partitions_total == 0 {
        // Nothing to do needs no lease to wait for.
        let ended = settle::settle(tx, run.id, Delta::default(), now).await?;
        return Ok(Requested::Started(ended.unwrap_or(run)));
    }
    if exclusive && !holds {
        return Ok(Requested::Buffered(run));
    }
    Ok(Requested::Started(run))
}

/// The run that the request's idempotency key made before.
async fn known(tx: &mut Tx<'_>, new: &NewRun) -> std::result::Result<Option<Run>, DbError> {
    let Some(key) = &new.request.idempotency_key else { return Ok(None) };
    let row = tx.first(&KNOWN, &args![new.request.sync.as_str(), key.as_str()]).await?;
    row.map(rows::run).transpose()
}

fn check(new: &NewRun) -> std::result::Result<(), DbError> {
    let partitions = &new.plan.partitions;
    if partitions.len() > limits::PARTITIONS_PER_RUN_MAX {
        let (size, limit) = (partitions.len(), limits::PARTITIONS_PER_RUN_MAX);
        return Err(DbError::TooLarge { what: "the plan of a run (partitions)", size, limit });
    }
    let mut seen = BTreeSet::new();
    match partitions.iter().find(|partition| !seen.insert(partition.key.as_str())) {
        Some(twice) => Err(wrong("each key once in a plan", &twice.key)),
        None => Ok(()),
    }
}

/// Whether a run that needs its sync's lease may start.
enum Way {
    Free,
    Wait,
    Busy(Box<Run>),
}

async fn way(tx: &mut Tx<'_>, new: &NewRun, now: Timestamp) -> std::result::Result<Way, DbError> {
    let sync = new.request.sync.as_str();
    let Some(holder) = lease::lock(tx, sync).await? else {
        return Ok(Way::Free);
    };
    let holder = by_id(tx, holder).await?.ok_or_else(|| wrong("the run that holds a lease", sync))?;
    match new.policy.overlap {
        Overlap::Allow => Ok(Way::Free),
        Overlap::Reject | Overlap::Skip => Ok(Way::Busy(Box::new(holder))),
        Overlap::BufferAll => Ok(Way::Wait),
        Overlap::BufferOne if tx.number(&BUFFERED, &args![sync]).await? > 0 => {
            Ok(Way::Busy(Box::new(holder)))
        }
        Overlap::BufferOne => Ok(Way::Wait),
        Overlap::CancelOther => {
            control::cancel_in(tx, holder.id, None, now).await?;
            let free = lease::lock(tx, sync).await?.is_none();
            Ok(if free { Way::Free } else { Way::Wait })
        }
    }
}

async fn insert(
    tx: &mut Tx<'_>,
    new: &NewRun,
    holds: bool,
    now: Timestamp,
) -> std::result::Result<Run, DbError> {
    let (request, plan, policy) = (&new.request, &new.plan, &new.policy);
    let sync = request.sync.as_str();
    let reference = free_reference(tx, new).await?;
    let exclusive = policy.overlap != Overlap::Allow;
    let total = i64::try_from(plan.partitions.len()).expect("a checked plan is small");
    let args = args![
        sync,
        request.sync.system(),
        request.trigger.code(),
        request.label.as_str(),
        reference,
        &plan.params,
        request.priority,
        request.tick.map(|tick| tick.schedule.0),
        request.tick.map(|tick| tick.nominal_at),
        request.requested_by.as_deref(),
        request.idempotency_key.as_deref(),
        policy.max_parallel,
        policy.source_fault_limit,
        exclusive,
        holds,
        policy.pause_keeps_lease,
        total,
        now,
    ];
    let row = tx.first(&INSERT, &args).await?.ok_or_else(|| wrong("the run inserted", "nothing"))?;
    let run = rows::run(row)?;
    let ready = match policy.max_parallel {
        _ if exclusive && !holds => 0,
        Some(most) => i64::from(most),
        None => total,
    };
    let batch: Vec<Value> = plan
        .partitions
        .iter()
        .enumerate()
        .map(|(at, partition)| {
            json!({"of_ordinal": at, "of_key": partition.key, "of_payload": partition.payload.to_string()})
        })
        .collect();
    if !batch.is_empty() {
        let args = args![Value::from(batch), run.id.0, request.sync.system(), request.priority, ready];
        tx.run(&PARTITIONS, &args).await?;
    }
    Ok(run)
}

async fn free_reference(tx: &mut Tx<'_>, new: &NewRun) -> std::result::Result<Option<String>, DbError> {
    let Some(wanted) = &new.request.reference else { return Ok(None) };
    let end = wanted.number.saturating_add(REFERENCES_MAX);
    let (mut from, mut at_once) = (wanted.number, 1);
    while from < end {
        let to = end.min(from + at_once);
        let names: Vec<String> = (from..to).map(|number| format!("{}{number}", wanted.prefix)).collect();
        let args: [Arg; 2] = args![new.request.sync.as_str(), Value::from(names.clone())];
        let rows = tx.all(&TAKEN, &args).await?;
        let taken = rows.into_iter().map(|mut row| row.text());
        let taken = taken.collect::<std::result::Result<BTreeSet<String>, _>>()?;
        if let Some(free) = names.into_iter().find(|name| !taken.contains(name)) {
            return Ok(Some(free));
        }
        (from, at_once) = (to, REFERENCES_AT_ONCE);
    }
    Err(wrong("a free reference", &wanted.prefix))
}
