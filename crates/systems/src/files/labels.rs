//! Every sentence of this system that a person reads: answers of the documented routes and log lines, as documented.

use model::file::FileStats;
use model::file::run::FilePhase;

/// The log target.
pub const TARGET: &str = "sync.files";

/// What a batch's runs are called.
pub const BATCH: &str = "批量同步";
/// One tree lies in the other.
pub const OVERLAP: &str = "源与目标路径重叠";
/// A slot that came while a run had not ended.
pub const STILL_RUNNING: &str = "上一次运行尚未结束";
/// A slot of a config whose end has passed.
pub const EXPIRED: &str = "同步配置已过期";
/// A run that did not begin within an hour of its slot.
pub const TOO_LATE: &str = "超过计划时间 3600 秒仍未开始，已作废";
/// No place among the runs at work at once.
pub const NO_PLACE: &str = "等待空闲的运行名额";
/// A config that is not there any more.
pub const GONE: &str = "同步配置已不存在";
/// Nobody is known to ask.
pub const BAD_TOKEN: &str = "Token 无效";
/// Anything else; the log says more.
pub const INTERNAL: &str = "服务器内部错误";

/// Another run writes where this one would.
#[must_use]
pub fn in_the_way(run: i64) -> String {
    format!("等待运行 {run} 释放目标目录")
}

/// What a config's schedule follows.
#[must_use]
pub fn keeper(config: i64) -> String {
    format!("同步配置 {config}")
}

/// A batch waits for its runs.
#[must_use]
pub fn batch_waits(ended: usize, all: usize) -> String {
    format!("批量同步进行中: {ended}/{all} 个配置已结束")
}

/// All runs of a batch have ended.
#[must_use]
pub fn batch_done(good: usize, all: usize) -> String {
    format!("批量同步完成，成功 {good}/{all} 个配置")
}

/// A batch could ask for no run of a config, for the log.
#[must_use]
pub fn refused(config: i64, why: &str) -> String {
    format!("配置 {config}: {why}")
}

/// No such config.
#[must_use]
pub fn unknown(config: &str) -> String {
    format!("同步配置 {config} 不存在")
}

/// A config that may not be run.
#[must_use]
pub fn disabled(config: i64) -> String {
    format!("同步配置 {config} 已禁用")
}

/// A config whose end has passed.
#[must_use]
pub fn expired(config: i64) -> String {
    format!("同步配置 {config} 已过期")
}

/// A schedule was made, for the log.
#[must_use]
pub fn log_added(config: i64, cron: &str, name: &str) -> String {
    format!("成功添加同步任务: sync_config_{config}, cron: {cron}, 配置: {name}")
}

/// A schedule was taken away, for the log.
#[must_use]
pub fn log_removed(config: i64) -> String {
    format!("成功移除同步任务: sync_config_{config}")
}

/// A config got no schedule, for the log.
#[must_use]
pub fn log_skipped(config: i64) -> String {
    format!("配置 {config} 未启用或缺少 cron 表达式，跳过添加任务")
}

/// All configs were looked through.
#[must_use]
pub fn refreshed(added: usize, skipped: usize, wrong: usize) -> String {
    format!("任务同步完成，添加: {added}, 跳过: {skipped}, 错误: {wrong}")
}

/// All schedules were taken away, for the log.
#[must_use]
pub fn log_cleared(schedules: usize) -> String {
    format!("已清空 {schedules} 个同步任务")
}

/// How a run stands, for the log.
pub const BEGAN: &str = "开始执行";
/// The same at a good end.
pub const SUCCEEDED: &str = "执行成功";
/// The same at another.
pub const FAILED: &str = "执行失败";

/// A run began or ended, for the log: [`BEGAN`], [`SUCCEEDED`] or [`FAILED`].
#[must_use]
pub fn log_task(task: &str, how: &str) -> String {
    format!("任务 {task} {how}")
}

/// A later try begins, for the log.
#[must_use]
pub fn try_began(attempt: u32) -> String {
    format!("第 {attempt} 次尝试开始")
}

/// A try failed and another one follows, for the log.
#[must_use]
pub fn try_failed(attempt: u32, why: &str) -> String {
    format!("第 {attempt} 次尝试失败，稍后重试: {why}")
}

/// A file could not be copied or deleted, for the log.
#[must_use]
pub fn item_failed(path: &str, why: &str) -> String {
    format!("文件 /{path} 同步失败: {why}")
}

/// More failed than are named, for the log.
#[must_use]
pub fn unnamed(files: u64) -> String {
    format!("另有 {files} 个文件同步失败，详见文件明细")
}

/// What was left alone, for the log.
#[must_use]
pub fn skipped(entries: u64) -> String {
    format!("跳过 {entries} 项: 链接、特殊文件，或同步期间消失的文件")
}

/// What a run came to.
#[must_use]
pub fn done(stats: &FileStats) -> String {
    format!(
        "新增 {}, 更新 {}, 删除 {}, 未变 {}, 失败 {}, {} 字节",
        stats.added_success,
        stats.updated_success,
        stats.deleted_success,
        stats.unchanged,
        stats.failed(),
        stats.bytes
    )
}

/// What a dry run found.
#[must_use]
pub fn planned(stats: &FileStats, updates: u64) -> String {
    format!("计划: 新增 {}, 更新 {updates}, 删除 {}（未修改目标）", stats.to_add_total, stats.to_delete_total)
}

/// A try of a run ended, for the log.
#[must_use]
pub fn log_done(config: i64, seconds: f64, stats: &FileStats) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a speed is shown to people")]
    let speed = if seconds > 0.0 { stats.bytes as f64 / seconds / 1024.0 } else { 0.0 };
    format!("同步任务完成: ID={config}, 耗时={seconds:.2}秒, {}, {speed:.1} KiB/s", done(stats))
}

/// A dry run ended, for the log.
#[must_use]
pub fn log_planned(config: i64, seconds: f64, planned: &str) -> String {
    format!("试运行完成: ID={config}, 耗时={seconds:.2}秒, {planned}")
}

/// A try was stopped before its end, for the log.
#[must_use]
pub fn log_stopped(config: i64, seconds: f64, stats: &FileStats) -> String {
    format!("同步任务已停止: ID={config}, 耗时={seconds:.2}秒, {}", done(stats))
}

/// The state cannot be reached.
pub const UNREACHED: &str = "服务器暂时无法处理请求";

/// What a run is doing.
#[must_use]
pub const fn phase(phase: FilePhase) -> &'static str {
    match phase {
        FilePhase::WaitingLease => "等待目标目录",
        FilePhase::Probing => "检查目录",
        FilePhase::Comparing => "比较中",
        FilePhase::Transferring => "传输中",
        FilePhase::Deleting => "删除中",
        FilePhase::Finishing => "收尾",
    }
}
