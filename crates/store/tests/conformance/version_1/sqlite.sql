CREATE TABLE sync (
    key TEXT PRIMARY KEY, system TEXT NOT NULL, policy TEXT NOT NULL, updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE schedule (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, spec TEXT NOT NULL, put_spec TEXT NOT NULL,
    last_nominal_at INTEGER, next_nominal_at INTEGER, paused_at INTEGER, version INTEGER NOT NULL
) STRICT;
CREATE INDEX schedule_due ON schedule (next_nominal_at) WHERE paused_at IS NULL AND next_nominal_at IS NOT NULL;

CREATE TABLE tick (
    id INTEGER PRIMARY KEY AUTOINCREMENT, schedule_id INTEGER NOT NULL REFERENCES schedule ON DELETE CASCADE, nominal_at INTEGER NOT NULL,
    decided_at INTEGER NOT NULL, decision INTEGER NOT NULL, reason TEXT, run_id INTEGER, followed_at INTEGER,
    UNIQUE (schedule_id, nominal_at)
) STRICT;
CREATE INDEX tick_unfollowed ON tick (id) WHERE followed_at IS NULL;

CREATE TABLE run (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sync TEXT NOT NULL, system TEXT NOT NULL, state INTEGER NOT NULL, control INTEGER NOT NULL DEFAULT 0,
    trigger INTEGER NOT NULL, label TEXT NOT NULL, reference TEXT, params TEXT NOT NULL, priority INTEGER NOT NULL,
    schedule_id INTEGER, nominal_at INTEGER, requested_by TEXT, idempotency_key TEXT,
    max_parallel INTEGER, source_fault_limit INTEGER, source_faults INTEGER NOT NULL DEFAULT 0,
    lease_wanted INTEGER NOT NULL, lease_held INTEGER NOT NULL,
    partitions_total INTEGER NOT NULL, partitions_succeeded INTEGER NOT NULL DEFAULT 0,
    partitions_skipped INTEGER NOT NULL DEFAULT 0, partitions_failed INTEGER NOT NULL DEFAULT 0,
    partitions_cancelled INTEGER NOT NULL DEFAULT 0,
    items_new INTEGER NOT NULL DEFAULT 0, items_updated INTEGER NOT NULL DEFAULT 0,
    items_unchanged INTEGER NOT NULL DEFAULT 0, items_deleted INTEGER NOT NULL DEFAULT 0,
    items_failed INTEGER NOT NULL DEFAULT 0, items_skipped INTEGER NOT NULL DEFAULT 0,
    message TEXT, fault_code TEXT, fault_message TEXT,
    created_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, resume_at INTEGER,
    read_at INTEGER, followed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX run_reference ON run (sync, reference) WHERE reference IS NOT NULL;
CREATE UNIQUE INDEX run_idempotency ON run (sync, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX run_of_sync ON run (sync, id);
CREATE INDEX run_of_system ON run (system, id);
CREATE INDEX run_unread ON run (system) WHERE read_at IS NULL AND state >= 10;
CREATE INDEX run_unfollowed ON run (id) WHERE followed_at IS NULL AND state >= 10;
CREATE INDEX run_resume ON run (resume_at) WHERE state = 3 AND resume_at IS NOT NULL;
CREATE INDEX run_buffered ON run (sync, id) WHERE state = 0 AND lease_wanted AND NOT lease_held;
CREATE INDEX run_ended ON run (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE partition (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, ordinal INTEGER NOT NULL, key TEXT NOT NULL,
    system TEXT NOT NULL, state INTEGER NOT NULL, ready INTEGER NOT NULL, priority INTEGER NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0, fence INTEGER NOT NULL DEFAULT 0,
    holder TEXT, claimed_at INTEGER, lease_until INTEGER, available_at INTEGER,
    payload TEXT NOT NULL, checkpoint TEXT,
    units_done INTEGER NOT NULL DEFAULT 0, units_failed INTEGER NOT NULL DEFAULT 0, units_total INTEGER,
    items_new INTEGER NOT NULL DEFAULT 0, items_updated INTEGER NOT NULL DEFAULT 0,
    items_unchanged INTEGER NOT NULL DEFAULT 0, items_deleted INTEGER NOT NULL DEFAULT 0,
    items_failed INTEGER NOT NULL DEFAULT 0, items_skipped INTEGER NOT NULL DEFAULT 0,
    message TEXT, fault_code TEXT, fault_message TEXT, started_at INTEGER, ended_at INTEGER
) STRICT;
CREATE INDEX partition_ready ON partition (priority DESC, id) WHERE ready;
CREATE INDEX partition_ready_of_run ON partition (run_id) WHERE ready;
CREATE INDEX partition_queued ON partition (run_id, ordinal) WHERE state = 0 AND NOT ready;
CREATE INDEX partition_of_run ON partition (run_id, ordinal);
CREATE INDEX partition_running ON partition (run_id) WHERE state = 1;
CREATE INDEX partition_lease ON partition (lease_until) WHERE state = 1;
CREATE INDEX partition_waiting ON partition (available_at) WHERE state = 2;
CREATE INDEX partition_failed ON partition (run_id, ended_at) WHERE state IN (12, 14);

CREATE TABLE attempt (
    partition_id INTEGER NOT NULL REFERENCES partition ON DELETE CASCADE, fence INTEGER NOT NULL, attempt INTEGER NOT NULL,
    holder TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, outcome TEXT NOT NULL,
    fault_code TEXT, fault_message TEXT, PRIMARY KEY (partition_id, fence)
) STRICT;

CREATE TABLE ledger (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sync TEXT NOT NULL, key TEXT NOT NULL, state INTEGER NOT NULL, run_id INTEGER, process_id TEXT,
    total INTEGER NOT NULL DEFAULT 0, succeeded INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0,
    message TEXT, fault_code TEXT, fault_message TEXT, detail TEXT, started_at INTEGER, ended_at INTEGER,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, UNIQUE (sync, key)
) STRICT;
CREATE INDEX ledger_running ON ledger (run_id) WHERE state = 1;

CREATE TABLE lease (
    key TEXT PRIMARY KEY, run_id INTEGER, acquired_at INTEGER, fence INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  at INTEGER NOT NULL, kind INTEGER NOT NULL, sync TEXT, run_id INTEGER, schedule_id INTEGER,
    data TEXT NOT NULL
) STRICT;
CREATE INDEX event_at ON event (at);

CREATE TABLE run_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run_id INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, partition_id INTEGER, at INTEGER NOT NULL,
    level TEXT NOT NULL, message TEXT NOT NULL
) STRICT;
CREATE INDEX run_log_of_run ON run_log (run_id, id);

CREATE TABLE budget (
    upstream TEXT NOT NULL, day TEXT NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (upstream, day)
) STRICT;

CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT;


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
