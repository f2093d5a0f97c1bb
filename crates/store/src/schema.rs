//! The tables, once, as steps from an empty database to today's, with a few words translated for each database.
//!
//! Instants are whole microseconds since 1970 (UTC) and JSON is text on both, so that rows, arguments and statements
//! mean the same everywhere; views show them to people as times.
//!
//! A step that was released is never changed: databases were made by it. What is to be different is a further step.

use crate::tx::DbError;
use crate::views;

/// What takes a database from one version to the next.
struct Step {
    /// Tables and views, with marks.
    both: &'static [&'static str],
    /// What follows on one database only.
    sqlite: &'static str,
    postgres: &'static str,
}

/// The step at index `v` makes version `v + 1`.
const STEPS: &[Step] = &[
    Step { both: &[ENGINE], sqlite: views::STOCKS_SQLITE, postgres: views::STOCKS_POSTGRES },
    Step { both: &[RACES, views::RACES], sqlite: "", postgres: views::RACES_IN_PUBLIC },
    Step { both: &[TASKS, views::TASKS], sqlite: views::TASKS_SQLITE, postgres: views::TASKS_POSTGRES },
    Step { both: &[FILES, views::FILES], sqlite: "", postgres: "" },
    Step { both: &[FILES_REMEMBERED, views::FILES_REMEMBERED], sqlite: "", postgres: "" },
    Step { both: &[FILES_ONCE], sqlite: "", postgres: "" },
    Step { both: &[FILES_UPLOADED], sqlite: "", postgres: "" },
    Step { both: &[FILES_KEPT], sqlite: "", postgres: "" },
    Step { both: &[views::FILES_RUNS], sqlite: "", postgres: views::FILES_IN_PUBLIC },
];

const ENGINE: &str = "
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
CREATE INDEX partition_ready ON partition (priority DESC, id) WHERE ready;
CREATE INDEX partition_ready_of_run ON partition (run_id) WHERE ready;
CREATE INDEX partition_queued ON partition (run_id, ordinal) WHERE state = 0 AND NOT ready;
CREATE INDEX partition_of_run ON partition (run_id, ordinal);
CREATE INDEX partition_running ON partition (run_id) WHERE state = 1;
CREATE INDEX partition_lease ON partition (lease_until) WHERE state = 1;
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
<xid index>

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

const RACES: &str = "
CREATE TABLE race_plan (
    id <id>, season <int> NOT NULL, round <int> NOT NULL, race_name TEXT NOT NULL, race_end_at <instant> NOT NULL,
    race_end_overridden <bool> NOT NULL, always_run <bool> NOT NULL, retry_hours TEXT NOT NULL, state <int> NOT NULL,
    created_at <instant> NOT NULL, cancelled_at <instant>, archived_at <instant>, updated_at <instant> NOT NULL
)<strict>;
CREATE UNIQUE INDEX race_plan_current ON race_plan (season, round) WHERE state IN (0, 1);

CREATE TABLE race_attempt (
    plan_id <int> NOT NULL REFERENCES race_plan ON DELETE CASCADE, number <int> NOT NULL, hours <int> NOT NULL,
    scheduled_at <instant> NOT NULL, executed_at <instant>, status <int> NOT NULL, reason TEXT,
    results TEXT NOT NULL DEFAULT '{}', details TEXT NOT NULL DEFAULT '{}', error_message TEXT, run_id <int>,
    updated_at <instant> NOT NULL, PRIMARY KEY (plan_id, number)
)<strict>;
CREATE INDEX race_attempt_pending ON race_attempt (scheduled_at) WHERE status = 0;
";

const TASKS: &str = "
ALTER TABLE run ADD COLUMN lease_kept <bool> NOT NULL DEFAULT FALSE;

CREATE TABLE task_record (
    id <id>, run_id <int> NOT NULL UNIQUE, sync_type <int> NOT NULL, trigger <int> NOT NULL, status <int> NOT NULL,
    window_from <instant> NOT NULL, window_to <instant> NOT NULL, started_at <instant>, ended_at <instant>,
    tasks_total <int> NOT NULL DEFAULT 0, tasks_new <int> NOT NULL DEFAULT 0, tasks_updated <int> NOT NULL DEFAULT 0,
    tasks_matched <int> NOT NULL DEFAULT 0, tasks_pending <int> NOT NULL DEFAULT 0,
    tasks_idle <int> NOT NULL DEFAULT 0, tasks_failed <int> NOT NULL DEFAULT 0,
    error_message TEXT, error_details TEXT, retry_count <int> NOT NULL DEFAULT 0, max_retries <int> NOT NULL,
    holder TEXT, read_at <instant>, deleted_at <instant>, created_at <instant> NOT NULL, updated_at <instant>
)<strict>;
CREATE INDEX task_record_of_type ON task_record (sync_type, created_at);
CREATE INDEX task_record_newest ON task_record (created_at, id);
CREATE INDEX task_record_unread ON task_record (id) WHERE read_at IS NULL AND deleted_at IS NULL AND status >= 10;

