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

/// The documented tables of the tasks contract, with the marks of the tables.
///
/// A lease is held for as long as its run lives, so the time at which it would be free is always some time ahead.
pub(crate) const TASKS: &str = "
CREATE VIEW sync_records AS
SELECT id, CAST(CASE sync_type WHEN 0 THEN 'historical' ELSE 'today' END AS VARCHAR(20)) AS sync_type,
    CAST(CASE trigger WHEN 0 THEN 'auto' ELSE 'manual' END AS VARCHAR(20)) AS trigger_type,
    CAST(CASE status WHEN 0 THEN 'running' WHEN 10 THEN 'success' WHEN 11 THEN 'partial' ELSE 'failed' END
        AS VARCHAR(20)) AS status,
    <utc(coalesce(started_at, created_at))> AS start_time, <utc(ended_at)> AS end_time,
    CAST(ended_at / 1000000 - coalesce(started_at, created_at) / 1000000 AS INTEGER) AS duration,
    CAST(tasks_total AS INTEGER) AS tasks_total, CAST(tasks_new AS INTEGER) AS tasks_new,
    CAST(tasks_updated AS INTEGER) AS tasks_updated, CAST(tasks_matched AS INTEGER) AS tasks_matched,
    CAST(tasks_pending AS INTEGER) AS tasks_pending, CAST(tasks_failed AS INTEGER) AS tasks_failed,
    error_message, error_details<json> AS error_details, CAST(retry_count AS INTEGER) AS retry_count,
    CAST(max_retries AS INTEGER) AS max_retries, read_at IS NOT NULL AS is_read, <utc(read_at)> AS read_at,
    <utc(created_at)> AS created_at, <utc(updated_at)> AS updated_at
FROM task_record WHERE deleted_at IS NULL;
CREATE VIEW sync_locks AS
SELECT r.id, CAST(CASE r.sync_type WHEN 0 THEN 'historical' ELSE 'today' END AS VARCHAR(20)) AS sync_type,
    <utc(l.acquired_at)> AS locked_at, CAST(r.holder AS VARCHAR(100)) AS locked_by,
    <utc((<now> + 1800000000))> AS expires_at, <utc(l.acquired_at)> AS created_at
FROM lease l JOIN task_record r ON r.run_id = l.run_id WHERE l.key IN ('tasks.historical', 'tasks.today');
CREATE VIEW dial_tasks AS
SELECT id, CAST(task_id AS VARCHAR(64)) AS guanke_task_id, CAST(name AS VARCHAR(255)) AS task_name,
    CAST(prefix AS VARCHAR(255)) AS prefix, prefix_parsed, CAST(target_level AS VARCHAR(10)) AS target_level,
    CAST(agent_group AS VARCHAR(10)) AS agent_group, CAST(line AS VARCHAR(10)) AS line,
    CAST(call_mmdd AS VARCHAR(10)) AS call_mmdd, CAST(state AS VARCHAR(20)) AS state, total_number, called_number,
    connected_number, success_number,
    CAST(CASE match_status WHEN 0 THEN 'pending' WHEN 1 THEN 'matched' ELSE 'idle' END AS VARCHAR(10)) AS match_status,
    CAST(CASE match_origin WHEN 0 THEN 'auto' ELSE 'manual' END AS VARCHAR(10)) AS match_origin,
    match_status = 2 AS is_idle, package_id, <utc(created_date)> AS created_date, <utc(started_at)> AS start_time,
    <utc(ended_at)> AS end_time, <utc(imported_at)> AS imported_at, <utc(matched_at)> AS matched_at,
    <utc(idle_at)> AS idle_at, <utc(fetched_at)> AS fetched_at, created_record_id, <utc(created_at)> AS created_at,
    <utc(updated_at)> AS updated_at
FROM call_task;
CREATE VIEW lead_packages AS
SELECT id, CAST(external_id AS VARCHAR(64)) AS external_package_id, CAST(name AS VARCHAR(255)) AS name,
    CAST(CASE source WHEN 0 THEN '采买' ELSE '练习' END AS VARCHAR(10)) AS source, CAST(region AS VARCHAR(50)) AS region,
    CAST(grade AS VARCHAR(50)) AS grade, total_leads, valid_leads, available_leads,
    CAST(internal_code AS VARCHAR(100)) AS internal_code,
    CAST(internal_code || CASE source WHEN 0 THEN '-N' ELSE '-P1' END AS VARCHAR(110)) AS first_task_prefix,
    CAST(CASE source WHEN 0 THEN 'N' ELSE 'P' END AS VARCHAR(1)) AS package_type,
    CAST(package_level AS VARCHAR(4)) AS package_level, CAST(contact_rate AS REAL) AS contact_rate,
    <utc(deleted_at)> AS deleted_at, <utc(created_at)> AS created_at, <utc(updated_at)> AS updated_at
FROM lead_package;
CREATE VIEW dial_task_days AS
SELECT CAST(task_id AS VARCHAR(64)) AS guanke_task_id, day<date> AS day, called_number, connected_number, success_number
FROM call_task_day;
";

/// A record deleted while its run is at work is hidden until the run's end writes it again; another is gone.
pub(crate) const TASKS_SQLITE: &str = "
CREATE TRIGGER sync_records_delete INSTEAD OF DELETE ON sync_records BEGIN
    DELETE FROM task_record WHERE id = OLD.id AND status >= 10;
    UPDATE task_record SET deleted_at = unixepoch() * 1000000 WHERE id = OLD.id;
END;
";

