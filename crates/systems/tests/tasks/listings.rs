//! To the second and to the row: how long a call that failed is waited with, and that a listing in another form gives
//! the same rows, and one that is not whole leaves all rows as they are.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::bed::{Base, Bed};
use crate::shared::until;

on_both! {
    a_call_is_tried_again_after_two_four_and_eight_seconds
    a_platform_that_asks_for_more_time_gets_it
    a_token_is_replaced_once_a_call_and_by_the_next_run_again
    a_page_that_cannot_be_had_leaves_every_row_as_it_is
    rows_that_cannot_be_used_are_named_and_the_others_stored
    other_forms_of_a_listing_give_the_same_rows
}

/// What is stored of each task, but for our own bookkeeping.
const ROWS: &str = "SELECT guanke_task_id, task_name, prefix, prefix_parsed, target_level, agent_group, line, \
                    call_mmdd, state, total_number, called_number, connected_number, success_number, \
                    match_status, match_origin, created_date FROM dial_tasks ORDER BY guanke_task_id";

/// What a record counts.
fn counts(record: &Json) -> [i64; 6] {
    ["total", "new", "updated", "matched", "pending", "failed"]
        .map(|name| record[format!("tasks_{name}")].as_i64().unwrap())
}

/// Starts a sync; its record.
async fn begin(bed: &Bed, of: &str) -> i64 {
    let (status, answer) = bed.call("POST", &format!("/{of}/manual?async=1")).await;
    assert_eq!(status, 202, "{answer}");
    answer["record_id"].as_i64().unwrap()
}

/// A sync to its end; its record.
async fn sync(bed: &Bed, of: &str) -> Json {
    let record = begin(bed, of).await;
    bed.ended(record).await
}

/// The lines of the run's log that hold this text, with their times.
async fn said(bed: &Bed, record: i64, text: &str) -> Vec<(Timestamp, String)> {
    let run = bed.store.read().task_record(record).await.unwrap().unwrap().run;
    let lines = bed.engine.read().log(run, 0, 500).await.unwrap();
    lines.into_iter().filter(|line| line.message.contains(text)).map(|line| (line.at, line.message)).collect()
}

async fn until_said(bed: &Bed, record: i64, text: &str) {
    until(&bed.engine, || async { (!said(bed, record, text).await.is_empty()).then_some(()) }).await;
}

async fn a_call_is_tried_again_after_two_four_and_eight_seconds(base: Base) {
    let bed = Bed::start(base).await;
    bed.spoil(&["http-500=1x9"]);
    let record = begin(&bed, "today").await;
    for (nth, seconds) in [(1, 2), (2, 4), (3, 8)] {
        let line = format!("⚠️ 第 {nth}/3 次重试，等待 {seconds} 秒：获取任务列表失败: HTTP 500");
        until_said(&bed, record, &line).await;
        // The last second goes by on its own: a pause that is too short would be seen.
        bed.clock.pass(SignedDuration::from_secs(seconds - 1));
    }
    let ended = bed.ended(record).await;
    assert_eq!(
        (&ended["status"], &ended["error_message"]),
        (&json!("failed"), &json!("获取任务列表失败: HTTP 500"))
    );
    assert_eq!((&ended["retry_count"], &ended["max_retries"]), (&json!(3), &json!(3)));
    assert_eq!(counts(&ended), [0; 6]);
    assert_eq!(bed.asked(), (4, 1));
    let said = said(&bed, record, "获取任务列表失败").await;
    assert_eq!(said[3].1, "❌ 重试 3 次后仍失败：获取任务列表失败: HTTP 500");
    let pauses: Vec<i64> = said.windows(2).map(|two| two[1].0.duration_since(two[0].0).as_secs()).collect();
    assert!(pauses[0] >= 2 && pauses[1] >= 4 && pauses[2] >= 8, "{pauses:?}");
    assert_eq!(bed.rows(ROWS).await, Vec::<String>::new());
}

