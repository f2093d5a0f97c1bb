//! Every sentence of this system that a person reads: answers of the documented routes and log lines, as documented.

use std::fmt::Display;

use jiff::Timestamp;

use super::datasets::{Dataset, Found, Outcome};
use super::read::wire_time;
use super::upstream::Race;

/// The log target.
pub const TARGET: &str = "sync.races";

/// Begins what is said when a route cannot answer.
pub const SCHEDULE_FAILED: &str = "安排同步计划失败";
/// As above.
pub const PLAN_FAILED: &str = "获取同步计划失败";
/// As above.
pub const CANCEL_FAILED: &str = "取消同步计划失败";
/// As above.
pub const EXECUTE_FAILED: &str = "立即执行同步失败";
/// As above.
pub const PENDING_FAILED: &str = "获取待执行任务失败";
/// As above.
pub const MONITOR_FAILED: &str = "触发监控失败";
/// As above.
pub const CLEANUP_FAILED: &str = "触发清理失败";
/// As above.
pub const BATCH_FAILED: &str = "批量安排失败";
/// As above.
pub const STATS_FAILED: &str = "获取统计信息失败";
/// As above, of the synced data.
pub const READ_FAILED: &str = "获取数据失败";
/// Why: a database is away.
pub const DATABASE_AWAY: &str = "数据库暂不可用";
/// Why: anything else.
pub const INTERNAL: &str = "内部错误";
/// Why: the season's calendar is on its way.
pub const CALENDAR_ON_ITS_WAY: &str = "赛历正在同步，请稍后重试";
/// Why: the season's calendar could not be had.
pub const CALENDAR_AWAY: &str = "赛历暂不可用，请稍后重试";
/// A body over the server's bound.
pub const BODY_TOO_LARGE: &str = "请求体过大";

/// Message of a race that has its plan already.
pub const PLAN_EXISTS: &str = "同步计划已存在";
/// Message of a started monitor run.
pub const MONITOR_STARTED: &str = "已触发监控任务";
/// Message of a started cleanup run.
pub const CLEANUP_STARTED: &str = "已触发清理任务";

/// No such race.
pub fn no_race(race: Race) -> String {
    format!("未找到 {} 赛季第 {} 轮比赛", race.season, race.round)
}

/// No calendar of that season.
pub fn no_season(season: i64) -> String {
    format!("未找到 {season} 赛季")
}

/// The race has no plan.
pub fn no_plan(race: Race) -> String {
    format!("未找到 {} 赛季第 {} 轮的同步计划", race.season, race.round)
}

/// The plan has no such attempt.
pub fn no_attempt(number: i64) -> String {
    format!("未找到第 {number} 次尝试")
}

/// Why a race has no plan: nobody knows when it ends.
pub fn no_end(race_name: &str) -> String {
    format!("无法确定比赛 {race_name} 的结束时间")
}

/// Why, and under which number the log says more.
pub fn with_number(why: &str, number: &str) -> String {
    format!("{why}（编号 {number}）")
}

/// Message of 422, from the first thing that is wrong.
pub fn unprocessable(place: &str, msg: &str) -> String {
    format!("参数校验失败: {place}: {msg}")
}

/// Message of a plan that was made.
pub fn planned(race_name: &str) -> String {
    format!("已成功安排 {race_name} 的赛后同步计划")
}

/// Message of a plan that was taken back.
pub fn plan_cancelled(race: Race) -> String {
    format!("已取消 {} 赛季第 {} 轮的同步计划", race.season, race.round)
}

/// Message of an attempt that was started.
pub fn executing(number: i64) -> String {
    format!("已开始立即执行第 {number} 次同步")
}

/// Message of a batch that was started.
pub fn batch_started(season: i64, days: i64) -> String {
    format!("已开始批量安排 {season} 赛季未来 {days} 天内的比赛后同步计划")
}

/// Log line of an attempt's begin.
#[must_use]
pub fn attempt_begins(race: Race, number: i64) -> String {
    format!("🏎️ 开始执行比赛后数据同步 - {} 赛季第 {} 轮 (第 {number} 次尝试)", race.season, race.round)
}

