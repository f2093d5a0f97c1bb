//! The sentences of this system in English, for pages and commands. Documented routes answer in Chinese.

use crate::english::Sentence;

/// All of them; of two that fit a text the first is it.
pub(crate) const ENGLISH: &[Sentence] = &[
    ("每日{}点同步数据", "Daily sync at {}:00"),
    ("每日{}点检查缺失数据", "Daily check for missing data at {}:00"),
    ("每小时重试同步", "Hourly retry of the sync"),
    ("再次检查缺失数据", "Second check for missing data"),
    ("非交易日", "no trading day"),
    ("数据尚未发布", "not published yet"),
    ("已取消", "cancelled"),
    ("已暂停", "paused"),
    ("同步进程已停止", "the process that synced it has stopped"),
    ("没有获取到任何数据", "nothing came"),
    ("获取数据失败或无数据", "no data, or they could not be fetched"),
    ("数据源返回的股票列表为空", "the source's list of stocks is empty"),
    ("复权因子获取失败: {}", "the adjustment factors could not be fetched: {}"),
    (
        "已有同步任务正在运行，请等待当前任务完成后再试",
        "another sync is running; try again when it has ended",
    ),
    ("已有同步任务正在运行，跳过本次定时任务", "another sync is running; this scheduled one is skipped"),
    ("日期格式错误，应为 YYYY-MM-DD", "a date is written as YYYY-MM-DD"),
    ("天数范围应在 1-365 之间", "the number of days is between 1 and 365"),
    ("开始日期不能晚于结束日期", "the first date is after the last"),
    ("日期范围不能超过{}天", "a range has at most {} days"),
    ("任务不存在或已过期", "there is no such task, or it is too old"),
    ("同步任务已启动，将在后台执行", "The sync has begun and goes on in the background"),
    ("批量同步任务已启动，将同步 {} 天的数据", "The batch sync has begun; it syncs {} days"),
    ("未找到今日同步记录", "nothing is recorded of today"),
    ("未找到同步记录", "nothing is recorded of that date"),
    ("取消请求已提交", "Its cancel is asked for"),
    ("任务已结束，无法取消", "it has ended and cannot be cancelled"),
    ("暂停请求已提交", "Its pause is asked for"),
    ("任务已结束，无法暂停", "it has ended and cannot be paused"),
    ("任务已恢复", "It goes on"),
    ("任务未暂停，无法恢复", "it is not paused and cannot go on"),
    ("没有待同步的日期", "no date is waiting to be synced"),
    ("没有失败的日期或股票", "no date and no stock has failed"),
    ("没有缺失的交易日", "no trading day is missing"),
    ("正在初始化...", "Preparing..."),
    ("正在取消...", "Cancelling..."),
    ("任务已暂停", "The run is paused"),
    ("开始同步（批量同步）", "begun"),
    ("开始同步", "begun"),
    (
        "同步中: 获取{}/{}只, 失败{}只, 已入库{}条（批量同步）",
        "syncing: {}/{} stocks fetched, {} failed, {} rows stored",
    ),
    ("同步中: 获取{}/{}只, 失败{}只, 已入库{}条", "syncing: {}/{} stocks fetched, {} failed, {} rows stored"),
    (
        "同步完成: 获取{}只, 失败{}只, 入库{}条（批量同步）",
        "synced: {} stocks fetched, {} failed, {} rows stored",
    ),
    ("同步完成: 获取{}只, 失败{}只, 入库{}条", "synced: {} stocks fetched, {} failed, {} rows stored"),
    ("部分失败: {} 只", "{} stocks failed"),
    ("{} 只股票失败", "{} stocks failed"),
    ("交易日历中没有 {}", "the trading calendar does not have {}"),
    (
        "全市场接口不可用（{}），本次任务改为逐只获取",
        "the request for the whole market is not offered ({}); this run asks stock by stock",
    ),
    (
        "复权因子接口不可用（{}），本次任务不再获取复权因子",
        "the request for adjustment factors is not offered ({}); this run goes on without them",
    ),
    (
        "今日数据源请求次数已达上限({}次)，任务已暂停，将于次日00:05自动继续",
        "the day's {} requests are used up; the run is paused and goes on at 00:05",
    ),
    (
        "数据源已将本机列入黑名单，{} 之前定时任务不再连接",
        "the source has blocked this machine; schedules ask nothing of it before {}",
    ),
    ("正在同步 {}... ({}%)", "Syncing {}... ({}%)"),
    (
        "批量同步完成: 成功{}, 失败{}, 跳过{}, 耗时{}分{}秒",
        "Batch sync completed: {} succeeded, {} failed, {} skipped, in {} min {} s",
    ),
    ("同步失败: {}", "Sync failed: {}"),
    ("任务已取消: 成功{}, 失败{}, 跳过{}", "Cancelled: {} succeeded, {} failed, {} skipped"),
    ("批量同步任务开始: {} 至 {}, 共 {} 天", "Batch sync begins: {} to {}, {} days"),
    ("[{}/{}] 开始同步: {} ({}%)", "[{}/{}] Sync of {} begins ({}%)"),
    ("同步任务结束，释放同步锁，任务ID: {}", "The sync has ended and its lock is released, task id: {}"),
    ("状态为 {}，无需同步", "it is {}, there is nothing to do"),
    ("缺少字段 {}", "the field {} is missing"),
    ("字段数 {}，应为 {}", "{} fields where {} were expected"),
    ("股票代码无效 {}", "{} is no stock code"),
    ("日期 {} 不是 {}", "the date is {} and not {}"),
    ("收盘价为空", "the closing price is empty"),
    ("振幅超出范围: {} / {}", "the amplitude is out of range: {} / {}"),
    ("除权除息日期无效 {}", "{} is no ex-dividend date"),
    ("{} 不是数字: {}", "{} is no number: {}"),
    ("{} 为负数: {}", "{} is negative: {}"),
    ("{} 不是整数: {}", "{} is no whole number: {}"),
    ("返回的不是 {} 的数据", "what came is not of {}"),
];

