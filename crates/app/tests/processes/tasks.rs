//! `syncline tasks …` against a server and a call platform: what the commands print, and how they end.

use std::path::PathBuf;

use serde_json::Value;
use simulators::guanke::{self, Options, Simulator};

use crate::bed::{Database, Server, outcome, runtime, syncline, until};

struct Bed {
    database: Database,
    platform: Simulator,
    server: Server,
    /// Goes last: the platform runs on it.
    _runtime: tokio::runtime::Runtime,
}

impl Bed {
    /// A server, and a platform with the tasks that are always there.
    fn new() -> Self {
        Self::with("sim-pass", &[])
    }

    /// The same, let in with this password, and with these variables beside.
    fn with(password: &str, variables: &[(&str, &str)]) -> Self {
        let runtime = runtime();
        let free = Options::on_a_free_port(today());
        let options = Options { tasks_per_day: 0, password: password.to_owned(), ..free };
        let platform = runtime.block_on(guanke::start(options)).unwrap();
        let database = Database::sqlite();
        let mut serve = syncline(database.folder(), &["serve", "--listen", "127.0.0.1:0"]);
        serve
            .env("SYNCLINE_TASKS_UPSTREAM", platform.base_url())
            .env("GUANKE_USERNAME", "sim-user")
            .env("GUANKE_PASSWORD", password)
            .envs(variables.iter().copied());
        let server = Server::of(serve);
        Self { database, platform, server, _runtime: runtime }
    }

    /// Any command, to be asked of the server at a Chinese terminal.
    fn asking(&self, words: &str) -> std::process::Command {
        self.asking_in(&words.split(' ').collect::<Vec<_>>())
    }

    fn asking_in(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = syncline(self.database.folder(), arguments);
        command.env("SYNCLINE_SERVER", &self.server.url).env("LC_ALL", "zh_CN.UTF-8");
        command
    }

    /// What a command about tasks said, and how it ended.
    fn command(&self, arguments: &[&str]) -> (String, String, i32) {
        let (out, error, code) = outcome(self.asking_in(&[&["tasks"], arguments].concat()));
        (out.trim_end().to_owned(), error.trim_end().to_owned(), code)
    }

