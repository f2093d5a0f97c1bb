//! Documented tables of contracts that are projections of the state: one truth, readable by documented SQL.

/// `daily_sync_status` of the stocks contract: the ledger of `stocks.daily`, in Shanghai wall-clock time.
pub(crate) const SQLITE: &str = "
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
pub(crate) const POSTGRES: &str = "
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
