//! Schedules in the database and nowhere else: two servers see the same at once, a restart forgets nothing, and what
//! somebody made of them past their configs is put right.

use engine::{ScheduleChange, scheduler};
use model::file::run::FileAsked;
use model::id::ScheduleId;
use model::schedule::ScheduleSpec;
use serde_json::{Value as Json, json};
use systems::files::{Config, Files, Page};

use crate::bed::{Base, Bed};
use crate::shared::until;

/// Configs that are scheduled, as a server tells.
macro_rules! scheduled {
    ($server:expr) => {
        $server.ok("GET", "/task-status").await["scheduled_config_ids"]
    };
}

/// Changes a config at one of the servers.
async fn change(bed: &Bed, files: &Files, config: i64, patch: Json) {
    files.change(config, patch.as_object().unwrap(), bed.engine.now()).await.unwrap();
}

/// When a config runs next, or why it does not.
async fn next(bed: &Bed, config: i64) -> String {
    let shown = bed.files.config(config, bed.engine.now()).await.unwrap();
    shown.next_run.or(shown.schedule_reason.map(str::to_owned)).unwrap_or_default()
}

async fn another_server_sees_what_becomes_of_schedules_at_once(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let twin = bed.twin().await;
    let one = bed.config(json!({"cron": "0 2 * * *"})).await;
    assert_eq!(scheduled!(twin), json!([one]));
    let two = twin.files.create(&bed.body(&json!({"cron": "0 3 * * *"})), None, bed.engine.now()).await;
    let two = two.unwrap().id;
    assert_eq!(scheduled!(bed), json!([one, two]));
    change(&bed, &twin.files, one, json!({"cron": "0 4 * * *"})).await;
    assert_eq!(next(&bed, one).await, "2026-01-16T04:00:00+08:00");
    change(&bed, &bed.files, one, json!({"enabled": false})).await;
    assert_eq!(scheduled!(twin), json!([two]));
    change(&bed, &twin.files, one, json!({"enabled": true})).await;
    assert_eq!(scheduled!(bed), json!([one, two]));
    twin.files.delete(&twin.engine, two, false).await.unwrap();
    assert_eq!(scheduled!(bed), json!([one]));
    bed.ok("DELETE", "/clear-tasks").await;
    assert_eq!(scheduled!(twin), json!([]));
    twin.ok("POST", "/refresh-tasks").await;
    let status = bed.ok("GET", "/task-status").await;
    assert_eq!(status, twin.ok("GET", "/task-status").await);
    drop(twin);
    let bed = bed.restarted().await;
    assert_eq!(bed.ok("GET", "/task-status").await, status, "a start changes nothing");
}

async fn a_time_that_another_server_changed_is_the_one_acted_on(base: Base) {
    let mut bed = Bed::idle(base, Config::default()).await;
    bed.write("source/a", "a");
    let config = bed.config(json!({"cron": "0 23 * * *"})).await;
    bed.drive();
    let twin = bed.twin().await;
    change(&bed, &twin.files, config, json!({"cron": "21 10 * * *"})).await;
    bed.pass(60);
    let run = until(&bed.engine, || async {
        let page = Page { limit: 9, offset: 0 };
        let runs = bed.files.runs(config, &[], page, bed.engine.now()).await.unwrap();
        runs.rows.into_iter().find(|run| run.finished_at.is_some())
    })
    .await;
    assert_eq!((run.trigger, run.status), ("schedule", "succeeded"));
}

/// The schedule of a config.
async fn schedule(bed: &Bed, config: i64) -> ScheduleId {
    bed.engine.read().schedule_by_name(&format!("sync_config_{config}")).await.unwrap().unwrap().id
}

async fn a_refresh_makes_schedules_what_their_configs_say_whatever_became_of_them(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let mut configs = Vec::new();
    for hour in 1..=6 {
        configs.push(bed.config(json!({"cron": format!("0 {hour} * * *")})).await);
    }
    let said = async || {
        let mut said = Vec::new();
        for config in &configs {
            said.push(next(&bed, *config).await);
        }
        said
    };
    let wanted = said().await;
    let gone = format!("DELETE FROM schedule WHERE name = 'sync_config_{}'", configs[0]);
    bed.outside(&gone).await;
    let hour = 3_600_000_000_i64;
    for (config, change) in [
        (
            configs[1],
            "spec = replace(spec, '0 2 * * *', '0 12 * * *'), next_nominal_at = next_nominal_at + 1"
                .to_owned(),
        ),
        (configs[2], format!("next_nominal_at = next_nominal_at + 1000 * {hour}")),
        (configs[3], format!("next_nominal_at = next_nominal_at - {hour}")),
        (configs[4], "next_nominal_at = NULL".to_owned()),
    ] {
        bed.outside(&format!("UPDATE schedule SET {change} WHERE name = 'sync_config_{config}'")).await;
    }
    let stray = "INSERT INTO schedule (name, spec, put_spec, next_nominal_at, version) SELECT 'sync_config_99', \
                 spec, put_spec, next_nominal_at, 1 FROM schedule WHERE name = 'sync_config_";
    bed.outside(&format!("{stray}{}'", configs[5])).await;
    assert_ne!(said().await, wanted);
    let refreshed = bed.ok("POST", "/refresh-tasks").await;
    assert_eq!(refreshed["message"], "任务同步完成，添加: 6, 跳过: 0, 错误: 0");
    assert_eq!(refreshed["active_tasks"], json!(configs));
    assert_eq!(said().await, wanted);
    assert_eq!(bed.engine.read().schedules().await.unwrap().len(), 6, "what no config has is gone");
    assert_eq!(bed.ok("POST", "/refresh-tasks").await, refreshed);
}

