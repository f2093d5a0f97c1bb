CREATE INDEX run_active ON run (id) WHERE state < 10;

CREATE TABLE file_config (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, enabled INTEGER NOT NULL, mode INTEGER NOT NULL, source_service TEXT NOT NULL,
    target_service TEXT NOT NULL, config TEXT NOT NULL, schedule_cleared INTEGER NOT NULL DEFAULT FALSE,
    last_sync_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE secret (
    owner TEXT NOT NULL, name TEXT NOT NULL, sealed TEXT NOT NULL, updated_at INTEGER NOT NULL,
    PRIMARY KEY (owner, name)
) STRICT;

CREATE TABLE file_run (
    run_id INTEGER PRIMARY KEY REFERENCES run ON DELETE CASCADE, task_id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL,
    config_id INTEGER, batch_id INTEGER, params TEXT NOT NULL, config TEXT, attempt INTEGER NOT NULL DEFAULT 0,
    phase INTEGER, stats TEXT NOT NULL DEFAULT '{}', progress TEXT NOT NULL DEFAULT '{}', begun_at INTEGER,
    location TEXT, path TEXT, error_type TEXT, error TEXT
) STRICT;
CREATE INDEX file_run_of_config ON file_run (config_id, run_id);
CREATE INDEX file_run_of_batch ON file_run (batch_id) WHERE batch_id IS NOT NULL;
CREATE INDEX file_run_at ON file_run (location) WHERE location IS NOT NULL;

CREATE TABLE file_item (
    run_id INTEGER NOT NULL REFERENCES file_run ON DELETE CASCADE, seq INTEGER NOT NULL, op INTEGER NOT NULL, src_path TEXT,
    dst_path TEXT NOT NULL, size INTEGER NOT NULL, reason TEXT, status INTEGER NOT NULL, error_type TEXT, error TEXT,
    at INTEGER NOT NULL, PRIMARY KEY (run_id, seq)
) STRICT;
CREATE INDEX file_item_by_status ON file_item (run_id, status, seq);
CREATE VIEW files_configs AS
SELECT id, name, enabled, CASE mode WHEN 0 THEN 'incremental' WHEN 1 THEN 'full' ELSE 'overwrite' END AS mode,
    source_service, target_service, config, schedule_cleared, datetime(last_sync_at / 1000000, 'unixepoch') AS last_sync,
    datetime(created_at / 1000000, 'unixepoch') AS created_at, datetime(updated_at / 1000000, 'unixepoch') AS updated_at
FROM file_config;
CREATE VIEW files_task_ids AS
SELECT f.task_id, f.run_id, f.config_id, CASE f.kind WHEN 0 THEN 'sync' ELSE 'batch' END AS kind,
    datetime(r.created_at / 1000000, 'unixepoch') AS created_at
FROM file_run f JOIN run r ON r.id = f.run_id;
CREATE VIEW files_run_items AS
SELECT run_id, seq, CASE op WHEN 0 THEN 'add' WHEN 1 THEN 'update' WHEN 2 THEN 'delete' WHEN 3 THEN 'mkdir'
    WHEN 4 THEN 'rmdir' ELSE 'list' END AS op, src_path, dst_path, size, reason,
    CASE status WHEN 0 THEN 'pending' WHEN 10 THEN 'completed' WHEN 11 THEN 'skipped' ELSE 'failed' END AS status,
    error_type, error AS err_msg, datetime(at / 1000000, 'unixepoch') AS finished_at
FROM file_item;
CREATE VIEW files_target_leases AS
SELECT f.run_id, f.location AS location_key, f.path, p.fence, datetime(p.lease_until / 1000000, 'unixepoch') AS expires_at
FROM file_run f JOIN partition p ON p.run_id = f.run_id AND p.state = 1
WHERE f.location IS NOT NULL;
