//! Routes that only read.

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use engine::{LedgerFilter, Order};
use jiff::civil::Date;
use model::ledger::LedgerState;
use serde::Serialize;

use super::error::Trouble;
use super::query;
use super::{Desk, Piece, date_of};
use crate::stocks::check::{self, Need};
use crate::stocks::record::{Record, RecordFilter};
use crate::stocks::{Stocks, labels, shanghai, sync_key};
use crate::wire::{Query, json};

/// Rows shown by `/summary`.
const RECENT_SHOWN: usize = 10;

type Answer = Result<Response, Trouble>;

fn ok(body: &impl Serialize) -> Response {
    json(StatusCode::OK, body)
}

#[derive(Serialize)]
struct Found<T> {
    status: &'static str,
    data: T,
}

/// `{"status":"success","data":…}`.
pub(super) fn success(data: &impl Serialize) -> Response {
    ok(&Found { status: "success", data })
}

#[derive(Serialize)]
struct NotFound {
    status: &'static str,
    date: String,
    message: &'static str,
}

pub(super) async fn today(State(desk): State<Desk>) -> Answer {
    let today = desk.today();
    found(&desk, today, today.to_string(), labels::NO_RECORD_TODAY).await
}

pub(super) async fn date(State(desk): State<Desk>, Piece(text): Piece) -> Answer {
    let date = date_of(&text)?;
    found(&desk, date, text, labels::NO_RECORD).await
}

async fn found(desk: &Desk, date: Date, text: String, message: &'static str) -> Answer {
    let row = desk.engine.read().ledger_row(&sync_key(), &date.to_string()).await?;
    Ok(match row {
        Some(row) => success(&Record::from(row)),
        None => ok(&NotFound { status: "not_found", date: text, message }),
    })
}

/// Rows of the last `days`, newest first, those of days to come included.
async fn rows_of(desk: &Desk, days: i64) -> Result<Vec<Record>, Trouble> {
    let filter = LedgerFilter {
        from: Some(shanghai::days_after(desk.today(), -days).to_string()),
        order: Order::Descending,
        ..LedgerFilter::default()
    };
    let rows = desk.engine.read().ledger(&sync_key(), &filter).await?;
    Ok(rows.into_iter().map(Record::from).collect())
}

#[derive(Serialize)]
struct Recent {
    status: &'static str,
    total: usize,
    data: Vec<Record>,
}

pub(super) async fn recent(State(desk): State<Desk>, RawQuery(raw): RawQuery) -> Answer {
    let days = query::days(&Query::of(raw.as_deref()), "days")?;
    let data = rows_of(&desk, days).await?;
    Ok(ok(&Recent { status: "success", total: data.len(), data }))
}

#[derive(Serialize)]
struct Pending {
    status: &'static str,
    total: usize,
    dates: Vec<String>,
}

pub(super) async fn pending(State(desk): State<Desk>, RawQuery(raw): RawQuery) -> Answer {
    let days_back = query::days(&Query::of(raw.as_deref()), "days_back")?;
    let dates: Vec<String> =
        pending_days(&desk, days_back).await?.into_iter().map(|(date, _)| date.to_string()).collect();
    Ok(ok(&Pending { status: "success", total: dates.len(), dates }))
}

/// Dates that need a sync, newest first, each with its reason.
pub(super) async fn pending_days(desk: &Desk, days_back: i64) -> Result<Vec<(Date, String)>, Trouble> {
    let today = desk.today();
    let first = shanghai::days_after(today, 1 - days_back);
    let range = desk.stocks.look(first, today, desk.now()).await?;
    Ok(Stocks::pending(&range, today, days_back))
}

#[derive(Serialize)]
struct Summary {
    total_days: i64,
    status_count: StatusCount,
    recent_records: Vec<Record>,
}

#[derive(Default, Serialize)]
struct StatusCount {
    pending: i64,
    syncing: i64,
    success: i64,
    failed: i64,
    skipped: i64,
}

pub(super) async fn summary(State(desk): State<Desk>, RawQuery(raw): RawQuery) -> Answer {
    let days = query::days(&Query::of(raw.as_deref()), "days")?;
    let from = shanghai::days_after(desk.today(), -days).to_string();
    let filter = LedgerFilter { from: Some(from), order: Order::Descending, ..LedgerFilter::default() };
    let rows = desk.engine.read().ledger(&sync_key(), &filter).await?;
    let mut status_count = StatusCount::default();
    for row in &rows {
        match check::state_of(check::status_word(row)) {
            Some(LedgerState::Queued) => status_count.pending += 1,
            Some(LedgerState::Running) => status_count.syncing += 1,
            Some(LedgerState::Succeeded) => status_count.success += 1,
            Some(LedgerState::Failed) => status_count.failed += 1,
            Some(LedgerState::Skipped) => status_count.skipped += 1,
            None => {}
        }
    }
    let total_days = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let recent_records = rows.into_iter().take(RECENT_SHOWN).map(Record::from).collect();
    Ok(success(&Summary { total_days, status_count, recent_records }))
}

pub(super) async fn list(State(desk): State<Desk>, RawQuery(raw): RawQuery) -> Answer {
    let query = Query::of(raw.as_deref());
    let (page, page_size) = query::page(&query)?;
    let bound = |name| query.filter(name).map(date_of).transpose();
    let filter = RecordFilter {
        first: bound("start_date")?,
        last: bound("end_date")?,
        status: query.filter("status").map(str::to_owned),
    };
    Ok(success(&desk.stocks.records(&filter, page, page_size).await?))
}

#[derive(Serialize)]
struct Checked {
    status: &'static str,
    date: String,
    need_sync: bool,
    reason: String,
}

pub(super) async fn check(State(desk): State<Desk>, Piece(text): Piece) -> Answer {
    let date = date_of(&text)?;
    let check = desk.stocks.look_at(date, desk.now()).await?;
    let need_sync = check.need == Need::Sync;
    Ok(ok(&Checked { status: "success", date: text, need_sync, reason: check.reason }))
}