    fn says(&self, arguments: &[&str]) -> String {
        let (out, error, code) = self.command(arguments);
        assert_eq!(code, 0, "{arguments:?}: {out}{error}");
        out
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path: PathBuf = self.database.folder().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// The platform's today is the machine's: the server asks for the days around it.
#[expect(clippy::disallowed_methods, reason = "the server beside it reads the machine's clock too")]
pub(crate) fn today() -> jiff::civil::Date {
    let shanghai = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
    jiff::Timestamp::now().to_zoned_datetime(shanghai).date()
}

/// The line without the seconds it took.
fn untimed(line: &str) -> &str {
    line.rsplit_once("  耗时 ").map_or(line, |(line, took)| {
        assert!(took.ends_with(" 秒"), "{took}");
        line
    })
}

#[test]
fn syncs_records_and_packages_are_told_in_the_documented_lines() {
    let bed = Bed::new();
    assert_eq!(bed.says(&["status"]), "历史数据  空闲  上次: 从未\n今日数据  空闲  上次: 从未");
    let packages = bed.file("packages.csv", &bed.platform.packages_csv());
    let tried = bed.says(&["packages", "import", &packages, "--dry-run"]);
    assert_eq!(tried, "新增 9  更新 0  未变 0  自动匹配 0  错误 0");
    assert_eq!(bed.says(&["packages", "import", &packages]), tried);
    let line = bed.says(&["sync", "today"]);
    assert_eq!(untimed(&line), "今日数据同步 成功  记录 1  总数 4  新增 4  更新 0  匹配 3  待匹配 1  失败 0");
    let json: Value = serde_json::from_str(&bed.says(&["sync", "historical", "--json"])).unwrap();
    assert_eq!((&json["record_id"], &json["summary"]["total"]), (&2.into(), &6.into()));
    let records = bed.says(&["records", "--type", "today", "--unread"]);
    let lines: Vec<&str> = records.lines().collect();
    assert!(lines[0].starts_with("记录  类型"), "{records}");
    assert!(lines[1].contains("今日数据  手动  成功"), "{records}");
    assert_eq!(lines[2], "共 1 条，第 1/1 页，未读 2");
    assert_eq!(bed.says(&["read", "1"]), "已标记为已读");
    assert_eq!(bed.says(&["read", "--all"]), "已标记所有记录为已读");
    assert!(bed.says(&["records"]).ends_with("共 2 条，第 1/1 页，未读 0"));
    assert!(bed.says(&["record", "1"]).starts_with("记录 1  今日数据  手动  成功\n"));
    assert!(bed.says(&["packages", "list", "--q", "559336"]).contains("O4 ⚠️ N, O1, O2"));
    assert!(bed.says(&["status"]).starts_with("历史数据  空闲  上次: 20"));
}

#[test]
fn tasks_are_matched_idled_and_taken_back() {
    let bed = Bed::new();
    bed.says(&["packages", "import", &bed.file("packages.csv", &bed.platform.packages_csv())]);
    bed.says(&["sync", "historical"]);
    let pending = bed.says(&["list", "--state", "pending", "--q", "7100007"]);
    assert!(
        pending.starts_with(
            "禹州-0826-高中-721  1 个任务  推荐: 541437 禹州-0826-高中-1000 (83%)\n  7100007  禹州-0826-高中-721-O1-A+-L10-1019\n待处理 5  已匹配 1  闲散 0  总计 6"
        ),
        "{pending}"
    );
    assert_eq!(bed.says(&["match", "--package", "541437", "7100007"]), "已更新 1  未变 0  失败 0");
    let (out, _, code) = bed.command(&["idle", "7100006", "9007199254740993123", "17"]);
    assert_eq!((out.as_str(), code), ("已更新 2  未变 0  失败 1\n17  任务不存在", 3));
    assert_eq!(bed.says(&["rematch", "--auto", "9007199254740993123"]), "已更新 1  未变 0  失败 0");
    let matched = bed.says(&["list", "--state", "matched"]);
    assert!(matched.contains("9007199254740993123") && matched.contains("禹州-0826-高中-1000"), "{matched}");
    let (_, error, code) = bed.command(&["match", "--package", "no such", "7100007"]);
    assert_eq!((error.as_str(), code), ("syncline: 数据包不存在", 1));
}

#[test]
fn exit_codes_say_how_it_ended() {
    let bed = Bed::new();
    bed.platform.set_faults(vec!["bad-rows".parse().unwrap()]);
    let (out, _, code) = bed.command(&["sync", "today"]);
    assert_eq!(code, 3, "{out}");
    assert!(out.starts_with("今日数据同步 部分成功  记录 1  总数 7"), "{out}");
    let record = bed.says(&["record", "1"]);
    assert!(["任务ID ", "任务名称", "任务ID缺失"].iter().all(|words| record.contains(words)), "{record}");
    bed.platform.set_faults(vec!["slow=3000".parse().unwrap()]);
    assert_eq!(bed.says(&["sync", "today", "--async"]), "今日数据同步 已提交  记录 2");
    let (_, error, code) = bed.command(&["sync", "today"]);
    assert_eq!(code, 1);
    assert!(error.starts_with("syncline: 同步任务正在进行中，请稍后再试\n锁定者："), "{error}");
    assert!(bed.says(&["status"]).contains("今日数据  进行中  锁定者："));
    bed.platform.set_faults(Vec::new());
    let bad =
        bed.file("bad.csv", "数据包ID,数据包名称,职场,年级,有效数\n1,a20250101,x,y,9\n2,b20250101,x,y,z\n");
    let (out, _, code) = bed.command(&["packages", "import", &bad]);
    assert_eq!(code, 3);
    assert_eq!(out, "新增 1  更新 0  未变 0  自动匹配 0  错误 1\n第 3 行 valid_leads: 不是非负整数");
    let none = bed.file("none.csv", "数据包ID,职场\n1,x\n");
    let (_, error, code) = bed.command(&["packages", "import", &none]);
    assert_eq!((error.as_str(), code), ("syncline: 缺少表头：name、grade", 1));
    for (arguments, wanted) in [
        (&["record", "99"][..], 1),
        (&["read"][..], 2),
        (&["list"][..], 2),
        (&["sync", "tomorrow"][..], 2),
        (&["records", "--status", "odd"][..], 1),
        (&["packages", "import", "no-such.csv"][..], 2),
    ] {
        let (out, error, code) = bed.command(arguments);
        assert_eq!(code, wanted, "{arguments:?}: {out}{error}");
    }
}

#[test]
fn every_command_prints_what_is_documented_or_the_answer_as_it_came() {
    let bed = Bed::new();
    let packages = bed.file("packages.csv", &bed.platform.packages_csv());
    let imported: Value =
        serde_json::from_str(&bed.says(&["packages", "import", &packages, "--json"])).unwrap();
    assert_eq!((&imported["created"], &imported["errors"]), (&9.into(), &serde_json::json!([])));
    let line = bed.says(&["sync", "historical"]);
    assert_eq!(untimed(&line), "历史数据同步 成功  记录 1  总数 6  新增 6  更新 0  匹配 1  待匹配 5  失败 0");
    bed.says(&["idle", "7100009"]);
    for (arguments, path) in [
        (&["records"][..], "/api/sync/records"),
        (
            &["records", "--type", "historical", "--status", "success", "--page", "2", "--per-page", "1"],
            "/api/sync/records?sync_type=historical&status=success&page=2&per_page=1",
        ),
        (&["record", "1"], "/api/sync/records/1"),
        (&["status"], "/api/sync/status"),
        (&["packages", "list"], "/api/v1/tasks/packages"),
        (&["list", "--state", "pending"], "/api/v1/tasks?state=pending"),
        (&["list", "--state", "matched"], "/api/v1/tasks?state=matched"),
        (&["list", "--state", "idle"], "/api/v1/tasks?state=idle"),
        (&["list", "--state", "all"], "/api/v1/tasks?state=all"),
    ] {
        let raw = bed.says(&[arguments, &["--json"]].concat());
        assert_eq!(serde_json::from_str::<Value>(&raw).unwrap(), bed.server.get(path), "{arguments:?}");
    }
    assert!(bed.says(&["records", "--page", "2", "--per-page", "1"]).ends_with("共 1 条，第 2/1 页，未读 1"));
    assert!(bed.says(&["packages", "list"]).contains("559263"));
    for (state, task) in [("idle", "7100009"), ("all", "9007199254740993123")] {
        let listed = bed.says(&["list", "--state", state]);
        assert!(listed.contains(task) && listed.contains("待处理 4  已匹配 1  闲散 1  总计 6"), "{listed}");
    }
    assert_eq!(bed.says(&["rematch", "7100009"]), "已更新 1  未变 0  失败 0");
    let raw = bed.says(&["read", "1", "--json"]);
    assert_eq!(raw, "{\"success\":true,\"message\":\"已标记为已读\"}");
    // Let in before, a process asks for no token again.
    bed.platform.set_faults(vec!["bad-credentials".parse().unwrap(), "token-expired=1".parse().unwrap()]);
    let (out, error, code) = bed.command(&["sync", "today"]);
    assert_eq!((out.as_str(), code), ("", 1), "a run that failed");
    assert!(error.starts_with("syncline: Token 获取失败: "), "{error}");
    let (out, _, code) = bed.command(&["sync", "today", "--json"]);
    let refused: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&refused["error_type"], code), (&"sync_failed".into(), 1));
    for (arguments, wanted) in [
        (&["match", "--package", "559336"][..], 2),
        (&["idle"], 2),
        (&["rematch"], 2),
        (&["list", "--state", "odd"], 2),
        (&["read", "1", "--all"], 2),
        (&["packages", "import"], 2),
        (&["read", "99"], 1),
        (&["match", "--package", "559336", "17"], 3),
        (&["rematch", "17"], 3),
    ] {
        let (out, error, code) = bed.command(arguments);
        assert_eq!(code, wanted, "{arguments:?}: {out}{error}");
    }
}

