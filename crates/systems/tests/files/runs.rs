//! Runs: what is copied, what is deleted, what is refused, and what is told of it.

use jiff::Timestamp;
use model::file::run::FileAsked;
use model::id::RunId;
use model::state::RunState;
use serde_json::json;

use crate::bed::{Base, Bed};

async fn a_first_run_copies_all_and_a_second_nothing(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/a.txt", "one");
    bed.write("source/照片/b c#+%.txt", "two");
    bed.write("source/deep/1/2/3/empty", "");
    let config = bed.config(json!({})).await;
    let first = bed.run(config, FileAsked::default()).await;
    assert_eq!(first["status"], "SUCCESS", "{first}");
    assert_eq!((first["successful"].clone(), first["failed"].clone()), (json!(true), json!(false)));
    assert_eq!(first["result"]["message"], "同步任务执行成功");
    let stats = &first["result"]["stats"];
    assert_eq!((&stats["added_success"], &stats["bytes"]), (&json!(3), &json!(6)), "{stats}");
    assert_eq!((&stats["sync_method"], &stats["attempts"]), (&json!("incremental"), &json!(1)));
    assert_eq!(bed.tree("target"), bed.tree("source"));
    let second = bed.run(config, FileAsked::default()).await;
    let stats = &second["result"]["stats"];
    assert_eq!((&stats["added_success"], &stats["unchanged"]), (&json!(0), &json!(3)), "{stats}");
    assert_eq!(stats["bytes"], 0);
}

async fn full_deletes_what_the_source_does_not_have_and_incremental_keeps_it(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/a.txt", "one");
    bed.write("target/old/extra.txt", "extra");
    for n in 0..20 {
        bed.write(&format!("source/keep{n}"), "k");
    }
    let keeps = bed.config(json!({})).await;
    bed.run(keeps, FileAsked::default()).await;
    assert!(bed.tree("target").contains_key("old/extra.txt"));
    bed.files.change(keeps, json!({"mode": "full"}).as_object().unwrap(), bed.engine.now()).await.unwrap();
    let ended = bed.run(keeps, FileAsked::default()).await;
    assert_eq!(ended["result"]["stats"]["deleted_success"], 1, "{ended}");
    assert_eq!(bed.tree("target"), bed.tree("source"));
    assert!(!bed.at("target/old").exists(), "a folder it leaves empty goes too");
}

async fn the_guard_stops_deletes_and_confirm_lifts_it(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/a.txt", "one");
    for n in 0..10 {
        bed.write(&format!("target/extra{n}"), "x");
    }
    let config = bed.config(json!({"mode": "full"})).await;
    let stopped = bed.run(config, FileAsked::default()).await;
    assert_eq!((&stopped["status"], &stopped["result"]["error_type"]), (&json!("FAILURE"), &json!("guard")));
    let error = stopped["result"]["error"].as_str().unwrap();
    assert!(
        error.starts_with("删除保护: 计划删除 10 个文件（目标共 10 个，100.0%），未删除任何文件"),
        "{error}"
    );
    assert!(stopped["traceback"].as_str().unwrap().starts_with("guard: "), "{stopped}");
    assert_eq!(bed.tree("target").len(), 11, "what was new was copied, nothing was deleted");
    let few = FileAsked { confirm: true, max_delete: Some(9), ..FileAsked::default() };
    assert_eq!(bed.run(config, few).await["result"]["error_type"], "guard");
    let done = bed.run(config, FileAsked { confirm: true, ..FileAsked::default() }).await;
    assert_eq!(done["status"], "SUCCESS", "{done}");
    assert_eq!(bed.tree("target"), bed.tree("source"));
}

async fn a_missing_or_empty_source_deletes_nothing_and_says_so(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("target/precious", "p");
    let config = bed.config(json!({"mode": "full"})).await;
    let missing = bed.run(config, FileAsked::default()).await;
    assert_eq!(missing["result"]["error_type"], "source_missing", "{missing}");
    assert!(!bed.at("source").exists(), "nothing is made where it should have been");
    std::fs::create_dir(bed.at("source")).unwrap();
    let empty = bed.run(config, FileAsked::default()).await;
    assert_eq!(empty["result"]["error"], "源目录为空而目标目录非空，已拒绝删除（可使用 force 执行）");
    assert!(bed.tree("target").contains_key("precious"));
    let forced = bed.run(config, FileAsked { force: true, ..FileAsked::default() }).await;
    assert_eq!(forced["status"], "SUCCESS", "{forced}");
    assert!(bed.tree("target").is_empty());
}

