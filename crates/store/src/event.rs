//! The feed: appended by every operation, read in an order that never skips a row.
//!
//! On PostgreSQL a serial id is not such an order, because transactions commit in another one: a reader goes by
//! `(transaction, id)` and only as far as no older transaction is still open.

use jiff::Timestamp;
use model::event::{Event, EventKind};
use model::id::{RunId, ScheduleId, SyncKey};
use serde_json::Value;

use crate::Reader;
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, Row, Tx, args, wrong};

static APPEND: Sql =
    Sql::new("INSERT INTO event (at, kind, sync, run_id, schedule_id, data) VALUES ($1, $2, $3, $4, $5, $6)");

/// What an event is about.
#[derive(Clone, Copy, Default)]
pub(crate) struct About<'a> {
    pub(crate) sync: Option<&'a SyncKey>,
    pub(crate) run: Option<RunId>,
    pub(crate) schedule: Option<ScheduleId>,
}

pub(crate) async fn append(
    tx: &mut Tx<'_>,
    kind: EventKind,
    about: About<'_>,
    data: &Value,
    now: Timestamp,
) -> std::result::Result<(), DbError> {
    let sync = about.sync.map(SyncKey::as_str);
    let args = args![now, kind.code(), sync, about.run.map(|id| id.0), about.schedule.map(|id| id.0), data];
    tx.run(&APPEND, &args).await?;
    tx.touched.events = true;
    Ok(())
}

static TAIL: Sql = Sql::two(
    "SELECT id, 0, at, kind, sync, run_id, schedule_id, data FROM event WHERE id > $2 AND $1 = 0 ORDER BY id LIMIT $3",
    "SELECT id, xid::text::bigint, at, kind, sync, run_id, schedule_id, data FROM event \
     WHERE (xid, id) > ($1::bigint::text::xid8, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot()) \
     ORDER BY xid, id LIMIT $3",
);
static END: Sql = Sql::two(
    "SELECT 0, coalesce(max(id), 0) FROM event",
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1, 9223372036854775807::bigint",
);

impl Reader {
    /// Events after the cursor (`None`: from now on), commit-safe; and the cursor to go on from.
    ///
    /// # Errors
    /// The store failed, or the cursor is not one of ours.
    pub async fn events(&self, after: Option<&str>, limit: u32) -> Result<(Vec<Event>, String)> {
        let after = after.map(str::to_owned);
        self.read_tx("reading the event feed", move |tx| {
            let after = after.clone();
            Box::pin(async move {
                match after {
                    Some(cursor) => tail(tx, cursor, limit).await,
                    None => {
                        let mut end = tx.first(&END, &[]).await?.ok_or_else(|| wrong("a row", "none"))?;
                        Ok((Vec::new(), cursor(end.int()?, end.int()?)))
                    }
                }
            })
        })
        .await
    }
}

async fn tail(
    tx: &mut Tx<'_>,
    after: String,
    limit: u32,
) -> std::result::Result<(Vec<Event>, String), DbError> {
    let parts = after.split_once('-').and_then(|(xid, id)| Some((xid.parse().ok()?, id.parse().ok()?)));
    let (xid, id): (i64, i64) = parts.ok_or_else(|| wrong("an event cursor", &after))?;
    let rows = tx.all(&TAIL, &args![xid, id, limit]).await?;
    let events = rows.into_iter().map(read).collect::<std::result::Result<Vec<_>, _>>()?;
    let cursor = events.last().map_or(after, |event| event.cursor.clone());
    Ok((events, cursor))
}

fn cursor(xid: i64, id: i64) -> String {
    format!("{xid}-{id}")
}

fn read(mut row: Row) -> std::result::Result<Event, DbError> {
    let id = row.int()?;
    let cursor = cursor(row.int()?, id);
    Ok(Event {
        cursor,
        at: row.instant()?,
        kind: row.code(EventKind::from_code)?,
        sync: row.text_or_null()?.and_then(|sync| SyncKey::parse(&sync).ok()),
        run_id: row.int_or_null()?.map(RunId),
        schedule_id: row.int_or_null()?.map(ScheduleId),
        data: row.json()?,
    })
}
