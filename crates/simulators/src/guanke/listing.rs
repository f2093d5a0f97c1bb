//! The list of tasks, a page at a time, as it is and as faults spoil it.

use std::ops::RangeInclusive;

use serde::Serialize;
use serde_json::Value;

use super::{
    faults::Fault,
    query::{Paging, midnight},
    row::Row,
    task::Task,
};

/// A page of tasks.
#[derive(Serialize)]
pub(super) struct TaskPage {
    data: Vec<Row>,
    page: u32,
    #[serde(rename = "totalCount", skip_serializing_if = "Option::is_none")]
    total: Option<usize>,
}

/// The page asked for, of the tasks made within the window.
pub(super) fn page(
    tasks: &[Task],
    window: &RangeInclusive<i64>,
    paging: Paging,
    faults: &[Fault],
) -> TaskPage {
    let made = tasks.iter().filter(|task| window.contains(&midnight(task.created)));
    let mut rows: Vec<Row> = made.map(row).collect();
    if faults.contains(&Fault::BadRows) {
        rows.extend(bad_rows());
    }
    if faults.contains(&Fault::Empty) {
        rows.clear();
    }
    let size = usize::try_from(paging.size).unwrap_or(usize::MAX);
    if faults.contains(&Fault::Duplicate)
        && let Some(last) = rows.get(size - 1).cloned()
    {
        rows.insert(size, last);
    }
    let total = rows.len();
    let asked = paging.rows();
    let place = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).min(total);
    let mut data = rows[place(asked.start)..place(asked.end)].to_vec();
    if faults.contains(&Fault::ShortPage(paging.page)) {
        data.clear();
    }
    if faults.contains(&Fault::StringIds) {
        for row in &mut data {
            let id = row.0.iter().find(|(name, _)| *name == "id").map(|(_, id)| id.to_string());
            row.set("id", id.into());
        }
    }
    if faults.contains(&Fault::CamelNames) {
        for (name, _) in data.iter_mut().flat_map(|row| &mut row.0) {
            *name = camel(name);
        }
    }
    TaskPage { data, page: paging.page, total: Some(total).filter(|_| !faults.contains(&Fault::NoTotal)) }
}

fn row(task: &Task) -> Row {
    Row::new([
        ("id", task.id.into()),
        ("task_name", task.name.as_str().into()),
        ("state", task.state().into()),
        ("total_number", task.total.into()),
        ("called_number", task.called().into()),
        ("connected_number", task.connected().into()),
        ("success_number", task.success().into()),
        ("create_time", format!("{} 00:00:00", task.created).into()),
    ])
}

/// Rows of which each lacks one thing.
fn bad_rows() -> [Row; 3] {
    let sound = |id: u64| {
        Row::new([
            ("id", id.into()),
            ("task_name", "淮安-1014-高中-10000-O4-A-L3-1019".into()),
            ("state", 2.into()),
            ("total_number", 100.into()),
            ("called_number", 10.into()),
            ("connected_number", 3.into()),
            ("success_number", 0.into()),
        ])
    };
    let mut rows = [sound(7_199_001), sound(7_199_002), sound(7_199_003)];
    rows[0].remove("id");
    rows[1].set("task_name", Value::Null);
    rows[2].set("called_number", "许多".into());
    rows
}

fn camel(name: &str) -> &'static str {
    match name {
        "id" => "taskId",
        "task_name" => "taskName",
        "total_number" => "totalNumber",
        "called_number" => "calledNumber",
        "connected_number" => "connectedNumber",
        "success_number" => "successNumber",
        "create_time" => "createTime",
        _ => "state",
    }
}
