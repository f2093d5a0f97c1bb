//! The tables, once, with a few type words translated for each database.
//!
//! Instants are whole microseconds since 1970 (UTC) and JSON is text on both, so that rows, arguments and statements
//! mean the same everywhere; views show them to people as times.

use crate::views;

/// Grows with each change of the tables.
pub(crate) const VERSION: i64 = 1;

const TABLES: &str = "
CREATE TABLE sync (
    key TEXT PRIMARY KEY, system TEXT NOT NULL, policy TEXT NOT NULL, updated_at <instant> NOT NULL
)<strict>;

CREATE TABLE schedule (
    id <id>, name TEXT NOT NULL UNIQUE, spec TEXT NOT NULL, put_spec TEXT NOT NULL,
    last_nominal_at <instant>, next_nominal_at <instant>, paused_at <instant>, version <int> NOT NULL
)<strict>;
CREATE INDEX schedule_due ON schedule (next_nominal_at) WHERE paused_at IS NULL AND next_nominal_at IS NOT NULL;

CREATE TABLE tick (
    id <id>, schedule_id <int> NOT NULL REFERENCES schedule ON DELETE CASCADE, nominal_at <instant> NOT NULL,
    decided_at <instant> NOT NULL, decision <int> NOT NULL, reason TEXT, run_id <int>, followed_at <instant>,
    UNIQUE (schedule_id, nominal_at)
)<strict>;
CREATE INDEX tick_unfollowed ON tick (id) WHERE followed_at IS NULL;

CREATE TABLE run (
    id <id>, sync TEXT NOT NULL, system TEXT NOT NULL, state <int> NOT NULL, control <int> NOT NULL DEFAULT 0,
    trigger <int> NOT NULL, label TEXT NOT NULL, reference TEXT, params TEXT NOT NULL, priority <int> NOT NULL,
    schedule_id <int>, nominal_at <instant>, requested_by TEXT, idempotency_key TEXT,
    max_parallel <int>, source_fault_limit <int>, source_faults <int> NOT NULL DEFAULT 0,
    lease_wanted <bool> NOT NULL, lease_held <bool> NOT NULL,
    partitions_total <int> NOT NULL, partitions_succeeded <int> NOT NULL DEFAULT 0,
    partitions_skipped <int> NOT NULL DEFAULT 0, partitions_failed <int> NOT NULL DEFAULT 0,
    partitions_cancelled <int> NOT NULL DEFAULT 0,
    items_new <int> NOT NULL DEFAULT 0, items_updated <int> NOT NULL DEFAULT 0,
    items_unchanged <int> NOT NULL DEFAULT 0, items_deleted <int> NOT NULL DEFAULT 0,
    items_failed <int> NOT NULL DEFAULT 0, items_skipped <int> NOT NULL DEFAULT 0,
    message TEXT, fault_code TEXT, fault_message TEXT,
    created_at <instant> NOT NULL, started_at <instant>, ended_at <instant>, resume_at <instant>,
    read_at <instant>, followed_at <instant>
)<strict>;
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
    id <id>, run_id <int> NOT NULL REFERENCES run ON DELETE CASCADE, ordinal <int> NOT NULL, key TEXT NOT NULL,
    system TEXT NOT NULL, state <int> NOT NULL, ready <bool> NOT NULL, priority <int> NOT NULL,
    attempt <int> NOT NULL DEFAULT 0, crashes <int> NOT NULL DEFAULT 0, fence <int> NOT NULL DEFAULT 0,
    holder TEXT, claimed_at <instant>, lease_until <instant>, available_at <instant>,
    payload TEXT NOT NULL, checkpoint TEXT,
    units_done <int> NOT NULL DEFAULT 0, units_failed <int> NOT NULL DEFAULT 0, units_total <int>,
    items_new <int> NOT NULL DEFAULT 0, items_updated <int> NOT NULL DEFAULT 0,
    items_unchanged <int> NOT NULL DEFAULT 0, items_deleted <int> NOT NULL DEFAULT 0,
    items_failed <int> NOT NULL DEFAULT 0, items_skipped <int> NOT NULL DEFAULT 0,
    message TEXT, fault_code TEXT, fault_message TEXT, started_at <instant>, ended_at <instant>
)<hot><strict>;
CREATE INDEX partition_ready ON partition (priority DESC, run_id, id) WHERE ready;
CREATE INDEX partition_queued ON partition (run_id, ordinal) WHERE state = 0 AND NOT ready;
CREATE INDEX partition_of_run ON partition (run_id, ordinal);
CREATE INDEX partition_running ON partition (run_id, id) WHERE state = 1;
CREATE INDEX partition_waiting ON partition (available_at) WHERE state = 2;
CREATE INDEX partition_failed ON partition (run_id, ended_at) WHERE state IN (12, 14);

