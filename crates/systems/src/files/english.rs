//! The sentences of this system in English, for pages. Documented routes answer in Chinese.

use crate::english::Sentence;

/// All of them; of two that fit a text the first is it.
pub(crate) const ENGLISH: &[Sentence] = &[
    ("批量同步", "Batch sync"),
    ("同步任务: 配置{}", "File sync: config {}"),
    ("同步任务: {}", "File sync: {}"),
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
    (
        "计划: 新增 {}, 更新 {}, 删除 {}（未修改目标）",
        "plan: add {}, update {}, delete {} (the target was not changed)",
    ),
    ("任务 {} 开始执行", "Task {} begins"),
    ("任务 {} 执行成功", "Task {} succeeded"),
    ("任务 {} 执行失败", "Task {} failed"),
    ("第 {} 次尝试失败，稍后重试: {}", "Try {} failed, another one follows: {}"),
    ("第 {} 次尝试开始", "Try {} begins"),
    ("文件 {} 同步失败: {}", "{} could not be synced: {}"),
    (
        "另有 {} 个文件同步失败，详见文件明细",
        "{} more files could not be synced; they are on the page of files",
    ),
    (
        "跳过 {} 项: 链接、特殊文件，或同步期间消失的文件",
        "{} entries skipped: links, special files, or files that vanished meanwhile",
    ),
    (
        "同步任务完成: ID={}, 耗时={}秒, 新增 {}, 更新 {}, 删除 {}, 未变 {}, 失败 {}, {} 字节, {} KiB/s",
        "Sync done: ID={}, took {} s, {} new, {} updated, {} deleted, {} unchanged, {} failed, {} bytes, {} KiB/s",
    ),
    ("同步任务已停止: ID={}, 耗时={}秒, {}", "Sync stopped: ID={}, took {} s, {}"),
    ("试运行完成: ID={}, 耗时={}秒, {}", "Dry run done: ID={}, took {} s, {}"),
    ("批量同步完成，成功 {}/{} 个配置", "Batch sync done, {} of {} configs succeeded"),
    ("配置 {}: {}", "config {}: {}"),
    ("{} 个文件同步失败", "files that could not be synced: {}"),
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
        "to be deleted: {} of the target's {} files ({}%); none was. Run it with confirm if that is meant",
    ),
    ("内部错误: 无法读写本机临时文件: {}", "a temporary file of this machine cannot be used: {}"),
    ("文件与目录同名", "a file and a folder have this name"),
    ("多个源文件在目标中同名", "several source files have this name in the target"),
    ("名称无效", "the name is not valid"),
    ("源文件在读取期间被修改", "the source file was changed while it was read"),
    ("写入校验失败: 期望 {} 字节，实际 {} 字节", "what was written differs: {} bytes expected, {} found"),
    ("等待目标目录", "Waiting for the target folder"),
    ("检查目录", "Looking at the folders"),
    ("比较中", "Comparing"),
    ("传输中", "Copying"),
    ("删除中", "Deleting"),
    ("收尾", "Finishing"),
    ("字段为必填项", "This is needed"),
    ("路径不能为空", "The path is needed"),
    ("路径不能包含 NUL", "A path has no NUL"),
    ("路径不能包含 . 或 ..", "A path has no . or .. in it"),
    ("本地路径必须位于 {} 之下", "A path of this machine must lie below {}"),
    ("源与目标路径重叠", "Source and target overlap"),
    ("未知时区 {}", "There is no time zone {}"),
    ("未知字段", "There is no such field"),
    ("备份目录不能是目标目录本身", "The backup folder cannot be the target itself"),
    ("sftp 仅支持密钥登录", "SFTP logs in by keys only"),
    (
        "需要 access_key_id 与 secret_access_key，或 skip_signature=true",
        "An access key id and a secret access key are needed, or no signing (anonymous)",
    ),
    ("需要 key_path 或 private_key", "A private key or the path of one is needed"),
    ("无法读取密钥文件 {}: {}", "The key file {} cannot be read: {}"),
    ("{}={}: 可选值为 {}", "{}={}: one of these is needed: {}"),
    ("存储位置已更改，需要重新提供", "The storage is another one now; give this again"),
    ("应为带时区偏移的 RFC 3339 时间", "A time with its offset is needed, as 2026-12-31T00:00:00+08:00"),
    ("应为不超过 {} 个字符的文本", "A text of at most {} characters is needed"),
    ("应为 {} 到 {} 之间的整数", "A whole number from {} to {} is needed"),
    ("应为不小于 {} 的整数", "A whole number of at least {} is needed"),
    ("不是有效的网址", "Not a valid address"),
    ("应以 http:// 或 https:// 开头并含主机名", "It must begin with http:// or https:// and name a host"),
    ("地址中不能含用户名或密码", "It must not hold a name or a password"),
    ("地址不能含 ? 或 # 之后的部分", "It must end with its path, without ? and #"),
    ("应以 ftp:// 或 ftps:// 开头", "It must begin with ftp:// or ftps://"),
    ("缺少主机名，或端口无效", "It names no host, or its port is none"),
    ("主机名无效", "The host has no valid name"),
    ("有密码而没有用户名", "There is a password and no user"),
    ("用户名或密码不能换行", "A user or password has no line break in it"),
    ("应为 主机名 或 主机名:端口", "It must be host or host:port"),
    ("仅本机地址可以不核对主机密钥", "Only this machine's own key is taken unseen"),
    ("私钥有口令，请使用没有口令的私钥", "The key has a passphrase; one without is needed"),
    (
        "无法读取私钥，请提供完整的 OpenSSH 或 PEM 文本",
        "The key cannot be read: OpenSSH's form or PEM is needed, the whole text",
    ),
    ("用户名不能含冒号", "A user name has no colon in it"),
    ("用户名密码与令牌只能二选一", "Either a user with a password or a token is needed, and not both"),
    ("应为不超过 {} 项的列表", "A list of at most {} entries is needed"),
    ("应为 true 或 false", "true or false is needed"),
    ("应为对象", "An object is needed"),
    ("应为文本", "A text is needed"),
    ("可选值: {}", "One of these is needed: {}"),
    ("{}: 可选值为 {}", "{}: it may be one of {}"),
    ("需要 {} 与 {}", "{} and {} are needed"),
    ("需要 {} 与 {}，或 {}", "{} and {} are needed, or {}"),
    ("需要 key_path 或 private_key", "key_path or private_key is needed"),
    ("无法读取密钥文件 {}: {}", "The key file {} cannot be read: {}"),
    (
        "需要 access_token，或 refresh_token、client_id 与 client_secret，二者择一",
        "access_token is needed, or refresh_token, client_id and client_secret; one of the two",
    ),
    ("source 与 target 应恰有其一", "Either source or target is needed, and not both"),
    ("存储服务 {} 未包含在此构建中", "This build does not have the storage {}"),
    (
        "不支持的存储服务: {}，请通过 AList/OpenList 的 WebDAV 接入",
        "{} is reached by WebDAV through AList or OpenList",
    ),
    ("不支持的存储服务: {}，可用: {}", "There is no storage {}; there are: {}"),
    ("排除规则 #{} ({}) 格式错误: {}", "Exclusion #{} ({}) cannot be read: {}"),
    ("过滤规则 #{} ({}) 格式错误: {}", "Filter #{} ({}) cannot be read: {}"),
    ("过滤规则格式错误: {}", "The filters cannot be read: {}"),
    ("重命名规则 #{} ({}) 格式错误: {}", "Rename rule #{} ({}) cannot be read: {}"),
    ("cron 表达式不能为空", "A cron expression is needed"),
    (
        "无效的 cron 表达式格式，应为 '分 时 日 月 周' 格式",
        "Not a cron expression of minute, hour, day of month, month, day of week",
    ),
    (
        "cron 表达式验证失败: unable to rollover, time specification is probably invalid",
        "This never comes due: no month has its days",
    ),
    ("cron 表达式验证失败: 未知时区 {}", "There is no time zone {}"),
    ("第{}个字段（{}）: {}", "Field {} ({}): {}"),
    ("分", "minute"),
    ("时", "hour"),
    ("日", "day of month"),
    ("月", "month"),
    ("周", "day of week"),
    ("长度超过 {} 个字符", "It is longer than {} characters"),
    ("应有 5 个字段，实际 1 个（不支持 {}）", "It should have 5 fields and has 1 ({} has no meaning)"),
    ("应有 5 个字段，实际 {} 个", "It should have 5 fields and has {}"),
    ("日期与月份的组合永远不会出现", "No month has such a day"),
    ("列表中有空项", "an entry of the list is empty"),
    ("{} 超出范围 {}-{}", "{} is outside {} to {}"),
    ("{} 的步长不能为 0", "the step of {} is 0"),
    ("{} 的步长只能跟在 * 或范围之后", "the step of {} stands behind neither * nor a range"),
    ("{} 无法识别", "{} cannot be read"),
];

