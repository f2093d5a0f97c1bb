//! The API's document, from the types, and a page to read it by.

mod chinese;
mod page;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use utoipa::OpenApi;

use crate::api::files::{configs, peek, runs as file_runs};
use crate::api::tasks::{matching, packages, stats};
use crate::api::{events, ledger, runs, schedules, standing, stocks, systems, tables, verbs};
use crate::app::Shared;
use crate::routes::Routes;

#[derive(OpenApi)]
#[openapi(
    info(title = "Syncline", description = "Everything the console and the command line do goes through these routes. \
        Errors are problem details (RFC 9457) in the language of the request."),
    tags(
        (name = "systems", description = "What can be synced"),
        (name = "runs", description = "The queue, the history, and asking for a run"),
        (name = "schedules", description = "When runs are wanted"),
        (name = "ledger", description = "What is there and what is missing"),
        (name = "tables", description = "The synced rows"),
        (name = "stocks", description = "Days and stocks of the A shares"),
        (name = "tasks", description = "Tasks of the call platform and the packages they belong to"),
        (name = "files", description = "Trees of files between storages"),
        (name = "events", description = "What happens, as it happens"),
        (name = "server", description = "Health and numbers"),
    ),
    paths(
        systems::list_systems,
        systems::list_syncs,
        runs::list,
        runs::request,
        runs::mark_read,
        runs::one,
        runs::partitions,
        runs::log,
        verbs::cancel,
        verbs::pause,
        verbs::resume,
        verbs::retry,
        schedules::list,
        schedules::one,
        schedules::change,
        schedules::remove,
        schedules::restore,
        schedules::ticks,
        schedules::run,
        ledger::list,
        ledger::gaps,
        ledger::backfill,
        tables::list,
        tables::one,
        tables::rows,
        tables::export,
        stocks::coverage,
        stocks::missing,
        stocks::failures,
        stocks::sync,
        stocks::retry_failed,
        matching::list,
        matching::bind,
        matching::idle,
        matching::rematch,
        packages::list,
        packages::make,
        packages::change,
        packages::delete,
        packages::import,
        stats::stats,
        configs::list,
        configs::make,
        configs::one,
        configs::replace,
        configs::change,
        configs::delete,
        file_runs::execute,
        file_runs::dry_run,
        file_runs::list,
        file_runs::items,
        peek::test,
        events::stream,
        standing::health,
        standing::ready,
        standing::version,
        standing::metrics,
    )
)]
struct Native;

/// The document of the native API; systems add theirs.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    Native::openapi()
}

/// The document and its page.
pub(crate) fn routes() -> Routes {
    Routes::default().get("/api/openapi.json", document).get("/api/docs", page::show)
}

async fn document(State(site): Shared) -> Response {
    axum::Json(&site.document).into_response()
}

#[cfg(test)]
mod tests;
