//! The sentences of this system in English, for pages. Documented routes answer in Chinese.

use crate::english::Sentence;

/// All of them; of two that fit a text the first is it.
pub(crate) const ENGLISH: &[Sentence] = &[
    ("批量同步", "Batch sync"),
    ("上一次运行尚未结束", "the run before has not ended"),
    ("同步配置已过期", "the config has expired"),
    ("超过计划时间 {} 秒仍未开始，已作废", "it did not begin within {} seconds of its time and is dropped"),
    ("等待空闲的运行名额", "waiting for a free place among the runs"),
    ("同步配置已不存在", "the config does not exist any more"),
    ("服务器内部错误", "internal error"),
    ("等待运行 {} 释放目标目录", "waiting for run {} to leave the target folder"),
    ("批量同步进行中: {}/{} 个配置已结束", "Batch sync under way: {} of {} configs have ended"),
    ("同步配置 {} 不存在", "there is no config {}"),
    ("同步配置 {} 已禁用", "config {} is disabled"),
    ("同步配置 {} 已过期", "config {} has expired"),
    (
        "新增 {}, 更新 {}, 删除 {}, 未变 {}, 失败 {}, {} 字节",
        "{} new, {} updated, {} deleted, {} unchanged, {} failed, {} bytes",
    ),
    ("{} 个文件同步失败", "{} files could not be synced"),
    ("源目录列举失败: {}", "the source folder could not be listed: {}"),
    ("目标目录列举失败: {}", "the target folder could not be listed: {}"),
    ("无法连接存储: {}", "the storage cannot be reached: {}"),
    ("目标存储空间不足", "the target storage is full"),
    ("存储认证失败: {}", "the storage refused the credentials: {}"),
    ("源目录不存在: {}", "there is no source folder {}"),
    ("目标目录不存在: {}", "there is no target folder {}"),
    (
        "源目录为空而目标目录非空，已拒绝删除（可使用 force 执行）",
        "the source is empty and the target is not; nothing was deleted (run it with force to do so)",
    ),
    (
        "删除保护: 计划删除 {} 个文件（目标共 {} 个，{}%），未删除任何文件。确认后请使用 confirm 执行",
        "{} files of the target's {} were to be deleted ({}%); none was. Run it with confirm if that is meant",
    ),
    ("源文件在读取期间被修改", "the source file was changed while it was read"),
    ("写入校验失败: 期望 {} 字节，实际 {} 字节", "what was written differs: {} bytes expected, {} found"),
    ("等待目标目录", "Waiting for the target folder"),
    ("检查目录", "Looking at the folders"),
    ("比较中", "Comparing"),
    ("传输中", "Copying"),
    ("删除中", "Deleting"),
    ("收尾", "Finishing"),
];

#[cfg(test)]
mod tests {
    use model::file::FileStats;
    use model::file::run::FilePhase;

    use super::super::labels::*;
    use super::super::sync::phase_words;
    use super::super::tree::{Failure, Side};
    use crate::english::assert_english;

    #[test]
    fn every_sentence_a_page_shows_is_said_in_english() {
        for fixed in [BATCH, STILL_RUNNING, EXPIRED, TOO_LATE, NO_PLACE, GONE, INTERNAL] {
            assert_english(fixed);
        }
        for phase in [
            FilePhase::WaitingLease,
            FilePhase::Probing,
            FilePhase::Comparing,
            FilePhase::Transferring,
            FilePhase::Deleting,
            FilePhase::Finishing,
        ] {
            assert_english(phase_words(phase));
        }
        for said in [
            in_the_way(3),
            batch_waits(1, 2),
            unknown("7"),
            disabled(7),
            expired(7),
            done(&FileStats::default()),
        ] {
            assert_english(&said);
        }
        let why = || "no answer".to_owned();
        for failure in [
            Failure::Items(3),
            Failure::Listing(Side::Source, why()),
            Failure::Listing(Side::Target, why()),
            Failure::Unreachable(why()),
            Failure::NoSpace,
            Failure::Auth(why()),
            Failure::SourceMissing("/a".to_owned()),
            Failure::TargetMissing("/a".to_owned()),
            Failure::EmptySource,
            Failure::Guard { planned: 600, present: 1000 },
        ] {
            assert_english(&failure.message());
        }
    }
}
