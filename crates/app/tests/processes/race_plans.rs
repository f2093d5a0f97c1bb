//! `syncline races …` about plans that are not all complete, and what each command says when the server fails.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};
use simulators::jolpica::{Options, Simulator, start};

use crate::bed::{Server, outcome, runtime, syncline, until};

const PREFIX: &str = "/api/v1/post-race-sync";

#[derive(Clone, Copy, Debug)]
enum Tongue {
    English,
    Chinese,
}

use Tongue::{Chinese, English};

/// A server whose races come from a simulated source, and commands that talk to it.
struct Bed {
    folder: tempfile::TempDir,
    server: Server,
    /// And what it runs on.
    _source: (Simulator, tokio::runtime::Runtime),
}

impl Bed {
    /// Two hours after the end of the Austrian race: its results are there, standings with it are not.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = runtime();
        let time = "2025-06-29T18:00:00Z".parse().ok();
        let source = runtime.block_on(start(Options { time, ..Options::on_a_free_port() })).unwrap();
        let mut command = syncline(folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
        command.env("SYNCLINE_RACES_UPSTREAM", source.base_url());
        let server = Server::of(command);
        // The calendar is fetched with the first question, and known once the race is told from those there are.
        until("the calendar", || {
            let answer = server.post(&format!("{PREFIX}/2025/40/schedule"), &Value::Null);
            (answer["error_code"] == 404).then_some(())
        });
        Self { folder, server, _source: (source, runtime) }
    }

    /// Completed, failed, pending and cancelled, in the order of their rounds from 10.
    fn with_a_plan_of_each_kind() -> Self {
        let bed = Self::new();
        bed.says(English, "schedule 2025 10 --intervals 6");
        bed.says(English, "schedule 2025 11 --intervals 6 12");
        bed.ended(10);
        bed.ended(11);
        bed.planned_ahead(12);
        bed.planned_ahead(13);
        bed.says(English, "cancel 2025 13");
        bed
    }

    /// Standard output of a command that goes well.
    fn says(&self, tongue: Tongue, arguments: &str) -> String {
        let (out, error, code) = command(&self.folder, &self.server.url, tongue, arguments);
        assert_eq!((error.as_str(), code), ("", 0), "{arguments}: {out}");
        out
    }

    /// Waits until no attempt of a plan is to come or at work.
    fn ended(&self, round: i64) {
        until("all attempts ended", || {
            let plan = self.server.get(&format!("{PREFIX}/2025/{round}/schedule"))["schedule"].take();
            let goes_on = |attempt: &Value| attempt["status"] == "pending" || attempt["status"] == "running";
            (!plan["attempts"].as_array().unwrap().iter().any(goes_on)).then_some(())
        });
    }

    /// A plan whose attempts are to come.
    fn planned_ahead(&self, round: i64) {
        let body = json!({ "race_end_time": "2099-07-06T17:00:00" });
        let made = self.server.post(&format!("{PREFIX}/2025/{round}/schedule"), &body);
        assert_eq!(made["status"], "scheduled", "{made}");
    }
}

fn command(folder: &tempfile::TempDir, url: &str, tongue: Tongue, arguments: &str) -> (String, String, i32) {
    let all: Vec<&str> = std::iter::once("races").chain(arguments.split_whitespace()).collect();
    let mut command = syncline(folder.path(), &all);
    command.env("SYNCLINE_SERVER", url);
    if matches!(tongue, Chinese) {
        command.env("LC_ALL", "zh_CN.UTF-8");
    }
    outcome(command)
}

/// The text, with an ellipsis for what comes after these words of a line.
fn without(text: &str, words: &[&str]) -> String {
    let line = |line: &str| {
        let cut = words.iter().find_map(|word| Some(line.find(word)? + word.len()));
        cut.map_or_else(|| format!("{line}\n"), |cut| format!("{}…\n", &line[..cut]))
    };
    text.lines().map(line).collect()
}

#[test]
fn a_plan_is_shown_with_its_attempts_and_what_they_lack() {
    let bed = Bed::new();
    bed.says(English, "schedule 2025 11 --intervals 6");
    bed.ended(11);
    assert_eq!(
        without(&bed.says(Chinese, "get 2025 11"), &["创建时间: ", "执行时间: "]),
        "📋 2025 赛季第 11 轮同步计划
   比赛名称: Austrian Grand Prix
   比赛结束时间: 2025-06-29T16:00:00+00:00
   计划创建时间: …
   是否完成: 否
   成功率: 100.0%

   尝试历史:
     ⚠️ 第 1 次尝试
       计划时间: 2025-06-29T22:00:00+00:00
       执行时间: …
       状态: partial
       结果: 3/5 任务成功
         车手积分榜: 数据尚未发布
         车队积分榜: 数据尚未发布
"
    );
    assert_eq!(
        without(&bed.says(English, "get 2025 11"), &["Created: ", "Executed: "]),
        "📋 Sync plan 2025 round 11
   Race: Austrian Grand Prix
   Race end: 2025-06-29T16:00:00+00:00
   Created: …
   Completed: no
   Success rate: 100.0%

   Attempts:
     ⚠️ Attempt 1
       Scheduled: 2025-06-29T22:00:00+00:00
       Executed: …
       Status: partial
       Result: 3/5 datasets
         Driver standings: 数据尚未发布
         Constructor standings: 数据尚未发布
"
    );
    bed.planned_ahead(12);
    let shown = bed.says(Chinese, "get 2025 12");
    assert!(shown.contains("\n   下次尝试: 第 1 次，时间: 2099-07-06T23:00:00+00:00\n\n"), "{shown}");
    assert!(shown.contains("\n     ⏳ 第 3 次尝试\n       计划时间: 2099-07-07T17:00:00+00:00\n"), "{shown}");
    let shown = bed.says(English, "get 2025 12");
    assert!(shown.contains("\n   Next attempt: #1 at 2099-07-06T23:00:00+00:00\n\n"), "{shown}");
}

