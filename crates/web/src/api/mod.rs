//! The native API, `/api/v1`: a noun a file, handlers thin, shapes in `view`.

pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod ledger;
pub(crate) mod page;
pub(crate) mod runs;
pub(crate) mod schedules;
pub(crate) mod standing;
pub(crate) mod stocks;
pub(crate) mod systems;
pub(crate) mod tables;
pub(crate) mod tasks;
pub(crate) mod verbs;
pub(crate) mod view;

use crate::routes::Routes;

/// Its routes.
pub(crate) fn routes() -> Routes {
    Routes::default()
        .get("/api/v1/systems", systems::list_systems)
        .get("/api/v1/syncs", systems::list_syncs)
        .get("/api/v1/schedules", schedules::list)
        .get("/api/v1/schedules/{id}", schedules::one)
        .patch("/api/v1/schedules/{id}", schedules::change)
        .delete("/api/v1/schedules/{id}", schedules::remove)
        .post("/api/v1/schedules/restore", schedules::restore)
        .get("/api/v1/schedules/{id}/ticks", schedules::ticks)
        .post("/api/v1/schedules/{id}/run", schedules::run)
        .get("/api/v1/runs", runs::list)
        .post("/api/v1/runs", runs::request)
        .post("/api/v1/runs/mark-read", runs::mark_read)
        .get("/api/v1/runs/{id}", runs::one)
        .get("/api/v1/runs/{id}/partitions", runs::partitions)
        .get("/api/v1/runs/{id}/log", runs::log)
        .post("/api/v1/runs/{id}/cancel", verbs::cancel)
        .post("/api/v1/runs/{id}/pause", verbs::pause)
        .post("/api/v1/runs/{id}/resume", verbs::resume)
        .post("/api/v1/runs/{id}/retry", verbs::retry)
        .get("/api/v1/ledger", ledger::list)
        .get("/api/v1/ledger/gaps", ledger::gaps)
        .post("/api/v1/ledger/backfill", ledger::backfill)
        .get("/api/v1/tables", tables::list)
        .get("/api/v1/tables/{table}", tables::one)
        .get("/api/v1/tables/{table}/rows", tables::rows)
        .get("/api/v1/tables/{table}/export", tables::export)
        .get("/api/v1/stocks/coverage", stocks::coverage)
        .get("/api/v1/stocks/missing", stocks::missing)
        .get("/api/v1/stocks/failures", stocks::failures)
        .post("/api/v1/stocks/sync", stocks::sync)
        .post("/api/v1/stocks/retry-failed", stocks::retry_failed)
        .get("/api/v1/events", events::stream)
        .get("/api/v1/health", standing::health)
        .get("/api/v1/ready", standing::ready)
        .get("/api/v1/version", standing::version)
        .get("/metrics", standing::metrics)
        .and(tasks::routes())
        .and(files::routes())
}
