//! The sentences of this system in English, for pages. Documented routes answer in Chinese.

use crate::english::Sentence;

/// All of them; of two that fit a text the first is it.
pub(crate) const ENGLISH: &[Sentence] = &[
    ("历史数据同步", "Sync of past days"),
    ("今日数据同步", "Sync of today"),
    ("同步已取消", "The sync was cancelled"),
    ("工作进程中断，任务未完成", "The process that worked on it is gone, and it was not completed"),
    ("同步锁已过期，任务被接管", "The lock expired, and another has taken over"),
    ("全部 {} 个任务处理失败", "All {} tasks failed"),
    ("获取任务列表 第 {} 页", "Fetching the list of tasks, page {}"),
    ("写入任务 {}/{}", "Writing tasks, {} of {}"),
    ("总数 {}  新增 {}  更新 {}  失败 {}", "total {}, new {}, updated {}, failed {}"),
    ("⏭️ 跳过定时同步: {}，锁定者：{}", "⏭️ Scheduled sync skipped: {}, holder: {}"),
    ("⚠️ 第 {}/{} 次重试，等待 {} 秒：{}", "⚠️ Retry {} of {} in {} s: {}"),
    ("✅ 第 {} 次重试成功：{}", "✅ Retry {} succeeded: {}"),
    ("❌ 重试 {} 次后仍失败：{}", "❌ Still failing after {} retries: {}"),
    ("任务ID缺失", "the task has no id"),
    ("任务名称缺失", "the task has no name"),
    ("任务名称过长", "the task's name is too long"),
    ("字段格式错误: {}", "the field {} is malformed"),
    ("数据包不存在", "there is no such package"),
    ("数据库写入失败", "the database refused it"),
    (
        "未配置冠客 API 认证信息（需要用户名密码或密钥）",
        "no credentials of the Guanke API are configured (user name and password, or a secret)",
    ),
    ("未知错误", "unknown error"),
    ("响应缺少 code", "the answer has no code"),
    ("响应缺少任务列表", "the answer has no list of tasks"),
    ("响应缺少数据", "the answer has no data"),
    ("响应缺少 token", "the answer has no token"),
    ("任务列表不完整：应有 {} 条，实得 {} 条", "The list of tasks is incomplete: {} expected, {} came"),
    ("获取任务列表失败: 超过 {} 页", "Fetching the list of tasks failed: more than {} pages"),
    ("Token 获取失败: {}", "No token was given: {}"),
    ("获取 Token失败: {}", "Fetching a token failed: {}"),
    ("获取 Token 失败: {}", "Fetching a token failed: {}"),
    ("获取任务列表失败: {}", "Fetching the list of tasks failed: {}"),
    ("获取通话记录失败: {}", "Fetching call records failed: {}"),
    ("获取统计数据失败: {}", "Fetching statistics failed: {}"),
    ("获取 Token", "fetching a token"),
    ("获取任务列表", "fetching the list of tasks"),
    ("获取通话记录", "fetching call records"),
    ("获取统计数据", "fetching statistics"),
    ("连接失败", "no connection"),
    ("连接超时", "connecting took too long"),
    ("请求超时", "no answer in time"),
    ("响应不完整", "the answer was cut short"),
    ("响应过大", "the answer is too long"),
    ("不跟随重定向", "redirects are not followed"),
    ("响应格式错误", "the answer cannot be read"),
    ("请求无法发送", "the request could not be sent"),
    ("已停止", "stopped"),
    ("{}（code {}）", "{} (code {})"),
];

#[cfg(test)]
mod tests {
    use model::task::TaskSyncType;
    use model::task::row::RowError;

    use super::super::labels::*;
    use crate::english::assert_english;

    #[test]
    fn every_sentence_a_page_shows_is_said_in_english() {
        for of in TaskSyncType::ALL {
            assert_english(&title(*of));
            assert_english(&log_skipped(*of, "host-1"));
        }
        for said in [
            CANCELLED.to_owned(),
            all_failed(3),
            page(2),
            written(50, 85),
            ended(85, 12, 73, 0),
            log_again(1, 3, 2, "获取任务列表失败: 连接超时"),
            log_helped(1, "获取任务列表"),
            log_in_vain(3, "获取任务列表失败: 系统繁忙（code 500）".replace("系统繁忙", "busy")),
        ] {
            assert_english(&said);
        }
        for error in [
            RowError::IdMissing,
            RowError::NameMissing,
            RowError::NameTooLong,
            RowError::Format("state"),
            RowError::PackageGone,
            RowError::WriteFailed,
        ] {
            assert_english(&error.to_string());
        }
    }
}
