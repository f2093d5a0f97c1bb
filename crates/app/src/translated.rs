//! The command line's help in Chinese. English stands in `arguments.rs` and `simulate.rs`, and is the key here; a test
//! holds both sides together.

use clap::Command;
use clap::builder::StyledStr;
use web::i18n::Language;

/// The command with its help in that language.
pub(crate) fn translated(command: Command, language: Language) -> Command {
    match language {
        Language::English => command,
        Language::Chinese => in_chinese(command),
    }
}

fn in_chinese(command: Command) -> Command {
    let about = command.get_about().and_then(chinese);
    let after = command.get_after_help().and_then(chinese);
    let command = command.mut_subcommands(in_chinese).mut_args(|argument| {
        match argument.get_help().and_then(chinese) {
            Some(help) => argument.help(help),
            None => argument,
        }
    });
    let command = match about {
        Some(about) => command.about(about),
        None => command,
    };
    match after {
        Some(after) => command.after_help(after),
        None => command,
    }
}

fn chinese(english: &StyledStr) -> Option<&'static str> {
    let english = english.to_string();
    WORDS.iter().find(|(key, _)| *key == english).map(|(_, words)| *words)
}

const WORDS: &[(&str, &str)] = &[
    (
        "Keeps data in sync: pulls records from upstream systems into databases, on time, exactly once in effect",
        "让数据保持同步：按时从上游系统拉取记录写入数据库，效果上恰好一次",
    ),
    (
        "Exit codes: 0 done, 1 failed or cancelled, 2 usage or configuration, 3 busy, 4 no server answers",
        "退出码：0 完成，1 失败或已取消，2 用法或配置错误，3 忙，4 没有服务器应答",
    ),
    ("Configuration file; ./syncline.toml when it is there", "配置文件；默认为 ./syncline.toml（若存在）"),
    ("Log lines for people or machines: human, json", "日志格式：human（供人阅读）、json（供程序处理）"),
    (
        "Which log lines: error, warn, info, debug, trace, or a filter such as info,connect=debug",
        "日志级别：error、warn、info、debug、trace，或过滤表达式，如 info,connect=debug",
    ),
    ("Runs the server: API, console, scheduler and worker", "运行服务器：API、控制台、调度器和 worker"),
    (
        "Runs a worker of a PostgreSQL state store, without API",
        "运行使用 PostgreSQL 状态库的 worker，不含 API",
    ),
    (
        "Shows it all on this machine: simulated upstreams, a server, a batch of ten days, a race weekend, call tasks, files",
        "在本机演示全部功能：模拟数据源、服务器、十天的批量同步、一个比赛周末、外呼任务、文件同步",
    ),
    ("Runs a stand-in for an upstream", "运行上游系统的模拟器"),
    ("Daily A-share bars: start, watch and control batches", "A 股日线：启动、查看和控制批量同步"),
    (
        "Formula 1 results and standings: plan, watch and run the syncs after each race",
        "F1 成绩与积分榜：安排、查看和执行赛后同步",
    ),
    ("Runs of every system", "所有系统的运行"),
    ("Schedules of every system", "所有系统的计划"),
    ("Configuration", "配置"),
    ("Looks at everything a server needs, and says what is wrong", "检查服务器所需的一切并指出问题"),
    ("Prints the version", "打印版本"),
    (
        "Where to listen, loopback only; port 0 picks a free one [default: 127.0.0.1:8000]",
        "监听地址，仅限回环地址；端口 0 表示自动选择 [默认：127.0.0.1:8000]",
    ),
    (
        "Folder of the embedded databases [default: ./syncline-data]",
        "内置数据库所在目录 [默认：./syncline-data]",
    ),
    (
        "What this process does [default: api,scheduler,worker]",
        "本进程承担的角色 [默认：api,scheduler,worker]",
    ),
    (
        "PostgreSQL for the state, postgres://…; the embedded database unless given",
        "状态库使用的 PostgreSQL，postgres://…；不指定则使用内置数据库",
    ),
    (
        "PostgreSQL for the synced rows; beside the state unless given",
        "数据写入的 PostgreSQL；不指定则与状态库相邻",
    ),
    ("Partitions worked on at once [default: 4]", "同时处理的分区数 [默认：4]"),
    ("Chooses people and results", "决定人物与成绩的种子"),
    ("Rounds that are cancelled", "被取消的轮次"),
    (
        "The Jolpica API: calendar, results and standings of a Formula 1 season, over HTTP",
        "Jolpica API：一个 F1 赛季的赛历、成绩与积分榜（HTTP）",
    ),
    (
        "The Guanke API: tokens, tasks, call records and statistics of a call platform, over HTTP",
        "冠客开放平台：令牌、任务、通话记录与统计（HTTP）",
    ),
    ("Chooses the tasks that are not always there", "决定固定任务以外各任务的种子"),
    ("The platform's today; without one, the day it is in China", "平台的当天日期；不指定则为中国当天"),
    ("Tasks a day, beside the eleven that are always there", "每天的任务数，不含十一个固定任务"),
    ("The user who is let in", "允许登录的用户名"),
    ("That user's password", "该用户的密码"),
    ("The secret that lets in without a user", "无需用户名即可登录的密钥"),
    (
        "What goes wrong; may be repeated. K is the number of a call for data or of a page, xM how often in a row: bad-credentials, token-invalid=K, token-expired=K, http-401=K, http-500=KxM, http-429=KxM(:SECONDS), timeout=KxM, drop=KxM, truncated-json=KxM, code=K:CODE, duplicate, short-page=K, empty, null-data, bad-rows, string-ids, camel-names, no-total, slow=MS, echo-secret",
        "要模拟的故障，可重复。K 为数据请求或页的序号，xM 为连续次数：bad-credentials, token-invalid=K, token-expired=K, http-401=K, http-500=KxM, http-429=KxM(:SECONDS), timeout=KxM, drop=KxM, truncated-json=KxM, code=K:CODE, duplicate, short-page=K, empty, null-data, bad-rows, string-ids, camel-names, no-total, slow=MS, echo-secret",
    ),
    ("The simulated time; without one the season is over", "模拟的时间；不指定则赛季已结束"),
    ("Simulated seconds in a second; 0: the time stands", "每秒对应的模拟秒数；0 表示时间静止"),
    (
        "Serve recorded answers instead: races.json, 1/results.json and so on",
        "改为提供录制的应答：races.json、1/results.json 等",
    ),
    ("The year of the season", "赛季年份"),
    (
        "Where clients connect, loopback only; port 0 picks a free one",
        "客户端连接的地址，仅限回环；端口 0 为任选",
    ),
    ("Where the stocks upstream answers, host:port", "股票数据源地址，主机:端口"),
    (
        "Run batch, race weekend, tasks and files to their end, print what came, and stop; exits 0 only if everything synced",
        "批量同步、比赛周末、外呼任务与文件同步运行到结束，打印结果后退出；全部同步成功才以 0 退出",
    ),
    (
        "Where to listen [default: 127.0.0.1:8000, or a free port when that is taken]",
        "监听地址 [默认：127.0.0.1:8000，被占用时自动选择端口]",
    ),
    ("Folder of the databases [default: ./syncline-data]", "数据库所在目录 [默认：./syncline-data]"),
    ("Stocks in the simulated market", "模拟市场的股票数"),
    ("Chooses the simulated names, prices and results", "决定模拟的名称、价格和成绩"),
    ("The server's address [default: where `listen` is]", "服务器地址 [默认：listen 所在地址]"),
    ("Print the API's answer as it came", "原样打印 API 的应答"),
    ("Starts a batch over a range of dates", "按日期范围启动批量同步"),
    ("First date, YYYY-MM-DD", "开始日期，YYYY-MM-DD"),
    ("Last date, YYYY-MM-DD; at most 90 days in all", "结束日期，YYYY-MM-DD；最多 90 天"),
    ("How a day is asked for: market, per_stock", "取数方式：market（整个市场）、per_stock（逐只股票）"),
    ("Sync days again that succeeded before", "重新同步已成功的日期"),
    ("Stay and show progress until the end", "等待结束并显示进度"),
    ("Shows the active batch, or one by its task id", "显示正在进行的批量同步，或指定任务"),
    ("The task id", "任务ID"),
    ("Lists trading days that are missing", "列出缺失的交易日"),
    ("How far back", "向前检查的天数"),
    ("Syncs failed days and failed stocks again", "重新同步失败的日期和股票"),
    ("First date; 30 days back unless given", "开始日期；默认为 30 天前"),
    ("Last date; today unless given", "结束日期；默认为今天"),
    ("Cancels a batch", "取消批量同步"),
    ("Pauses a batch", "暂停批量同步"),
    ("Lets a paused batch go on", "恢复已暂停的批量同步"),
    ("Plans the syncs after a race", "安排一场比赛的赛后同步"),
    ("The season's year", "赛季年份"),
    ("The race's round", "比赛轮次"),
    (
        "Hours after the race's end, one for each attempt [default: 6 12 24]",
        "各次尝试在比赛结束后的小时数 [默认：6 12 24]",
    ),
    (
        "Run all attempts, also after a success: later ones bring corrections",
        "成功后仍执行其余尝试，以获取更正后的数据",
    ),
    ("Shows a race's plan with its attempts", "显示一场比赛的同步计划及各次尝试"),
    ("Lists plans", "列出同步计划"),
    ("Of one season", "仅指定赛季"),
    (
        "Of one kind: pending, completed, failed, cancelled, all",
        "仅某一类：pending（进行中）、completed（已完成）、failed（失败）、cancelled（已取消）、all（全部）",
    ),
    ("Runs an attempt now", "立即执行一次尝试"),
    ("The attempt's number, from 1", "第几次尝试，从 1 开始"),
    ("Cancels a race's plan", "取消一场比赛的同步计划"),
    ("Counts plans and attempts", "统计计划与尝试"),
    ("Starts what is overdue", "立即执行逾期的尝试"),
    ("Archives plans that are a week old", "归档已过期一周的计划"),
    ("Plans the races of the coming days", "安排未来几天的比赛"),
    ("Of one season [default: the current one]", "仅指定赛季 [默认：当前赛季]"),
    ("How far ahead [default: 7]", "向后安排的天数 [默认：7]"),
    (
        "Tasks of a call platform: sync them, and match them to packages of leads",
        "外呼平台任务：同步任务并匹配到数据包",
    ),
    (
        "Syncs the tasks of the last three days, or of today, and waits for the end",
        "同步最近三天或今日的任务，并等待结束",
    ),
    ("Which days", "哪些日期的数据"),
    ("Do not wait for the end", "不等待结束"),
    ("Lists the records of syncs, newest first", "列出同步记录，最新的在前"),
    ("Of one type: historical, today", "仅某一类型：historical（历史数据）、today（今日数据）"),
    (
        "Of one status: running, success, partial, failed",
        "仅某一状态：running（进行中）、success（成功）、partial（部分成功）、failed（失败）",
    ),
    ("Only those nobody has read", "仅未读"),
    ("Which page", "第几页"),
    ("How many a page has; at most 100", "每页条数，最多 100"),
    ("Shows a record with the tasks that failed", "显示一条记录及失败的任务"),
    ("The record's number", "记录编号"),
    ("Marks a record as read, or all of them", "将一条或全部记录标记为已读"),
    ("All that have ended", "全部已结束的记录"),
    ("Shows whether a sync runs, and when the last one began", "显示同步是否进行中及上次开始时间"),
    ("Packages of leads", "数据包"),
    (
        "Lists tasks: those that are pending in groups by the prefix of their names",
        "列出任务；待处理的任务按名称前缀分组",
    ),
    ("Which tasks", "哪些任务"),
    ("Whose id or name contains this", "ID 或名称包含该文字"),
    ("Matches tasks to a package", "将任务匹配到数据包"),
    ("The package's number where it came from", "数据包ID"),
    ("The tasks' ids", "任务ID"),
    ("Marks tasks as needing no package", "将任务标记为闲散"),
    ("Takes tasks back to pending", "将任务退回待处理"),
    ("Let the rule decide on them again, at once", "立即重新按规则自动匹配"),
    ("Lists packages with their state", "列出数据包及其当前状态"),
    ("Of one region", "仅指定职场"),
    ("Whose id, name or prefix contains this", "ID、名称或前缀包含该文字"),
    ("Takes packages from a CSV file, new ones and changed ones", "从 CSV 文件导入数据包，新增或更新"),
    (
        "The file: UTF-8 or GB18030, with English or Chinese headers",
        "文件：UTF-8 或 GB18030 编码，中文或英文表头",
    ),
    ("Say what it would do, and change nothing", "只说明会做什么，不作改动"),
    (
        "Trees of files: copy them between storages, by hand or on a cron",
        "文件树：在存储之间复制，手动或按 cron 定时",
    ),
    ("Makes a config: which tree is copied where, and when", "创建同步配置：把哪个目录复制到哪里、何时复制"),
    ("Lists configs, newest first", "列出同步配置，最新的在前"),
    ("Shows a config with all its fields", "显示同步配置的全部字段"),
    ("The config's number", "同步配置编号"),
    (
        "Runs a config now and waits for the end; exits 0 only if it succeeded",
        "立即运行同步配置并等待结束；成功才以 0 退出",
    ),
    ("Lets a config run and its cron act", "启用同步配置及其定时"),
    ("Keeps a config from being run, by hand and by its cron", "禁用同步配置，手动与定时均不再运行"),
    (
        "Deletes a config with its schedule and its secrets; files stay where they are",
        "删除同步配置及其定时和密钥；文件保留不动",
    ),
    ("Cancel its run first, when one has not ended", "若有未结束的运行，先取消"),
    ("Says what a cron expression means, and when it acts next", "解释 cron 表达式并给出接下来的时间"),
    ("Five fields: minute, hour, day, month, weekday", "五个字段：分 时 日 月 周"),
    ("The zone it is meant in [default: Asia/Shanghai]", "所用时区 [默认：Asia/Shanghai]"),
    (
        "Compares both trees and changes nothing; exits 0 only if the target is like the source",
        "比较两侧文件，不作改动；目标与源一致才以 0 退出",
    ),
    (
        "Read files of one size on both sides, whatever their times say",
        "大小相同的文件按内容比较，不看修改时间",
    ),
    ("What it is called", "名称"),
    ("Where files come from, such as fs:/srv/photos", "源，如 fs:/srv/photos"),
    ("Where they go, such as webdav:/backup", "目标，如 webdav:/backup"),
    ("What the source's storage is reached by; may be repeated", "源存储的选项，可重复指定"),
    (
        "A secret of the source's storage: K=env:NAME, K=file:PATH, or K=- for a line of standard input",
        "源存储的密钥：K=env:NAME、K=file:PATH，或 K=- 从标准输入读取一行",
    ),
    ("What the target's storage is reached by; may be repeated", "目标存储的选项，可重复指定"),
    (
        "A secret of the target's storage: K=env:NAME, K=file:PATH, or K=- for a line of standard input",
        "目标存储的密钥：K=env:NAME、K=file:PATH，或 K=- 从标准输入读取一行",
    ),
    (
        "Copy what is new or changed; also delete what the source does not have; copy everything again [default: incremental]",
        "只复制新增和有变化的文件；并删除源中没有的文件；全部重新复制 [默认：incremental]",
    ),
    (
        "When it runs, as five cron fields; never by itself unless given",
        "运行时间，五字段 cron 表达式；不指定则不会自动运行",
    ),
    ("A whole config as JSON instead of flags", "改用 JSON 文件中的完整配置"),
    ("Delete more than the guard allows", "允许删除数超过删除保护的限制"),
    ("At most so many even then", "即便如此，最多删除的文件数"),
    ("Take an empty source for what it is; implies --confirm", "源为空时仍然执行；同时视为 --confirm"),
    ("Lists runs, newest first", "列出运行，最新的在前"),
    ("Of one sync, such as stocks.daily", "仅指定的同步项，如 stocks.daily"),
    ("In these states, separated by commas", "仅这些状态，用逗号分隔"),
    ("At most so many", "最多显示的条数"),
    ("Shows a run with its partitions", "显示一个运行及其分区"),
    ("The run's number", "运行编号"),
    ("Follows a run to its end; exits 0 only if it succeeded", "跟踪运行直到结束；成功才以 0 退出"),
    ("Cancels a run", "取消运行"),
    ("Pauses a run", "暂停运行"),
    ("Lets a paused run go on", "恢复已暂停的运行"),
    ("Starts what failed of an ended run again, as a new run", "将已结束运行中失败的部分作为新运行重新开始"),
    ("Lists schedules with their next times", "列出计划及其下次时间"),
    ("Shows a schedule and what became of its last times", "显示计划及最近各时间点的结果"),
    ("Its name or number", "名称或编号"),
    ("Stops acting on a schedule", "停用计划"),
    ("Acts on it again, from now on", "从现在起重新启用"),
    ("Starts its run now", "立即运行"),
    ("Prints every key with its value and where that came from", "打印每个配置项的值及其来源"),
    ("For machines", "供程序处理"),
    (
        "The baostock service: listing, calendar, daily bars, factors, over its wire protocol",
        "baostock 服务：按其真实协议提供股票列表、交易日历、日线和复权因子",
    ),
    ("Where clients connect; port 0 picks a free one", "客户端连接的地址；端口 0 表示自动选择"),
    ("A shares in the market", "市场中的 A 股数量"),
    ("Chooses all names and prices", "决定全部名称和价格"),
    ("Later trading days have no bars yet", "此后的交易日尚无数据"),
    (
        "Where counts are read and faults are set, over HTTP; loopback only",
        "读取计数和设置故障的 HTTP 地址；仅限回环地址",
    ),
    ("Wait so many milliseconds before every reply", "每次应答前等待的毫秒数"),
    ("Close each connection after N replies", "每个连接应答 N 次后关闭"),
    ("Send half of the Nth reply and close", "第 N 次应答只发送一半后关闭"),
    ("Answer the Nth request with this error; may be repeated", "对第 N 个请求返回该错误；可重复指定"),
    ("Answer every login with 10001011", "对所有登录返回 10001011"),
    ("Flip one byte of the Nth reply", "翻转第 N 次应答的一个字节"),
    ("Send so many bytes a second", "每秒发送的字节数"),
    ("Answer 10004020 to requests of this type; may be repeated", "对该类型的请求返回 10004020；可重复指定"),
    ("Empty listing on trading days", "交易日返回空的股票列表"),
    ("N stocks without a bar", "没有数据的股票数"),
    ("Answer 10004011 for these codes", "对这些代码返回 10004011"),
    ("Answer 10001005 to more live logins than this", "同时登录数超过该值时返回 10001005"),
    ("Use pages of this size whatever is asked for", "无论请求多少都使用该分页大小"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::arguments::Arguments;

    fn texts(command: &Command, found: &mut BTreeSet<String>) {
        found.extend(
            [command.get_about(), command.get_after_help()].into_iter().flatten().map(StyledStr::to_string),
        );
        found.extend(
            command.get_arguments().filter_map(|argument| argument.get_help()).map(StyledStr::to_string),
        );
        command.get_subcommands().for_each(|inner| texts(inner, found));
    }

    #[test]
    fn every_text_of_the_help_is_also_said_in_chinese_and_nothing_else_is() {
        let mut english = BTreeSet::new();
        texts(&Arguments::command(), &mut english);
        let keys: BTreeSet<String> = WORDS.iter().map(|(key, _)| (*key).to_owned()).collect();
        assert_eq!(english.difference(&keys).collect::<Vec<_>>(), Vec::<&String>::new(), "not in Chinese");
        assert_eq!(keys.difference(&english).collect::<Vec<_>>(), Vec::<&String>::new(), "not in the help");
        assert_eq!(keys.len(), WORDS.len(), "a key twice");
    }

    #[test]
    fn the_translated_command_line_is_sound() {
        let command = translated(Arguments::command(), Language::Chinese);
        command.clone().debug_assert();
        let mut chinese = BTreeSet::new();
        texts(&command, &mut chinese);
        assert!(chinese.contains("打印版本"));
        assert!(!chinese.contains("Prints the version"));
    }
}
