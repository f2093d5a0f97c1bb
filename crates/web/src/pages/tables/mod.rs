//! The synced tables: which there are, and the rows of one with filters, order, pages and files to take along. What a
//! condition means is the API's business; the page hands it over as it came.

mod asked;
mod draw;
mod words;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use connect::tables::{Destination, Table, Value};
use engine::Rows;
use futures_util::future::join_all;
use jiff::Timestamp;
use model::run::Run;

use crate::api::tables::{count, find, read::Reading, read::rows, tables};
use crate::app::{Shared, Site};
use crate::components::layout::Frame;
use crate::extract::{self, Path};
use crate::problem::Problem;
use crate::routes::Routes;
use crate::viewer::Viewer;
use asked::Asked;
use words::words;

/// Its routes.
pub(crate) fn routes() -> Routes {
    Routes::default().get("/tables", list).get("/tables/{name}", browse)
}

/// A table of the list.
struct Listed {
    table: &'static Table,
    /// `None` when the destination did not answer.
    rows_total: Option<i64>,
}

/// Rows of one table, as asked.
struct Browsed {
    rows: Vec<Vec<Value>>,
    /// The cursor of the next page.
    next: Option<String>,
    /// Rows that match the conditions.
    matching: i64,
    rows_total: i64,
    /// The run that wrote these rows last, and when, where one wrote them all.
    written: Option<(Run, Timestamp)>,
}

async fn list(State(site): Shared, viewer: Viewer) -> Response {
    let language = viewer.language;
    let (status, listed) = match tables(&site) {
        Ok((destination, tables)) => (StatusCode::OK, Ok(counted(destination, tables).await)),
        Err(problem) => (problem.status(), Err(problem)),
    };
    let content = draw::list(language, listed.as_deref());
    let frame = Frame { viewer: &viewer, title: words(language).title, live: None, path: "/tables" };
    (status, frame.around(&content)).into_response()
}

async fn counted(destination: &Destination, tables: Vec<&'static Table>) -> Vec<Listed> {
    join_all(tables.into_iter().map(|table| async move {
        let rows_total = count(destination, table).await;
        let rows_total =
            rows_total.inspect_err(|error| tracing::warn!(table.name, "rows were not counted: {error}"));
        Listed { table, rows_total: rows_total.ok() }
    }))
    .await
}

async fn browse(
    State(site): Shared,
    viewer: Viewer,
    Path(name): Path<String>,
    extract::Asked(pairs): extract::Asked<Vec<(String, String)>>,
) -> Response {
    let asked = Asked::read(pairs);
    let found = find(&site, &name);
    let (table, browsed) = match found {
        Ok((destination, table)) => (Some(table), rows_of(&site, (destination, table), &asked).await),
        Err(problem) => (None, Err(problem)),
    };
    let status = browsed.as_ref().map_or_else(Problem::status, |_| StatusCode::OK);
    let content = draw::table(&viewer.scene(site.app.engine.now()), (&name, table), &asked, browsed.as_ref());
    let path = format!("/tables/{}", table.map_or("", |table| table.name));
    let frame = Frame { viewer: &viewer, title: &name, live: None, path: path.trim_end_matches('/') };
    (status, frame.around(&content)).into_response()
}

async fn rows_of(
    site: &Site,
    (destination, table): (&Destination, &'static Table),
    asked: &Asked,
) -> Result<Browsed, Problem> {
    let reading = Reading::parse(table, asked.pairs())?;
    let (rows, next) = rows(destination, &reading).await?;
    let rows_total = count(destination, table).await?;
    let matching = match asked.wheres.is_empty() {
        true => rows_total,
        false => destination.number(&reading.counting()).await?,
    };
    let written = written(site, &asked.rows(table)).await?;
    Ok(Browsed { rows, next, matching, rows_total, written })
}

/// As a system and its ledger know it.
async fn written(site: &Site, rows: &Rows) -> Result<Option<(Run, Timestamp)>, Problem> {
    let read = site.app.engine.read();
    let writer = site.app.engine.systems().iter().find_map(|system| system.writer(rows));
    let Some((sync, key)) = writer else { return Ok(None) };
    let Some(row) = read.ledger_row(&sync, &key).await? else { return Ok(None) };
    let Some(id) = row.run_id else { return Ok(None) };
    Ok(read.run(id).await?.map(|run| (run, row.updated_at)))
}