async fn a_schedule_is_paused_by_a_person_and_changed_by_its_config_only(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let config = bed.config(json!({"cron": "0 2 * * *"})).await;
    let (engine, now) = (&bed.engine, bed.engine.now());
    let id = schedule(&bed, config).await;
    let standing = engine.read().schedule(id).await.unwrap().unwrap();
    let (cron, time_zone) = (Some("0 3 * * *".to_owned()), Some("UTC".to_owned()));
    for change in [
        ScheduleChange { cron, paused: Some(true), ..ScheduleChange::default() },
        ScheduleChange { time_zone, ..ScheduleChange::default() },
        ScheduleChange { params: Some(json!({"force": true})), ..ScheduleChange::default() },
    ] {
        let refused = engine.change_schedule(id, change, now).await.unwrap_err().to_string();
        assert!(refused.contains("follows file sync config 1"), "{refused}");
    }
    let refused = engine.remove_schedule(id, now).await.unwrap_err().to_string();
    assert!(refused.contains("follows file sync config 1"), "{refused}");
    assert_eq!(engine.read().schedule(id).await.unwrap().unwrap(), standing);

    let pause = |paused| ScheduleChange { paused: Some(paused), ..ScheduleChange::default() };
    let paused = engine.change_schedule(id, pause(true), now).await.unwrap().unwrap();
    let shown = bed.files.config(config, now).await.unwrap();
    assert_eq!((shown.scheduled, shown.next_run), (true, None), "nothing comes of it by itself");
    change(&bed, &bed.files, config, json!({"cron": "0 4 * * *"})).await;
    bed.ok("POST", "/refresh-tasks").await;
    let changed = engine.read().schedule(id).await.unwrap().unwrap();
    assert_eq!(changed.paused_at, paused.paused_at, "what a person paused stays so");
    engine.change_schedule(id, pause(false), now).await.unwrap().unwrap();
    assert_eq!(next(&bed, config).await, "2026-01-16T04:00:00+08:00");
    bed.ok("DELETE", "/clear-tasks").await;
    assert_eq!(engine.read().schedule(id).await.unwrap(), None);
}

async fn a_schedule_that_only_looks_like_a_configs_may_be_removed(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let config = bed.config(json!({"cron": "0 2 * * *"})).await;
    let mut stray = spec_of(&bed, config).await;
    stray.name = "nightly".to_owned();
    let stray = bed.engine.put_schedule(&stray, bed.engine.now()).await.unwrap();
    assert!(bed.engine.remove_schedule(stray.id, bed.engine.now()).await.unwrap());
}

/// What the schedule of a config is made of.
async fn spec_of(bed: &Bed, config: i64) -> ScheduleSpec {
    bed.engine.read().schedule(schedule(bed, config).await).await.unwrap().unwrap().spec
}

async fn a_time_that_is_due_is_not_lost_by_a_refresh(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    let config = bed.config(json!({"cron": "21 10 * * *"})).await;
    bed.pass(60);
    bed.ok("POST", "/refresh-tasks").await;
    scheduler::tick(&bed.engine, bed.engine.now()).await.unwrap();
    let runs = bed.files.runs(config, &[], Page { limit: 9, offset: 0 }, bed.engine.now()).await.unwrap();
    assert_eq!(runs.total, 1);
}

/// A config that comes past every check: like another one, with a text in place of one of its texts.
async fn import(bed: &Bed, like: i64, (old, new): (&str, &str)) -> i64 {
    let columns = "name, enabled, mode, source_service, target_service";
    bed.outside(&format!(
        "INSERT INTO file_config ({columns}, config, created_at, updated_at) SELECT {columns}, \
         replace(config, '{old}', '{new}'), created_at, updated_at FROM file_config WHERE id = {like}"
    ))
    .await;
    bed.engine.read().all_file_configs().await.unwrap().last().unwrap().id
}

