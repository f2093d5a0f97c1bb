//! Documented tables of contracts that are projections of the state: one truth, readable by documented SQL.

/// `daily_sync_status` of the stocks contract: the ledger of `stocks.daily`, in Shanghai wall-clock time.
pub(crate) const STOCKS_SQLITE: &str = "
CREATE VIEW daily_sync_status AS
SELECT id, key AS sync_date,
    CASE state WHEN 0 THEN 'pending' WHEN 1 THEN 'syncing' WHEN 10 THEN 'success' WHEN 11 THEN 'skipped' ELSE 'failed' END
        AS status,
    total AS total_records, succeeded AS success_count, failed AS failed_count,
    datetime(started_at / 1000000, 'unixepoch', '+8 hours') AS start_time,
    datetime(ended_at / 1000000, 'unixepoch', '+8 hours') AS end_time,
    (ended_at - started_at) / 1000000 AS duration_seconds,
    fault_message AS error_message, message AS remarks, process_id,
    datetime(created_at / 1000000, 'unixepoch', '+8 hours') AS created_at,
    datetime(updated_at / 1000000, 'unixepoch', '+8 hours') AS updated_at
FROM ledger WHERE sync = 'stocks.daily';
";

/// The same for PostgreSQL; also in `public`, where nothing of that name is in its way.
pub(crate) const STOCKS_POSTGRES: &str = "
CREATE VIEW daily_sync_status AS
SELECT id, key::date AS sync_date,
    CASE state WHEN 0 THEN 'pending' WHEN 1 THEN 'syncing' WHEN 10 THEN 'success' WHEN 11 THEN 'skipped' ELSE 'failed' END
        ::varchar(20) AS status,
    total::integer AS total_records, succeeded::integer AS success_count, failed::integer AS failed_count,
    date_trunc('second', TIMESTAMP 'epoch' + started_at * INTERVAL '1 microsecond' + INTERVAL '8 hours') AS start_time,
    date_trunc('second', TIMESTAMP 'epoch' + ended_at * INTERVAL '1 microsecond' + INTERVAL '8 hours') AS end_time,
    ((ended_at - started_at) / 1000000)::integer AS duration_seconds,
    fault_message AS error_message, message AS remarks, process_id::varchar(50) AS process_id,
    date_trunc('second', TIMESTAMP 'epoch' + created_at * INTERVAL '1 microsecond' + INTERVAL '8 hours') AS created_at,
    date_trunc('second', TIMESTAMP 'epoch' + updated_at * INTERVAL '1 microsecond' + INTERVAL '8 hours') AS updated_at
FROM ledger WHERE sync = 'stocks.daily';
DO $$ BEGIN
    IF to_regclass('public.daily_sync_status') IS NULL THEN
        CREATE VIEW public.daily_sync_status AS SELECT * FROM syncline.daily_sync_status;
    END IF;
END $$;
";

/// `race_sync_plans` and `race_sync_attempts` of the races contract, with the marks of the tables.
pub(crate) const RACES: &str = "
CREATE VIEW race_sync_plans AS
SELECT id AS plan_id, season, round, race_name, <utc(race_end_at)> AS race_end_time, race_end_overridden, always_run,
    retry_hours AS retry_intervals,
    CASE state WHEN 0 THEN 'active' WHEN 1 THEN 'cancelled' WHEN 2 THEN 'archived' ELSE 'replaced' END AS state,
    <utc(created_at)> AS created_at, <utc(cancelled_at)> AS cancelled_at, <utc(archived_at)> AS archived_at,
    <utc(updated_at)> AS updated_at
FROM race_plan;
CREATE VIEW race_sync_attempts AS
SELECT plan_id, number AS attempt_number, hours AS interval_hours, <utc(scheduled_at)> AS scheduled_time,
    <utc(executed_at)> AS executed_time,
    CASE status WHEN 0 THEN 'pending' WHEN 1 THEN 'running' WHEN 2 THEN 'success' WHEN 3 THEN 'partial'
        WHEN 4 THEN 'failed' ELSE 'cancelled' END AS status,
    reason, results, details, error_message, run_id, <utc(updated_at)> AS updated_at
FROM race_attempt;
";

/// The same in `public` of PostgreSQL, where nothing of those names is in their way.
pub(crate) const RACES_IN_PUBLIC: &str = "
DO $$ BEGIN
    IF to_regclass('public.race_sync_plans') IS NULL THEN
        CREATE VIEW public.race_sync_plans AS SELECT * FROM syncline.race_sync_plans;
    END IF;
    IF to_regclass('public.race_sync_attempts') IS NULL THEN
        CREATE VIEW public.race_sync_attempts AS SELECT * FROM syncline.race_sync_attempts;
    END IF;
END $$;
";
