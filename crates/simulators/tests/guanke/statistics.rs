//! The statistics, which must agree with the tasks and their calls.

use serde_json::{Value, json};
use simulators::guanke::{Options, start};

use super::http::{TODAY, cdr, fixed, log_in, send, stat};

/// Id, calls made, answered and won of each task.
fn rows(answer: &Value) -> Vec<(u64, u64, u64, u64)> {
    let content = answer["data"]["content"].as_array().unwrap();
    let is_task = |row: &&Value| row["username"] != "总计" && row["username"] != "平均";
    let number = |row: &Value, name| row[name].as_u64().unwrap();
    let told = |row: &Value| {
        let made = number(row, "callout_number");
        (number(row, "user_id"), made, number(row, "called_number"), number(row, "success_number"))
    };
    content.iter().filter(is_task).map(told).collect()
}

#[tokio::test]
async fn a_days_statistics_are_those_of_its_calls() {
    let simulator = fixed().await;
    let answer = stat(&simulator, TODAY, TODAY, 20).await;
    let expected = [
        (7_100_001, 4000, 1200, 60),
        (7_100_002, 10_000, 3000, 90),
        (7_100_003, 0, 0, 0),
        (7_100_004, 10, 2, 0),
    ];
    assert_eq!(rows(&answer), expected);
    let content = answer["data"]["content"].as_array().unwrap();
    let last: Vec<&Value> = content.iter().rev().take(2).map(|row| &row["username"]).collect();
    assert_eq!(last, ["平均", "总计"]);
    assert_eq!(answer["data"]["total"]["callout_number"], 14_010);
    assert_eq!(content[0]["connected_rate"], "30.00%");
}

#[tokio::test]
async fn more_than_seven_days_are_refused() {
    let simulator = fixed().await;
    let refused = json!({ "code": 400, "message": "时间范围不能超过7天", "data": null });
    assert_eq!(stat(&simulator, "2025-10-12", TODAY, 20).await, refused);
    assert_eq!(stat(&simulator, "2025-10-13", TODAY, 20).await["code"], 200);
    assert_eq!(stat(&simulator, TODAY, TODAY, 3).await["message"], "参数错误: query_type");
}

#[tokio::test]
async fn tasks_days_statistics_and_call_records_agree() {
    let simulator = start(Options::on_a_free_port(TODAY.parse().unwrap())).await.unwrap();
    assert!(simulator.advance() > 100);
    let days: Vec<String> = (9..=19).map(|day| format!("2025-10-{day:02}")).collect();
    let mut sums = std::collections::BTreeMap::<u64, (u64, u64, u64)>::new();
    for day in &days {
        for (id, called, connected, success) in rows(&stat(&simulator, day, day, 20).await) {
            let sum = sums.entry(id).or_default();
            *sum = (sum.0 + called, sum.1 + connected, sum.2 + success);
        }
    }
    let tasks = simulator.tasks();
    assert_eq!(sums.len(), tasks.len());
    for task in &tasks {
        assert_eq!(sums[&task.id], (task.called(), task.connected(), task.success()), "{}", task.id);
        assert!(task.called() <= task.total && task.connected() <= task.called());
    }
    let token = log_in(&simulator).await;
    for (state, day) in [("1", TODAY), ("2", TODAY), ("2", "2025-10-17")] {
        let target = format!("{}&callState={state}", cdr(day, day, 1, 1));
        let records = send(&simulator, "GET", &target, &token, "").await.json();
        let of_day = rows(&stat(&simulator, day, day, 20).await);
        let count = |row: &(u64, u64, u64, u64)| if state == "1" { row.1 - row.2 } else { row.2 };
        assert_eq!(records["data"]["totalCount"], of_day.iter().map(count).sum::<u64>(), "{state} {day}");
    }
}

#[tokio::test]
async fn accounts_groups_and_lines_have_the_sum_of_all_tasks() {
    let simulator = start(Options::on_a_free_port(TODAY.parse().unwrap())).await.unwrap();
    let mut sums = Vec::new();
    for query_type in [1, 2, 10, 20] {
        let rows = rows(&stat(&simulator, "2025-10-16", TODAY, query_type).await);
        sums.push(rows.iter().map(|row| row.1).sum::<u64>());
    }
    assert!(sums[0] > 0 && sums.iter().all(|sum| *sum == sums[0]), "{sums:?}");
}
