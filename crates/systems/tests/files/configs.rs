//! Configs: read back as they were made, refused with every mistake named, scheduled as they say.

use engine::scheduler;
use serde_json::{Value as Json, json};
use store::FileEnd;
use systems::files::{Config, FileConfigFilter, FilesError, Page};

use crate::bed::{Base, Bed};
use crate::shared::until;

/// What is wrong with a config, field by field.
async fn refused(bed: &Bed, body: Json) -> Vec<(String, String)> {
    match bed.files.create(body.as_object().unwrap(), None, bed.engine.now()).await {
        Err(FilesError::Wrong(wrong)) => {
            wrong.into_iter().map(|wrong| (wrong.field, wrong.message)).collect()
        }
        other => panic!("{other:?}"),
    }
}

async fn every_field_comes_back_as_it_was_made(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let more = json!({
        "mode": "full", "cron": "0 2 * * *", "timezone": "America/New_York", "compare": "checksum",
        "filters": {"rules": ["*.tmp", "!keep.tmp"], "case_sensitive": false,
            "exclusions": [{"pattern": "^x", "mode": "regex", "target": "path", "item_type": "folder"}]},
        "rename_rules": [{"match_regex": "^IMG_(\\d+)", "replace_string": "照片_\\1"}],
        "mtime_tolerance_ms": 2000, "delete_guard": {"max_files": null, "max_percent": 50}, "backup_dir": null,
        "create_empty_dirs": false, "transfers": 3, "checkers": 4, "bandwidth_limit": 1000,
        "end_time": "2030-01-01T00:00:00+08:00", "priority": -5, "enabled": true,
    });
    let id = bed.config(more.clone()).await;
    let shown = serde_json::to_value(bed.files.config(id, bed.engine.now()).await.unwrap()).unwrap();
    for key in [
        "mode",
        "cron",
        "timezone",
        "compare",
        "rename_rules",
        "mtime_tolerance_ms",
        "delete_guard",
        "transfers",
    ] {
        let wanted = match key {
            "rename_rules" => json!([{"match_regex": "^IMG_(\\d+)", "replace_string": "照片_\\1",
                "target_scope": "name", "case_sensitive": false}]),
            key => more[key].clone(),
        };
        assert_eq!(shown[key], wanted, "{key}");
    }
    assert_eq!(shown["filters"]["exclusions"][0]["target"], "path");
    assert_eq!(shown["end_time"], "2029-12-31T11:00:00-05:00", "in the config's own zone");
    assert_eq!(shown["next_run"], "2026-01-15T02:00:00-05:00");
    assert_eq!((&shown["scheduled"], &shown["schedule_reason"]), (&json!(true), &Json::Null));
    let page = Page { limit: 20, offset: 0 };
    let none = FileConfigFilter { name: Some("无".to_owned()), ..FileConfigFilter::default() };
    assert_eq!(bed.files.configs(&none, page, bed.engine.now()).await.unwrap().total, 0);
    let some = FileConfigFilter {
        name: Some("备份".to_owned()),
        enabled: Some(true),
        ..FileConfigFilter::default()
    };
    assert_eq!(bed.files.configs(&some, page, bed.engine.now()).await.unwrap().total, 1);
}

async fn what_is_wrong_is_named_field_by_field_and_all_at_once(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let fields = refused(&bed, json!({
        "source": {"service": "fs", "path": " "}, "target": {"service": "baidu", "path": "/x"}, "mode": "mirror",
        "cron": "60 * * * *", "timezone": "X/Y", "transfers": 65, "colour": "red",
        "filters": {"exclusions": [{"pattern": "[", "mode": "regex"}]}, "rename_rules": [{"match_regex": "("}],
    }))
    .await;
    let of = |field: &str| fields.iter().find(|(of, _)| of == field).map(|(_, why)| why.as_str());
    assert_eq!(of("source.path"), Some("路径不能为空"));
    assert_eq!(of("target.service"), Some("不支持的存储服务: baidu，请通过 AList/OpenList 的 WebDAV 接入"));
    assert_eq!(of("mode"), Some("可选值: incremental, full, overwrite"));
    assert_eq!(of("cron"), Some("无效的 cron 表达式格式，应为 '分 时 日 月 周' 格式"));
    assert_eq!(of("timezone"), Some("未知时区 X/Y"));
    assert_eq!(of("colour"), Some("未知字段"));
    assert!(of("transfers").is_some());
    assert!(of("filters.exclusions.0.pattern").unwrap().starts_with("排除规则 #1 ('[') 格式错误: "));
    assert!(of("rename_rules.0.match_regex").unwrap().starts_with("重命名规则 #1 ('(') 格式错误: "));
    let side = |path: &str| json!({"service": "fs", "path": path});
    let overlap = refused(&bed, json!({"source": side("/a"), "target": side("/a/b")})).await;
    assert_eq!(overlap, [("target.path".to_owned(), "源与目标路径重叠".to_owned())]);
    assert!(
        bed.files
            .create(&bed.body(&json!({"source": side("/a"), "target": side("/ab")})), None, bed.engine.now())
            .await
            .is_ok()
    );
    let built =
        refused(&bed, json!({"source": side("/a"), "target": {"service": "gdrive", "path": "/x"}})).await;
    assert_eq!(built[0].1, "存储服务 gdrive 未包含在此构建中");
}

