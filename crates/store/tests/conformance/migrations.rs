//! A database made by an older version is carried over when it is opened, and reads as one made today.
//!
//! `version_1` holds the statements that version 1 was made by, the others those that made the next of the one before,
//! as they were; they are never changed.

use std::path::Path;
use std::sync::Arc;

use jiff::SignedDuration;
use model::id::{PartitionId, RunId};
use model::ledger::LedgerState;
use model::race::{NewRacePlan, RacePlanned};
use model::state::{PartitionState, RunState};
use store::{FileConfigWrite, PartitionFilter, Seal, Store};

use crate::bed::{Database, at, sync};

/// What a version added: the statements that made it, and rows in words both databases read.
struct Version {
    sqlite: &'static str,
    postgres: &'static str,
    rows: &'static str,
}

macro_rules! version {
    ($number:literal, $rows:expr) => {
        Version {
            sqlite: include_str!(concat!("version_", $number, "/sqlite.sql")),
            postgres: include_str!(concat!("version_", $number, "/postgres.sql")),
            rows: $rows,
        }
    };
}

const VERSIONS: [Version; 8] = [
    version!(1, ROWS),
    version!(2, ROWS_2),
    version!(3, ROWS_3),
    version!(4, ROWS_4),
    version!(5, ROWS_5),
    version!(6, ROWS_6),
    version!(7, ROWS_7),
    version!(8, ROWS_8),
];

/// The version today's program makes.
const NEWEST: usize = VERSIONS.len() + 1;