async fn a_dry_run_says_what_would_be_done_and_touches_nothing(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/new", "n");
    bed.write("source/changed", "longer");
    bed.write("target/changed", "short");
    bed.write("target/extra", "x");
    let config = bed.config(json!({"mode": "full"})).await;
    let before = bed.tree("target");
    let asked = FileAsked { dry_run: true, ..FileAsked::default() };
    let started = bed.files.execute(&bed.engine, config, asked).await.unwrap();
    bed.ended(&started.task_id).await;
    let items = bed.files.items(started.run, systems::files::FileItemFilter::default(), 0, 9).await.unwrap();
    let mut said: Vec<String> = items
        .iter()
        .map(|(_, item)| format!("{} {} {}", item.op, item.to, item.reason.as_deref().unwrap_or_default()))
        .collect();
    said.sort();
    assert_eq!(said, ["add new new", "delete extra extra", "update changed size"]);
    let run = bed.files.run(started.run, bed.engine.now()).await.unwrap().unwrap();
    let guard = serde_json::to_value(run.guard).unwrap();
    assert_eq!(guard, json!({"would_trip": true, "deletes": 1, "target_files": 2, "percent": 50.0}));
    assert_eq!(bed.tree("target"), before);
    assert!(bed.files.config(config, bed.engine.now()).await.unwrap().last_sync.is_none());
}

async fn a_failed_run_is_tried_again_after_one_two_and_four_minutes(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/a", "a");
    bed.write("target/a/in the way", "x");
    let config = bed.config(json!({})).await;
    let task = bed.files.execute(&bed.engine, config, FileAsked::default()).await.unwrap().task_id;
    for (tries, minutes) in [(1, 1), (2, 2), (3, 4)] {
        let run = crate::shared::until(&bed.engine, || async {
            let run = bed.store.read().file_run_of_task(&task).await.unwrap().unwrap();
            (run.attempt == tries && run.run.state == RunState::Waiting).then_some(run)
        })
        .await;
        let waits = bed.ok("GET", &format!("/task-result/{task}")).await;
        assert_eq!((&waits["status"], &waits["ready"]), (&json!("RETRY"), &json!(false)), "{waits}");
        let filter = engine::PartitionFilter { limit: 1, ..engine::PartitionFilter::default() };
        let partition = bed.engine.read().partitions(run.run.id, &filter).await.unwrap().remove(0);
        assert_eq!(
            (run.error_type.as_deref(), run.next_try_at),
            (Some("items_failed"), partition.available_at),
            "why the newest try failed is told, and when the next comes"
        );
        let wait = partition.available_at.unwrap().duration_since(bed.engine.now());
        assert!((0..2).contains(&(minutes * 60 - wait.as_secs())), "{wait} instead of {minutes} min");
        bed.pass(minutes * 60);
    }
    let ended = bed.ended(&task).await;
    assert_eq!(
        (&ended["status"], &ended["result"]["error"]),
        (&json!("FAILURE"), &json!("1 个文件同步失败")),
        "{ended} {:?}",
        bed.store.read().file_run_of_task(&task).await.unwrap()
    );
    assert_eq!(ended["result"]["stats"]["attempts"], 4);
    assert_eq!(bed.store.read().file_run_of_task(&task).await.unwrap().unwrap().next_try_at, None);
}

async fn all_enabled_configs_run_and_the_batch_tells_of_each(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/a", "a");
    let none = bed.ok("POST", "/execute-all-enabled").await;
    let none = bed.ended(none["task_id"].as_str().unwrap()).await;
    assert_eq!(
        none["result"],
        json!({"success": true, "message": "没有启用的同步配置", "total_configs": 0, "results": []})
    );
    let good = bed.config(json!({})).await;
    let side = |path: &str| json!({"service": "fs", "path": bed.at(path).display().to_string()});
    let bad = bed.config(json!({"source": side("nowhere"), "target": side("other")})).await;
    bed.config(json!({"enabled": false, "target": side("third")})).await;
    let batch = bed.ok("POST", "/execute-all-enabled").await;
    let task = batch["task_id"].as_str().unwrap().to_owned();
    let ended = bed.ended(&task).await;
    let result = &ended["result"];
    assert_eq!(
        (&ended["status"], &result["message"]),
        (&json!("SUCCESS"), &json!("批量同步完成，成功 1/2 个配置")),
        "{ended}"
    );
    assert_eq!(
        (&result["results"][0]["config_id"], &result["results"][0]["success"]),
        (&json!(good), &json!(true))
    );
    assert_eq!(result["results"][1]["config_id"], bad);
    assert_eq!(result["results"][1]["error_type"], "source_missing");
    assert_eq!(bed.tree("target"), bed.tree("source"));
}