#[test]
fn plans_are_listed_with_their_state() {
    let bed = Bed::with_a_plan_of_each_kind();
    assert_eq!(
        bed.says(Chinese, "list --season 2025"),
        "📊 同步计划列表（共 4 个）

✅ Canadian Grand Prix
   赛季: 2025, 轮次: 10
   成功率: 100.0%
   尝试次数: 1

❌ Austrian Grand Prix
   赛季: 2025, 轮次: 11
   成功率: 100.0%
   尝试次数: 2

⏳ British Grand Prix
   赛季: 2025, 轮次: 12
   成功率: 0.0%
   尝试次数: 3
   下次尝试: 2099-07-06T23:00:00+00:00

🚫 Belgian Grand Prix
   赛季: 2025, 轮次: 13
   成功率: 0.0%
   尝试次数: 3
"
    );
    assert_eq!(
        bed.says(English, "list --status PENDING"),
        "📊 Sync plans (1)

⏳ British Grand Prix
   Season: 2025, round: 12
   Success rate: 0.0%
   Attempts: 3
   Next attempt: 2099-07-06T23:00:00+00:00
"
    );
}

#[test]
fn plans_and_attempts_are_counted() {
    let bed = Bed::with_a_plan_of_each_kind();
    assert_eq!(
        bed.says(Chinese, "stats --season 2025"),
        "📈 同步系统统计信息
   总计划数: 4
   已完成: 1
   进行中: 1
   失败: 1
   已取消: 1
   总体成功率: 100.0%
   总尝试次数: 3
   成功尝试: 3
   （以上数据仅限 2025 赛季）
"
    );
    assert_eq!(
        bed.says(English, "stats"),
        "📈 Sync statistics
   Plans: 4
   Completed: 1
   Pending: 1
   Failed: 1
   Cancelled: 1
   Success rate: 100.0%
   Attempts: 3
   Successful attempts: 3
"
    );
    assert!(bed.says(English, "stats --season 2024").ends_with("   (season 2024 only)\n"));
}

/// Answers every request as a server does whose database is away, until the test ends.
fn broken_server() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            loop {
                let mut line = String::new();
                lines.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
            }
            lines.read_exact(&mut vec![0; length]).unwrap();
            let text = "触发失败: 数据库暂不可用（编号 7）";
            let body = json!({
                "success": false, "message": text, "data": null, "error_code": 500, "detail": text,
            });
            let body = body.to_string();
            let answer = format!(
                "HTTP/1.1 500 Error\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    url
}

#[test]
fn each_command_says_in_its_words_that_the_server_failed_or_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let broken = broken_server();
    for (arguments, english, chinese) in [
        ("schedule 2025 11", "Scheduling", "安排"),
        ("get 2025 11", "Lookup", "获取"),
        ("list", "Lookup", "获取"),
        ("execute 2025 11 1", "Execution", "执行"),
        ("cancel 2025 11", "Cancel", "取消"),
        ("stats", "Lookup", "获取"),
        ("monitor", "Monitor", "监控触发"),
        ("cleanup", "Cleanup", "清理触发"),
        ("batch", "Batch", "批量安排"),
    ] {
        let detail = "触发失败: 数据库暂不可用（编号 7）";
        let lines = [
            (English, format!("❌ {english} failed: {detail}\n")),
            (Chinese, format!("❌ {chinese}失败: {detail}\n")),
        ];
        for (tongue, line) in lines {
            assert_eq!(command(&folder, &broken, tongue, arguments), (String::new(), line, 1), "{arguments}");
        }
        let (out, error, code) = command(&folder, "http://127.0.0.1:1", Chinese, arguments);
        assert_eq!((out.as_str(), code), ("", 1), "{arguments}");
        assert!(error.starts_with("❌ 请求失败: http://127.0.0.1:1 没有服务器应答"), "{arguments}: {error}");
    }
    let (_, error, code) = command(&folder, "http://127.0.0.1:1", English, "list");
    assert!(
        code == 1 && error.starts_with("❌ Request failed: no server answers at http://127.0.0.1:1"),
        "{error}"
    );
}