#[test]
fn a_server_whose_host_is_elsewhere_registers_the_hours_of_shanghai() {
    let bed = Bed::with("sim-pass", &[("TZ", "America/New_York")]);
    let lines = [
        "✅ 定时任务调度器已启动",
        "📅 已注册定时任务: 历史数据同步 [1:00, 10:00, 15:00, 21:00]",
        "📅 已注册定时任务: 今日数据同步 [9:00-23:00 每小时]",
    ];
    let log = until("the last line of the start", || {
        let log = bed.server.process.errors();
        log.contains(lines[2]).then_some(log)
    });
    let mut said = log.lines();
    for line in lines {
        assert!(said.any(|said| said.ends_with(line)), "{line} is missing or late:\n{log}");
    }
    let schedules = bed.server.get("/api/v1/schedules");
    for (name, hours) in
        [("tasks-historical", &[1, 10, 15, 21][..]), ("tasks-today", &[9, 10, 11, 12, 13, 14])]
    {
        let all = schedules["schedules"].as_array().unwrap();
        let schedule = all.iter().find(|schedule| schedule["name"] == name).unwrap();
        let next: jiff::Timestamp = schedule["next"][0].as_str().unwrap().parse().unwrap();
        let next = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap().to_datetime(next);
        let wanted =
            hours.contains(&next.hour()) || (name == "tasks-today" && (15..=23).contains(&next.hour()));
        assert!(wanted && next.minute() == 0, "{name}: {next}");
    }
    assert_eq!(bed.server.get("/api/sync/records")["data"]["total"], 0, "nothing runs at a start");
}

