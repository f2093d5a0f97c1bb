//! The synced rows: which tables there are, looking into one, taking one along.

mod export;
pub(crate) mod read;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use connect::tables::{Aggregate, Column, Destination, Kind, Need, Select, Table, TablesError};
use serde::Serialize;
use serde_json::Value as Json;
use utoipa::ToSchema;

use crate::app::{Shared, Site};
use crate::extract::{Asked, Path};
use crate::problem::{Problem, ProblemBody};

/// A table of the destination.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TableView {
    /// Its name.
    #[schema(example = "daily_stock_data")]
    name: &'static str,
    /// Its columns, in order.
    columns: Vec<ColumnView>,
    /// Names of the columns that make a row unique.
    key: Vec<&'static str>,
    /// How many rows it has. Only where one table is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    rows_total: Option<i64>,
}

/// A column.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColumnView {
    /// Its name.
    name: &'static str,
    /// What it holds: `integer`, `decimal`, `real`, `boolean`, `text`, `date`, `timestamp` (a wall clock) or `instant`.
    kind: &'static str,
    /// Whether every row has a value in it.
    required: bool,
}

impl From<Column> for ColumnView {
    fn from(column: Column) -> Self {
        let kind = match column.kind {
            Kind::Int16 | Kind::Int32 | Kind::Int64 => "integer",
            Kind::Decimal { .. } => "decimal",
            Kind::Real => "real",
            Kind::Bool => "boolean",
            Kind::Text { .. } | Kind::LongText => "text",
            Kind::Date => "date",
            Kind::Timestamp => "timestamp",
            Kind::Instant => "instant",
        };
        Self { name: column.name, kind, required: column.need == Need::Required }
    }
}

impl TableView {
    fn of(table: &Table, rows_total: Option<i64>) -> Self {
        let columns = table.all_columns().into_iter().map(ColumnView::from).collect();
        Self { name: table.name, columns, key: table.key.to_vec(), rows_total }
    }
}

/// All tables.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TablesAnswer {
    /// By name.
    tables: Vec<TableView>,
}

/// The tables of the destination.
#[utoipa::path(get, path = "/api/v1/tables", tag = "tables",
    responses((status = 200, body = TablesAnswer), (status = 404, body = ProblemBody)))]
pub(crate) async fn list(State(site): Shared) -> Result<axum::Json<TablesAnswer>, Problem> {
    let (_, tables) = tables(&site)?;
    Ok(axum::Json(TablesAnswer {
        tables: tables.into_iter().map(|table| TableView::of(table, None)).collect(),
    }))
}

/// One table, with the number of its rows.
#[utoipa::path(get, path = "/api/v1/tables/{table}", tag = "tables",
    params(("table" = String, Path, description = "Table")),
    responses((status = 200, body = TableView), (status = 404, body = ProblemBody)))]
pub(crate) async fn one(
    State(site): Shared,
    Path(name): Path<String>,
) -> Result<axum::Json<TableView>, Problem> {
    let (destination, table) = find(&site, &name)?;
    let rows = count(destination, table).await?;
    Ok(axum::Json(TableView::of(table, Some(rows))))
}

/// A page of rows; written by hand, with all digits of its numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowsPage {
    /// A row is an object by column; decimals are numbers with all their digits.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<Json>,
    /// Cursor of the next page; null on the last one.
    next: Option<String>,
}

/// Rows of a table, by its key unless another order is asked for.
///
/// `where` may stand several times; all of them hold. Each is `column:test:value` with one of the tests `eq`, `ne`,
/// `from`, `to` (both inclusive), `above`, `below`, `starts`, `contains`, or `column:null`, `column:notnull`.
#[utoipa::path(get, path = "/api/v1/tables/{table}/rows", tag = "tables",
    params(
        ("table" = String, Path, description = "Table"),
        ("where" = Option<Vec<String>>, Query, description = "Conditions, such as `trade_date:from:2025-10-01`"),
        ("columns" = Option<String>, Query, description = "Only these columns, separated by commas"),
        ("order" = Option<String>, Query, description = "A column; with `-` before it, largest first"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 500; 50 unless asked"),
    ),
    responses((status = 200, body = RowsPage), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn rows(
    State(site): Shared,
    Path(name): Path<String>,
    Asked(pairs): Asked<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (destination, table) = find(&site, &name)?;
    let asked = read::Reading::parse(table, pairs)?;
    let body = read::page(destination, &asked).await?;
    Ok(([(header::CONTENT_TYPE, "application/json")], body).into_response())
}

/// All rows of a table, as CSV or as JSON lines, in the order of its key; conditions as in browsing.
///
/// Read and sent in pages: a table of any size takes no memory, and rows that change meanwhile may be old or new.
#[utoipa::path(get, path = "/api/v1/tables/{table}/export", tag = "tables",
    params(
        ("table" = String, Path, description = "Table"),
        ("format" = String, Query, description = "`csv` or `jsonl`"),
        ("where" = Option<Vec<String>>, Query, description = "Conditions, as in browsing"),
        ("columns" = Option<String>, Query, description = "Only these columns, separated by commas"),
    ),
    responses((status = 200, body = String, content_type = "text/csv"), (status = "4XX", body = ProblemBody)))]
pub(crate) async fn export(
    State(site): Shared,
    Path(name): Path<String>,
    Asked(pairs): Asked<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (destination, table) = find(&site, &name)?;
    export::answer(destination.clone(), table, pairs).await
}

fn destination(site: &Site) -> Result<&Destination, Problem> {
    site.app.destination.as_ref().ok_or(Problem::NoDestination)
}

/// All tables, by name.
pub(crate) fn tables(site: &Site) -> Result<(&Destination, Vec<&'static Table>), Problem> {
    let destination = destination(site)?;
    Ok((destination, destination.tables()))
}

/// How many rows a table has.
pub(crate) async fn count(destination: &Destination, table: &'static Table) -> Result<i64, TablesError> {
    destination.number(&Select::from(table).aggregate(&[Aggregate::Count])).await
}

/// The table of that name.
pub(crate) fn find<'a>(site: &'a Site, name: &str) -> Result<(&'a Destination, &'static Table), Problem> {
    let destination = destination(site)?;
    let table = destination.tables().into_iter().find(|table| table.name == name);
    Ok((destination, table.ok_or_else(|| Problem::UnknownTable(name.to_owned()))?))
}

impl From<TablesError> for Problem {
    fn from(error: TablesError) -> Self {
        match error {
            TablesError::Select { .. } => Self::Parameter(error.to_string()),
            error if error.is_passing() => Self::Unavailable(error.to_string()),
            error => Self::Store(error.to_string()),
        }
    }
}
