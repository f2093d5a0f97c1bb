//! `syncline tasks …` against a server and a call platform: what the commands print, and how they end.

use std::path::PathBuf;

use simulators::guanke::{self, Options, Simulator};

use crate::bed::{Database, Server, outcome, runtime, syncline};

struct Bed {
    database: Database,
    platform: Simulator,
    server: Server,
    /// Goes last: the platform runs on it.
    _runtime: tokio::runtime::Runtime,
}

impl Bed {
    /// A server whose schedules want nothing, and a platform with the tasks that are always there.
    fn new() -> Self {
        let runtime = runtime();
        let options = Options { tasks_per_day: 0, ..Options::on_a_free_port(today()) };
        let platform = runtime.block_on(guanke::start(options)).unwrap();
        let database = Database::sqlite();
        let mut serve = syncline(database.folder(), &["serve", "--listen", "127.0.0.1:0"]);
        serve
            .env("SYNCLINE_TASKS_UPSTREAM", platform.base_url())
            .env("GUANKE_USERNAME", "sim-user")
            .env("GUANKE_PASSWORD", "sim-pass");
        let server = Server::of(serve);
        Self { database, platform, server, _runtime: runtime }
    }

    /// A command at a Chinese terminal.
    fn command(&self, arguments: &[&str]) -> (String, String, i32) {
        let mut command = syncline(self.database.folder(), &[&["tasks"], arguments].concat());
        command.env("SYNCLINE_SERVER", &self.server.url).env("LC_ALL", "zh_CN.UTF-8");
        let (out, error, code) = outcome(command);
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
fn today() -> jiff::civil::Date {
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
    let json: serde_json::Value = serde_json::from_str(&bed.says(&["sync", "historical", "--json"])).unwrap();
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
