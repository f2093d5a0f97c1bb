//! `syncline races …` against a running server: every command in both languages, as JSON, and as it fails.

use serde_json::{Value, json};
use simulators::jolpica::{self, Simulator};

use crate::bed::{Database, Server, Upstream, outcome, runtime, syncline, until};

/// A server whose races come from a simulated source.
struct Bed {
    database: Database,
    server: Server,
    _source: (Simulator, tokio::runtime::Runtime),
}

/// What differs from run to run.
const VARYING: [&str; 6] = [
    "   任务ID: ",
    "   Task ID: ",
    "   计划创建时间: ",
    "   Created: ",
    "       执行时间: ",
    "       Executed: ",
];

impl Bed {
    fn new() -> Self {
        let (database, runtime) = (Database::sqlite(), runtime());
        let source = runtime.block_on(jolpica::start(jolpica::Options::on_a_free_port())).unwrap();
        let file = format!("[races]\nupstream = \"{}\"\n", source.base_url());
        std::fs::write(database.folder().join("syncline.toml"), file).unwrap();
        let server = Server::start(database.folder(), &Upstream::start(), &[]);
        Self { database, server, _source: (source, runtime) }
    }

    fn at(&self, server: &str, locale: &str, arguments: &str) -> (String, String, i32) {
        let arguments: Vec<&str> = ["races"].into_iter().chain(arguments.split_whitespace()).collect();
        let mut command = syncline(self.database.folder(), &arguments);
        command.env("SYNCLINE_SERVER", server).env("LC_ALL", locale);
        outcome(command)
    }

    fn chinese(&self, arguments: &str) -> (String, String, i32) {
        self.at(&self.server.url, "zh_CN.UTF-8", arguments)
    }

    fn english(&self, arguments: &str) -> (String, String, i32) {
        self.at(&self.server.url, "en_US.UTF-8", arguments)
    }

    /// A command that goes well says this in Chinese, and that in English.
    fn says(&self, arguments: &str, chinese: &str, english: &str) {
        for ((out, error, code), expected) in
            [(self.chinese(arguments), chinese), (self.english(arguments), english)]
        {
            assert_eq!((code, error.as_str()), (0, ""), "{arguments}: {out}");
            let steady = out.lines().map(|line| {
                let varying = VARYING.iter().find(|varying| line.starts_with(**varying));
                varying.map_or_else(|| line.to_owned(), |varying| format!("{varying}…"))
            });
            assert_eq!(steady.collect::<Vec<_>>().join("\n"), expected, "{arguments}");
        }
    }

    /// A command that fails says this on standard error in Chinese, and that in English.
    fn fails(&self, arguments: &str, chinese: &str, english: &str) {
        for ((out, error, code), expected) in
            [(self.chinese(arguments), chinese), (self.english(arguments), english)]
        {
            assert_eq!((code, out.as_str(), error.trim_end()), (1, "", expected), "{arguments}");
        }
    }
}