/// The same for PostgreSQL, with the function of two texts that the documented statements call; also in `public`,
/// where nothing of those names is in their way.
pub(crate) const TASKS_POSTGRES: &str = "
CREATE FUNCTION sync_records_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM syncline.task_record WHERE id = OLD.id AND status >= 10;
    UPDATE syncline.task_record SET deleted_at = (extract(epoch FROM now()) * 1000000)::bigint WHERE id = OLD.id;
    RETURN OLD;
END $$;
CREATE TRIGGER sync_records_delete INSTEAD OF DELETE ON sync_records
    FOR EACH ROW EXECUTE FUNCTION sync_records_delete();
CREATE FUNCTION date(text, text) RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT (($1::timestamptz AT TIME ZONE 'UTC' + $2::interval)::date)::timestamp AT TIME ZONE 'UTC' $$;
DO $$ DECLARE name TEXT; BEGIN
    IF to_regprocedure('public.date(text, text)') IS NULL THEN
        CREATE FUNCTION public.date(text, text) RETURNS timestamptz LANGUAGE sql STABLE AS
            'SELECT syncline.date($1, $2)';
    END IF;
    FOREACH name IN ARRAY ARRAY['sync_records', 'sync_locks', 'dial_tasks', 'lead_packages', 'dial_task_days'] LOOP
        IF to_regclass('public.' || name) IS NULL THEN
            EXECUTE format('CREATE VIEW public.%I AS SELECT * FROM syncline.%I', name, name);
        END IF;
    END LOOP;
END $$;
";

/// What is kept of syncs of files, under its documented names. A lease on a target is held by the run's own claim.
pub(crate) const FILES: &str = "
CREATE VIEW files_configs AS
SELECT id, name, enabled, CASE mode WHEN 0 THEN 'incremental' WHEN 1 THEN 'full' ELSE 'overwrite' END AS mode,
    source_service, target_service, config, schedule_cleared, <utc(last_sync_at)> AS last_sync,
    <utc(created_at)> AS created_at, <utc(updated_at)> AS updated_at
FROM file_config;
CREATE VIEW files_task_ids AS
SELECT f.task_id, f.run_id, f.config_id, CASE f.kind WHEN 0 THEN 'sync' ELSE 'batch' END AS kind,
    <utc(r.created_at)> AS created_at
FROM file_run f JOIN run r ON r.id = f.run_id;
CREATE VIEW files_run_items AS
SELECT run_id, seq, CASE op WHEN 0 THEN 'add' WHEN 1 THEN 'update' WHEN 2 THEN 'delete' WHEN 3 THEN 'mkdir'
    WHEN 4 THEN 'rmdir' ELSE 'list' END AS op, src_path, dst_path, size, reason,
    CASE status WHEN 0 THEN 'pending' WHEN 10 THEN 'completed' WHEN 11 THEN 'skipped' ELSE 'failed' END AS status,
    error_type, error AS err_msg, <utc(at)> AS finished_at
FROM file_item;
CREATE VIEW files_target_leases AS
SELECT f.run_id, f.location AS location_key, f.path, p.fence, <utc(p.lease_until)> AS expires_at
FROM file_run f JOIN partition p ON p.run_id = f.run_id AND p.state = 1
WHERE f.location IS NOT NULL;
";

pub(crate) const FILES_REMEMBERED: &str = "
CREATE VIEW files_baseline AS
SELECT config_id, dir, name, src_size, src_mtime_ns, src_etag, dst_size, dst_mtime_ns, dst_etag FROM file_baseline;
";

/// Runs, those of batches too (they have no config), and the schedules that follow configs. Why a run failed is known
/// of its partition first, while that waits for another try.
pub(crate) const FILES_RUNS: &str = "
CREATE VIEW files_runs AS
SELECT f.run_id, f.config_id, f.params<json> ->> 'config_name' AS config_name,
    CASE WHEN f.batch_id IS NOT NULL OR f.kind = 1 THEN 'batch' WHEN r.trigger = 1 THEN 'schedule' ELSE 'manual' END
        AS trigger,
    CAST(f.params<json> -> 'asked' ->> 'dry_run' AS BOOLEAN) AS dry_run, f.task_id, f.attempt,
    CASE f.phase WHEN 0 THEN 'waiting_lease' WHEN 1 THEN 'probing' WHEN 2 THEN 'comparing' WHEN 3 THEN 'transferring'
        WHEN 4 THEN 'deleting' WHEN 5 THEN 'finishing' END AS phase,
    f.stats<json> AS stats, coalesce(f.error_type, p.fault_code) AS error_type,
    coalesce(f.error, p.fault_message) AS error, <utc(r.started_at)> AS started_at, <utc(r.ended_at)> AS finished_at
FROM file_run f JOIN run r ON r.id = f.run_id LEFT JOIN partition p ON p.run_id = f.run_id AND p.state = 2;
CREATE VIEW files_schedules AS
SELECT c.id AS config_id, s.name, s.spec<json> -> 'when' ->> 'expression' AS cron,
    s.spec<json> ->> 'time_zone' AS timezone, <utc(s.next_nominal_at)> AS next_run_at,
    <utc(s.last_nominal_at)> AS last_slot_at
FROM file_config c JOIN schedule s ON s.name = 'sync_config_' || c.id;
";

/// All documented tables of files in `public` of PostgreSQL, where nothing of those names is in their way.
pub(crate) const FILES_IN_PUBLIC: &str = "
DO $$ DECLARE name TEXT; BEGIN
    FOREACH name IN ARRAY ARRAY['files_configs', 'files_task_ids', 'files_run_items', 'files_target_leases',
        'files_baseline', 'files_runs', 'files_schedules'] LOOP
        IF to_regclass('public.' || name) IS NULL THEN
            EXECUTE format('CREATE VIEW public.%I AS SELECT * FROM syncline.%I', name, name);
        END IF;
    END LOOP;
END $$;
";
