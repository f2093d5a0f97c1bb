CREATE TABLE race_plan (
    id INTEGER PRIMARY KEY AUTOINCREMENT, season INTEGER NOT NULL, round INTEGER NOT NULL, race_name TEXT NOT NULL, race_end_at INTEGER NOT NULL,
    race_end_overridden INTEGER NOT NULL, always_run INTEGER NOT NULL, retry_hours TEXT NOT NULL, state INTEGER NOT NULL,
    created_at INTEGER NOT NULL, cancelled_at INTEGER, archived_at INTEGER, updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX race_plan_current ON race_plan (season, round) WHERE state IN (0, 1);

CREATE TABLE race_attempt (
    plan_id INTEGER NOT NULL REFERENCES race_plan ON DELETE CASCADE, number INTEGER NOT NULL, hours INTEGER NOT NULL,
    scheduled_at INTEGER NOT NULL, executed_at INTEGER, status INTEGER NOT NULL, reason TEXT,
    results TEXT NOT NULL DEFAULT '{}', details TEXT NOT NULL DEFAULT '{}', error_message TEXT, run_id INTEGER,
    updated_at INTEGER NOT NULL, PRIMARY KEY (plan_id, number)
) STRICT;
CREATE INDEX race_attempt_pending ON race_attempt (scheduled_at) WHERE status = 0;

CREATE VIEW race_sync_plans AS
SELECT id AS plan_id, season, round, race_name, datetime(race_end_at / 1000000, 'unixepoch') AS race_end_time, race_end_overridden, always_run,
    retry_hours AS retry_intervals,
    CASE state WHEN 0 THEN 'active' WHEN 1 THEN 'cancelled' WHEN 2 THEN 'archived' ELSE 'replaced' END AS state,
    datetime(created_at / 1000000, 'unixepoch') AS created_at, datetime(cancelled_at / 1000000, 'unixepoch') AS cancelled_at, datetime(archived_at / 1000000, 'unixepoch') AS archived_at,
    datetime(updated_at / 1000000, 'unixepoch') AS updated_at
FROM race_plan;
CREATE VIEW race_sync_attempts AS
SELECT plan_id, number AS attempt_number, hours AS interval_hours, datetime(scheduled_at / 1000000, 'unixepoch') AS scheduled_time,
    datetime(executed_at / 1000000, 'unixepoch') AS executed_time,
    CASE status WHEN 0 THEN 'pending' WHEN 1 THEN 'running' WHEN 2 THEN 'success' WHEN 3 THEN 'partial'
        WHEN 4 THEN 'failed' ELSE 'cancelled' END AS status,
    reason, results, details, error_message, run_id, datetime(updated_at / 1000000, 'unixepoch') AS updated_at
FROM race_attempt;