/// Remark of a dataset whose attempt was cancelled while its run waited.
pub const DROPPED: &str = "本次尝试已取消，未执行";

/// Log line of a dataset's begin.
#[must_use]
pub fn dataset_begins(dataset: Dataset) -> String {
    let icon = match dataset {
        Dataset::QualifyingResults => "🚥",
        Dataset::RaceResults => "🏁",
        Dataset::SprintResults => "🎯",
        Dataset::DriverStandings => "📊",
        Dataset::ConstructorStandings => "🏆",
    };
    format!("{icon} 同步{}...", dataset_name(dataset))
}

/// Log line of what came of a dataset.
#[must_use]
pub fn dataset_ended(dataset: Dataset, found: &Found) -> String {
    let why = found.message.as_deref();
    let came = match found.outcome {
        Outcome::Ok => format!("✅ 成功，更新了 {} 条记录", found.records),
        Outcome::NotApplicable => format!("⏳ 暂无数据（{}）", why.unwrap_or("本站无冲刺赛")),
        Outcome::NoDataYet => "⏳ 暂无数据（比赛尚未进行）".to_owned(),
        Outcome::Failed => format!("❌ 失败 - {}", why.unwrap_or(INTERNAL)),
    };
    format!("   {}: {came}", dataset_name(dataset))
}

/// A dataset as people call it.
#[must_use]
pub fn dataset_name(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::QualifyingResults => "排位赛结果",
        Dataset::RaceResults => "比赛结果",
        Dataset::SprintResults => "冲刺赛结果",
        Dataset::DriverStandings => "车手积分榜",
        Dataset::ConstructorStandings => "车队积分榜",
    }
}

/// Log line of an attempt whose run went through; `stored` counts datasets that were stored.
#[must_use]
pub fn attempt_ended(stored: usize) -> String {
    match stored {
        0 => "❌ 比赛后数据同步失败: 0/5 项成功".to_owned(),
        _ => format!("✅ 比赛后数据同步完成: {stored}/5 项成功"),
    }
}

/// Log line of an attempt whose run failed.
#[must_use]
pub fn attempt_failed(error: impl Display) -> String {
    format!("❌ 比赛后数据同步失败: {error}")
}

/// Log line of an attempt whose run was cancelled.
pub const ATTEMPT_CANCELLED: &str = "🚫 比赛后数据同步已取消";

/// Log lines of a plan that was made.
#[must_use]
pub fn log_planned(race_name: &str, end: Timestamp, attempts: &[Timestamp]) -> [String; 3] {
    let attempts: Vec<String> = attempts.iter().copied().map(wire_time).collect();
    [
        format!("✅ 已安排比赛 {race_name} 的数据同步计划"),
        format!("   比赛结束时间: {}", wire_time(end)),
        format!("   同步时间点: [{}]", attempts.join(", ")),
    ]
}

/// Log line of a plan that was taken back.
#[must_use]
pub fn log_plan_cancelled(race: Race) -> String {
    format!("✅ {}", plan_cancelled(race))
}

/// Log line of a monitor run's begin.
pub const MONITOR_BEGINS: &str = "🔍 开始监控待执行的同步任务...";

/// Log line of an attempt nobody began in time.
#[must_use]
pub fn attempt_missed(race: Race, number: i64, due: Timestamp) -> String {
    let Race { season, round } = race;
    format!(
        "🚨 发现遗漏的同步任务: {season} 赛季第 {round} 轮 (第 {number} 次尝试) - 原定时间: {}",
        wire_time(due)
    )
}

/// Log line of a monitor run's end.
#[must_use]
pub fn monitor_ended(started: usize) -> String {
    match started {
        0 => "✅ 没有待执行的同步任务".to_owned(),
        _ => format!("✅ 立即执行了 {started} 个遗漏的同步任务"),
    }
}

/// Log line of a cleanup run's begin.
pub const CLEANUP_BEGINS: &str = "🧹 开始清理过期的同步计划...";

