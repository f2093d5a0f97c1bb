//! A partition and a line of the log, as the API shows them.

use engine::LogLine;
use jiff::Timestamp;
use model::partition::Partition;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::words::PartitionStateWord;
use super::{FaultView, ItemsView};

/// The unit of work inside a run.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PartitionView {
    /// Its number.
    id: i64,
    /// Its place in the run's plan, from 0.
    ordinal: i64,
    /// Unique inside the run; the ledger's key.
    key: String,
    /// Where it stands.
    #[schema(value_type = PartitionStateWord)]
    state: &'static str,
    /// Tries begun in this run.
    attempt: u32,
    /// Holders that died with it.
    crashes: u32,
    /// The process that holds it, `host-pid`.
    holder: Option<String>,
    /// When the holder must have renewed.
    #[schema(value_type = Option<String>, format = DateTime)]
    lease_until: Option<Timestamp>,
    /// When it may be claimed next, while waiting.
    #[schema(value_type = Option<String>, format = DateTime)]
    available_at: Option<Timestamp>,
    /// What the system needs to do it.
    #[schema(value_type = Object)]
    payload: Value,
    /// Where it goes on after a stop.
    #[schema(value_type = Option<Object>)]
    checkpoint: Option<Value>,
    /// Units finished, failed ones included.
    units_done: i64,
    /// Units in all, once known.
    units_total: Option<i64>,
    /// Units failed.
    units_failed: i64,
    /// Items counted.
    items: ItemsView,
    /// What it has to say.
    message: Option<String>,
    /// The last fault.
    fault: Option<FaultView>,
    /// First claim.
    #[schema(value_type = Option<String>, format = DateTime)]
    started_at: Option<Timestamp>,
    /// End.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
}

impl From<Partition> for PartitionView {
    fn from(partition: Partition) -> Self {
        Self {
            id: partition.id.0,
            ordinal: partition.ordinal,
            key: partition.key,
            state: partition.state.as_str(),
            attempt: partition.attempt,
            crashes: partition.crashes,
            holder: partition.holder,
            lease_until: partition.lease_until,
            available_at: partition.available_at,
            payload: partition.payload,
            checkpoint: partition.checkpoint,
            units_done: partition.units.done,
            units_total: partition.units.total,
            units_failed: partition.units.failed,
            items: partition.counts.into(),
            message: partition.message,
            fault: FaultView::of(partition.fault_code, partition.fault_message),
            started_at: partition.started_at,
            ended_at: partition.ended_at,
        }
    }
}

/// A line of a run's log.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct LogLineView {
    /// Grows inside a run.
    id: i64,
    /// Which partition, where one speaks.
    partition_id: Option<i64>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `info`, `warn` or `error`.
    level: String,
    /// The line.
    message: String,
}

impl From<LogLine> for LogLineView {
    fn from(line: LogLine) -> Self {
        Self {
            id: line.id,
            partition_id: line.partition_id.map(|id| id.0),
            at: line.at,
            level: line.level,
            message: line.message,
        }
    }
}
