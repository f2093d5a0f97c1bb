//! Routes that read records, and mark them as read.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use model::task::TaskSyncType;
use store::{Page, TaskRecordFilter};

use super::asked::{Part, RecordId, filter};
use super::error::Trouble;
use super::shape::{Detail, Record, Records, Standing, Status, found, said};
use super::{Answer, Desk, ok};
use crate::tasks::labels;
use crate::wire::Query;

pub(super) async fn list(State(desk): State<Desk>, RawQuery(query): RawQuery) -> Answer {
    let query = Query::of(query.as_deref());
    let (filter, part) = (filter(&query)?, Part::of(&query));
    let read = desk.tasks.store.read();
    let listed = read.task_records(&filter, part.page()).await?;
    let zone = &desk.tasks.settings.zone;
    ok(&found(Records {
        records: listed.rows.iter().map(|record| Record::of(record, zone)).collect(),
        total: listed.total,
        page: part.page,
        per_page: part.per_page,
        pages: part.pages(listed.total),
        unread_count: read.task_unread().await?,
    }))
}

pub(super) async fn detail(State(desk): State<Desk>, RecordId(id): RecordId) -> Answer {
    let id = id.ok_or(Trouble::NoRecord)?;
    let record = desk.tasks.store.read().task_record(id).await?.ok_or(Trouble::NoRecord)?;
    ok(&found(Detail::of(record, &desk.tasks.settings.zone)))
}

pub(super) async fn read(State(desk): State<Desk>, RecordId(id): RecordId) -> Answer {
    let id = id.ok_or(Trouble::NoRecord)?;
    match desk.tasks.store.mark_read(id, desk.now()).await? {
        true => ok(&said(labels::MARKED)),
        false => Err(Trouble::NoRecord),
    }
}

pub(super) async fn read_all(State(desk): State<Desk>) -> Answer {
    desk.tasks.store.mark_all_read(desk.now()).await?;
    ok(&said(labels::ALL_MARKED))
}

pub(super) async fn status(State(desk): State<Desk>) -> Result<Response, Trouble> {
    let historical = standing(&desk, TaskSyncType::Historical).await?;
    let today = standing(&desk, TaskSyncType::Today).await?;
    ok(&found(Status { historical, today }))
}

async fn standing(desk: &Desk, of: TaskSyncType) -> Result<Standing, Trouble> {
    let read = desk.tasks.store.read();
    let lock = read.task_lock(of).await?;
    let filter = TaskRecordFilter { sync_type: Some(of), ..TaskRecordFilter::default() };
    let newest = read.task_records(&filter, Page { offset: 0, limit: 1 }).await?;
    Ok(Standing {
        syncing: lock.is_some(),
        locked_by: lock.and_then(|lock| lock.holder),
        last_sync: newest.rows.first().map(|record| Record::of(record, &desk.tasks.settings.zone)),
    })
}