async fn two_configs_never_write_to_one_target_at_once(base: Base) {
    let bed = Bed::start(base).await;
    let side = |path: &str| json!({"service": "fs", "path": bed.at(path).display().to_string()});
    for n in 0..200 {
        bed.write(&format!("source/{n}"), "x");
        bed.write(&format!("source2/{n}"), "x");
    }
    let one = bed.config(json!({})).await;
    let inner = bed.config(json!({"source": side("source2"), "target": side("target/inner")})).await;
    let first = bed.files.execute(&bed.engine, one, FileAsked::default()).await.unwrap();
    let second = bed.files.execute(&bed.engine, inner, FileAsked::default()).await.unwrap();
    for task in [&first.task_id, &second.task_id] {
        assert_eq!(bed.ended(task).await["status"], "SUCCESS");
    }
    let (a, b) = (span(&bed, first.run).await, span(&bed, second.run).await);
    assert!(a.1 <= b.0 || b.1 <= a.0, "{a:?} and {b:?} overlap");
}

async fn replaced_and_deleted_files_are_kept_where_they_are_wanted(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/a", "new and longer");
    bed.write("target/a", "old");
    bed.write("target/gone/b", "b");
    let inside = bed.at("target/.old").display().to_string();
    let guard = json!({"max_files": null, "max_percent": null});
    let config = bed.config(json!({"mode": "full", "backup_dir": inside, "delete_guard": guard})).await;
    for _ in 0..2 {
        let ended = bed.run(config, FileAsked::default()).await;
        assert_eq!(ended["status"], "SUCCESS", "{ended}");
        let mut tree = bed.tree("target");
        assert_eq!(tree.remove("a").as_deref(), Some("new and longer"));
        let kept: Vec<(&str, &str)> =
            tree.iter().map(|(path, content)| (path.split_once('-').unwrap().1, content.as_str())).collect();
        assert_eq!(kept, [("1/a", "old"), ("1/gone/b", "b")], "the second run leaves what is kept alone");
        assert!(tree.keys().all(|path| path.starts_with(".old/20260115T1020")), "{tree:?}");
    }
}

async fn what_a_dead_run_left_is_swept_up_and_what_a_person_left_is_not(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/a/b", "b");
    bed.write("target/.syncline-tmp-9-9-0001abcd", "half");
    bed.write("target/a/.syncline-tmp-9-9-0001abce", "half");
    bed.write("target/a/.mine", "kept");
    let config = bed.config(json!({})).await;
    bed.run(config, FileAsked::default()).await;
    let names: Vec<String> = bed.tree("target").into_keys().collect();
    assert_eq!(names, ["a/.mine", "a/b"]);
}

async fn a_link_laid_since_does_not_lead_the_target_into_the_source(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/inside/precious", "p");
    bed.write("source/other", "o");
    let config =
        bed.config(json!({"mode": "full", "delete_guard": {"max_files": null, "max_percent": null}})).await;
    std::os::unix::fs::symlink(bed.at("source/inside"), bed.at("target")).unwrap();
    let before = bed.tree("source");
    let refused = bed.run(config, FileAsked::default()).await;
    assert_eq!(refused["result"]["error_type"], "config", "{refused}");
    assert_eq!(refused["result"]["error"], "源与目标路径重叠");
    assert_eq!(bed.tree("source"), before);
}

async fn a_cancelled_run_stops_at_once_and_leaves_no_half_file(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/big", &"x".repeat(1 << 20));
    let config = bed.config(json!({"bandwidth_limit": 1000})).await;
    let started = bed.files.execute(&bed.engine, config, FileAsked::default()).await.unwrap();
    crate::shared::until(&bed.engine, || async {
        bed.tree("target").keys().any(|at| at.contains("tmp")).then_some(())
    })
    .await;
    let asked = std::time::Instant::now();
    bed.engine.cancel(started.run, bed.engine.now()).await.unwrap();
    let ended = bed.ended(&started.task_id).await;
    assert_eq!((&ended["status"], &ended["result"]["error"]), (&json!("REVOKED"), &json!("cancelled")));
    crate::shared::until(&bed.engine, || async { bed.tree("target").is_empty().then_some(()) }).await;
    assert!(asked.elapsed().as_secs() < 10, "{:?}", asked.elapsed());
}