#[test]
fn every_command_about_races_speaks_both_languages() {
    let bed = Bed::new();
    bed.says("list", "📊 同步计划列表（共 0 个）", "📊 Sync plans (0)");
    bed.fails("get 2025 11", "⚠️ 未找到 2025 赛季第 11 轮的同步计划", "⚠️ No sync plan for 2025 round 11");
    let none = "未找到 2025 赛季第 11 轮的同步计划";
    bed.fails("cancel 2025 11", &format!("❌ 取消失败: {none}"), &format!("❌ Cancel failed: {none}"));
    bed.fails("execute 2025 11 1", &format!("❌ 执行失败: {none}"), &format!("❌ Execution failed: {none}"));
    // Asked again, as people are told to, while the calendar is fetched.
    let (out, error, code) = until("the calendar", || {
        Some(bed.chinese("schedule 2025 11")).filter(|(_, error, _)| !error.contains("赛历正在同步"))
    });
    let made = "✅ 成功安排 2025 赛季第 11 轮的同步计划\n   比赛名称: Austrian Grand Prix\n   重试间隔: [6, 12, 24] 小时";
    assert_eq!((code, out.trim_end()), (0, made), "{error}");
    bed.says(
        "schedule 2025 11 --intervals 1",
        "ℹ️ 同步计划已存在\n   比赛名称: Austrian Grand Prix\n   重试间隔: [6, 12, 24] 小时",
        "ℹ️ Sync plan already exists\n   Race: Austrian Grand Prix\n   Retry intervals: [6, 12, 24] h",
    );
    let (out, _, _) = bed.english("schedule 2025 13 --intervals 24 --intervals 6 --always-run");
    let made =
        "✅ Sync plan created: 2025 round 13\n   Race: Belgian Grand Prix\n   Retry intervals: [6, 24] h";
    assert_eq!(out.trim_end(), made);
    let unknown = "未找到 2025 赛季第 40 轮比赛";
    let failed = (format!("❌ 安排失败: {unknown}"), format!("❌ Scheduling failed: {unknown}"));
    bed.fails("schedule 2025 40", &failed.0, &failed.1);
    // All are overdue and done at once; a success ends the one plan, the other runs always.
    for (round, last) in [(11, "cancelled"), (13, "success")] {
        until("the attempts", || {
            let plan = bed.server.get(&format!("/api/v1/post-race-sync/2025/{round}/schedule"));
            let attempts = plan["schedule"]["attempts"].as_array().unwrap();
            (attempts[0]["status"] == "success" && attempts.last().unwrap()["status"] == last).then_some(())
        });
    }
    bed.says("get 2025 11", GET.0, GET.1);
    bed.says("list --season 2025 --status completed", LIST.0, LIST.1);
    bed.says("stats", STATS.0, STATS.1);
    let of_season = (
        format!("{}\n   （以上数据仅限 2025 赛季）", STATS.0),
        format!("{}\n   (season 2025 only)", STATS.1),
    );
    bed.says("stats --season 2025", &of_season.0, &of_season.1);
    bed.says(
        "execute 2025 11 1",
        "✅ 已触发 2025 赛季第 11 轮第 1 次同步\n   任务ID: …",
        "✅ Started attempt 1 of 2025 round 11\n   Task ID: …",
    );
    bed.says("monitor", "✅ 已触发系统监控\n   任务ID: …", "✅ Monitor started\n   Task ID: …");
    bed.says("cleanup", "✅ 已触发过期计划清理\n   任务ID: …", "✅ Cleanup started\n   Task ID: …");
    bed.says(
        "batch --season 2025 --days 3",
        "✅ 已开始批量安排 2025 赛季未来 3 天内的比赛后同步计划\n   新安排: 0 场\n   任务ID: …",
        "✅ Batch scheduling started: season 2025, next 3 days\n   New plans: 0\n   Task ID: …",
    );
    bed.says(
        "cancel 2025 13",
        "✅ 已取消 2025 赛季第 13 轮的同步计划",
        "✅ Cancelled the sync plan of 2025 round 13",
    );
}

