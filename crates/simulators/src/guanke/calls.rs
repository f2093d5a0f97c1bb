//! The calls of the tasks, one by one, as the platform's call records show them.
//!
//! A task has as many records as leads. They are counted through and never kept: only those of a page are written out.

use std::ops::RangeInclusive;

use fastrand::Rng;
use serde::Serialize;
use serde_json::Value;

use super::{
    query::{Paging, Query, midnight},
    row::Row,
    task::{Day, Task},
};

/// A page of call records.
#[derive(Serialize)]
pub(super) struct CallPage {
    pub(super) data: Vec<Row>,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) only: &'static str,
    pub(super) page: u32,
    #[serde(rename = "totalCount", skip_serializing_if = "Option::is_none")]
    pub(super) total: Option<u64>,
}

/// Which records.
pub(super) struct Asked {
    pub(super) window: RangeInclusive<i64>,
    pub(super) paging: Paging,
    task: Option<String>,
    phone: Option<String>,
    state: Option<u64>,
}

impl Asked {
    pub(super) fn new(query: &Query) -> Result<Self, &'static str> {
        let given = |name| query.value(name).filter(|value| !value.is_empty()).map(str::to_owned);
        let state = given("callState").map(|state| state.parse().map_err(|_| "callState")).transpose()?;
        let (window, paging) = (query.window()?, query.paging());
        Ok(Self { window, paging, task: given("taskId"), phone: given("phone"), state })
    }
}

/// One lead of a task: not called yet (0), called in vain (1), or answered (2).
#[derive(Clone, Copy)]
struct Call<'t> {
    task: &'t Task,
    number: u64,
    second: i64,
    state: u64,
}

/// The page asked for.
pub(super) fn page(seed: u64, tasks: &[Task], asked: &Asked) -> CallPage {
    let mut total = 0;
    let mut data = Vec::new();
    let rows = asked.paging.rows();
    let asked_for = |task: &&Task| asked.task.as_ref().is_none_or(|id| *id == task.id.to_string());
    for task in tasks.iter().filter(asked_for) {
        for call in calls(task, &asked.window) {
            let phone = || Some(phone(seed, task, call.number));
            let fits = asked.state.is_none_or(|state| state == call.state)
                && (asked.phone.is_none() || asked.phone == phone());
            if fits {
                if rows.contains(&total) {
                    data.push(record(seed, call));
                }
                total += 1;
            }
        }
    }
    let (start, end) = (*asked.window.start(), *asked.window.end());
    CallPage { data, start, end, only: "", page: asked.paging.page, total: Some(total) }
}

/// The records of a task within the window: the calls of its days, then the leads that are left, which stand at the
/// morning of the day it was made.
fn calls<'t>(task: &'t Task, window: &RangeInclusive<i64>) -> impl Iterator<Item = Call<'t>> {
    let mut before = 0;
    let mut days = Vec::new();
    for day in &task.days {
        let morning = midnight(day.date) + 9 * 3600;
        if morning <= *window.end() && morning + 12 * 3600 >= *window.start() {
            days.push((before, *day));
        }
        before += day.called;
    }
    let called = days.into_iter().flat_map(move |(before, day)| {
        (0..day.called).map(move |index| Call {
            task,
            number: before + index,
            second: midnight(day.date) + 9 * 3600 + i64::try_from(index * 43_200 / day.called).unwrap_or(0),
            state: 1 + u64::from(is_answered(day, index)),
        })
    });
    let second = midnight(task.created) + 8 * 3600;
    let left = (before..task.total).map(move |number| Call { task, number, second, state: 0 });
    let window = window.clone();
    called.chain(left).filter(move |call| window.contains(&call.second))
}

/// Answered calls lie evenly among the calls of a day.
fn is_answered(day: Day, index: u64) -> bool {
    (index + 1) * day.connected / day.called > index * day.connected / day.called
}

fn phone(seed: u64, task: &Task, number: u64) -> String {
    let mut rng = Rng::with_seed(seed ^ task.id.rotate_left(24) ^ number);
    format!("{:016x}{:016x}", rng.u64(..), rng.u64(..))
}

fn record(seed: u64, call: Call<'_>) -> Row {
    const PLACES: [(&str, &str); 4] =
        [("河南", "许昌"), ("江苏", "淮安"), ("四川", "宜宾"), ("山东", "济南")];
    let Call { task, number, second, state } = call;
    let (province, city) = PLACES[usize::from(u8::try_from(number % 4).unwrap_or(0))];
    let line = 1 + task.id % 20;
    let duration = if state == 2 { 10 + number * 7 % 170 } else { 0 };
    let grade = if number % 3 == 0 { Value::Null } else { "A".into() };
    Row::new([
        ("TaskName", task.name.as_str().into()),
        ("audio", "".into()),
        ("callTime", second.into()),
        ("ccId", (task.id % 1_000_000).into()),
        ("city", city.into()),
        ("companyId", 1001.into()),
        ("deviceId", line.into()),
        ("deviceName", format!("L{line}").into()),
        ("duration", duration.into()),
        ("ext", (8000 + task.id % 12).to_string().into()),
        ("grade", grade),
        ("hangupReason", if state == 1 { "无人接听".into() } else { "".into() }),
        ("id", (1_800_000_000_000_000_000 + task.id % 10_000_000 * 100_000 + number).into()),
        ("isCall", u64::from(state > 0).into()),
        ("isFollow", 0.into()),
        ("params", "".into()),
        ("phone", phone(seed, task, number).into()),
        ("province", province.into()),
        ("realPhone", "".into()),
        ("remark", "".into()),
        ("taskId", task.id.into()),
        ("userId", (501 + task.id % 12).into()),
    ])
}
