//! An event, as the feed sends it.

use jiff::Timestamp;
use model::event::Event;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// One row of the feed. On the wire: `id:` is the cursor, `event:` the kind, `data:` this.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct EventView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What.
    #[schema(example = "run.progressed")]
    kind: &'static str,
    /// Which sync.
    sync: Option<String>,
    /// Which run.
    run_id: Option<i64>,
    /// Which schedule.
    schedule_id: Option<i64>,
    /// Details by kind.
    #[schema(value_type = Object)]
    data: Value,
}

impl From<Event> for EventView {
    fn from(event: Event) -> Self {
        Self {
            at: event.at,
            kind: event.kind.as_str(),
            sync: event.sync.map(|sync| sync.to_string()),
            run_id: event.run_id.map(|id| id.0),
            schedule_id: event.schedule_id.map(|id| id.0),
            data: event.data,
        }
    }
}