#[test]
fn commands_about_races_print_json_unchanged_and_end_with_a_code() {
    let bed = Bed::new();
    let (out, error, code) = bed.chinese("stats --json");
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(out.starts_with(r#"{"total_schedules":0,"completed_schedules":0,"#), "{out}");
    let printed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(printed, bed.server.get("/api/v1/post-race-sync/stats"));
    let (out, _, code) = bed.english("get 2025 11 --json");
    let refused: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &refused["error_code"]), (1, &json!(404)));
    let wrong = "参数校验失败: path.season_year: Input should be greater than or equal to 1950";
    for (arguments, chinese, english) in [
        ("get 1949 1", "获取失败", "Lookup failed"),
        ("schedule 1949 1", "安排失败", "Scheduling failed"),
        ("execute 1949 1 1", "执行失败", "Execution failed"),
        ("cancel 1949 1", "取消失败", "Cancel failed"),
    ] {
        bed.fails(arguments, &format!("❌ {chinese}: {wrong}"), &format!("❌ {english}: {wrong}"));
    }
    for arguments in ["list --season 1949", "stats --season 1949", "batch --season 1949"] {
        let wrong = wrong.replace("path", "query");
        let (chinese, english) = match arguments.split_once(' ').unwrap().0 {
            "batch" => ("批量安排失败", "Batch failed"),
            _ => ("获取失败", "Lookup failed"),
        };
        bed.fails(arguments, &format!("❌ {chinese}: {wrong}"), &format!("❌ {english}: {wrong}"));
    }
    for arguments in ["", "get 2025", "schedule 2025 eleven", "fetch 2025 11"] {
        assert_eq!(bed.chinese(arguments).2, 2, "{arguments}");
    }
    for arguments in ["get 2025 11", "list", "monitor", "cleanup"] {
        let (_, error, code) = bed.at("http://127.0.0.1:1", "zh_CN.UTF-8", arguments);
        assert!(code == 1 && error.starts_with("❌ 请求失败: "), "{arguments}: {error}");
        let (_, error, code) = bed.at("http://127.0.0.1:1", "en_US.UTF-8", arguments);
        assert!(code == 1 && error.starts_with("❌ Request failed: "), "{arguments}: {error}");
    }
}

const GET: (&str, &str) = (
    "📋 2025 赛季第 11 轮同步计划
   比赛名称: Austrian Grand Prix
   比赛结束时间: 2025-06-29T16:00:00+00:00
   计划创建时间: …
   是否完成: 是
   成功率: 100.0%

   尝试历史:
     ✅ 第 1 次尝试
       计划时间: 2025-06-29T22:00:00+00:00
       执行时间: …
       状态: success
       结果: 5/5 任务成功
     🚫 第 2 次尝试
       计划时间: 2025-06-30T04:00:00+00:00
       状态: cancelled
     🚫 第 3 次尝试
       计划时间: 2025-06-30T16:00:00+00:00
       状态: cancelled",
    "📋 Sync plan 2025 round 11
   Race: Austrian Grand Prix
   Race end: 2025-06-29T16:00:00+00:00
   Created: …
   Completed: yes
   Success rate: 100.0%

   Attempts:
     ✅ Attempt 1
       Scheduled: 2025-06-29T22:00:00+00:00
       Executed: …
       Status: success
       Result: 5/5 datasets
     🚫 Attempt 2
       Scheduled: 2025-06-30T04:00:00+00:00
       Status: cancelled
     🚫 Attempt 3
       Scheduled: 2025-06-30T16:00:00+00:00
       Status: cancelled",
);

const LIST: (&str, &str) = (
    "📊 同步计划列表（共 2 个）

✅ Austrian Grand Prix
   赛季: 2025, 轮次: 11
   成功率: 100.0%
   尝试次数: 3

✅ Belgian Grand Prix
   赛季: 2025, 轮次: 13
   成功率: 100.0%
   尝试次数: 2",
    "📊 Sync plans (2)

✅ Austrian Grand Prix
   Season: 2025, round: 11
   Success rate: 100.0%
   Attempts: 3

✅ Belgian Grand Prix
   Season: 2025, round: 13
   Success rate: 100.0%
   Attempts: 2",
);

const STATS: (&str, &str) = (
    "📈 同步系统统计信息
   总计划数: 2
   已完成: 2
   进行中: 0
   失败: 0
   已取消: 0
   总体成功率: 100.0%
   总尝试次数: 3
   成功尝试: 3",
    "📈 Sync statistics
   Plans: 2
   Completed: 2
   Pending: 0
   Failed: 0
   Cancelled: 0
   Success rate: 100.0%
   Attempts: 3
   Successful attempts: 3",
);