async fn an_imported_config_that_makes_no_sense_is_told_and_stops_no_other(base: Base) {
    let mut bed = Bed::idle(base, Config::default()).await;
    bed.write("source/a", "a");
    let more = json!({"cron": "0 2 * * *", "filters": {"exclusions": [{"pattern": "^x", "mode": "regex"}]}});
    let good = bed.config(more).await;
    let times = import(&bed, good, ("0 2 * * *", "61 2 * * *")).await;
    let zone = import(&bed, good, ("Asia/Shanghai", "Asia/Nowhere")).await;
    let never = import(&bed, good, ("0 2 * * *", "0 0 31 2 *")).await;
    let rule = import(&bed, good, ("^x", "[")).await;
    let service = import(&bed, good, ("\"service\":\"fs\"", "\"service\":\"baidu\"")).await;
    let refreshed = bed.ok("POST", "/refresh-tasks").await;
    assert_eq!(refreshed["message"], "任务同步完成，添加: 3, 跳过: 0, 错误: 3");
    assert_eq!(
        (&refreshed["total_configs"], &refreshed["active_tasks"]),
        (&json!(6), &json!([good, rule, service]))
    );
    for config in [times, zone, never] {
        assert_eq!(next(&bed, config).await, "cron_invalid");
    }
    bed.drive();
    for config in [rule, service] {
        let ended = bed.run(config, FileAsked::default()).await;
        assert_eq!(ended["result"]["error_type"], "config", "{ended}");
        assert_eq!(ended["result"]["stats"]["source_list_num"], 0);
    }
    assert!(!bed.at("target").exists());
    for config in [times, good] {
        assert_eq!(bed.run(config, FileAsked::default()).await["status"], "SUCCESS");
    }
}

async fn schedules_that_are_cleared_stay_so_over_a_restart_until_they_are_wanted(base: Base) {
    let bed = Bed::idle(base, Config::default()).await;
    bed.write("source/a", "a");
    let mut configs = Vec::new();
    for hour in [11, 12] {
        configs.push(bed.config(json!({"cron": format!("0 {hour} * * *")})).await);
    }
    bed.ok("DELETE", "/clear-tasks").await;
    let bed = bed.restarted().await;
    assert_eq!(scheduled!(bed), json!([]));
    for config in &configs {
        assert_eq!(next(&bed, *config).await, "cleared");
    }
    change(&bed, &bed.files, configs[0], json!({"transfers": 2})).await;
    assert_eq!(next(&bed, configs[0]).await, "cleared", "nothing of its times was said");
    change(&bed, &bed.files, configs[0], json!({"cron": "30 11 * * *"})).await;
    assert_eq!(scheduled!(bed), json!([configs[0]]));
    let newer = bed.config(json!({"cron": "0 13 * * *"})).await;
    let mut bed = bed.restarted().await;
    assert_eq!(scheduled!(bed), json!([configs[0], newer]));
    // By hand it runs as ever, and the time it had before goes by.
    bed.drive();
    assert_eq!(bed.run(configs[1], FileAsked::default()).await["status"], "SUCCESS");
    bed.rest().await;
    bed.pass(2 * 3600);
    scheduler::tick(&bed.engine, bed.engine.now()).await.unwrap();
    let runs = bed.files.runs(configs[1], &[], Page { limit: 9, offset: 0 }, bed.engine.now()).await.unwrap();
    assert_eq!(runs.total, 1);
    bed.ok("DELETE", "/clear-tasks").await;
    let bed = bed.restarted().await;
    let refreshed = bed.ok("POST", "/refresh-tasks").await;
    assert_eq!(refreshed["message"], "任务同步完成，添加: 3, 跳过: 0, 错误: 0");
    assert_eq!(next(&bed, configs[1]).await, "2026-01-16T12:00:00+08:00");
    let bed = bed.restarted().await;
    assert_eq!(scheduled!(bed), json!([configs[0], configs[1], newer]));
}

on_both! {
    another_server_sees_what_becomes_of_schedules_at_once
    a_time_that_another_server_changed_is_the_one_acted_on
    a_refresh_makes_schedules_what_their_configs_say_whatever_became_of_them
    a_schedule_is_paused_by_a_person_and_changed_by_its_config_only
    a_schedule_that_only_looks_like_a_configs_may_be_removed
    a_time_that_is_due_is_not_lost_by_a_refresh
    an_imported_config_that_makes_no_sense_is_told_and_stops_no_other
    schedules_that_are_cleared_stay_so_over_a_restart_until_they_are_wanted
}
