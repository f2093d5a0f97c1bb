//! The documented tables of tasks, by the documented statements, on both databases and in any session's zone.

use jiff::{SignedDuration, Timestamp};
use model::task::{NewLeadPackage, PackageSource, TaskCounters, TaskRecordStatus, TaskRow, TaskSyncType};
use store::{End, StoreError, TaskWrite};

use crate::bed::{at, end};
use crate::shell::{Shell, beside_a_shell};
use crate::task_bed::{ended_sync, package, put, record, row, sync_rows, working};

/// The second that instant is, as the tests' store counts seconds.
fn second(moment: Timestamp) -> i64 {
    moment.as_second() - at(0).as_second()
}

#[test]
fn the_documented_statements_read_and_delete_records() {
    beside_a_shell(|store, shell| async move {
        let now = shell.now().await;
        let days_ago = |days: i64| second(now - SignedDuration::from_hours(24 * days));
        let old = ended_sync(&store, TaskSyncType::Historical, days_ago(31)).await;
        let young = ended_sync(&store, TaskSyncType::Historical, days_ago(29)).await;
        let today = ended_sync(&store, TaskSyncType::Today, days_ago(0)).await;
        let read = shell
            .rows(
                "SELECT sync_type, status, tasks_total, tasks_failed, created_at FROM sync_records \
                 WHERE DATE(created_at) = CURRENT_DATE ORDER BY created_at DESC;",
            )
            .await;
        assert_eq!(read.len(), 1);
        assert_eq!(read[0][..4], ["today", "success", "0", "0"].map(|word| Some(word.to_owned())));
        shell.run("DELETE FROM sync_records WHERE created_at < DATE('now', '-30 days');").await.unwrap();
        assert_eq!(store.read().task_record(old).await.unwrap(), None);
        assert_eq!(store.read().task_unread().await.unwrap(), 2);
        assert_eq!(record(&store, young).await.id, young);
        shell.run(&format!("DELETE FROM sync_records WHERE id = {today}")).await.unwrap();
        assert_eq!(shell.row("SELECT count(*) FROM sync_records").await, "1");
    });
}

#[test]
fn a_record_deleted_while_its_sync_is_at_work_comes_back_with_its_end() {
    beside_a_shell(|store, shell| async move {
        let (claimed, id) = working(&store, TaskSyncType::Today, 1).await;
        store.tasks().mark_read(id, at(2)).await.unwrap();
        shell.run("DELETE FROM sync_records").await.unwrap();
        assert_eq!(shell.row("SELECT count(*) FROM sync_records").await, "0");
        assert_eq!(store.read().task_record(id).await.unwrap(), None);
        assert!(!store.tasks().mark_read(id, at(3)).await.unwrap());
        // The run is as it was.
        assert_eq!(store.read().task_lock(TaskSyncType::Today).await.unwrap().unwrap().run, claimed.run.id);
        assert!(end(&store, &claimed, End::Succeeded, 4).await);
        let back = record(&store, id).await;
        assert_eq!((back.status, back.read_at), (TaskRecordStatus::Success, None));
        // Deleted after its end it is gone for good.
        shell.run("DELETE FROM sync_records").await.unwrap();
        assert_eq!(store.read().task_record_of_run(claimed.run.id).await.unwrap(), None);
    });
}

#[test]
fn the_documented_tables_have_the_documented_columns() {
    beside_a_shell(|_store, shell| async move {
        assert_eq!(
            shell.columns("sync_records").await,
            "id sync_type trigger_type status start_time end_time duration tasks_total tasks_new tasks_updated \
             tasks_matched tasks_pending tasks_failed error_message error_details retry_count max_retries is_read \
             read_at created_at updated_at"
        );
        assert_eq!(
            shell.columns("sync_locks").await,
            "id sync_type locked_at locked_by expires_at created_at"
        );
        assert_eq!(
            shell.columns("dial_tasks").await,
            "id guanke_task_id task_name prefix prefix_parsed target_level agent_group line call_mmdd state \
             total_number called_number connected_number success_number match_status match_origin is_idle package_id \
             created_date start_time end_time imported_at matched_at idle_at fetched_at created_record_id created_at \
             updated_at"
        );
        assert_eq!(
            shell.columns("lead_packages").await,
            "id external_package_id name source region grade total_leads valid_leads available_leads internal_code \
             first_task_prefix package_type package_level contact_rate deleted_at created_at updated_at"
        );
        assert_eq!(
            shell.columns("dial_task_days").await,
            "guanke_task_id day called_number connected_number success_number"
        );
    });
}

