ALTER TABLE run ADD COLUMN lease_kept INTEGER NOT NULL DEFAULT FALSE;

CREATE TABLE task_record (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL UNIQUE, sync_type INTEGER NOT NULL, trigger INTEGER NOT NULL, status INTEGER NOT NULL,
    window_from INTEGER NOT NULL, window_to INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER,
    tasks_total INTEGER NOT NULL DEFAULT 0, tasks_new INTEGER NOT NULL DEFAULT 0, tasks_updated INTEGER NOT NULL DEFAULT 0,
    tasks_matched INTEGER NOT NULL DEFAULT 0, tasks_pending INTEGER NOT NULL DEFAULT 0,
    tasks_idle INTEGER NOT NULL DEFAULT 0, tasks_failed INTEGER NOT NULL DEFAULT 0,
    error_message TEXT, error_details TEXT, retry_count INTEGER NOT NULL DEFAULT 0, max_retries INTEGER NOT NULL,
    holder TEXT, read_at INTEGER, deleted_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER
) STRICT;
CREATE INDEX task_record_of_type ON task_record (sync_type, created_at);
CREATE INDEX task_record_newest ON task_record (created_at, id);
CREATE INDEX task_record_unread ON task_record (id) WHERE read_at IS NULL AND deleted_at IS NULL AND status >= 10;

