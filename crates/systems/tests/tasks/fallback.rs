//! Tasks from daily statistics and call records, where the platform's listing cannot be used.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Value as Json, json};

use crate::bed::{Base, Bed};

on_both! {
    statistics_of_days_add_up_once_however_often_they_are_fetched
    no_call_asks_for_more_days_or_rows_than_the_platform_gives
}

async fn from_statistics(base: Base) -> Bed {
    Bed::start_with(base, |config| config.guanke.source = "stat_cdr".to_owned()).await
}

/// A sync to its end; its summary.
async fn sync(bed: &Bed, of: &str) -> Json {
    bed.ok("POST", &format!("/{of}/manual")).await["summary"].clone()
}

/// Calls made, answered and won of each task, as stored.
async fn stored(bed: &Bed) -> BTreeMap<String, String> {
    let counts = "SELECT guanke_task_id, called_number, connected_number, success_number FROM dial_tasks";
    let rows = bed.rows(counts).await;
    let split = |row: &String| row.split_once('|').map(|(id, counts)| (id.to_owned(), counts.to_owned()));
    rows.iter().map(|row| split(row).unwrap()).collect()
}

/// The same as the platform has it, of tasks as old as this in days.
fn expected(bed: &Bed, ages: RangeInclusive<i32>) -> BTreeMap<String, String> {
    let tasks = bed.simulator.tasks();
    let today = tasks.iter().map(|task| task.created).max().unwrap();
    let made = tasks.iter().filter(|task| ages.contains(&(today - task.created).get_days()));
    made.map(|task| {
        (task.id.to_string(), format!("{}|{}|{}", task.called(), task.connected(), task.success()))
    })
    .collect()
}

async fn statistics_of_days_add_up_once_however_often_they_are_fetched(base: Base) {
    let bed = from_statistics(base).await;
    for time in ["the first", "the second"] {
        let today = sync(&bed, "today").await;
        assert_eq!((&today["total"], &today["failed"]), (&json!(4), &json!(0)), "sums are no tasks");
        let historical = sync(&bed, "historical").await;
        let new = if time == "the first" { (4, 6) } else { (0, 0) };
        assert_eq!((&today["new"], &historical["new"]), (&json!(new.0), &json!(new.1)), "{time}");
        assert_eq!(stored(&bed).await, expected(&bed, 0..=3), "{time}");
    }
    let names = "SELECT task_name, total_number, state FROM dial_tasks WHERE guanke_task_id = '7100003'";
    assert_eq!(
        bed.rows(names).await,
        ["宜宾-0905-高中-3236-O7-L9-A--1026||"],
        "not called, but it has a name"
    );
    // Older tasks are called further today: that is added to what their own days say.
    bed.simulator.advance();
    let further = sync(&bed, "today").await;
    assert_eq!(
        (&further["total"], &further["failed"]),
        (&json!(8), &json!(0)),
        "today's and four older ones"
    );
    assert_eq!(stored(&bed).await, expected(&bed, 0..=3));
}

async fn no_call_asks_for_more_days_or_rows_than_the_platform_gives(base: Base) {
    let bed = from_statistics(base).await;
    sync(&bed, "historical").await;
    let requests = bed.simulator.requests();
    let statistics = requests.iter().filter(|request| request.path == "/extension/agent/stat").count();
    assert_eq!(statistics, 3, "a day at a time");
    let records: Vec<_> = requests.iter().filter(|request| request.path == "/task/cdr/all2").collect();
    assert_eq!(records.len(), 6, "one for each name");
    for request in records {
        let value = |name: &str| {
            let mut pairs = request.query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned()).unwrap()
        };
        assert_eq!((value("page"), value("pageSize")), ("1".to_owned(), "1".to_owned()));
        assert_eq!(value("startTime")[..10], value("endTime")[..10]);
    }
    let before = stored(&bed).await;
    let _hurry = bed.hurry();
    bed.spoil(&["code=1:400"]);
    let (status, answer) = bed.call("POST", "/historical/manual").await;
    assert_eq!((status, &answer["error"]), (500, &json!("获取统计数据失败: 服务异常（code 400）")));
    assert_eq!(stored(&bed).await, before);
}
