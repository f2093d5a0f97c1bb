//! The statistics of the platform: what was called in some days, by account, group, line or task.

use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use super::{row::Row, task::Task};

/// What is added up; the numbers are the platform's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Account,
    Group,
    Line,
    Task,
}

impl By {
    pub(super) fn of(query_type: u32) -> Option<Self> {
        Some(match query_type {
            1 => Self::Account,
            2 => Self::Group,
            10 => Self::Line,
            20 => Self::Task,
            _ => return None,
        })
    }

    /// The number and the name a task is added up under.
    fn key(self, task: &Task) -> (u64, String) {
        let (number, kind) = match self {
            Self::Account => (501 + task.id % 12, "坐席"),
            Self::Group => (31 + task.id % 4, "组"),
            Self::Line => (1 + task.id % 20, "L"),
            Self::Task => (task.id, ""),
        };
        (number, format!("{kind}{number}"))
    }
}

/// The data of an answer.
#[derive(Serialize)]
pub(super) struct Statistics {
    pub(super) content: Vec<Row>,
    total: Row,
    average: Row,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    called: u64,
    connected: u64,
    success: u64,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.called += other.called;
        self.connected += other.connected;
        self.success += other.success;
    }

    fn part(self, of: u64) -> Self {
        let part = |sum| sum / of.max(1);
        Self { called: part(self.called), connected: part(self.connected), success: part(self.success) }
    }

    fn row(self, user: Value, name: &str) -> Row {
        let Self { called, connected, success } = self;
        let hundredths = (10_000 * connected).checked_div(called).unwrap_or(0);
        Row::new([
            ("user_id", user),
            ("username", name.into()),
            ("callout_number", called.into()),
            // The platform's name for calls that were answered.
            ("called_number", connected.into()),
            ("connected_rate", format!("{}.{:02}%", hundredths / 100, hundredths % 100).into()),
            ("success_number", success.into()),
            ("intention_number", (success + connected / 20).into()),
            ("intention_number2", (connected / 10).into()),
        ])
    }
}

/// The sums of these days. A task has a row when it was made or called in them; the last two rows are the sum and the
/// average of the others, and are no tasks.
pub(super) fn statistics(tasks: &[Task], days: &RangeInclusive<Date>, by: By) -> Statistics {
    let mut sums: Vec<((u64, String), Sum)> = Vec::new();
    let mut all = Sum::default();
    for task in tasks {
        let within = task.days.iter().filter(|day| days.contains(&day.date));
        let mut sum = Sum::default();
        let mut is_there = days.contains(&task.created);
        for day in within {
            is_there = true;
            sum.add(Sum { called: day.called, connected: day.connected, success: day.success });
        }
        if !is_there {
            continue;
        }
        all.add(sum);
        let key = by.key(task);
        match sums.iter_mut().find(|(own, _)| *own == key) {
            Some((_, known)) => known.add(sum),
            None => sums.push((key, sum)),
        }
    }
    let average = all.part(u64::try_from(sums.len()).unwrap_or(1));
    let mut content: Vec<Row> = sums.iter().map(|((id, name), sum)| sum.row((*id).into(), name)).collect();
    content.push(all.row(0.into(), "总计"));
    content.push(average.row(Value::Null, "平均"));
    let unnamed = |sum: Sum, name: &'static str| {
        let mut row = sum.row(Value::Null, name);
        row.remove("user_id");
        row
    };
    Statistics { content, total: unnamed(all, "总计"), average: unnamed(average, "平均") }
}