/// One row of each table, in words both databases read.
const ROWS: &str = "
INSERT INTO sync VALUES ('stocks.daily', 'stocks', '{}', 1);
INSERT INTO schedule (name, spec, put_spec, next_nominal_at, version) VALUES ('stocks-daily', '{\"name\":\"stocks-daily\",
    \"title\":\"Daily bars\",\"sync\":\"stocks.daily\",\"label\":\"cron\",\"params\":{},\"when\":{\"kind\":\"cron\",
    \"expression\":\"0 20 * * *\"},\"time_zone\":\"Asia/Shanghai\",\"missed\":\"none\",\"missed_window\":{\"secs\":60,
    \"nanos\":0},\"missed_max\":1}', '{}', 1760000000000000, 3);
INSERT INTO tick (schedule_id, nominal_at, decided_at, decision) VALUES (1, 1, 2, 0);
INSERT INTO run (sync, system, state, trigger, label, params, priority, lease_wanted, lease_held, partitions_total,
    partitions_succeeded, created_at, started_at, ended_at)
    VALUES ('stocks.daily', 'stocks', 10, 0, 'batch', '{\"a\":1}', 0, TRUE, FALSE, 1, 1, 1, 2, 3);
INSERT INTO partition (run_id, ordinal, key, system, state, ready, priority, payload)
    VALUES (1, 0, '2025-10-09', 'stocks', 10, FALSE, 0, '{}');
INSERT INTO attempt VALUES (1, 1, 1, 'host-1', 1, 2, 'succeeded', NULL, NULL);
INSERT INTO ledger (sync, key, state, run_id, total, succeeded, message, started_at, ended_at, created_at, updated_at)
    VALUES ('stocks.daily', '2025-10-09', 10, 1, 5, 5, '完成', 1760000000000000, 1760000009000000, 1, 1);
INSERT INTO lease VALUES ('stocks.daily', 1, 1, 4);
INSERT INTO event (at, kind, sync, run_id, data) VALUES (1, 0, 'stocks.daily', 1, '{}');
INSERT INTO run_log (run_id, at, level, message) VALUES (1, 1, 'info', 'hello');
INSERT INTO budget VALUES ('baostock', '2025-10-09', 7);
INSERT INTO note VALUES ('stocks.note', '{\"kept\":true}', 1);
";

/// The same of what version 2 added.
const ROWS_2: &str = "
INSERT INTO race_plan (season, round, race_name, race_end_at, race_end_overridden, always_run, retry_hours, state,
    created_at, updated_at) VALUES (2024, 3, 'Australian Grand Prix', 1, FALSE, FALSE, '[6]', 0, 1, 1);
INSERT INTO race_attempt (plan_id, number, hours, scheduled_at, status, updated_at) VALUES (1, 1, 6, 2, 0, 1);
";

/// The same of what version 3 added.
const ROWS_3: &str = "
INSERT INTO task_record (run_id, sync_type, trigger, status, window_from, window_to, max_retries, read_at, created_at)
    VALUES (1, 1, 0, 10, 1, 2, 3, 4, 1);
INSERT INTO lead_package (external_id, name, source, region, grade, internal_code, created_at, updated_at)
    VALUES ('41', 'one', 0, 'here', 'A', 'code', 1, 1);
";

/// The same of what version 4 added.
const ROWS_4: &str = "
INSERT INTO file_config (name, enabled, mode, source_service, target_service, config, created_at, updated_at)
    VALUES ('photos', TRUE, 0, 'fs', 'fs', '{\"name\":\"photos\",\"enabled\":true,\"source\":{\"service\":\"fs\",\"options\":{},\"path\":\"/a\",
    \"must_exist\":false,\"case_insensitive\":null},\"target\":{\"service\":\"fs\",\"options\":{},\"path\":\"/b\",
    \"must_exist\":false,\"case_insensitive\":null},\"mode\":\"incremental\",\"cron\":null,\"timezone\":\"UTC\",
    \"filters\":{\"rules\":[],\"exclusions\":[],\"case_sensitive\":true},\"rename_rules\":[],\"compare\":\"auto\",
    \"mtime_tolerance_ms\":null,\"delete_guard\":{\"max_files\":100,\"max_percent\":10},\"backup_dir\":null,
    \"create_empty_dirs\":true,\"transfers\":8,\"checkers\":8,\"bandwidth_limit\":0,\"end_time\":null,
    \"priority\":0}', 1, 1);
";

/// The same of what version 5 added.
const ROWS_5: &str = "
INSERT INTO file_baseline (config_id, dir, name, src_size, dst_size) VALUES (1, '/a', 'one.txt', 3, 3);
";

/// The same of what version 6 added.
const ROWS_6: &str = "
UPDATE file_config SET idempotency_key = 'once';
";

/// The same of what version 7 added.
const ROWS_7: &str = "
INSERT INTO file_upload (config_id, upload, path, part_size, src_size, begun_at) VALUES (1, 'u', '/big', 1, 2, 1);
";

/// The same of what version 8 added.
const ROWS_8: &str = "
INSERT INTO file_run (run_id, task_id, kind, config_id, params, location, path, kept_path)
    VALUES (1, 'task', 0, 1, '{\"task_id\":\"task\",\"kind\":\"sync\",\"config\":1,\"config_name\":\"photos\"}', 'fs', '/b', '/old');
";

/// All that version 1 kept is there, and what came later works.
async fn holds_it_all(store: &Store) {
    let read = store.read();
    let run = read.run(RunId(1)).await.unwrap().unwrap();
    assert_eq!(
        (run.state, run.partitions_succeeded, run.params),
        (RunState::Succeeded, 1, serde_json::json!({"a": 1}))
    );
    let filter = PartitionFilter { limit: 9, ..PartitionFilter::default() };
    let partitions = read.partitions(run.id, &filter).await.unwrap();
    assert_eq!((partitions.len(), partitions[0].state), (1, PartitionState::Succeeded));
    assert_eq!(read.attempts(PartitionId(1)).await.unwrap()[0].holder, "host-1");
    let schedule = read.schedule_by_name("stocks-daily").await.unwrap().unwrap();
    assert_eq!((schedule.spec.title.as_str(), schedule.version), ("Daily bars", 3));
    assert_eq!(read.ticks(schedule.id, 9).await.unwrap().len(), 1);
    let row = read.ledger_row(&sync(), "2025-10-09").await.unwrap().unwrap();
    assert_eq!((row.state, row.succeeded, row.message.as_deref()), (LedgerState::Succeeded, 5, Some("完成")));
    assert_eq!(read.leases().await.unwrap().len(), 1);
    assert_eq!(read.log_before(run.id, None, 9).await.unwrap()[0].message, "hello");
    assert_eq!(read.spent("baostock", "2025-10-09".parse().unwrap()).await.unwrap(), 7);
    assert_eq!(read.note("stocks.note").await.unwrap(), Some(serde_json::json!({"kept": true})));
    let plan = NewRacePlan {
        season: 2025,
        round: 11,
        race_name: "Austrian Grand Prix".to_owned(),
        race_end_at: at(0),
        race_end_overridden: false,
        always_run: false,
        retry_hours: vec![6],
    };
    assert!(matches!(store.races().plan_race(plan.clone(), at(1)).await.unwrap(), RacePlanned::Made(_)));
    assert!(matches!(store.races().plan_race(plan, at(2)).await.unwrap(), RacePlanned::Known(_)));
    assert_eq!(read.task_unread().await.unwrap(), 0);
    assert!(read.file_baseline(1, "").await.unwrap().is_empty());
    assert!(read.file_uploads(2).await.unwrap().is_empty());
}

/// All that version 2 kept besides is there.
async fn holds_plans(store: &Store) {
    let plan = store.read().race_plan(2024, 3).await.unwrap().unwrap();
    assert_eq!((plan.race_name.as_str(), plan.attempts.len()), ("Australian Grand Prix", 1));
}

/// All that version 3 kept besides is there.
async fn holds_tasks(store: &Store) {
    let read = store.read();
    assert_eq!(read.task_record_of_run(RunId(1)).await.unwrap().unwrap().max_retries, 3);
    assert_eq!(read.lead_package(1).await.unwrap().unwrap().package.external_id, "41");
}

/// All that version 4 kept besides is there.
async fn holds_configs(store: &Store) {
    let configs = store.read().all_file_configs().await.unwrap();
    assert_eq!(configs[0].config.name.as_deref(), Some("photos"));
}

/// All that version 5 kept besides is there.
async fn holds_what_is_remembered(store: &Store) {
    assert_eq!(store.read().file_baseline(1, "/a").await.unwrap().len(), 1);
}

/// All that version 6 kept besides is there: a wish that came before makes no second config.
async fn holds_wishes(store: &Store) {
    let folder = tempfile::tempdir().unwrap();
    let seal = Arc::new(Seal::of_file(&folder.path().join("secret.key")).unwrap());
    let config = store.read().file_config(1).await.unwrap().unwrap().config;
    let write = FileConfigWrite { config, secrets: Vec::new(), lift: true };
    assert_eq!(store.files(seal).create_file_config(write, Some("once"), at(1)).await.unwrap().id, 1);
}

/// All that version 7 kept besides is there.
async fn holds_uploads(store: &Store) {
    assert_eq!(store.read().file_uploads(1).await.unwrap().len(), 1);
}

/// All that version 8 kept besides is there.
async fn holds_claims(store: &Store) {
    assert_eq!(store.read().file_run(RunId(1)).await.unwrap().unwrap().params.task_id, "task");
}

/// All that a database of that version kept is there.
async fn holds_what_it_had(store: &Store, version: usize) {
    holds_it_all(store).await;
    if version >= 2 {
        holds_plans(store).await;
    }
    if version >= 3 {
        holds_tasks(store).await;
    }
    if version >= 4 {
        holds_configs(store).await;
    }
    if version >= 5 {
        holds_what_is_remembered(store).await;
    }
    if version >= 6 {
        holds_wishes(store).await;
    }
    if version >= 7 {
        holds_uploads(store).await;
    }
    if version >= 8 {
        holds_claims(store).await;
    }
}

/// The statements of all versions up to that one, then the rows of each.
fn made(version: usize, statements: fn(&Version) -> &'static str, note: &str) -> String {
    let versions = || VERSIONS.iter().take(version);
    let (made, rows): (String, String) =
        (versions().map(statements).collect(), versions().map(|version| version.rows).collect());
    format!("{made} {note} {rows}")
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Every table, index and view with the words it was made by.
fn shape_on_sqlite(path: &Path) -> Vec<(String, String)> {
    let shell = rusqlite::Connection::open(path).unwrap();
    let mut statement =
        shell.prepare("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name").unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// Opens a file made by those statements and compares it with one made today.
async fn carried_over_on_sqlite(made: &str, folder: &Path) -> Store {
    let (old, new) = (folder.join("old.db"), folder.join("new.db"));
    let shell = rusqlite::Connection::open(&old).unwrap();
    shell.execute_batch(made).unwrap();
    drop(shell);
    let store = Store::sqlite(&old).await.unwrap();
    drop(Store::sqlite(&new).await.unwrap());
    assert_eq!(shape_on_sqlite(&old), shape_on_sqlite(&new));
    let shell = rusqlite::Connection::open(&old).unwrap();
    let version: i64 = shell.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, NEWEST as i64);
    let status: String =
        shell.query_row("SELECT status FROM daily_sync_status", [], |row| row.get(0)).unwrap();
    assert_eq!(status, "success");
    store
}

#[test]
fn a_sqlite_database_of_an_older_version_is_carried_over() {
    runtime().block_on(async {
        for version in 1..NEWEST {
            let folder = tempfile::tempdir().unwrap();
            let old = made(version, |of| of.sqlite, &format!("PRAGMA user_version = {version};"));
            let store = carried_over_on_sqlite(&old, folder.path()).await;
            holds_what_it_had(&store, version).await;
        }
    });
}

async fn shell(url: &str) -> tokio_postgres::Client {
    let (shell, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    shell
}

/// Every column, index and view with the words it was made by.
async fn shape_on_postgres(shell: &tokio_postgres::Client) -> Vec<String> {
    let words = "SELECT table_schema || '.' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable \
         || ' ' || coalesce(column_default, '') FROM information_schema.columns WHERE table_schema IN ('syncline', 'public') \
         UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'syncline' \
         UNION ALL SELECT schemaname || '.' || viewname || ' ' || definition FROM pg_views \
         WHERE schemaname IN ('syncline', 'public') UNION ALL SELECT pg_get_functiondef(p.oid) FROM pg_proc p \
         JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN ('syncline', 'public') \
         UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger t WHERE NOT t.tgisinternal ORDER BY 1";
    shell.query(words, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// The same on PostgreSQL, opened by three processes at once.
async fn carried_over_on_postgres(made: &str, old: &Database) -> Store {
    let mut shell = shell(&old.url).await;
    let tx = shell.transaction().await.unwrap();
    tx.batch_execute("CREATE SCHEMA syncline; CREATE TABLE syncline.migration (version BIGINT PRIMARY KEY)")
        .await
        .unwrap();
    tx.batch_execute(made).await.unwrap();
    tx.commit().await.unwrap();
    let opened = (0..3).map(|_| Store::postgres(&old.url));
    let mut stores = futures_util::future::try_join_all(opened).await.unwrap();
    let new = Database::create().await;
    Store::postgres(&new.url).await.unwrap();
    assert_eq!(shape_on_postgres(&shell).await, shape_on_postgres(&self::shell(&new.url).await).await);
    new.remove().await;
    let words = "SELECT status FROM daily_sync_status";
    let status: String = shell.query_one(words, &[]).await.unwrap().get(0);
    assert_eq!(status, "success");
    stores.remove(0)
}

#[test]
fn a_postgres_database_of_an_older_version_is_carried_over() {
    runtime().block_on(async {
        for version in 1..NEWEST {
            let database = Database::create().await;
            // As the program of that version did it: its statements come first and set where the rows go.
            let note = format!("INSERT INTO syncline.migration VALUES ({version});");
            let store = carried_over_on_postgres(&made(version, |of| of.postgres, &note), &database).await;
            holds_what_it_had(&store, version).await;
            drop(store);
            database.remove().await;
        }
    });
}

#[test]
fn a_database_of_a_version_to_come_is_refused_and_left_as_it_is() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        drop(Store::sqlite(&path).await.unwrap());
        let shape = shape_on_sqlite(&path);
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch(&format!("PRAGMA user_version = {}", NEWEST + 1))
            .unwrap();
        let words = format!("newer syncline (schema {}, this one knows {NEWEST})", NEWEST + 1);
        let refused = Store::sqlite(&path).await.unwrap_err().to_string();
        assert!(refused.contains(&words), "{refused}");
        assert_eq!(shape_on_sqlite(&path), shape);

        let database = Database::create().await;
        drop(Store::postgres(&database.url).await.unwrap());
        let shell = shell(&database.url).await;
        shell
            .batch_execute(&format!("INSERT INTO syncline.migration VALUES ({})", NEWEST + 1))
            .await
            .unwrap();
        let refused = Store::postgres(&database.url).await.unwrap_err().to_string();
        assert!(refused.contains(&words), "{refused}");
        database.remove().await;
    });
}

/// The documented views, by their documented columns, in UTC on both databases.
#[test]
fn the_documented_views_show_plans_and_attempts() {
    let plans = "SELECT race_name, race_end_time, retry_intervals, state, cancelled_at FROM race_sync_plans \
        WHERE season = 2025 AND round = 11 AND NOT race_end_overridden AND NOT always_run AND plan_id > 0 \
        AND created_at IS NOT NULL AND archived_at IS NULL AND updated_at IS NOT NULL";
    let attempts = "SELECT scheduled_time, status, reason, results, executed_time FROM race_sync_attempts \
        WHERE attempt_number = 1 AND interval_hours = 6 AND details = '{}' AND error_message IS NULL \
        AND run_id IS NULL AND plan_id > 0 AND updated_at IS NOT NULL";
    let fill = async |store: &Store| {
        let plan = NewRacePlan {
            season: 2025,
            round: 11,
            race_name: "Austrian Grand Prix".to_owned(),
            race_end_at: at(0) + SignedDuration::from_hours(13),
            race_end_overridden: false,
            always_run: false,
            retry_hours: vec![6, 12],
        };
        store.races().plan_race(plan, at(1)).await.unwrap();
        store.races().withdraw_race(2025, 11, at(2)).await.unwrap().unwrap();
    };
    let (name, json) = ("Austrian Grand Prix".to_owned(), "{}".to_owned());
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let store = Store::sqlite(&path).await.unwrap();
        fill(&store).await;
        let shell = rusqlite::Connection::open(&path).unwrap();
        let texts = |sql: &str| -> Vec<Option<String>> {
            shell.query_row(sql, [], |row| (0..5).map(|at| row.get(at)).collect()).unwrap()
        };
        let said = |words: [Option<&str>; 5]| words.map(|word| word.map(str::to_owned)).to_vec();
        assert_eq!(
            texts(plans),
            said([Some(&name), Some("2025-10-09 13:00:00"), Some("[6,12]"), Some("active"), None])
        );
        let gone =
            [Some("2025-10-09 19:00:00"), Some("cancelled"), Some("race_cancelled"), Some(&*json), None];
        assert_eq!(texts(attempts), said(gone));

        let database = Database::create().await;
        let store = Store::postgres(&database.url).await.unwrap();
        fill(&store).await;
        let shell = self::shell(&database.url).await;
        shell.batch_execute("SET TIME ZONE 'UTC'").await.unwrap();
        let texts = async |sql: &str| -> Vec<Option<String>> {
            let messages = shell.simple_query(sql).await.unwrap();
            let row = messages.iter().find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
                _ => None,
            });
            let row = row.expect("the view has the row");
            (0..5).map(|at| row.get(at).map(str::to_owned)).collect()
        };
        let planned = [Some(&*name), Some("2025-10-09 13:00:00+00"), Some("[6,12]"), Some("active"), None];
        assert_eq!(texts(plans).await, said(planned));
        let gone =
            [Some("2025-10-09 19:00:00+00"), Some("cancelled"), Some("race_cancelled"), Some(&*json), None];
        assert_eq!(texts(attempts).await, said(gone));
        database.remove().await;
    });
}