async fn local_paths_stay_below_their_roots_links_or_not(base: Base) {
    let ground = tempfile::tempdir().unwrap();
    let roots = vec![ground.path().join("in").display().to_string()];
    std::fs::create_dir_all(ground.path().join("in")).unwrap();
    std::fs::create_dir_all(ground.path().join("out")).unwrap();
    std::os::unix::fs::symlink(ground.path().join("out"), ground.path().join("in/door")).unwrap();
    let bed = Bed::idle(base, Config { local_roots: roots, ..Config::default() }).await;
    let side = |path: &str| json!({"service": "fs", "path": ground.path().join(path).display().to_string()});
    let wrong = refused(&bed, json!({"source": side("in/a"), "target": side("out/b")})).await;
    assert_eq!(wrong[0].0, "target.path");
    let wrong = refused(&bed, json!({"source": side("in/a"), "target": side("in/door/b")})).await;
    assert_eq!(wrong[0].0, "target.path", "a link out of a root leads out of it");
    let fine = json!({"source": side("in/a"), "target": side("in/b")});
    assert!(bed.files.create(fine.as_object().unwrap(), None, bed.engine.now()).await.is_ok());
}

async fn secrets_are_sealed_kept_removed_and_left_behind(base: Base) {
    const SECRET: &str = "p@ss/w+rd 秘密";
    let bed = Bed::idle(base, Config::default()).await;
    let dav = |more: Json| {
        let mut side = json!({"service": "webdav", "path": "/x",
            "options": {"endpoint": "http://127.0.0.1:9/dav", "username": "u"}});
        side["options"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        side
    };
    let id = bed.config(json!({"target": dav(json!({"password": SECRET}))})).await;
    let shown = serde_json::to_value(bed.files.config(id, bed.engine.now()).await.unwrap()).unwrap();
    assert_eq!(shown["target"]["secrets_set"], json!(["password"]));
    assert!(!shown.to_string().contains("p@ss"), "{shown}");
    let opened = |bed: &Bed| bed.store.files(bed.seal());
    let secrets = opened(&bed).file_secrets(id, FileEnd::Target).await.unwrap();
    assert_eq!(secrets, [("password".to_owned(), SECRET.to_owned())]);
    assert!(!bed.dump().await.contains("p@ss"), "the database holds it sealed");
    // A whole config without it keeps it; one for another server does not.
    let body = bed.body(&json!({"target": dav(json!({}))}));
    bed.files.replace(id, &body, bed.engine.now()).await.unwrap();
    assert_eq!(opened(&bed).file_secrets(id, FileEnd::Target).await.unwrap().len(), 1);
    let moved = json!({"target": {"options": {"endpoint": "http://127.0.0.2:9/dav"}}});
    let Err(FilesError::Wrong(wrong)) =
        bed.files.change(id, moved.as_object().unwrap(), bed.engine.now()).await
    else {
        panic!("a secret must not go to another server");
    };
    assert_eq!(wrong[0].field, "target.options.password");
    // Another kind of storage takes nothing of the old one along.
    let local = bed.at("elsewhere").display().to_string();
    let options = json!({"endpoint": null, "username": null, "password": null});
    let changed = json!({"target": {"service": "fs", "path": local, "options": options}});
    let other = bed.config(json!({"target": dav(json!({"password": SECRET})), "name": "other"})).await;
    let shown = bed.files.change(other, changed.as_object().unwrap(), bed.engine.now()).await.unwrap();
    assert!(shown.target.side.options.is_empty() && shown.target.side.secrets_set.is_empty(), "{shown:?}");
    assert!(opened(&bed).file_secrets(other, FileEnd::Target).await.unwrap().is_empty());
    let removed = json!({"target": {"options": {"password": null}}});
    bed.files.change(id, removed.as_object().unwrap(), bed.engine.now()).await.unwrap();
    assert!(opened(&bed).file_secrets(id, FileEnd::Target).await.unwrap().is_empty());
}

async fn a_config_whose_storage_needs_a_secret_is_changed_without_it(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let bucket = |more: Json| {
        let mut side = json!({"service": "s3", "path": "/x",
            "options": {"bucket": "b", "endpoint": "http://127.0.0.1:9", "access_key_id": "u"}});
        side["options"].as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        side
    };
    let id = bed.config(json!({"target": bucket(json!({"secret_access_key": "s3cr3t"}))})).await;
    let change = async |patch: Json| {
        bed.files.change(id, patch.as_object().unwrap(), bed.engine.now()).await.map(|shown| shown.transfers)
    };
    assert_eq!(change(json!({"transfers": 3})).await.unwrap(), 3);
    let body = bed.body(&json!({"target": bucket(json!({}))}));
    bed.files.replace(id, &body, bed.engine.now()).await.unwrap();
    let side = json!({"target": bucket(json!({}))});
    let seen = bed.files.peek(Some(id), side.as_object().unwrap(), bed.engine.now()).await.unwrap();
    assert_eq!(seen.error_type, Some("unreachable"));
    // There is no storage without it.
    let Err(FilesError::Wrong(wrong)) =
        change(json!({"target": {"options": {"secret_access_key": null}}})).await
    else {
        panic!("a secret that is needed must not go");
    };
    assert_eq!(wrong[0].field, "target.options");
    assert_eq!(bed.store.files(bed.seal()).file_secrets(id, FileEnd::Target).await.unwrap().len(), 1);
}

async fn a_schedule_follows_its_config_at_once(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let scheduled = || async { bed.ok("GET", "/task-status").await["scheduled_config_ids"].clone() };
    let change = |id: i64, patch: Json| {
        let (files, now) = (bed.files.clone(), bed.engine.now());
        async move { files.change(id, patch.as_object().unwrap(), now).await.unwrap() }
    };
    let id = bed.config(json!({"cron": "0 2 * * *"})).await;
    assert_eq!(scheduled().await, json!([id]));
    assert_eq!(change(id, json!({"enabled": false})).await.schedule_reason, Some("disabled"));
    assert_eq!(scheduled().await, json!([]));
    change(id, json!({"enabled": true})).await;
    assert_eq!(scheduled().await, json!([id]));
    assert_eq!(change(id, json!({"cron": null})).await.schedule_reason, Some("no_cron"));
    change(id, json!({"cron": "@daily"})).await;
    assert_eq!(bed.ok("DELETE", "/clear-tasks").await["status"], "cleared");
    assert_eq!(scheduled().await, json!([]));
    assert_eq!(change(id, json!({"transfers": 2})).await.schedule_reason, Some("cleared"));
    let other = bed.config(json!({"cron": "0 3 * * *", "name": "新"})).await;
    assert_eq!(scheduled().await, json!([other]), "one made later is scheduled at once");
    change(id, json!({"cron": "0 4 * * *"})).await;
    assert_eq!(scheduled().await, json!([id, other]));
    bed.ok("DELETE", "/clear-tasks").await;
    let refreshed = bed.ok("POST", "/refresh-tasks").await;
    assert_eq!(refreshed["message"], "任务同步完成，添加: 2, 跳过: 0, 错误: 0");
    assert_eq!(scheduled().await, json!([id, other]));
    bed.files.delete(&bed.engine, other, false).await.unwrap();
    assert_eq!(scheduled().await, json!([id]));
    assert_ne!(bed.config(json!({})).await, other, "a number is never given twice");
}

async fn a_slot_runs_once_and_one_during_a_run_is_recorded_as_skipped(base: Base) {
    let mut bed = Bed::idle(base, Config::default()).await;
    bed.write("source/a", "a");
    let id = bed.config(json!({"cron": "*/30 * * * *"})).await;
    bed.pass(600);
    bed.drive();
    let run = until(&bed.engine, || async {
        let runs = bed.files.runs(id, &[], Page { limit: 9, offset: 0 }, bed.engine.now()).await.unwrap();
        runs.rows.into_iter().find(|run| run.finished_at.is_some())
    })
    .await;
    assert_eq!((run.trigger, run.status), ("schedule", "succeeded"));
    assert_eq!(bed.tree("target"), bed.tree("source"));
    // A run that waits for its next try is not over.
    bed.write("source/b", "b");
    bed.write("target/b/in the way", "x");
    let asked = model::file::run::FileAsked::default();
    let task = bed.files.execute(&bed.engine, id, asked).await.unwrap().task_id;
    until(&bed.engine, || async {
        let result = bed.ok("GET", &format!("/task-result/{task}")).await;
        (result["status"] == "RETRY").then_some(())
    })
    .await;
    bed.rest().await;
    bed.pass(1800);
    let schedule = bed.engine.read().schedule_by_name(&format!("sync_config_{id}")).await.unwrap().unwrap();
    scheduler::tick(&bed.engine, bed.engine.now()).await.unwrap();
    let ticks = bed.engine.read().ticks(schedule.id, 9).await.unwrap();
    assert_eq!(ticks[0].reason.as_deref(), Some("上一次运行尚未结束"));
}

/// The newest run of a config that was asked for so.
async fn run_of(bed: &Bed, id: i64, trigger: &str) -> Option<systems::files::RunSummary> {
    let runs = bed.files.runs(id, &[], Page { limit: 9, offset: 0 }, bed.engine.now()).await.unwrap();
    runs.rows.into_iter().find(|run| run.trigger == trigger)
}

async fn a_run_is_as_urgent_as_its_config_whoever_asks_for_it(base: Base) {
    let mut bed = Bed::idle(base, Config::default()).await;
    bed.write("source/a", "a");
    let id = bed.config(json!({"cron": "*/30 * * * *", "priority": 7})).await;
    let asked = model::file::run::FileAsked::default();
    bed.pass(600);
    bed.drive_schedules();
    let engine = bed.engine.clone();
    let urgent = async |run: model::id::RunId| engine.read().run(run).await.unwrap().unwrap().priority;
    let scheduled = until(&bed.engine, || run_of(&bed, id, "schedule")).await;
    assert_eq!(urgent(scheduled.run_id).await, 7, "a schedule");
    let by_hand = bed.files.execute(&bed.engine, id, asked).await.unwrap().run;
    assert_eq!(urgent(by_hand).await, 7, "a person");
    bed.files.execute_all(&bed.engine).await.unwrap();
    bed.drive();
    let of_batch = until(&bed.engine, || run_of(&bed, id, "batch")).await;
    assert_eq!(urgent(of_batch.run_id).await, 7, "a batch");
}

async fn a_slot_whose_run_did_not_begin_within_an_hour_is_void(base: Base) {
    let mut bed = Bed::idle(base, Config::default()).await;
    bed.write("source/a", "a");
    let id = bed.config(json!({"cron": "30 10 * * *"})).await;
    bed.pass(600);
    bed.drive_schedules();
    let run = until(&bed.engine, || async {
        let runs = bed.files.runs(id, &[], Page { limit: 9, offset: 0 }, bed.engine.now()).await.unwrap();
        runs.rows.into_iter().next()
    })
    .await;
    bed.rest().await;
    bed.pass(3700);
    bed.drive();
    let ended = bed.ended(&run.task_id).await;
    assert_eq!(
        (&ended["status"], &ended["result"]["error"]),
        (&json!("REVOKED"), &json!("expired")),
        "{ended}"
    );
    assert!(!bed.at("target").exists());
}

async fn of_many_wishes_under_one_key_at_once_one_makes_a_config_and_the_others_know_it(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let body = bed.body(&json!({}));
    let wishes = (0..20).map(|_| bed.files.create(&body, Some("a wish"), bed.engine.now()));
    let made = futures_util::future::try_join_all(wishes).await.unwrap();
    assert!(made.iter().all(|config| config.id == made[0].id), "{made:?}");
    let another = bed.files.create(&body, Some("another"), bed.engine.now()).await.unwrap();
    let keyless = bed.files.create(&body, None, bed.engine.now()).await.unwrap();
    assert!(made[0].id < another.id && another.id < keyless.id);
    let page = Page { limit: 20, offset: 0 };
    let all = bed.files.configs(&FileConfigFilter::default(), page, bed.engine.now()).await.unwrap();
    assert_eq!(all.total, 3);
    let asked = model::file::run::FileAsked { dry_run: true, ..Default::default() };
    bed.files.execute(&bed.engine, another.id, asked).await.unwrap();
    let asked = model::file::run::FileAsked { verify: true, ..asked };
    let newest = bed.files.execute(&bed.engine, another.id, asked).await.unwrap();
    let all = bed.files.configs(&FileConfigFilter::default(), page, bed.engine.now()).await.unwrap();
    let runs: Vec<_> = all.rows.iter().map(|one| one.newest_run.as_ref().map(|run| run.run_id)).collect();
    assert_eq!(runs, [None, Some(newest.run), None], "each with its newest run, the newest config first");
}

on_both! {
    of_many_wishes_under_one_key_at_once_one_makes_a_config_and_the_others_know_it
    a_run_is_as_urgent_as_its_config_whoever_asks_for_it
    a_slot_whose_run_did_not_begin_within_an_hour_is_void
    every_field_comes_back_as_it_was_made
    what_is_wrong_is_named_field_by_field_and_all_at_once
    local_paths_stay_below_their_roots_links_or_not
    secrets_are_sealed_kept_removed_and_left_behind
    a_config_whose_storage_needs_a_secret_is_changed_without_it
    a_schedule_follows_its_config_at_once
    a_slot_runs_once_and_one_during_a_run_is_recorded_as_skipped
}