/// Log line of a cleanup run's end.
#[must_use]
pub fn cleanup_ended(archived: usize) -> String {
    format!("✅ 清理完成，共清理 {archived} 个过期计划")
}

/// Log line of a batch run's begin.
#[must_use]
pub fn batch_begins(season: i64, days: i64) -> String {
    format!("📦 开始批量安排 {season} 赛季未来 {days} 天内的比赛后同步计划...")
}

/// Log line of a race a batch leaves alone.
#[must_use]
pub fn batch_skips(race_name: &str) -> String {
    format!("⏭️ {race_name} 已有同步计划，跳过")
}

/// Log lines of a batch run's end.
#[must_use]
pub fn batch_ended(races: usize, planned: usize) -> [String; 3] {
    [
        "🎯 批量调度完成".to_owned(),
        format!("   即将到来的比赛: {races} 场"),
        format!("   新安排的计划: {planned} 个"),
    ]
}

/// Log line of a calendar run's begin.
#[must_use]
pub fn calendar_begins(season: i64) -> String {
    format!("📅 开始同步 {season} 赛季赛历...")
}

/// Log line of a calendar run's end.
#[must_use]
pub fn calendar_ended(changed: &super::calendar::Changed) -> String {
    let (races, new) = (changed.races, changed.new.len());
    let (updated, cancelled) = (changed.updated.len(), changed.cancelled.len());
    format!("✅ 赛历同步完成: {races} 站（新增 {new}，更新 {updated}，取消 {cancelled}）")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(outcome: Outcome, records: i64, message: Option<&str>) -> Found {
        let message = message.map(str::to_owned);
        Found {
            outcome,
            records,
            message,
            ..serde_json::from_str(r#"{"outcome":"ok","records":0}"#).unwrap()
        }
    }

    #[test]
    fn an_attempt_is_logged_as_documented() {
        let race = Race { season: 2025, round: 11 };
        let mut lines = vec![attempt_begins(race, 1)];
        for dataset in super::super::datasets::WORK {
            lines.push(dataset_begins(dataset));
            lines.push(dataset_ended(
                dataset,
                &match dataset {
                    Dataset::SprintResults => found(Outcome::NotApplicable, 0, Some("本站无冲刺赛")),
                    Dataset::ConstructorStandings => found(Outcome::Ok, 10, None),
                    _ => found(Outcome::Ok, 20, None),
                },
            ));
        }
        lines.push(attempt_ended(4));
        assert_eq!(
            lines.join("\n"),
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

    #[test]
    fn what_is_not_there_is_logged_with_its_reason() {
        let line = |outcome, message| dataset_ended(Dataset::RaceResults, &found(outcome, 0, message));
        assert_eq!(
            line(Outcome::NoDataYet, Some("数据尚未发布")),
            "   比赛结果: ⏳ 暂无数据（比赛尚未进行）"
        );
        assert_eq!(line(Outcome::Failed, Some("HTTP 500")), "   比赛结果: ❌ 失败 - HTTP 500");
        assert_eq!(attempt_ended(0), "❌ 比赛后数据同步失败: 0/5 项成功");
    }

    #[test]
    fn times_in_log_lines_are_those_of_the_answers() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let times = [at("2025-06-29T22:00:00Z"), at("2025-06-30T04:00:00Z")];
        assert_eq!(
            log_planned("Austrian Grand Prix", at("2025-06-29T16:00:00Z"), &times).join("\n"),
            "✅ 已安排比赛 Austrian Grand Prix 的数据同步计划
   比赛结束时间: 2025-06-29T16:00:00+00:00
   同步时间点: [2025-06-29T22:00:00+00:00, 2025-06-30T04:00:00+00:00]"
        );
        assert_eq!(
            attempt_missed(Race { season: 2025, round: 11 }, 2, times[1]),
            "🚨 发现遗漏的同步任务: 2025 赛季第 11 轮 (第 2 次尝试) - 原定时间: 2025-06-30T04:00:00+00:00"
        );
    }
}
