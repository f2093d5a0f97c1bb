//! Taking over from the system before: its table `daily_sync_status` at the destination becomes rows of the ledger.
//! Rows that are in the ledger already stay as they are, so it may be asked for at every start.

use connect::tables::{Column, Kind, Select, Table, TablesError, Value};
use engine::{Engine, LedgerImport, StoreError};
use jiff::Timestamp;
use jiff::civil::DateTime;
use model::ledger::{LedgerState, LedgerWrite};
use serde_json::json;

use super::check::{FOREIGN, state_of};
use super::{Stocks, labels, shanghai, sync_key};

const COUNT: Kind = Kind::Int32;

/// The documented table, as far as it is read.
const STATUS: &Table = &Table::new(
    "daily_sync_status",
    &[
        Column::required("sync_date", Kind::Date),
        Column::required("status", Kind::Text { max: 20 }),
        Column::optional("total_records", COUNT),
        Column::optional("success_count", COUNT),
        Column::optional("failed_count", COUNT),
        Column::optional("error_message", Kind::LongText),
        Column::optional("remarks", Kind::LongText),
        Column::optional("start_time", Kind::Timestamp),
        Column::optional("end_time", Kind::Timestamp),
        Column::optional("created_at", Kind::Timestamp),
    ],
    &["sync_date"],
);

/// Why the table could not be taken over.
#[derive(Debug, thiserror::Error)]
pub enum TakeoverError {
    /// The destination could not be read.
    #[error("taking over daily_sync_status: {0}")]
    Tables(#[from] TablesError),
    /// The state could not be written.
    #[error("taking over daily_sync_status: {0}")]
    Store(#[from] StoreError),
}

impl Stocks {
    /// Takes the older system's table over, if there is one; answers how many rows came new.
    ///
    /// # Errors
    /// The destination or the state is away; nothing or a part was taken over, ask again.
    pub async fn take_over(&self, engine: &Engine, now: Timestamp) -> Result<u64, TakeoverError> {
        if !self.destination.holds(STATUS).await? {
            return Ok(0);
        }
        let names: Vec<&str> = STATUS.columns.iter().map(|column| column.name).collect();
        let rows = self.destination.rows(&Select::from(STATUS).columns(&names)).await?;
        let imports: Vec<LedgerImport> = rows.iter().filter_map(|row| import(row)).collect();
        if imports.is_empty() {
            return Ok(0);
        }
        let taken = engine.import_ledger(&sync_key(), imports, now).await?;
        tracing::info!(target: labels::TARGET, rows = taken, "daily_sync_status was taken over");
        Ok(taken)
    }
}

fn import(row: &[Value]) -> Option<LedgerImport> {
    let [Value::Date(date), Value::Text(status), total, ok, failed, error, remarks, began, ended, made] = row
    else {
        return None;
    };
    let (state, detail) = match state_of(status) {
        Some(LedgerState::Running) => (LedgerState::Failed, None),
        Some(state) => (state, None),
        None => (LedgerState::Queued, Some(json!({ FOREIGN: status }))),
    };
    let died = state_of(status) == Some(LedgerState::Running);
    let fault_message = if died { Some(labels::WORKER_GONE.to_owned()) } else { text(error) };
    let write = LedgerWrite {
        state,
        total: total.int().unwrap_or(0),
        succeeded: ok.int().unwrap_or(0),
        failed: failed.int().unwrap_or(0),
        message: text(remarks),
        fault_code: None,
        fault_message,
        detail,
    };
    Some(LedgerImport {
        key: date.to_string(),
        write,
        started_at: moment(began),
        ended_at: moment(ended),
        created_at: moment(made),
    })
}

fn text(value: &Value) -> Option<String> {
    if let Value::Text(text) = value { Some(text.clone()) } else { None }
}

/// Its times are Shanghai's wall clock.
fn moment(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Timestamp(at) => Some(of_wall(*at)),
        Value::Instant(at) => Some(*at),
        _ => None,
    }
}

fn of_wall(at: DateTime) -> Timestamp {
    shanghai::moment(at.date(), at.time())
}