CREATE TABLE lead_package (
    id <id>, external_id TEXT NOT NULL, name TEXT NOT NULL, source <int> NOT NULL, region TEXT NOT NULL,
    grade TEXT NOT NULL, total_leads <int>, valid_leads <int>, available_leads <int>, internal_code TEXT NOT NULL,
    package_level TEXT, contact_rate TEXT, deleted_at <instant>, created_at <instant> NOT NULL,
    updated_at <instant> NOT NULL, CHECK (total_leads >= 0 AND valid_leads >= 0 AND available_leads >= 0)
)<strict>;
CREATE UNIQUE INDEX lead_package_external ON lead_package (external_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX lead_package_code ON lead_package (internal_code) WHERE deleted_at IS NULL;

CREATE TABLE call_task (
    id <id>, task_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, prefix TEXT NOT NULL, prefix_parsed <bool> NOT NULL,
    target_level TEXT, agent_group TEXT, line TEXT, call_mmdd TEXT, state TEXT, total_number <int>,
    called_number <int>, connected_number <int>, success_number <int>, match_status <int> NOT NULL,
    match_origin <int> NOT NULL, package_id <int> REFERENCES lead_package, created_date <instant>,
    started_at <instant>, ended_at <instant>, imported_at <instant> NOT NULL, matched_at <instant>, idle_at <instant>,
    fetched_at <instant> NOT NULL, created_record_id <int>, created_at <instant> NOT NULL,
    updated_at <instant> NOT NULL, CHECK ((match_status = 1) = (package_id IS NOT NULL))
)<strict>;
CREATE INDEX call_task_undecided ON call_task (prefix) WHERE match_status = 0 AND match_origin = 0 AND prefix_parsed;
CREATE INDEX call_task_of_package ON call_task (package_id) WHERE package_id IS NOT NULL;
CREATE INDEX call_task_pending ON call_task (prefix, prefix_parsed) WHERE match_status = 0;
CREATE INDEX call_task_by_status ON call_task (match_status);
CREATE INDEX call_task_imported ON call_task (imported_at, id);

CREATE TABLE call_task_day (
    task_id TEXT NOT NULL, day TEXT NOT NULL, called_number <int> NOT NULL, connected_number <int> NOT NULL,
    success_number <int> NOT NULL, PRIMARY KEY (task_id, day)
)<strict>;
";

const FILES: &str = "
CREATE INDEX run_active ON run (id) WHERE state < 10;

CREATE TABLE file_config (
    id <id>, name TEXT, enabled <bool> NOT NULL, mode <int> NOT NULL, source_service TEXT NOT NULL,
    target_service TEXT NOT NULL, config TEXT NOT NULL, schedule_cleared <bool> NOT NULL DEFAULT FALSE,
    last_sync_at <instant>, created_at <instant> NOT NULL, updated_at <instant> NOT NULL
)<strict>;

CREATE TABLE secret (
    owner TEXT NOT NULL, name TEXT NOT NULL, sealed TEXT NOT NULL, updated_at <instant> NOT NULL,
    PRIMARY KEY (owner, name)
)<strict>;

CREATE TABLE file_run (
    run_id <int> PRIMARY KEY REFERENCES run ON DELETE CASCADE, task_id TEXT NOT NULL UNIQUE, kind <int> NOT NULL,
    config_id <int>, batch_id <int>, params TEXT NOT NULL, config TEXT, attempt <int> NOT NULL DEFAULT 0,
    phase <int>, stats TEXT NOT NULL DEFAULT '{}', progress TEXT NOT NULL DEFAULT '{}', begun_at <instant>,
    location TEXT, path TEXT, error_type TEXT, error TEXT
)<strict>;
CREATE INDEX file_run_of_config ON file_run (config_id, run_id);
CREATE INDEX file_run_of_batch ON file_run (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX file_run_at ON file_run (location) WHERE location IS NOT NULL;

CREATE TABLE file_item (
    run_id <int> NOT NULL REFERENCES file_run ON DELETE CASCADE, seq <int> NOT NULL, op <int> NOT NULL, src_path TEXT,
    dst_path TEXT NOT NULL, size <int> NOT NULL, reason TEXT, status <int> NOT NULL, error_type TEXT, error TEXT,
    at <instant> NOT NULL, PRIMARY KEY (run_id, seq)
)<strict>;
CREATE INDEX file_item_by_status ON file_item (run_id, status, seq);
";

const FILES_REMEMBERED: &str = "
CREATE TABLE file_baseline (
    config_id <int> NOT NULL, dir TEXT NOT NULL, name TEXT NOT NULL, src_size <int> NOT NULL, src_mtime_ns <int>,
    src_etag TEXT, dst_size <int> NOT NULL, dst_mtime_ns <int>, dst_etag TEXT, PRIMARY KEY (config_id, dir, name)
)<strict>;
";

const FILES_ONCE: &str = "
ALTER TABLE file_config ADD COLUMN idempotency_key TEXT;
CREATE UNIQUE INDEX file_config_idempotency ON file_config (idempotency_key) WHERE idempotency_key IS NOT NULL;
";

const FILES_UPLOADED: &str = "
CREATE TABLE file_upload (
    config_id <int> NOT NULL, upload TEXT NOT NULL, path TEXT NOT NULL, part_size <int> NOT NULL,
    src_size <int> NOT NULL, src_mtime_ns <int>, src_etag TEXT, begun_at <instant> NOT NULL,
    PRIMARY KEY (config_id, upload)
)<strict>;
";

const FILES_KEPT: &str = "
ALTER TABLE file_run ADD COLUMN kept_path TEXT;
";

/// A mark and what it becomes.
type Mark = (&'static str, &'static str, &'static str);

/// What a mark becomes on SQLite and on PostgreSQL.
const MARKS: &[Mark] = &[
    // A number is never given twice, not even after all rows are gone: cursors and references outlive rows.
    ("<id>", "INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"),
    ("<int>", "INTEGER", "BIGINT"),
    ("<instant>", "INTEGER", "BIGINT"),
    ("<bool>", "INTEGER", "BOOLEAN"),
    ("<xid>", "", "xid XID8 NOT NULL DEFAULT pg_current_xact_id(),"),
    ("<xid index>", "", "CREATE INDEX event_xid ON event (xid, id);"),
    // Partitions are updated several times each: room on the page keeps those updates off the indexes.
    ("<hot>", "", " WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02)"),
    ("<strict>", " STRICT", ""),
    ("<json>", "", "::jsonb"),
    ("<date>", "", "::date"),
    ("<now>", "unixepoch() * 1000000", "(extract(epoch FROM now()) * 1000000)::bigint"),
    ("<utc(", "datetime(", "(TIMESTAMPTZ 'epoch' + "),
    (")>", " / 1000000, 'unixepoch')", " * INTERVAL '1 microsecond')"),
];

/// The version the last step makes.
pub(crate) fn newest() -> i64 {
    i64::try_from(STEPS.len()).expect("steps are few")
}

/// The statements that bring a SQLite database of `version` (0: an empty one) to the newest; empty when it is there.
///
/// # Errors
/// A newer program made the database.
pub(crate) fn sqlite(version: i64) -> Result<String, DbError> {
    let steps = steps_from(version)?.iter();
    Ok(steps.map(|step| translated(step.both, |(_, here, _)| here) + step.sqlite).collect())
}

/// The same for PostgreSQL, in schema `syncline`.
///
/// # Errors
/// A newer program made the database.
pub(crate) fn postgres(version: i64) -> Result<String, DbError> {
    let steps = steps_from(version)?.iter();
    let made = steps.map(|step| translated(step.both, |(_, _, here)| here) + step.postgres);
    Ok(format!("SET LOCAL search_path = syncline, public;\n{}", made.collect::<String>()))
}

fn steps_from(version: i64) -> Result<&'static [Step], DbError> {
    usize::try_from(version).ok().and_then(|done| STEPS.get(done..)).ok_or_else(|| {
        DbError::Failed(format!(
            "it was written by a newer syncline (schema {version}, this one knows {})",
            newest()
        ))
    })
}

fn translated(texts: &[&str], here: impl Fn(&Mark) -> &'static str) -> String {
    MARKS.iter().fold(texts.concat(), |text, mark| text.replace(mark.0, here(mark)))
}
