//! Every sentence of this system that a person reads: answers of the documented routes and log lines, as documented.

use std::fmt::Display;

use model::task::{TaskRecordStatus, TaskSyncType, TaskTrigger};

/// The log target.
pub const TARGET: &str = "sync.tasks";

/// A record was marked as read.
pub const MARKED: &str = "已标记为已读";
/// All records were.
pub const ALL_MARKED: &str = "已标记所有记录为已读";
/// No such record.
pub const NO_RECORD: &str = "记录不存在";
/// No such route.
pub const NO_ROUTE: &str = "接口不存在";
/// The route exists, with other methods.
pub const WRONG_METHOD: &str = "请求方法不允许";
/// A sync type that is none.
pub const BAD_SYNC_TYPE: &str = "参数错误：sync_type 只能是 historical 或 today";
/// A wish to wait or not to wait that is none.
pub const BAD_ASYNC: &str = "参数错误：async 只能是 1 或 0";
/// Nobody is known to ask.
pub const UNAUTHORIZED: &str = "未登录或令牌无效";
/// Who asks may not.
pub const FORBIDDEN: &str = "没有权限";
/// The server is going down.
pub const STOPPING: &str = "服务正在停止，请稍后再试";
/// Anything else; the log says more.
pub const INTERNAL: &str = "服务器内部错误";
/// A run that a person ended, as its record says it.
pub const CANCELLED: &str = "同步已取消";

/// The scheduler runs.
pub const LOG_SCHEDULER: &str = "✅ 定时任务调度器已启动";
/// Nobody gave credentials.
pub const LOG_NO_SCHEDULES: &str = "⚠️ 未配置冠客 API 认证信息，任务同步定时任务未注册";

/// The documented name of a type's data.
#[must_use]
pub const fn sync_type(sync_type: TaskSyncType) -> &'static str {
    match sync_type {
        TaskSyncType::Historical => "历史数据",
        TaskSyncType::Today => "今日数据",
    }
}

/// The documented name of who asked.
#[must_use]
pub const fn trigger(trigger: TaskTrigger) -> &'static str {
    match trigger {
        TaskTrigger::Auto => "自动",
        TaskTrigger::Manual => "手动",
    }
}

/// The documented name of how a record stands.
#[must_use]
pub const fn status(status: TaskRecordStatus) -> &'static str {
    match status {
        TaskRecordStatus::Running => "进行中",
        TaskRecordStatus::Success => "成功",
        TaskRecordStatus::Failed => "失败",
        TaskRecordStatus::Partial => "部分成功",
    }
}

/// The name of a type's sync.
#[must_use]
pub fn title(of: TaskSyncType) -> String {
    format!("{}同步", sync_type(of))
}

/// What is answered while another run of the type is at work.
#[must_use]
pub fn busy(holder: &str, since: &str) -> String {
    format!("同步任务正在进行中，请稍后再试\n锁定者：{holder}\n锁定时间：{since}")
}

/// A filter that is none.
#[must_use]
pub fn bad_filter(name: &str) -> String {
    format!("参数错误：{name} 取值无效")
}

/// Every task failed.
#[must_use]
pub fn all_failed(total: i64) -> String {
    format!("全部 {total} 个任务处理失败")
}

/// A page is asked for.
#[must_use]
pub fn page(page: u32) -> String {
    format!("获取任务列表 第 {page} 页")
}

/// So many tasks are written.
#[must_use]
pub fn written(done: i64, total: i64) -> String {
    format!("写入任务 {done}/{total}")
}

/// What came of a run.
#[must_use]
pub fn ended(total: i64, new: i64, updated: i64, failed: i64) -> String {
    format!("总数 {total}  新增 {new}  更新 {updated}  失败 {failed}")
}

/// A schedule exists now.
#[must_use]
pub fn log_scheduled(of: TaskSyncType, cron: &str) -> String {
    format!("📅 已注册定时任务: {} [{}]", title(of), hours(cron))
}

/// A schedule's time came while another run was at work.
#[must_use]
pub fn log_skipped(of: TaskSyncType, holder: &str) -> String {
    format!("⏭️ 跳过定时同步: {}，锁定者：{holder}", title(of))
}

/// The platform is asked again.
#[must_use]
pub fn log_again(nth: u32, max: u32, seconds: u64, why: impl Display) -> String {
    format!("⚠️ 第 {nth}/{max} 次重试，等待 {seconds} 秒：{why}")
}

/// Asking again helped.
#[must_use]
pub fn log_helped(nth: u32, what: &str) -> String {
    format!("✅ 第 {nth} 次重试成功：{what}")
}

/// Asking again did not help.
#[must_use]
pub fn log_in_vain(retries: u32, why: impl Display) -> String {
    format!("❌ 重试 {retries} 次后仍失败：{why}")
}

/// The hours of a cron expression that names full hours of every day; any other one as it is.
fn hours(cron: &str) -> String {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let ["0", hours, "*", "*", "*"] = fields.as_slice() else { return cron.to_owned() };
    let hour =
        |text: &str| text.parse::<u8>().ok().filter(|hour| *hour < 24).map(|hour| format!("{hour}:00"));
    if let Some((first, last)) = hours.split_once('-')
        && let Some((first, last)) = hour(first).zip(hour(last))
    {
        return format!("{first}-{last} 每小时");
    }
    let listed: Option<Vec<String>> = hours.split(',').map(hour).collect();
    listed.map_or_else(|| cron.to_owned(), |listed| listed.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_told_by_their_hours_or_as_they_are() {
        let line = |of, cron| log_scheduled(of, cron);
        assert_eq!(
            line(TaskSyncType::Historical, "0 1,10,15,21 * * *"),
            "📅 已注册定时任务: 历史数据同步 [1:00, 10:00, 15:00, 21:00]"
        );
        assert_eq!(
            line(TaskSyncType::Today, "0 9-23 * * *"),
            "📅 已注册定时任务: 今日数据同步 [9:00-23:00 每小时]"
        );
        for cron in ["*/5 * * * *", "0 9 * * 1", "0 9-12,15 * * *", "0 * * * *"] {
            assert_eq!(hours(cron), cron);
        }
    }

    #[test]
    fn who_is_in_the_way_is_told_in_three_lines() {
        assert_eq!(
            busy("MacBook-Pro.local-12345", "2025-10-24 10:00:00"),
            "同步任务正在进行中，请稍后再试\n锁定者：MacBook-Pro.local-12345\n锁定时间：2025-10-24 10:00:00"
        );
    }

    #[test]
    fn tries_are_told_in_the_documented_words() {
        let why = "获取任务列表失败: HTTP 500";
        assert_eq!(log_again(1, 3, 2, why), "⚠️ 第 1/3 次重试，等待 2 秒：获取任务列表失败: HTTP 500");
        assert_eq!(log_helped(1, "获取任务列表"), "✅ 第 1 次重试成功：获取任务列表");
        assert_eq!(log_in_vain(3, why), "❌ 重试 3 次后仍失败：获取任务列表失败: HTTP 500");
        assert_eq!(
            log_skipped(TaskSyncType::Historical, "host-1"),
            "⏭️ 跳过定时同步: 历史数据同步，锁定者：host-1"
        );
    }
}