#[test]
fn a_record_reads_as_documented_and_the_lock_cannot_be_taken_by_hand() {
    beside_a_shell(|store, shell| async move {
        let of_record = "SELECT id, sync_type, trigger_type, status, duration, error_message, error_details, \
            retry_count, max_retries, is_read FROM sync_records";
        let (claimed, id) = working(&store, TaskSyncType::Historical, 1).await;
        let no = if matches!(shell, Shell::Sqlite(_)) { "0" } else { "f" };
        assert_eq!(shell.row(of_record).await, format!("{id} historical manual running - - - 0 3 {no}"));
        let of_lock = "SELECT sync_type, locked_by FROM sync_locks WHERE expires_at > locked_at AND created_at = locked_at";
        assert_eq!(shell.row(of_lock).await, "historical worker-7");
        for forbidden in [
            "DELETE FROM sync_locks",
            "UPDATE sync_locks SET locked_by = 'me'",
            "INSERT INTO sync_locks (sync_type) VALUES ('today')",
        ] {
            shell.run(forbidden).await.unwrap_err();
        }
        assert!(end(&store, &claimed, End::Succeeded, 9).await);
        assert_eq!(shell.row(of_record).await, format!("{id} historical manual success 8 - - 0 3 {no}"));
        assert_eq!(shell.row("SELECT count(*) FROM sync_locks").await, "0");
        if let Shell::Sqlite(_) = shell {
            assert_eq!(
                shell.row("SELECT start_time, created_at FROM sync_records").await,
                "2025-10-09 00:00:01 2025-10-09 00:00:01"
            );
        }
    });
}

/// Of a batch with a row the database refuses nothing is written; row by row, all but that one.
#[test]
fn a_row_the_database_refuses_spoils_its_batch_and_no_other_row() {
    beside_a_shell(|store, shell| async move {
        let refuse = match shell {
            Shell::Sqlite(_) => {
                "CREATE TRIGGER refuse BEFORE INSERT ON call_task WHEN NEW.task_id = '2' \
                 BEGIN SELECT RAISE(ABORT, 'not this one'); END"
            }
            Shell::Postgres(_) => {
                "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE EXCEPTION 'not this one'; END $$; \
                 CREATE TRIGGER refuse BEFORE INSERT ON syncline.call_task FOR EACH ROW WHEN (NEW.task_id = '2') \
                 EXECUTE FUNCTION public.refuse()"
            }
        };
        shell.run(refuse).await.unwrap();
        let (claimed, id) = working(&store, TaskSyncType::Today, 1).await;
        let write = |rows: Vec<TaskRow>, before| TaskWrite {
            right: (&claimed.partition).into(),
            record: id,
            rows,
            before,
        };
        let rows: Vec<TaskRow> = ["1", "2", "3"].map(|id| row(id, "测试任务-P1", 2)).to_vec();
        let mut counted = TaskCounters { total: 3, ..TaskCounters::default() };
        let spoiled = store.tasks().write_tasks(write(rows.clone(), counted), at(2)).await.unwrap_err();
        assert!(matches!(spoiled, StoreError::Failed { .. }), "{spoiled}");
        assert_eq!(shell.row("SELECT count(*) FROM dial_tasks").await, "0");
        for row in rows {
            match store.tasks().write_tasks(write(vec![row], counted), at(3)).await {
                Ok(batch) => counted = batch.unwrap().counters,
                Err(_) => counted.failed += 1,
            }
        }
        assert_eq!((counted.new, counted.failed), (2, 1));
        assert_eq!(shell.row("SELECT count(*) FROM dial_tasks").await, "2");
    });
}

#[test]
fn tasks_and_packages_read_as_documented() {
    beside_a_shell(|store, shell| async move {
        put(&store, package("559336", "淮安-1014-高中-10000"), 1).await;
        let practice = NewLeadPackage {
            source: PackageSource::Practice,
            contact_rate: None,
            ..package("1", "淮安-1-高中-1")
        };
        put(&store, practice, 1).await;
        sync_rows(&store, TaskSyncType::Today, vec![row("9007199254740993123", "淮安-1014-高中-10000-N", 2)])
            .await;
        assert_eq!(
            shell
                .row(
                    "SELECT guanke_task_id, prefix, target_level, agent_group, total_number, match_status, match_origin, \
                     package_id, created_record_id FROM dial_tasks WHERE NOT is_idle AND prefix_parsed \
                     AND matched_at = imported_at AND start_time IS NULL AND idle_at IS NULL"
                )
                .await,
            "9007199254740993123 淮安-1014-高中-10000 N - 100 matched auto 1 1"
        );
        assert_eq!(
            shell
                .row(
                    "SELECT external_package_id, source, region, first_task_prefix, package_type, contact_rate, deleted_at \
                     FROM lead_packages WHERE source = '采买'"
                )
                .await,
            "559336 采买 淮安 淮安-1014-高中-10000-N N 0.25 -"
        );
        assert_eq!(
            shell
                .row("SELECT first_task_prefix, package_type, contact_rate FROM lead_packages WHERE source = '练习'")
                .await,
            "淮安-1-高中-1-P1 P -"
        );
    });
}
