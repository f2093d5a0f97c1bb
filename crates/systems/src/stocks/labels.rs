//! Every sentence of this system that a person reads: remarks, reasons, progress messages and log lines, as
//! documented, and the titles in Chinese and English.

use std::fmt::Display;

use jiff::civil::Date;

/// The log target; every line is found by `grep -i sync`.
pub(crate) const TARGET: &str = "sync.stocks";

/// Remark of a day the exchanges are closed.
pub(super) const CLOSED: &str = "非交易日";
/// Remark of a day whose bars cannot be there yet.
pub(super) const UNPUBLISHED: &str = "数据尚未发布";
/// Remark of a day whose work was cancelled.
pub(super) const CANCELLED: &str = "已取消";
/// Remark of a day whose work was paused.
pub(super) const PAUSED: &str = "已暂停";
/// Fault of a day whose worker died.
pub(super) const WORKER_GONE: &str = "同步进程已停止";
/// Fault of a day of which nothing came.
pub(super) const NOTHING_CAME: &str = "没有获取到任何数据";
/// Fault of a stock without a bar on a day it traded.
pub(super) const NO_BAR: &str = "获取数据失败或无数据";
/// Fault of a trading day without a listing.
pub(super) const EMPTY_LISTING: &str = "数据源返回的股票列表为空";
/// Begins the warning of a day without its factors.
pub(super) const FACTORS_FAILED: &str = "复权因子获取失败";

/// Message of a conflict.
pub(super) const BUSY: &str = "已有同步任务正在运行，请等待当前任务完成后再试";
/// Logged when a schedule's time meets a busy lease.
pub(super) const BUSY_TICK: &str = "已有同步任务正在运行，跳过本次定时任务";
/// Message of a bad date.
pub(super) const BAD_DATE: &str = "日期格式错误，应为 YYYY-MM-DD";
/// Message of a number of days out of range.
pub(super) const BAD_DAYS: &str = "天数范围应在 1-365 之间";
/// Message of a range that ends before it begins.
pub(super) const BACKWARDS: &str = "开始日期不能晚于结束日期";
/// Message of an unknown or expired task.
pub(super) const NO_TASK: &str = "任务不存在或已过期";
/// Message of a started run.
pub(super) const STARTED: &str = "同步任务已启动，将在后台执行";
/// Message when nothing is pending.
pub(super) const NOTHING_PENDING: &str = "没有待同步的日期";
/// Message when nothing failed.
pub(super) const NOTHING_FAILED: &str = "没有失败的日期或股票";
/// No gap was found.
pub(super) const NOTHING_MISSING: &str = "没有缺失的交易日";
/// No record of today.
pub(super) const NO_RECORD_TODAY: &str = "未找到今日同步记录";
/// No record of a date.
pub(super) const NO_RECORD: &str = "未找到同步记录";
/// Progress before the first day.
pub(super) const PREPARING: &str = "正在初始化...";
/// Progress while a cancel is carried out.
pub(super) const CANCELLING: &str = "正在取消...";
/// Progress of a paused run.
pub(super) const RUN_PAUSED: &str = "任务已暂停";
/// Answer to cancel.
pub(super) const CANCEL_ASKED: &str = "取消请求已提交";
/// Answer to cancel after the end.
pub(super) const CANCEL_LATE: &str = "任务已结束，无法取消";
/// Answer to pause.
pub(super) const PAUSE_ASKED: &str = "暂停请求已提交";
/// Answer to pause after the end.
pub(super) const PAUSE_LATE: &str = "任务已结束，无法暂停";
/// Answer to resume.
pub(super) const RESUMED: &str = "任务已恢复";
/// Answer to resume of what is not paused.
pub(super) const NOT_PAUSED: &str = "任务未暂停，无法恢复";

/// Logged at the start of a server.
pub const POOL_LAZY: &str = "数据库连接池将在首次使用时初始化";
/// Logged when schedules are registered.
pub const SCHEDULER_STARTED: &str = "定时任务调度器已启动";

/// Whether a day's remarks say that it was one of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suffix {
    /// One day, asked for alone.
    None,
    /// A day of a batch.
    Batch,
}

impl Suffix {
    fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Batch => "（批量同步）",
        }
    }
}

/// How many stocks of a day met which fate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DayCounts {
    /// Received.
    pub ok: i64,
    /// Failed.
    pub failed: i64,
    /// To be received in all.
    pub all: i64,
    /// Rows that stand at the destination.
    pub stored: i64,
}

/// Remark when a day begins.
pub(crate) fn day_begins(suffix: Suffix) -> String {
    format!("开始同步{}", suffix.text())
}