#[cfg(test)]
mod tests {
    use super::super::labels::*;
    use super::super::{Settings, follow};
    use crate::english::assert_english;

    #[test]
    fn every_sentence_a_person_reads_is_said_in_english() {
        let day = jiff::civil::date(2025, 10, 9);
        let counts = DayCounts { ok: 5, failed: 1, all: 9, stored: 4 };
        let run = RunCounts { success: 1, failed: 2, skipped: 3 };
        for fixed in [
            CLOSED,
            UNPUBLISHED,
            CANCELLED,
            PAUSED,
            WORKER_GONE,
            NOTHING_CAME,
            NO_BAR,
            EMPTY_LISTING,
            BUSY,
            BUSY_TICK,
            NOTHING_PENDING,
            NOTHING_FAILED,
            NOTHING_MISSING,
            PREPARING,
            CANCELLING,
            RUN_PAUSED,
            BAD_DATE,
            BAD_DAYS,
            BACKWARDS,
            NO_TASK,
            STARTED,
            NO_RECORD_TODAY,
            NO_RECORD,
            CANCEL_ASKED,
            CANCEL_LATE,
            PAUSE_ASKED,
            PAUSE_LATE,
            RESUMED,
            NOT_PAUSED,
        ] {
            assert_english(fixed);
        }
        for suffix in [Suffix::None, Suffix::Batch] {
            assert_english(&day_begins(suffix));
            assert_english(&day_goes_on(counts, suffix));
            assert_english(&day_ended(counts, suffix));
        }
        for said in [
            partly_failed(9),
            few_failed(1),
            factors_failed("10002007"),
            not_in_calendar(day),
            falls_back("10004020"),
            factors_off("10004020"),
            budget_spent(50_000),
            blacklisted("2025-10-10 06:00:00"),
            progress("2025-10-09", 45.1),
            run_completed(run, 75),
            run_failed(NOTHING_CAME),
            run_cancelled(run),
            log_run_started("2025-10-01", "2025-10-09", 9),
            log_day_started(1, 9, "2025-10-01", 0.0),
            log_run_left("sync_20251009"),
            too_many_days(365),
            batch_started(9),
        ] {
            assert_english(&said);
        }
    }

    #[test]
    fn titles_of_schedules_are_said_in_english() {
        let settings = Settings::default();
        for spec in [follow::daily(&settings), follow::check_missing(&settings)] {
            assert_english(&spec.title);
        }
    }
}
