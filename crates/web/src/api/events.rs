//! The feed of events, as server-sent events.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::view::event::EventView;
use crate::app::Shared;
use crate::extract::Asked;
use crate::live;
use crate::problem::{Problem, ProblemBody};

/// From where on, and of which run.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// After this event; the header `Last-Event-ID` wins. From now on unless said.
    after: Option<String>,
    /// Of this run only.
    run: Option<i64>,
}

/// Events as they happen (`text/event-stream`): `id` is the cursor, `event` the kind, `data` the event as JSON.
///
/// Resumes after `Last-Event-ID`, also after a restart of the server, as long as events are kept (seven days). A
/// comment is sent every 15 seconds when nothing happens.
#[utoipa::path(get, path = "/api/v1/events", tag = "events",
    params(EventsQuery, ("Last-Event-ID" = Option<String>, Header, description = "Cursor of the last event seen")),
    responses((status = 200, body = EventView, content_type = "text/event-stream"),
        (status = 503, body = ProblemBody, description = "All places for live connections are taken")))]
pub(crate) async fn stream(
    State(site): Shared,
    headers: HeaderMap,
    Asked(query): Asked<EventsQuery>,
) -> Result<Response, Problem> {
    let seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let after = seen.or(query.after).filter(|cursor| !cursor.is_empty());
    if let Some(cursor) = after.as_deref().filter(|cursor| !is_cursor(cursor)) {
        return Err(Problem::Parameter(format!(
            "`{cursor}` is no cursor: give back an event's `id`, as it was"
        )));
    }
    Ok(live::events(site, after, query.run).await?.into_response())
}

/// Two numbers; what they mean is the database's business.
fn is_cursor(text: &str) -> bool {
    let number = |part: &str| part.parse::<i64>().is_ok_and(|number| number >= 0);
    text.split_once('-').is_some_and(|(first, second)| number(first) && number(second))
}