async fn a_run_says_in_its_own_log_what_it_did_and_what_failed(base: Base) {
    let bed = Bed::start(base).await;
    for number in 0..23 {
        bed.write(&format!("source/file-{number:02}"), "new");
        bed.write(&format!("target/file-{number:02}/inside"), "in the way");
    }
    bed.write("source/good", "good");
    std::os::unix::fs::symlink("good", bed.at("source/link")).unwrap();
    let config = bed.config(json!({})).await;
    let logged = async |asked: FileAsked| {
        let started = bed.files.execute(&bed.engine, config, asked).await.unwrap();
        let state = crate::shared::until(&bed.engine, || async {
            let state = bed.store.read().run(started.run).await.unwrap().unwrap().state;
            (state.is_end() || state == RunState::Waiting).then_some(state)
        })
        .await;
        let lines = bed.store.read().log(started.run, 0, 100).await.unwrap();
        let said = |line: &engine::LogLine| {
            let message = line.message.replace(&started.task_id, "T");
            format!("{} {}", line.level, message.split(", 耗时").next().unwrap())
        };
        let lines: Vec<String> = lines.iter().map(said).collect();
        bed.engine.cancel(started.run, bed.engine.now()).await.unwrap();
        (state, lines)
    };
    let (state, lines) = logged(FileAsked::default()).await;
    assert_eq!((state, lines.len()), (RunState::Waiting, 25), "{lines:#?}");
    assert_eq!(lines[0], "info 任务 T 开始执行");
    let named = lines.iter().filter(|line| line.starts_with("error 文件 /file-"));
    assert_eq!(named.count(), 20, "{lines:#?}");
    assert_eq!(
        lines[21..],
        [
            "error 另有 3 个文件同步失败，详见文件明细",
            "warn 跳过 1 项: 链接、特殊文件，或同步期间消失的文件",
            "info 同步任务完成: ID=1",
            "warn 第 1 次尝试失败，稍后重试: 23 个文件同步失败",
        ]
    );
    std::fs::remove_dir_all(bed.at("target")).unwrap();
    let ends = |how: &str, done: &str| {
        ["info 任务 T 开始执行", "warn 跳过 1 项: 链接、特殊文件，或同步期间消失的文件", done, how]
            .map(str::to_owned)
            .to_vec()
    };
    let planned = logged(FileAsked { dry_run: true, ..FileAsked::default() }).await;
    assert_eq!(planned, (RunState::Succeeded, ends("info 任务 T 执行成功", "info 试运行完成: ID=1")));
    let copied = logged(FileAsked::default()).await;
    assert_eq!(copied, (RunState::Succeeded, ends("info 任务 T 执行成功", "info 同步任务完成: ID=1")));
    std::fs::remove_dir_all(bed.at("source")).unwrap();
    let (state, lines) = logged(FileAsked::default()).await;
    assert_eq!(state, RunState::Failed);
    let source = bed.at("source").display().to_string();
    assert_eq!(lines[2..], [format!("error 源目录不存在: {source}"), "error 任务 T 执行失败".to_owned()]);
}

async fn a_big_file_is_seen_on_its_way(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/deep/big", &"x".repeat(4 << 20));
    let config = bed.config(json!({"bandwidth_limit": 400_000})).await;
    let started = bed.files.execute(&bed.engine, config, FileAsked::default()).await.unwrap();
    let seen = crate::shared::until(&bed.engine, || async {
        let progress = bed.store.read().file_run(started.run).await.unwrap().unwrap().progress;
        (progress.bytes_done > 0).then_some(progress)
    })
    .await;
    let under_way = seen.current.first().unwrap_or_else(|| panic!("{seen:?}"));
    assert_eq!((under_way.path.as_str(), under_way.size), ("deep/big", 4 << 20));
    assert_eq!((seen.bytes_done, seen.files_done), (under_way.bytes_done, 0), "{seen:?}");
    assert!(seen.bytes_done < seen.bytes_total, "{seen:?}");
    bed.engine.cancel(started.run, bed.engine.now()).await.unwrap();
    bed.ended(&started.task_id).await;
}