#[cfg(test)]
mod tests {
    use model::file::FileStats;
    use model::file::run::FilePhase;

    use super::super::labels::*;
    use super::super::merge::ItemWrong;
    use super::super::tree::{Failure, Side};
    use crate::english::assert_english;

    #[test]
    fn every_sentence_a_page_shows_is_said_in_english() {
        for fixed in [BATCH, OVERLAP, STILL_RUNNING, EXPIRED, TOO_LATE, NO_PLACE, GONE, INTERNAL] {
            assert_english(fixed);
        }
        for doing in [
            FilePhase::WaitingLease,
            FilePhase::Probing,
            FilePhase::Comparing,
            FilePhase::Transferring,
            FilePhase::Deleting,
            FilePhase::Finishing,
        ] {
            assert_english(phase(doing));
        }
        for said in [
            in_the_way(3),
            batch_waits(1, 2),
            unknown("7"),
            disabled(7),
            expired(7),
            done(&FileStats::default()),
            planned(&FileStats::default(), 2),
            batch_done(1, 2),
            refused(7, &disabled(7)),
            log_task("t", BEGAN),
            log_task("t", SUCCEEDED),
            log_task("t", FAILED),
            try_began(2),
            try_failed(2, OVERLAP),
            item_failed("a/b", "源文件在读取期间被修改"),
            item_failed("a/b", ItemWrong::KindConflict.message()),
            item_failed("a/b", ItemWrong::NameConflict.message()),
            item_failed("a/b", ItemWrong::InvalidName.message()),
            unnamed(3),
            skipped(3),
            log_done(7, 1.5, &FileStats::default()),
            log_planned(7, 1.5, &planned(&FileStats::default(), 2)),
            log_stopped(7, 1.5, &FileStats::default()),
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
            Failure::Spool(why()),
        ] {
            assert_english(&failure.message());
        }
    }