/// Remark while a day is written.
pub(crate) fn day_goes_on(counts: DayCounts, suffix: Suffix) -> String {
    let DayCounts { ok, failed, all, stored } = counts;
    format!("同步中: 获取{ok}/{all}只, 失败{failed}只, 已入库{stored}条{}", suffix.text())
}

/// Remark when a day ended with something received.
pub(crate) fn day_ended(counts: DayCounts, suffix: Suffix) -> String {
    let DayCounts { ok, failed, stored, .. } = counts;
    format!("同步完成: 获取{ok}只, 失败{failed}只, 入库{stored}条{}", suffix.text())
}

/// Fault of a day with too many failed stocks.
pub(crate) fn partly_failed(failed: i64) -> String {
    format!("部分失败: {failed} 只")
}

/// Warning of a day with few failed stocks.
pub(crate) fn few_failed(failed: i64) -> String {
    format!("{failed} 只股票失败")
}

/// Warning of a day without its factors.
pub(crate) fn factors_failed(error: impl Display) -> String {
    format!("{FACTORS_FAILED}: {error}")
}

/// Fault of a day the calendar's answer leaves out.
pub(crate) fn not_in_calendar(date: Date) -> String {
    format!("交易日历中没有 {date}")
}

/// Said by the run when the whole-market request is not offered.
pub(crate) fn falls_back(why: impl Display) -> String {
    format!("全市场接口不可用（{why}），本次任务改为逐只获取")
}

/// Said by the run when the factor request is not offered.
pub(crate) fn factors_off(why: impl Display) -> String {
    format!("复权因子接口不可用（{why}），本次任务不再获取复权因子")
}

/// Said by a run that used up the day's requests.
pub(crate) fn budget_spent(limit: u64) -> String {
    format!("今日数据源请求次数已达上限({limit}次)，任务已暂停，将于次日00:05自动继续")
}

/// Why schedules ask nothing of a source that blocked this address.
pub(crate) fn blacklisted(until: impl Display) -> String {
    format!("数据源已将本机列入黑名单，{until} 之前定时任务不再连接")
}

/// Message of a range that is too long.
pub(crate) fn too_many_days(max: i64) -> String {
    format!("日期范围不能超过{max}天")
}

/// Message of an accepted batch.
pub(crate) fn batch_started(days: i64) -> String {
    format!("批量同步任务已启动，将同步 {days} 天的数据")
}

/// Progress of a running day.
pub(crate) fn progress(date: &str, percent: f64) -> String {
    format!("正在同步 {date}... ({percent:.1}%)")
}

/// How a run's dates ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunCounts {
    /// Synced.
    pub success: i64,
    /// Failed.
    pub failed: i64,
    /// Skipped.
    pub skipped: i64,
}

/// Message of a run that went through.
pub(crate) fn run_completed(counts: RunCounts, seconds: i64) -> String {
    let RunCounts { success, failed, skipped } = counts;
    format!(
        "批量同步完成: 成功{success}, 失败{failed}, 跳过{skipped}, 耗时{}分{}秒",
        seconds / 60,
        seconds % 60
    )
}

/// Message of a run ended by a fault.
pub(crate) fn run_failed(error: impl Display) -> String {
    format!("同步失败: {error}")
}

/// Message of a cancelled run.
pub(crate) fn run_cancelled(counts: RunCounts) -> String {
    let RunCounts { success, failed, skipped } = counts;
    format!("任务已取消: 成功{success}, 失败{failed}, 跳过{skipped}")
}

/// Log line of a run's begin.
pub(crate) fn log_run_started(first: &str, last: &str, days: i64) -> String {
    format!("批量同步任务开始: {first} 至 {last}, 共 {days} 天")
}

/// Log line of a day's begin; the percent is that of the finished days.
pub(crate) fn log_day_started(index: i64, total: i64, date: &str, percent: f64) -> String {
    format!("[{index}/{total}] 开始同步: {date} ({percent:.1}%)")
}

/// Log line after a run's end.
pub(crate) fn log_run_left(task: &str) -> String {
    format!("同步任务结束，释放同步锁，任务ID: {task}")
}

/// Log line when a run's progress is no longer kept.
pub(crate) fn log_run_forgotten(task: &str) -> String {
    format!("已清理任务进度数据: {task}")
}

/// Logged when schedules cannot be registered.
pub fn scheduler_failed(error: impl Display) -> String {
    format!("启动定时任务调度器失败: {error}")
}

/// Logged at the start when more than one connection is configured.
pub(super) fn many_connections(count: u8) -> String {
    format!(
        "stocks: connections = {count}: the data source is known to block addresses that use several connections"
    )
}
