//! The page drawn from made-up readings: its bounds, whatever stands in the state.

use jiff::tz::TimeZone;
use model::counts::ItemCounts;
use model::id::{Fence, PartitionId, SyncKey};
use model::partition::UnitProgress;
use model::run::Trigger;
use model::state::{Control, RunState};
use serde_json::Value;

use super::*;
use crate::components::Scene;
use crate::i18n::Language;

/// What a page may weigh.
const PAGE_BYTES_MAX: usize = 300 << 10;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + second).unwrap()
}

fn run() -> Run {
    Run {
        id: RunId(7),
        sync: SyncKey::parse("stocks.daily").unwrap(),
        state: RunState::Partial,
        control: Control::None,
        trigger: Trigger::Manual,
        label: "web_batch".to_owned(),
        reference: None,
        params: Value::Null,
        priority: 0,
        schedule_id: None,
        nominal_at: None,
        requested_by: None,
        partitions_total: 5_000,
        partitions_succeeded: 0,
        partitions_skipped: 0,
        partitions_failed: 5_000,
        counts: ItemCounts::default(),
        message: Some("长".repeat(1_365)),
        fault_code: Some("down".to_owned()),
        fault_message: Some("长".repeat(1_365)),
        created_at: at(0),
        started_at: Some(at(0)),
        ended_at: Some(at(9_000)),
        resume_at: None,
        read_at: None,
    }
}

fn partition(ordinal: i64, words: &str) -> Partition {
    Partition {
        id: PartitionId(ordinal),
        run_id: RunId(7),
        ordinal,
        key: format!("2025-{ordinal}"),
        state: PartitionState::Quarantined,
        attempt: 3,
        crashes: 3,
        fence: Fence(1),
        holder: None,
        lease_until: None,
        available_at: None,
        payload: Value::Null,
        checkpoint: None,
        units: UnitProgress { done: 5_205, failed: 5_205, total: Some(5_205) },
        counts: ItemCounts::default(),
        message: None,
        fault_code: Some("unreachable".to_owned()),
        fault_message: Some(words.to_owned()),
        started_at: Some(at(ordinal)),
        ended_at: Some(at(ordinal + 70)),
    }
}

fn wrote(table: &'static str) -> Rows {
    Rows { table, having: vec![("trade_date", "2025-10-09".to_owned())] }
}

fn drawn(language: Language, words: &str) -> String {
    let attempt = |id: i64| RunTry {
        partition: PartitionId(id),
        key: format!("2025-{id}"),
        attempt: 1,
        holder: "a-host-with-a-rather-long-name-4194304".to_owned(),
        started_at: at(id),
        ended_at: Some(at(id + 70)),
        outcome: "lost".to_owned(),
        fault_code: Some("unreachable".to_owned()),
    };
    let line = |id: i64| LogLine {
        id,
        run_id: RunId(7),
        partition_id: None,
        at: at(id),
        level: "error".to_owned(),
        message: words.to_owned(),
    };
    let fault =
        RunFault { code: Some("unreachable".to_owned()), message: Some(words.to_owned()), partitions: 625 };
    let about = Details {
        faults: vec![fault; FAULTS_SHOWN as usize],
        tries: (0..i64::from(TRIES_SHOWN)).map(attempt).collect(),
        partitions: (0..i64::from(PARTITIONS_SHOWN))
            .map(|ordinal| (partition(ordinal, words), vec![wrote("daily_bars"), wrote("daily_failures")]))
            .collect(),
    };
    let lines = Lines { lines: (1_000..1_000 + i64::from(LINES_SHOWN)).map(line).collect(), older: true };
    let asked = Asked::read(&RawAsked::default());
    let scene = Scene { language, zone: &TimeZone::UTC, now: at(10_000) };
    let viewer = Viewer::in_shanghai(language);
    let view = draw::View { scene, words: words_of(language), asked: &asked };
    let content =
        draw::content(&view, &Standing { run: run(), current: None, next_try: None }, (&about, &lines), None);
    Frame { viewer: &viewer, title: "#7", live: None, path: "/runs/7" }.around(&content).into_string()
}

fn words_of(language: Language) -> &'static words::Words {
    words(language)
}

#[test]
fn the_page_of_the_largest_run_with_the_longest_words_is_small_enough() {
    for words in ["长".repeat(1_365), "<&\">".repeat(1_024), "x".repeat(4_096)] {
        for language in Language::ALL {
            let bytes = drawn(language, &words).len();
            assert!(bytes < PAGE_BYTES_MAX, "{bytes} bytes");
        }
    }
}

#[test]
fn every_state_and_outcome_has_words_in_both_languages() {
    let page = drawn(Language::Chinese, "超时");
    for words in [
        "已隔离",
        "进程中断",
        "分区失败的原因",
        "625 次",
        "第 1 页，共 50 页",
        "失败 5,000",
        "重试",
        "更早的日志",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let page = drawn(Language::English, "timed out");
    for words in ["quarantined", "its process died", "625 ×", "Page 1 of 50", "Failed 5,000", "Older lines"]
    {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[test]
fn words_of_systems_are_escaped() {
    let page = drawn(Language::English, "<script>alert(1)</script>");
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"), "{page}");
}