    #[test]
    fn every_mistake_of_a_cron_expression_is_said_in_english() {
        let long = "0".repeat(101);
        for wrong in [
            "",
            "@reboot",
            "* * * *",
            "60 * * * *",
            "1,,2 * * * *",
            "*/0 * * * *",
            "1/5 * * * *",
            "0 0 ? * *",
            "0 24 * * *",
            "0 0 1 13 *",
            "0 0 * * 8",
            "0 0 31 2 *",
            &long,
        ] {
            let wrong = model::file::cron::canonical(wrong).unwrap_err();
            assert_english(wrong.message());
            if !wrong.detail.is_empty() {
                assert_english(&wrong.detail);
            }
        }
        assert_english("cron 表达式验证失败: 未知时区 X/Y");
    }

    #[test]
    fn every_mistake_of_a_config_is_said_in_english() {
        let body = serde_json::json!({
            "source": { "service": "sftpp", "path": "a/..", "extra": 1 },
            "target": { "service": "webdav", "path": "", "options": {} },
            "mode": "all", "cron": "61 * * * *", "timezone": "Mars", "transfers": 0, "enabled": "so",
            "end_time": "soon", "filters": 1, "rename_rules": [{ "match_regex": "(" }], "name": [],
        });
        let wrong = super::super::form::read(body.as_object().unwrap(), None, &[]).unwrap_err();
        assert!(wrong.len() > 10, "{wrong:?}");
        for wrong in wrong {
            assert_english(&wrong.message);
        }
    }
}