async fn a_target_without_times_is_remembered_and_forgotten_with_its_place(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/a/one.txt", "one");
    bed.write("source/two.txt", "two");
    let name = bed.at("").display().to_string();
    let target = |path: &str| json!({"service": "memory", "options": {"name": name}, "path": path});
    let config = bed.config(json!({"target": target("/t"), "mode": "full"})).await;
    let run = async || bed.run(config, FileAsked::default()).await["result"]["stats"].clone();
    assert_eq!(run().await["added_success"], 2);
    let again = run().await;
    assert_eq!((&again["unchanged"], &again["bytes"]), (&json!(2), &json!(0)), "{again}");
    // Of the same size, and older than it was: no other rule would see it.
    bed.write("source/two.txt", "TWO");
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1);
    std::fs::File::open(bed.at("source/two.txt")).unwrap().set_modified(old).unwrap();
    let changed = run().await;
    assert_eq!((&changed["updated_success"], &changed["unchanged"]), (&json!(1), &json!(1)), "{changed}");
    std::fs::remove_file(bed.at("source/a/one.txt")).unwrap();
    let asked = FileAsked { confirm: true, ..FileAsked::default() };
    bed.run(config, asked).await;
    let remembered = async |folder: &str| bed.store.read().file_baseline(config, folder).await.unwrap();
    let names: Vec<String> = remembered("").await.into_iter().map(|file| file.name).collect();
    assert_eq!((names, remembered("a").await.len()), (vec!["two.txt".to_owned()], 0));
    let elsewhere = json!({"target": target("/other")});
    bed.files.change(config, elsewhere.as_object().unwrap(), bed.engine.now()).await.unwrap();
    assert_eq!(remembered("").await, []);
}

async fn rules_for_whole_paths_move_files_and_stay_stable(base: Base) {
    let bed = Bed::start(base).await;
    bed.write("source/2026/01/a.jpg", "a");
    bed.write("source/2026/02/b.jpg", "b");
    bed.write("source/keep/c.txt", "c");
    bed.write("target/extra.txt", "x");
    std::fs::create_dir_all(bed.at("source/nothing/in it")).unwrap();
    let rule =
        json!({"match_regex": r"^(\d{4})/(\d\d)/", "replace_string": r"\1-\2/照片/", "target_scope": "path"});
    let more = json!({"rename_rules": [rule], "mode": "full", "delete_guard": {"max_files": 1, "max_percent": null}});
    let config = bed.config(more).await;
    let first = bed.run(config, FileAsked::default()).await;
    let stats = &first["result"]["stats"];
    assert_eq!((&stats["added_success"], &stats["deleted_success"]), (&json!(3), &json!(1)), "{first}");
    let names: Vec<String> = bed.tree("target").into_keys().collect();
    assert_eq!(names, ["2026-01/照片/a.jpg", "2026-02/照片/b.jpg", "keep/c.txt"]);
    assert!(bed.at("target/nothing/in it").is_dir() && !bed.at("target/2026").exists());
    for _ in 0..2 {
        let again = bed.run(config, FileAsked::default()).await["result"]["stats"].clone();
        assert_eq!((&again["unchanged"], &again["bytes"]), (&json!(3), &json!(0)), "{again}");
    }
    bed.write("source/2026/01/a.jpg", "longer");
    let changed = bed.run(config, FileAsked::default()).await["result"]["stats"].clone();
    assert_eq!(changed["updated_success"], 1, "{changed}");
    assert_eq!(bed.tree("target")["2026-01/照片/a.jpg"], "longer");
    // Two that come to one place, and one that leads out of the tree.
    bed.write("source/2026-01/照片/a.jpg", "other");
    let asked = FileAsked { dry_run: true, ..FileAsked::default() };
    let wrong = bed.run(config, asked).await;
    let failed = &wrong["result"]["stats"]["added_fail"];
    assert_eq!((&wrong["status"], failed), (&json!("FAILURE"), &json!(2)), "{wrong}");
}

/// When a run's work began and ended.
async fn span(bed: &Bed, run: RunId) -> (Timestamp, Timestamp) {
    let kept = bed.store.read().file_run(run).await.unwrap().unwrap();
    (kept.begun_at.unwrap(), kept.run.ended_at.unwrap())
}

on_both! {
    a_target_without_times_is_remembered_and_forgotten_with_its_place
    rules_for_whole_paths_move_files_and_stay_stable
    a_link_laid_since_does_not_lead_the_target_into_the_source
    replaced_and_deleted_files_are_kept_where_they_are_wanted
    what_a_dead_run_left_is_swept_up_and_what_a_person_left_is_not
    a_big_file_is_seen_on_its_way
    a_run_says_in_its_own_log_what_it_did_and_what_failed
    a_cancelled_run_stops_at_once_and_leaves_no_half_file
    a_first_run_copies_all_and_a_second_nothing
    full_deletes_what_the_source_does_not_have_and_incremental_keeps_it
    the_guard_stops_deletes_and_confirm_lifts_it
    a_missing_or_empty_source_deletes_nothing_and_says_so
    a_dry_run_says_what_would_be_done_and_touches_nothing
    a_failed_run_is_tried_again_after_one_two_and_four_minutes
    all_enabled_configs_run_and_the_batch_tells_of_each
    two_configs_never_write_to_one_target_at_once
}
