//! The documented tables of files: what they are called, their columns, and what stands in them.

use std::sync::Arc;

use model::fault::Fault;
use model::file::run::{FileAsked, FilePhase, FileProgress, FileRunKind, FileRunParams};
use model::file::{FileConfig, FileStats, sync_of};
use model::run::Trigger;
use serde_json::json;
use store::{End, FileConfigWrite, FileSyncs, FileTold, NewRun, Right, Seal, Store};

use crate::bed::{LEASE, at, end, start, wish};
use crate::shell::{Shell, beside_a_shell};

fn files(store: &Store) -> FileSyncs {
    let folder = tempfile::tempdir().unwrap();
    store.files(Arc::new(Seal::of_file(&folder.path().join("secret.key")).unwrap()))
}

/// A config that acts at three in the morning.
fn config() -> FileConfig {
    let side =
        |path: &str| json!({"service": "fs", "path": path, "must_exist": false, "case_insensitive": null});
    serde_json::from_value(json!({
        "name": "photos", "enabled": true, "source": side("/a"), "target": side("/b"), "mode": "full",
        "cron": "0 3 * * sun", "timezone": "UTC",
        "filters": {"rules": [], "exclusions": [], "case_sensitive": true}, "rename_rules": [], "compare": "auto",
        "mtime_tolerance_ms": null, "delete_guard": {"max_files": 100, "max_percent": 10}, "backup_dir": null,
        "create_empty_dirs": true, "transfers": 8, "checkers": 8, "bandwidth_limit": 0, "end_time": null,
        "priority": 0
    }))
    .unwrap()
}

/// A wish for a run of config 1.
fn wanted(task_id: &str, trigger: Trigger, asked: FileAsked) -> NewRun {
    let params = FileRunParams {
        task_id: task_id.to_owned(),
        kind: FileRunKind::Sync,
        config: Some(1),
        config_name: Some("photos".to_owned()),
        batch: None,
        asked,
    };
    let mut new = wish(&["tree"]);
    new.request.sync = sync_of(1);
    new.request.trigger = trigger;
    new.plan.params = serde_json::to_value(params).unwrap();
    new
}

#[test]
fn the_documented_tables_of_files_have_the_documented_columns() {
    beside_a_shell(|_store, shell| async move {
        assert_eq!(
            shell.columns("files_runs").await,
            "run_id config_id config_name trigger dry_run task_id attempt phase stats error_type error started_at \
             finished_at"
        );
        assert_eq!(
            shell.columns("files_schedules").await,
            "config_id name cron timezone next_run_at last_slot_at"
        );
        for known in
            ["files_configs", "files_task_ids", "files_run_items", "files_target_leases", "files_baseline"]
        {
            assert_eq!(shell.row(&format!("SELECT count(*) FROM {known}")).await, "0");
        }
    });
}

#[test]
fn a_schedule_stands_in_its_documented_table_as_long_as_its_config_has_one() {
    beside_a_shell(|store, shell| async move {
        let files = files(&store);
        let mut write = FileConfigWrite { config: config(), secrets: Vec::new(), lift: true };
        files.create_file_config(write.clone(), None, at(0)).await.unwrap();
        let what = "SELECT config_id, name, cron, timezone, last_slot_at FROM files_schedules";
        assert_eq!(shell.row(what).await, "1 sync_config_1 0 3 * * 0 UTC -");
        if let Shell::Sqlite(_) = shell {
            assert_eq!(shell.row("SELECT next_run_at FROM files_schedules").await, "2025-10-12 03:00:00");
        }
        write.config.enabled = false;
        files.change_file_config(1, write, at(1)).await.unwrap();
        assert_eq!(shell.row("SELECT count(*) FROM files_schedules").await, "0");
    });
}

#[test]
fn a_run_of_files_reads_as_documented_from_its_wish_to_its_end() {
    beside_a_shell(|store, shell| async move {
        let files = files(&store);
        let write = FileConfigWrite { config: config(), secrets: Vec::new(), lift: true };
        files.create_file_config(write, None, at(0)).await.unwrap();
        let (yes, no) = if matches!(shell, Shell::Sqlite(_)) { ("1", "0") } else { ("t", "f") };
        let what = "SELECT run_id, config_id, config_name, trigger, dry_run, task_id, attempt, phase, error_type, error \
                    FROM files_runs WHERE finished_at IS NULL OR started_at < finished_at ORDER BY run_id DESC LIMIT 1";
        start(&store, wanted("t-1", Trigger::Schedule, FileAsked::default())).await;
        assert_eq!(shell.row(what).await, format!("1 1 photos schedule {no} t-1 0 - - -"));

        let claimed = store.claim("host-1", &["files".to_owned()], 1, LEASE, at(1)).await.unwrap().remove(0);
        let right = Right::from(&claimed.partition);
        files.begin_file_run(right, &config(), at(1)).await.unwrap().unwrap();
        let told = FileTold {
            right,
            phase: FilePhase::Deleting,
            stats: FileStats { added_success: 7, ..FileStats::default() },
            progress: FileProgress::default(),
            items: Vec::new(),
            remembered: Vec::new(),
            forgotten: Vec::new(),
        };
        assert!(files.tell_file_run(told, at(2)).await.unwrap());
        assert_eq!(shell.row(what).await, format!("1 1 photos schedule {no} t-1 1 deleting - -"));
        assert!(shell.row("SELECT stats FROM files_runs").await.contains("added_success"));
        assert!(end(&store, &claimed, End::Failed(Fault::never("guard", "too many")), 3).await);
        assert_eq!(shell.row(what).await, format!("1 1 photos schedule {no} t-1 1 deleting guard too many"));

        let asked = FileAsked { dry_run: true, ..FileAsked::default() };
        start(&store, wanted("t-2", Trigger::Manual, asked)).await;
        assert_eq!(shell.row(what).await, format!("2 1 photos manual {yes} t-2 0 - - -"));
    });
}