/// A text plain, and percent-encoded in the ways there are.
fn forms(secret: &str) -> Vec<String> {
    let encoded = |space: &str, upper: bool| {
        let byte = |byte: u8| match byte {
            b' ' => space.to_owned(),
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte if upper => format!("%{byte:02X}"),
            byte => format!("%{byte:02x}"),
        };
        secret.bytes().map(byte).collect::<String>()
    };
    vec![
        secret.to_owned(),
        encoded("%20", true),
        encoded("%20", false),
        encoded("+", true),
        encoded("+", false),
    ]
}

#[test]
fn no_command_and_no_line_of_the_log_shows_what_lets_in() {
    let password = "p@ss/w+rd x";
    let bed = Bed::with(password, &[("SYNCLINE_LOG_LEVEL", "trace")]);
    let mut said = String::new();
    let mut says = |command: std::process::Command| {
        let (out, error, _) = outcome(command);
        said.push_str(&out);
        said.push_str(&error);
    };
    for faults in
        [&["echo-secret", "bad-credentials"][..], &["echo-secret"], &["echo-secret", "token-expired=1x2"]]
    {
        bed.platform.set_faults(faults.iter().map(|fault| fault.parse().unwrap()).collect());
        for arguments in [
            "sync today",
            "sync today --json",
            "records",
            "record 1",
            "record 1 --json",
            "status",
            "packages list",
        ] {
            says(bed.asking(&format!("tasks {arguments}")));
        }
    }
    for arguments in ["runs list", "runs show 1", "schedules list", "config check", "doctor"] {
        let mut command = bed.asking(arguments);
        command.env("GUANKE_USERNAME", "sim-user").env("GUANKE_PASSWORD", password);
        says(command);
    }
    let log = bed.server.process.errors();
    assert!(said.contains("***") && log.contains("***"), "something was taken out");
    assert!(log.contains("TRACE"), "the log holds all there is");
    let tokens = bed.platform.tokens();
    assert!(!tokens.is_empty());
    for secret in std::iter::once(password).chain(tokens.iter().map(String::as_str)) {
        for form in forms(secret) {
            for (place, text) in [("a command", &said), ("the log", &log)] {
                let line = text.lines().find(|line| line.contains(&form));
                assert_eq!(line, None, "{form} in {place}");
            }
        }
    }
}
