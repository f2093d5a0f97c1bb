//! The sentences of this system in English, for pages. Documented routes answer in Chinese.

use crate::english::Sentence;

/// All of them; of two that fit a text the first is it.
pub(crate) const ENGLISH: &[Sentence] = &[
    ("监控遗漏的赛后同步", "Run overdue attempts"),
    ("清理过期的赛后同步计划", "Archive old plans"),
    ("批量安排赛后同步", "Plan coming races"),
    ("同步赛历", "Sync the calendar"),
    ("排位赛结果", "Qualifying results"),
    ("比赛结果", "Race results"),
    ("冲刺赛结果", "Sprint results"),
    ("车手积分榜", "Driver standings"),
    ("车队积分榜", "Constructor standings"),
    ("本站无冲刺赛", "this weekend has no sprint"),
    ("数据尚未发布", "not published yet"),
    ("积分榜尚未包含本站比赛", "the standings do not contain this race yet"),
    ("本次尝试已取消，未执行", "this attempt was cancelled before it began"),
    (
        "🏎️ 开始执行比赛后数据同步 - {} 赛季第 {} 轮 (第 {} 次尝试)",
        "🏎️ Sync after the race begins - season {}, round {} (attempt {})",
    ),
    ("{} 同步{}...", "{} Syncing: {}..."),
    ("   {}: ✅ 成功，更新了 {} 条记录", "   {}: ✅ done, {} records stored"),
    ("   {}: ⏳ 暂无数据（{}）", "   {}: ⏳ no data ({})"),
    ("比赛尚未进行", "the race is still to come"),
    ("   {}: ❌ 失败 - {}", "   {}: ❌ failed - {}"),
    ("内部错误", "internal error"),
    ("✅ 比赛后数据同步完成: {}/5 项成功", "✅ Sync after the race completed: {} of 5 datasets"),
    ("❌ 比赛后数据同步失败: {}/5 项成功", "❌ Sync after the race failed: {} of 5 datasets"),
    ("❌ 比赛后数据同步失败: {}", "❌ Sync after the race failed: {}"),
    ("🚫 比赛后数据同步已取消", "🚫 Sync after the race cancelled"),
    ("✅ 已安排比赛 {} 的数据同步计划", "✅ The syncs after the {} are planned"),
    ("   比赛结束时间: {}", "   end of the race: {}"),
    ("   同步时间点: [{}]", "   attempts: [{}]"),
    ("🔍 开始监控待执行的同步任务...", "🔍 Looking for attempts that are overdue..."),
    (
        "🚨 发现遗漏的同步任务: {} 赛季第 {} 轮 (第 {} 次尝试) - 原定时间: {}",
        "🚨 An attempt is overdue: season {}, round {} (attempt {}) - was due at {}",
    ),
    ("✅ 没有待执行的同步任务", "✅ No attempt is overdue"),
    ("✅ 立即执行了 {} 个遗漏的同步任务", "✅ {} overdue attempts were begun"),
    ("🧹 开始清理过期的同步计划...", "🧹 Archiving old plans..."),
    ("✅ 清理完成，共清理 {} 个过期计划", "✅ {} old plans were archived"),
    (
        "📦 开始批量安排 {} 赛季未来 {} 天内的比赛后同步计划...",
        "📦 Planning the races of season {} in the next {} days...",
    ),
    ("⏭️ {} 已有同步计划，跳过", "⏭️ {} has a plan and is left alone"),
    ("🎯 批量调度完成", "🎯 Planning completed"),
    ("   即将到来的比赛: {} 场", "   races to come: {}"),
    ("   新安排的计划: {} 个", "   new plans: {}"),
    ("📅 开始同步 {} 赛季赛历...", "📅 Syncing the calendar of {}..."),
    (
        "✅ 赛历同步完成: {} 站（新增 {}，更新 {}，取消 {}）",
        "✅ Calendar synced: {} races ({} new, {} updated, {} cancelled)",
    ),
    ("赛历正在同步，请稍后重试", "the calendar is being synced; try again soon"),
    ("赛历暂不可用，请稍后重试", "the calendar cannot be had now; try again later"),
    ("无法确定比赛 {} 的结束时间", "nobody knows when the {} ends"),
    ("上游返回的数据无法识别", "the upstream's answer cannot be read"),
    ("上游请求额度已用完", "the requests allowed upstream are used up"),
    ("数据库暂不可用", "the database is away"),
    ("数据库写入失败", "the database refused the rows"),
    ("无法连接上游", "the upstream cannot be reached"),
    ("连接上游超时", "connecting to the upstream took too long"),
    ("上游响应超时", "the upstream did not answer in time"),
    ("上游响应不完整", "the upstream's answer was cut short"),
    ("上游响应过大", "the upstream's answer is too long"),
    ("上游限流（HTTP 429）", "the upstream asks for patience (HTTP 429)"),
    ("上游返回 HTTP {}", "the upstream answered HTTP {}"),
    ("上游重定向无法跟随", "the upstream redirects, which is not followed"),
    ("上游返回的是 {} 赛季第 {} 轮的数据", "the upstream answered for season {}, round {}"),
    ("上游返回的是 {} 赛季的数据", "the upstream answered for season {}"),
    ("上游返回的数据与请求的场次不符", "the upstream answered for another race"),
    ("没有可用的数据行：{}", "no row can be used: {}"),
    ("没有可用的数据行", "no row can be used"),
    (
        "上游分页不完整：应有 {} 行，只收到 {} 行",
        "the upstream's pages are incomplete: {} rows expected, {} came",
    ),
    ("上游分页有误：应有 {} 行，却收到 {} 行", "the upstream's pages are wrong: {} rows expected, {} came"),
    ("上游分页有误：总行数由 {} 变为 {}", "the upstream's pages are wrong: the total went from {} to {}"),
    ("上游分页有误：同一行出现在两页", "the upstream's pages are wrong: a row is on two of them"),
    (
        "上游分页有误：总行数 {} 超过上限 {}",
        "the upstream's pages are wrong: the total {} is over the bound {}",
    ),
    ("跳过 {} 行（缺少有效的 {}）", "{} rows are left out (no valid {})"),
    ("重复 {} 行", "{} rows are repeated"),
    ("无法识别的值：{}", "values that cannot be read: {}"),
    (
        "上游赛历只有 {} 站，已存 {} 站，未作更改",
        "the upstream's calendar has {} races only, {} are stored; nothing was changed",
    ),
    ("无法核对上一轮积分榜：{}", "the standings of the round before cannot be compared: {}"),
    ("尚未发布", "not published yet"),
];

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::datasets::{NO_SPRINT, NOT_PUBLISHED, RACE_NOT_IN_STANDINGS, WORK};
    use super::super::labels::*;
    use super::super::upstream::Race;
    use crate::english::assert_english;

    #[test]
    fn every_sentence_a_page_shows_is_said_in_english() {
        let race = Race { season: 2025, round: 11 };
        let at = Timestamp::UNIX_EPOCH;
        for fixed in [
            NO_SPRINT,
            NOT_PUBLISHED,
            RACE_NOT_IN_STANDINGS,
            DROPPED,
            ATTEMPT_CANCELLED,
            MONITOR_BEGINS,
            CLEANUP_BEGINS,
            CALENDAR_ON_ITS_WAY,
            CALENDAR_AWAY,
            DATABASE_AWAY,
            INTERNAL,
        ] {
            assert_english(fixed);
        }
        for dataset in WORK {
            assert_english(&dataset_begins(dataset));
            assert_english(dataset_name(dataset));
        }
        let plans = log_planned("Austrian Grand Prix", at, &[at, at]);
        for said in plans.into_iter().chain(batch_ended(2, 1)).chain([
            attempt_begins(race, 1),
            attempt_ended(0),
            attempt_ended(4),
            attempt_failed(INTERNAL),
            attempt_missed(race, 2, at),
            monitor_ended(0),
            monitor_ended(2),
            cleanup_ended(3),
            batch_begins(2025, 7),
            batch_skips("Austrian Grand Prix"),
            calendar_begins(2025),
            no_end("Austrian Grand Prix"),
        ]) {
            assert_english(&said);
        }
    }
}