async fn a_platform_that_asks_for_more_time_gets_it(base: Base) {
    let bed = Bed::start(base).await;
    bed.spoil(&["http-429=1:7", "http-429=2:1", "http-429=3:900"]);
    let _hurry = bed.hurry();
    let ended = sync(&bed, "today").await;
    assert_eq!((&ended["status"], &ended["retry_count"]), (&json!("success"), &json!(3)));
    let record = ended["id"].as_i64().unwrap();
    for line in ["第 1/3 次重试，等待 7 秒", "第 2/3 次重试，等待 4 秒", "第 3/3 次重试，等待 60 秒"]
    {
        assert_eq!(said(&bed, record, line).await.len(), 1, "{line}");
    }
}

async fn a_token_is_replaced_once_a_call_and_by_the_next_run_again(base: Base) {
    let bed = Bed::start(base).await;
    let _hurry = bed.hurry();
    bed.spoil(&["token-expired=1x2"]);
    let ended = sync(&bed, "today").await;
    assert_eq!((&ended["status"], &ended["retry_count"]), (&json!("failed"), &json!(3)));
    assert_eq!(bed.asked(), (5, 2), "at once with the new token, then three tries more");
    let ended = sync(&bed, "today").await;
    assert_eq!((&ended["status"], &ended["retry_count"]), (&json!("success"), &json!(0)));
    assert_eq!(bed.asked(), (7, 3));
}

async fn a_page_that_cannot_be_had_leaves_every_row_as_it_is(base: Base) {
    let bed = Bed::start_with(base, |config| {
        config.guanke.page_size = 2;
        config.guanke.timeout_seconds = 1;
    })
    .await;
    let _hurry = bed.hurry();
    sync(&bed, "today").await;
    let before = bed.rows(ROWS).await;
    assert_eq!(before.len(), 4);
    bed.simulator.advance();
    let spoiled =
        ["http-500=2x4", "http-429=2x4", "timeout=2x4", "drop=2x4", "truncated-json=2x4", "code=2:5001"];
    for fault in spoiled.into_iter().chain(["short-page=2", "null-data"]) {
        bed.spoil(&[fault]);
        let ended = sync(&bed, "today").await;
        assert_eq!((&ended["status"], &ended["retry_count"]), (&json!("failed"), &json!(3)), "{fault}");
        assert_eq!((counts(&ended), &ended["error_details"]), ([0; 6], &Json::Null), "{fault}");
        assert_eq!(bed.rows(ROWS).await, before, "{fault}");
    }
    bed.spoil(&[]);
    assert_eq!(counts(&sync(&bed, "today").await), [4, 0, 4, 0, 4, 0]);
    assert_ne!(bed.rows(ROWS).await, before);
}

async fn rows_that_cannot_be_used_are_named_and_the_others_stored(base: Base) {
    let bed = Bed::start(base).await;
    bed.spoil(&["bad-rows"]);
    let ended = sync(&bed, "today").await;
    assert_eq!((&ended["status"], &ended["error_message"]), (&json!("partial"), &Json::Null));
    assert_eq!(counts(&ended), [7, 4, 0, 0, 4, 3]);
    let name = "淮安-1014-高中-10000-O4-A-L3-1019";
    let expected = json!([
        { "task_id": "", "task_name": name, "error": "任务ID缺失" },
        { "task_id": "7199002", "task_name": "", "error": "任务名称缺失" },
        { "task_id": "7199003", "task_name": name, "error": "字段格式错误: called_number" },
    ]);
    assert_eq!(ended["error_details"], expected);
    assert_eq!(bed.rows(ROWS).await.len(), 4);
}

async fn other_forms_of_a_listing_give_the_same_rows(base: Base) {
    let of = async |faults: &[&str]| {
        let bed = Bed::start_with(base, |config| config.guanke.page_size = 2).await;
        bed.spoil(faults);
        let ended = sync(&bed, "historical").await;
        assert_eq!((&ended["status"], counts(&ended)), (&json!("success"), [6, 6, 0, 0, 6, 0]), "{faults:?}");
        bed.rows(ROWS).await
    };
    let plain = of(&[]).await;
    assert!(
        plain.last().unwrap().starts_with("9007199254740993123|淮安-1017-高中-10000-O1-C-L3-1020|"),
        "{plain:?}"
    );
    for fault in ["duplicate", "string-ids", "camel-names", "no-total"] {
        assert_eq!(of(&[fault]).await, plain, "{fault}");
    }
}