CREATE TABLE lead_package (
    id INTEGER PRIMARY KEY AUTOINCREMENT, external_id TEXT NOT NULL, name TEXT NOT NULL, source INTEGER NOT NULL, region TEXT NOT NULL,
    grade TEXT NOT NULL, total_leads INTEGER, valid_leads INTEGER, available_leads INTEGER, internal_code TEXT NOT NULL,
    package_level TEXT, contact_rate TEXT, deleted_at INTEGER, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, CHECK (total_leads >= 0 AND valid_leads >= 0 AND available_leads >= 0)
) STRICT;
CREATE UNIQUE INDEX lead_package_external ON lead_package (external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX lead_package_code ON lead_package (internal_code) WHERE deleted_at IS NULL;

CREATE TABLE call_task (
    id INTEGER PRIMARY KEY AUTOINCREMENT, task_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, prefix TEXT NOT NULL, prefix_parsed INTEGER NOT NULL,
    target_level TEXT, agent_group TEXT, line TEXT, call_mmdd TEXT, state TEXT, total_number INTEGER,
    called_number INTEGER, connected_number INTEGER, success_number INTEGER, match_status INTEGER NOT NULL,
    match_origin INTEGER NOT NULL, package_id INTEGER REFERENCES lead_package, created_date INTEGER,
    started_at INTEGER, ended_at INTEGER, imported_at INTEGER NOT NULL, matched_at INTEGER, idle_at INTEGER,
    fetched_at INTEGER NOT NULL, created_record_id INTEGER, created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL, CHECK ((match_status = 1) = (package_id IS NOT NULL))
) STRICT;
CREATE INDEX call_task_undecided ON call_task (prefix) WHERE match_status = 0 AND match_origin = 0 AND prefix_parsed;
CREATE INDEX call_task_of_package ON call_task (package_id) WHERE package_id IS NOT NULL;
CREATE INDEX call_task_pending ON call_task (prefix, prefix_parsed) WHERE match_status = 0;
CREATE INDEX call_task_by_status ON call_task (match_status);
CREATE INDEX call_task_imported ON call_task (imported_at, id);

CREATE TABLE call_task_day (
    task_id TEXT NOT NULL, day TEXT NOT NULL, called_number INTEGER NOT NULL, connected_number INTEGER NOT NULL,
    success_number INTEGER NOT NULL, PRIMARY KEY (task_id, day)
) STRICT;

CREATE VIEW sync_records AS
SELECT id, CAST(CASE sync_type WHEN 0 THEN 'historical' ELSE 'today' END AS VARCHAR(20)) AS sync_type,
    CAST(CASE trigger WHEN 0 THEN 'auto' ELSE 'manual' END AS VARCHAR(20)) AS trigger_type,
    CAST(CASE status WHEN 0 THEN 'running' WHEN 10 THEN 'success' WHEN 11 THEN 'partial' ELSE 'failed' END
        AS VARCHAR(20)) AS status,
    datetime(coalesce(started_at, created_at) / 1000000, 'unixepoch') AS start_time, datetime(ended_at / 1000000, 'unixepoch') AS end_time,
    CAST(ended_at / 1000000 - coalesce(started_at, created_at) / 1000000 AS INTEGER) AS duration,
    CAST(tasks_total AS INTEGER) AS tasks_total, CAST(tasks_new AS INTEGER) AS tasks_new,
    CAST(tasks_updated AS INTEGER) AS tasks_updated, CAST(tasks_matched AS INTEGER) AS tasks_matched,
    CAST(tasks_pending AS INTEGER) AS tasks_pending, CAST(tasks_failed AS INTEGER) AS tasks_failed,
    error_message, error_details AS error_details, CAST(retry_count AS INTEGER) AS retry_count,
    CAST(max_retries AS INTEGER) AS max_retries, read_at IS NOT NULL AS is_read, datetime(read_at / 1000000, 'unixepoch') AS read_at,
    datetime(created_at / 1000000, 'unixepoch') AS created_at, datetime(updated_at / 1000000, 'unixepoch') AS updated_at
FROM task_record WHERE deleted_at IS NULL;
CREATE VIEW sync_locks AS
SELECT r.id, CAST(CASE r.sync_type WHEN 0 THEN 'historical' ELSE 'today' END AS VARCHAR(20)) AS sync_type,
    datetime(l.acquired_at / 1000000, 'unixepoch') AS locked_at, CAST(r.holder AS VARCHAR(100)) AS locked_by,
    datetime((unixepoch() * 1000000 + 1800000000) / 1000000, 'unixepoch') AS expires_at, datetime(l.acquired_at / 1000000, 'unixepoch') AS created_at
FROM lease l JOIN task_record r ON r.run_id = l.run_id WHERE l.key IN ('tasks.historical', 'tasks.today');
CREATE VIEW dial_tasks AS
SELECT id, CAST(task_id AS VARCHAR(64)) AS guanke_task_id, CAST(name AS VARCHAR(255)) AS task_name,
    CAST(prefix AS VARCHAR(255)) AS prefix, prefix_parsed, CAST(target_level AS VARCHAR(10)) AS target_level,
    CAST(agent_group AS VARCHAR(10)) AS agent_group, CAST(line AS VARCHAR(10)) AS line,
    CAST(call_mmdd AS VARCHAR(10)) AS call_mmdd, CAST(state AS VARCHAR(20)) AS state, total_number, called_number,
    connected_number, success_number,
    CAST(CASE match_status WHEN 0 THEN 'pending' WHEN 1 THEN 'matched' ELSE 'idle' END AS VARCHAR(10)) AS match_status,
    CAST(CASE match_origin WHEN 0 THEN 'auto' ELSE 'manual' END AS VARCHAR(10)) AS match_origin,
    match_status = 2 AS is_idle, package_id, datetime(created_date / 1000000, 'unixepoch') AS created_date, datetime(started_at / 1000000, 'unixepoch') AS start_time,
    datetime(ended_at / 1000000, 'unixepoch') AS end_time, datetime(imported_at / 1000000, 'unixepoch') AS imported_at, datetime(matched_at / 1000000, 'unixepoch') AS matched_at,
    datetime(idle_at / 1000000, 'unixepoch') AS idle_at, datetime(fetched_at / 1000000, 'unixepoch') AS fetched_at, created_record_id, datetime(created_at / 1000000, 'unixepoch') AS created_at,
    datetime(updated_at / 1000000, 'unixepoch') AS updated_at
FROM call_task;
CREATE VIEW lead_packages AS
SELECT id, CAST(external_id AS VARCHAR(64)) AS external_package_id, CAST(name AS VARCHAR(255)) AS name,
    CAST(CASE source WHEN 0 THEN '采买' ELSE '练习' END AS VARCHAR(10)) AS source, CAST(region AS VARCHAR(50)) AS region,
    CAST(grade AS VARCHAR(50)) AS grade, total_leads, valid_leads, available_leads,
    CAST(internal_code AS VARCHAR(100)) AS internal_code,
    CAST(internal_code || CASE source WHEN 0 THEN '-N' ELSE '-P1' END AS VARCHAR(110)) AS first_task_prefix,
    CAST(CASE source WHEN 0 THEN 'N' ELSE 'P' END AS VARCHAR(1)) AS package_type,
    CAST(package_level AS VARCHAR(4)) AS package_level, CAST(contact_rate AS REAL) AS contact_rate,
    datetime(deleted_at / 1000000, 'unixepoch') AS deleted_at, datetime(created_at / 1000000, 'unixepoch') AS created_at, datetime(updated_at / 1000000, 'unixepoch') AS updated_at
FROM lead_package;
CREATE VIEW dial_task_days AS
SELECT CAST(task_id AS VARCHAR(64)) AS guanke_task_id, day AS day, called_number, connected_number, success_number
FROM call_task_day;

CREATE TRIGGER sync_records_delete INSTEAD OF DELETE ON sync_records BEGIN
    DELETE FROM task_record WHERE id = OLD.id AND status >= 10;
    UPDATE task_record SET deleted_at = unixepoch() * 1000000 WHERE id = OLD.id;
END;
