//! An attempt from its time to its end.

use serde_json::json;
use simulators::jolpica::Trouble;
use systems::races::tables;

use crate::bed::{Base, Bed, at};

on_both! {
    an_attempt_starts_at_its_time_and_its_success_ends_the_plan
    a_sprint_weekend_has_five_datasets
    what_is_not_published_is_there_with_the_next_attempt
    a_source_that_is_down_fails_the_attempt_and_the_next_one_runs
}

async fn an_attempt_starts_at_its_time_and_its_success_ends_the_plan(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.clock.set(at("2025-06-29T21:59:58"));
    let done = bed.until(11, 1, "success").await;
    let began = done["executed_time"].as_str().unwrap();
    assert!(("2025-06-29T22:00:00".."2025-06-29T22:00:02").contains(&began), "{began}");
    let there = json!({"race_results": true, "qualifying_results": true, "sprint_results": true,
        "driver_standings": true, "constructor_standings": true});
    assert_eq!(done["results"], there);
    assert_eq!(done["details"]["sprint_results"]["message"], "本站无冲刺赛");
    assert_eq!(bed.statuses(11).await, ["success", "cancelled", "cancelled"]);
    assert_eq!(bed.attempt(11, 3).await["reason"], "superseded");
    assert_eq!(bed.simulator.requests().len(), 4);
    assert_eq!(
        bed.log(&done["run_id"]).await,
        "🏎️ 开始执行比赛后数据同步 - 2025 赛季第 11 轮 (第 1 次尝试)
🚥 同步排位赛结果...
   排位赛结果: ✅ 成功，更新了 20 条记录
🏁 同步比赛结果...
   比赛结果: ✅ 成功，更新了 20 条记录
🎯 同步冲刺赛结果...
   冲刺赛结果: ⏳ 暂无数据（本站无冲刺赛）
📊 同步车手积分榜...
   车手积分榜: ✅ 成功，更新了 20 条记录
🏆 同步车队积分榜...
   车队积分榜: ✅ 成功，更新了 10 条记录
✅ 比赛后数据同步完成: 4/5 项成功"
    );
}

async fn a_sprint_weekend_has_five_datasets(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(13, "").await;
    bed.execute(13, 1).await;
    let done = bed.until(13, 1, "success").await;
    assert_eq!(done["details"]["sprint_results"]["records"], 20, "{done}");
    assert_eq!(bed.simulator.requests().len(), 5);
    assert!(done["results"].as_object().unwrap().values().all(|there| there == true), "{done}");
    assert_eq!(
        bed.log(&done["run_id"]).await,
        "🏎️ 开始执行比赛后数据同步 - 2025 赛季第 13 轮 (第 1 次尝试)
🚥 同步排位赛结果...
   排位赛结果: ✅ 成功，更新了 20 条记录
🏁 同步比赛结果...
   比赛结果: ✅ 成功，更新了 20 条记录
🎯 同步冲刺赛结果...
   冲刺赛结果: ✅ 成功，更新了 20 条记录
📊 同步车手积分榜...
   车手积分榜: ✅ 成功，更新了 20 条记录
🏆 同步车队积分榜...
   车队积分榜: ✅ 成功，更新了 10 条记录
✅ 比赛后数据同步完成: 5/5 项成功"
    );
}

async fn what_is_not_published_is_there_with_the_next_attempt(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    for list in ["results", "driverStandings", "constructorStandings"] {
        bed.spoil(&format!("/2025/11/{list}"), Trouble::NotPublished);
    }
    bed.clock.set(at("2025-06-29T21:59:59"));
    let partial = bed.until(11, 1, "partial").await;
    let outcomes = ["race_results", "qualifying_results", "driver_standings", "constructor_standings"]
        .map(|dataset| partial["details"][dataset]["outcome"].clone());
    assert_eq!(outcomes, ["no_data_yet", "ok", "no_data_yet", "no_data_yet"]);
    let stored =
        (bed.rows(tables::DRIVER_STANDINGS, 11).await, bed.rows(tables::QUALIFYING_RESULTS, 11).await);
    assert_eq!(stored, (0, 20));
    bed.simulator.set_faults(Vec::new());
    bed.clock.set(at("2025-06-30T03:59:59"));
    let done = bed.until(11, 2, "success").await;
    assert_eq!(done["error_message"], json!(null));
    assert_eq!(bed.statuses(11).await, ["partial", "success", "cancelled"]);
    assert_eq!(bed.rows(tables::DRIVER_STANDINGS, 11).await, 20);
}

async fn a_source_that_is_down_fails_the_attempt_and_the_next_one_runs(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.spoil("*", Trouble::Status { code: 404, retry_after: None });
    bed.clock.set(at("2025-06-29T21:59:59"));
    let failed = bed.until(11, 1, "failed").await;
    assert_eq!(failed["results"]["race_results"], false);
    assert!(!failed["error_message"].as_str().unwrap().contains("http"), "{failed}");
    let log = bed.log(&failed["run_id"]).await;
    assert!(log.ends_with("\n❌ 比赛后数据同步失败: 0/5 项成功"), "{log}");
    bed.simulator.set_faults(Vec::new());
    bed.clock.set(at("2025-06-30T03:59:59"));
    bed.until(11, 2, "success").await;
}