CREATE TABLE attempt (
    partition_id <int> NOT NULL REFERENCES partition ON DELETE CASCADE, fence <int> NOT NULL, attempt <int> NOT NULL,
    holder TEXT NOT NULL, started_at <instant> NOT NULL, ended_at <instant> NOT NULL, outcome TEXT NOT NULL,
    fault_code TEXT, fault_message TEXT, PRIMARY KEY (partition_id, fence)
)<strict>;

CREATE TABLE ledger (
    id <id>, sync TEXT NOT NULL, key TEXT NOT NULL, state <int> NOT NULL, run_id <int>, process_id TEXT,
    total <int> NOT NULL DEFAULT 0, succeeded <int> NOT NULL DEFAULT 0, failed <int> NOT NULL DEFAULT 0,
    message TEXT, fault_code TEXT, fault_message TEXT, detail TEXT, started_at <instant>, ended_at <instant>,
    created_at <instant> NOT NULL, updated_at <instant> NOT NULL, UNIQUE (sync, key)
)<strict>;
CREATE INDEX ledger_running ON ledger (run_id) WHERE state = 1;

CREATE TABLE lease (
    key TEXT PRIMARY KEY, run_id <int>, acquired_at <instant>, fence <int> NOT NULL DEFAULT 0
)<strict>;

CREATE TABLE event (
    id <id>, <xid> at <instant> NOT NULL, kind <int> NOT NULL, sync TEXT, run_id <int>, schedule_id <int>,
    data TEXT NOT NULL
)<strict>;
CREATE INDEX event_at ON event (at);

CREATE TABLE run_log (
    id <id>, run_id <int> NOT NULL REFERENCES run ON DELETE CASCADE, partition_id <int>, at <instant> NOT NULL,
    level TEXT NOT NULL, message TEXT NOT NULL
)<strict>;
CREATE INDEX run_log_of_run ON run_log (run_id, id);

CREATE TABLE budget (
    upstream TEXT NOT NULL, day TEXT NOT NULL, used <int> NOT NULL, PRIMARY KEY (upstream, day)
)<strict>;

CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at <instant> NOT NULL)<strict>;
";

/// What a mark becomes on SQLite and on PostgreSQL.
const MARKS: &[(&str, &str, &str)] = &[
    // A number is never given twice, not even after all rows are gone: cursors and references outlive rows.
    ("<id>", "INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"),
    ("<int>", "INTEGER", "BIGINT"),
    ("<instant>", "INTEGER", "BIGINT"),
    ("<bool>", "INTEGER", "BOOLEAN"),
    ("<xid>", "", "xid XID8 NOT NULL DEFAULT pg_current_xact_id(),"),
    // Partitions are updated several times each: room on the page keeps those updates off the indexes.
    ("<hot>", "", " WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)"),
    ("<strict>", " STRICT", ""),
];

/// All tables and views for SQLite.
pub(crate) fn sqlite() -> String {
    let tables = MARKS.iter().fold(TABLES.to_owned(), |text, (mark, here, _)| text.replace(mark, here));
    format!("{tables}\n{}", views::SQLITE)
}

/// All tables and views for PostgreSQL, in schema `syncline`.
pub(crate) fn postgres() -> String {
    let tables = MARKS.iter().fold(TABLES.to_owned(), |text, (mark, _, here)| text.replace(mark, here));
    format!(
        "SET LOCAL search_path = syncline, public;\n{tables}\nCREATE INDEX event_xid ON event (xid, id);\n{}",
        views::POSTGRES
    )
}
