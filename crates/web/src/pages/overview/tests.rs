//! The page drawn from made-up readings: what a person sees in which situation.

use jiff::Timestamp;
use model::counts::ItemCounts;
use model::id::{Fence, PartitionId, RunId, ScheduleId, SyncKey};
use model::partition::UnitProgress;
use model::policy::Missed;
use model::run::Trigger;
use model::schedule::{ScheduleSpec, When};
use model::state::{Control, PartitionState};
use serde_json::Value;

use super::*;
use crate::i18n::Language;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn run(id: i64, state: RunState, partitions: [i64; 4]) -> Run {
    let [total, succeeded, skipped, failed] = partitions;
    let begun = state != RunState::Queued;
    Run {
        id: RunId(id),
        sync: SyncKey::parse("stocks.daily").unwrap(),
        state,
        control: Control::None,
        trigger: Trigger::Manual,
        label: "web_batch".to_owned(),
        reference: None,
        params: Value::Null,
        priority: 0,
        schedule_id: None,
        nominal_at: None,
        requested_by: None,
        partitions_total: total,
        partitions_succeeded: succeeded,
        partitions_skipped: skipped,
        partitions_failed: failed,
        counts: ItemCounts { new: succeeded * 5_205, unchanged: 12, failed, ..ItemCounts::default() },
        message: None,
        fault_code: None,
        fault_message: None,
        created_at: at("2025-10-17T19:59:59Z"),
        started_at: if begun { Some(at("2025-10-17T20:00:00Z")) } else { None },
        ended_at: if state.is_end() { Some(at("2025-10-17T20:15:30Z")) } else { None },
        resume_at: None,
        read_at: None,
    }
}

fn partition(key: &str) -> Partition {
    Partition {
        id: PartitionId(7),
        run_id: RunId(12),
        ordinal: 2,
        key: key.to_owned(),
        state: PartitionState::Running,
        attempt: 1,
        crashes: 0,
        fence: Fence(1),
        holder: None,
        lease_until: None,
        available_at: None,
        payload: Value::Null,
        checkpoint: None,
        units: UnitProgress { done: 2_430, failed: 2, total: Some(5_205) },
        counts: ItemCounts::default(),
        message: None,
        fault_code: None,
        fault_message: None,
        started_at: None,
        ended_at: None,
    }
}

fn schedule(id: i64, title: &str, cron: &str, next: Option<&str>) -> Schedule {
    Schedule {
        id: ScheduleId(id),
        spec: ScheduleSpec {
            name: format!("stocks.schedule_{id}"),
            title: title.to_owned(),
            sync: SyncKey::parse("stocks.daily").unwrap(),
            label: "scheduler_daily".to_owned(),
            params: Value::Null,
            when: When::Cron { expression: cron.to_owned() },
            time_zone: "Asia/Shanghai".to_owned(),
            missed: Missed::None,
            missed_window: Duration::ZERO,
            missed_max: 1,
        },
        last_nominal_at: None,
        next_nominal_at: next.map(at),
        paused_at: if next.is_none() { Some(at("2025-10-17T00:00:00Z")) } else { None },
        version: 1,
    }
}

fn standing() -> Standing {
    let mut paused = run(11, RunState::Paused, [90, 31, 12, 0]);
    paused.message =
        Some("今日数据源请求次数已达上限(45000次)，任务已暂停，将于次日00:05自动继续".to_owned());
    paused.resume_at = Some(at("2025-10-18T16:05:00Z"));
    let mut failed = run(8, RunState::Failed, [30, 0, 0, 3]);
    failed.fault_message = Some("同步失败: 10001011 黑名单用户，请与管理员联系".to_owned());
    failed.trigger = Trigger::Schedule;
    let mut read = run(6, RunState::Succeeded, [1, 1, 0, 0]);
    read.read_at = Some(at("2025-10-17T21:00:00Z"));
    read.started_at = Some(at("2025-10-16T12:00:00Z"));
    Standing {
        history: Vec::new(),
        active: vec![
            (run(12, RunState::Running, [9, 1, 0, 1]), Some(partition("2025-09-24"))),
            (paused, None),
            (run(13, RunState::Queued, [250, 0, 0, 0]), None),
        ],
        ended: vec![
            run(10, RunState::Succeeded, [9, 6, 3, 0]),
            run(9, RunState::Partial, [9, 5, 2, 2]),
            failed,
            run(7, RunState::Cancelled, [90, 14, 6, 0]),
            read,
        ],
        unread: 4,
        schedules: vec![
            schedule(2, "每日8点检查缺失数据", "0 8 * * *", Some("2025-10-18T00:00:00Z")),
            schedule(1, "每日20点同步数据", "0 20 * * *", Some("2025-10-18T12:00:00Z")),
            schedule(3, "每小时重试同步", "0 * * * *", None),
        ],
        syncs: vec![
            (SyncKey::parse("stocks.daily").unwrap(), Some(run(10, RunState::Succeeded, [9, 6, 3, 0]))),
            (SyncKey::parse("stocks.names").unwrap(), None),
        ],
        answered: Duration::from_millis(2),
    }
}

fn nothing() -> Standing {
    Standing {
        history: Vec::new(),
        active: Vec::new(),
        ended: Vec::new(),
        unread: 0,
        schedules: Vec::new(),
        syncs: vec![(SyncKey::parse("stocks.daily").unwrap(), None)],
        answered: Duration::from_millis(1),
    }
}

fn drawn(language: Language, standing: &Result<Standing, Problem>, problem: Option<&Problem>) -> String {
    let viewer = Viewer::in_shanghai(language);
    let scene = viewer.scene(at("2025-10-17T20:06:00Z"));
    let ranges = [Range { sync: SyncKey::parse("stocks.daily").unwrap(), label: "web_batch" }];
    let content = content(&scene, standing, &ranges, problem);
    let frame = Frame { viewer: &viewer, title: language.messages().overview, live: None, path: "/" };
    frame.around(&content).into_string()
}

#[test]
fn a_run_under_way_shows_percent_counts_and_end() {
    let page = drawn(Language::English, &Ok(standing()), None);
    for words in
        ["27.4", "2 of 9", "now at 2025-09-24", "2,430 of 5,205", "done about 04:27:00", "#12 stocks.daily"]
    {
        assert!(page.contains(words), "{words} in {page}");
    }
    let page = drawn(Language::Chinese, &Ok(standing()), None);
    for words in [
        "27.4",
        "2 / 9",
        "正在处理 2025-09-24",
        "预计 04:27:00 完成",
        "进行中的运行",
        "将于 10-19 00:05 继续",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[test]
fn nothing_there_is_said_in_words() {
    let page = drawn(Language::English, &Ok(nothing()), None);
    for words in ["Nothing is running.", "No run has ended yet.", "No schedules.", "Everything read"] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let page = drawn(Language::Chinese, &Ok(nothing()), None);
    for words in ["当前没有运行。", "还没有已结束的运行。", "没有定时计划。", "全部已读"]
    {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[test]
fn a_database_that_is_down_is_said_and_nothing_is_shown_as_empty() {
    let problem = Problem::Unavailable("state store unavailable while pinging: refused".to_owned());
    let page = drawn(Language::English, &Err(problem), None);
    assert!(page.contains("does not answer") && page.contains("while pinging: refused"), "{page}");
    assert!(!page.contains("Nothing is running"), "{page}");
}

#[test]
fn words_of_systems_are_escaped() {
    let mut standing = standing();
    standing.ended[0].message = Some("<script>alert(1)</script>".to_owned());
    let page = drawn(Language::English, &Ok(standing), None);
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"), "{page}");
}
