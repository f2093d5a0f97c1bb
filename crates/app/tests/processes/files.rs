//! `syncline files …` against a server: what the commands print, and how they end.

use std::path::PathBuf;

use crate::bed::{Database, Server, outcome, syncline, until};

struct Bed {
    database: Database,
    server: Server,
}

impl Bed {
    fn new() -> Self {
        let database = Database::sqlite();
        let server = Server::of(syncline(database.folder(), &["serve", "--listen", "127.0.0.1:0"]));
        Self { database, server }
    }

    /// A command at a Chinese terminal.
    fn command(&self, arguments: &[&str]) -> (String, String, i32) {
        let mut command = syncline(self.database.folder(), &[&["files"], arguments].concat());
        command.env("SYNCLINE_SERVER", &self.server.url).env("LC_ALL", "zh_CN.UTF-8");
        command.env("TEST_PASSWORD", "hunter2");
        let (out, error, code) = outcome(command);
        (out.trim_end().to_owned(), error.trim_end().to_owned(), code)
    }

    fn says(&self, arguments: &[&str]) -> String {
        let (out, error, code) = self.command(arguments);
        assert_eq!(code, 0, "{arguments:?}: {out}{error}");
        out
    }

    /// The last line of a command that exits so.
    fn ends(&self, arguments: &[&str], wanted: i32) -> String {
        let (out, error, code) = self.command(arguments);
        assert_eq!(code, wanted, "{arguments:?}: {out}{error}");
        out.lines().last().unwrap_or_default().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.database.folder().join(name)
    }

    fn tree(&self, name: &str) -> String {
        format!("fs:{}", self.path(name).display())
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// A config of two folders.
    fn add(&self, further: &[&str]) -> String {
        let (source, target) = (self.tree("source"), self.tree("target"));
        self.says(&[&["add", "--source", &source, "--target", &target], further].concat())
    }
}

/// The line without the seconds it took.
fn untimed(line: &str) -> &str {
    line.rsplit_once(", 用时 ").map_or(line, |(line, took)| {
        assert!(took.ends_with('s'), "{took}");
        line
    })
}

#[test]
fn a_config_is_made_rehearsed_run_verified_and_deleted() {
    let bed = Bed::new();
    bed.write("source/a/说明.txt", "hello");
    bed.write("source/same.txt", "same");
    let made = bed.add(&["--name", "照片备份", "--mode", "full", "--cron", "0 2 * * *"]);
    assert!(made.starts_with("已创建同步配置 1: 照片备份（下次执行 20"), "{made}");
    assert!(made.ends_with("T02:00:00+08:00）"), "{made}");
    let list = bed.says(&["list"]);
    let rows: Vec<&str> = list.lines().collect();
    let head: Vec<&str> = rows[0].split_whitespace().collect();
    assert_eq!(head, ["ID", "名称", "启用", "模式", "源", "目标", "CRON", "下次执行", "上次同步", "状态"]);
    assert!(rows[1].starts_with("1   照片备份  是    full  fs:/"), "{list}");
    assert!(rows[1].ends_with("-         已计划"), "{list}");
    let show = bed.says(&["show", "1"]);
    assert!(show.starts_with("同步配置 1  照片备份\n  状态: 已计划\n  启用: 是\n  源: fs:/"), "{show}");
    assert!(show.contains("\n  删除保护: {\"max_files\":100,\"max_percent\":10}\n"), "{show}");

    let plan = bed.says(&["run", "1", "--dry-run"]);
    assert!(plan.contains("+ a/说明.txt (新增, 5 B)"), "{plan}");
    assert!(plan.ends_with("计划: 新增 2, 更新 0, 删除 0（未修改目标）"), "{plan}");
    assert!(!bed.path("target").exists(), "a rehearsal makes nothing");
    let done = bed.ends(&["run", "1"], 0);
    assert_eq!(untimed(&done), "完成: 新增 2, 更新 0, 删除 0, 未变 0, 失败 0, 9 B");
    assert_eq!(std::fs::read_to_string(bed.path("target/a/说明.txt")).unwrap(), "hello");
    assert_eq!(bed.ends(&["verify", "1"], 0), "一致: 2 个文件");

    bed.write("source/new.txt", &"x".repeat(1300));
    bed.write("source/a/说明.txt", "hello, world");
    bed.write("target/extra.txt", "x");
    let (out, _, code) = bed.command(&["verify", "1", "--checksum"]);
    let mut lines: Vec<&str> = out.lines().collect();
    assert_eq!((lines.pop().unwrap(), code), ("不一致: 缺少 1, 不同 1, 多余 1", 1));
    for line in ["+ new.txt (缺少)", "~ a/说明.txt (不同: 大小不同)", "- extra.txt (多余)"] {
        assert!(lines.contains(&line), "{line}: {out}");
    }
    let (out, error, code) = bed.command(&["run", "1", "--dry-run"]);
    for line in ["+ new.txt (新增, 1.3 KiB)", "~ a/说明.txt (更新: 大小不同)", "- extra.txt (删除)"]
    {
        assert!(out.contains(line), "{line}: {out}");
    }
    assert!(out.ends_with("计划: 新增 1, 更新 1, 删除 1（未修改目标）"), "{out}");
    assert!(error.starts_with("删除保护会拒绝此次运行: 计划删除 1 个文件（目标共 3 个，33.3%）"), "{error}");
    assert_eq!(code, 0);
    let (out, error, code) = bed.command(&["run", "1"]);
    assert_eq!(untimed(out.lines().last().unwrap()), "失败: 新增 1, 更新 1, 删除 0, 未变 1, 失败 0, 1.3 KiB");
    assert!(error.starts_with("syncline: 删除保护: 计划删除 1 个文件"), "{error}");
    assert_eq!((code, bed.path("target/extra.txt").exists()), (1, true));
    let done = bed.ends(&["run", "1", "--confirm", "--max-delete", "1"], 0);
    assert_eq!(untimed(&done), "完成: 新增 0, 更新 0, 删除 1, 未变 3, 失败 0, 0 B");
    assert!(bed.says(&["show", "1"]).contains("\n  上次同步: 20"), "the last success is told");

    assert_eq!(bed.says(&["disable", "1"]), "已禁用同步配置 1");
    let (_, error, code) = bed.command(&["run", "1"]);
    assert_eq!((error.as_str(), code), ("syncline: 同步配置 1 已禁用", 1));
    assert_eq!(bed.ends(&["verify", "1"], 0), "一致: 3 个文件");
    assert_eq!(bed.says(&["enable", "1"]), "已启用同步配置 1");
    assert_eq!(bed.says(&["rm", "1"]), "已删除同步配置 1");
    let (_, error, code) = bed.command(&["show", "1"]);
    assert_eq!((error.as_str(), code), ("syncline: 同步配置 1 不存在", 1));
}

#[test]
fn a_script_gets_the_items_of_a_run_and_a_person_how_the_newest_run_stands() {
    let bed = Bed::new();
    bed.write("source/a/说明.txt", "hello");
    bed.add(&["--mode", "full", "--cron", "0 2 * * *"]);
    let whole = |arguments: &[&str]| {
        let (out, error, code) = bed.command(arguments);
        let answer = serde_json::from_str::<serde_json::Value>(&out).expect(&error);
        let told = |item: &serde_json::Value| {
            ["op", "dst_path", "reason"].map(|key| item[key].as_str().unwrap_or("-").to_owned()).join(" ")
        };
        let mut items: Vec<String> = answer["items"].as_array().unwrap().iter().map(told).collect();
        items.retain(|item| !item.contains("dir "));
        items.sort();
        (items, answer["run"]["status"].as_str().unwrap().to_owned(), code)
    };
    let ended = |items: &[&str], code: i32| {
        (items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>(), "succeeded".to_owned(), code)
    };
    let new = "add a/说明.txt new";
    assert_eq!(whole(&["run", "1", "--dry-run", "--json"]), ended(&[new], 0));
    assert!(bed.says(&["list"]).ends_with("  已计划，试运行成功"));
    assert_eq!(whole(&["run", "1", "--json"]), ended(&[new], 0));
    assert!(bed.says(&["list"]).ends_with("  已计划，成功"));
    assert_eq!(whole(&["verify", "1", "--json"]), ended(&[], 0));
    bed.write("source/a/说明.txt", "hello, world");
    bed.write("target/extra.txt", "x");
    let differing = ["delete extra.txt extra", "update a/说明.txt size"];
    assert_eq!(whole(&["verify", "1", "--json"]), ended(&differing, 1));
}

#[test]
fn a_failed_run_exits_1_with_its_reason_and_one_that_is_not_waited_for_goes_on() {
    let bed = Bed::new();
    assert_eq!(bed.add(&[]), "已创建同步配置 1");
    let (out, error, code) = bed.command(&["run", "1"]);
    let source = bed.path("source").display().to_string();
    assert_eq!((error, code), (format!("syncline: 源目录不存在: {source}"), 1), "{out}");
    assert!(out.lines().last().unwrap().starts_with("失败: 新增 0, "), "{out}");
    assert_eq!(bed.command(&["verify", "1"]).2, 1);
    bed.write("source/a", "a");
    assert!(bed.says(&["run", "1", "--no-wait"]).starts_with("已提交  运行 "));
    until("the run ended", || bed.path("target/a").exists().then_some(()));
    let json: serde_json::Value = serde_json::from_str(&bed.says(&["run", "1", "--json"])).unwrap();
    assert_eq!(
        (&json["run"]["status"], &json["run"]["stats"]["unchanged"]),
        (&"succeeded".into(), &1.into())
    );
    assert_eq!(bed.says(&["rm", "1", "--cancel"]), "已删除同步配置 1");
    assert_eq!(bed.ends(&["run", "1"], 1), "");
}

#[test]
fn secrets_come_from_elsewhere_than_arguments_and_are_never_shown() {
    let bed = Bed::new();
    let target = bed.tree("target");
    let webdav = |further: &[&'static str]| {
        let mut all = vec!["add", "--source", "webdav:/dav", "--target", &target];
        all.extend(["--source-opt", "endpoint=http://127.0.0.1:9", "--source-opt", "username=me"]);
        all.extend(further);
        bed.command(&all)
    };
    for plain in [&["--source-secret", "password=hunter2"][..], &["--source-opt", "password=hunter2"]] {
        let (_, error, code) = webdav(plain);
        assert_eq!(code, 2, "{error}");
        assert!(error.contains("--source-secret password=env:NAME") && !error.contains("hunter2"), "{error}");
    }
    assert_eq!(webdav(&["--source-secret", "password=env:NO_SUCH"]).2, 2);
    assert_eq!(webdav(&["--source-secret", "password=-"]).2, 2, "nothing comes on standard input");
    let (out, error, code) = webdav(&["--source-secret", "password=env:TEST_PASSWORD"]);
    assert_eq!((out.as_str(), code), ("已创建同步配置 1", 0), "{error}");
    let show = bed.says(&["show", "1"]);
    assert!(show.contains("    password: （已设置）") && !show.contains("hunter2"), "{show}");
    bed.write("token", "hunter2\n");
    let file = format!("token=file:{}", bed.path("token").display());
    let end = bed.tree("elsewhere");
    let arguments = ["add", "--source", &end, "--target", "webdav:/dav", "--target-secret", &file];
    let (_, error, code) = bed.command(&arguments);
    assert_eq!(code, 2, "an endpoint is needed: {error}");
    assert!(error.contains("target.options.endpoint: 字段为必填项"), "{error}");
    let whole = [&arguments[..], &["--target-opt", "endpoint=http://127.0.0.1:9"]].concat();
    assert_eq!(bed.says(&whole), "已创建同步配置 2");
}

#[test]
fn bad_arguments_and_bad_configs_are_told_clearly() {
    let bed = Bed::new();
    let (out, _, code) = bed.command(&["cron", "0 2 * * *"]);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!((lines[0], lines.len(), code), ("cron 表达式有效: 每天凌晨2点执行 (Asia/Shanghai)", 6, 0));
    assert!(lines[1..].iter().all(|line| line.starts_with("  20") && line.ends_with("T02:00:00+08:00")));
    let zone = bed.says(&["cron", "@hourly", "--timezone", "UTC"]);
    assert!(zone.contains(" (UTC)\n") && zone.ends_with("+00:00"), "{zone}");
    let (out, error, code) = bed.command(&["cron", "60 * * * *"]);
    assert_eq!((out.as_str(), code), ("", 1));
    assert!(error.contains("无效的 cron 表达式格式") && error.contains("60 超出范围 0-59"), "{error}");
    bed.write("config.json", r#"{"source": {"service": "fs", "path": "/tmp/a"}, "modus": "full"}"#);
    let (_, error, code) = bed.command(&["add", "--file", "config.json"]);
    assert_eq!(code, 2, "{error}");
    assert!(error.contains("target: 字段为必填项") && error.contains("modus"), "{error}");
    bed.write("config.json", "{");
    assert!(bed.command(&["add", "--file", "config.json"]).1.contains("config.json 不是 JSON"));
    let config = serde_json::json!({
        "name": "来自文件", "mode": "overwrite",
        "source": {"service": "fs", "path": bed.path("source")}, "target": {"service": "fs", "path": bed.path("target")},
    });
    bed.write("config.json", &config.to_string());
    assert_eq!(bed.says(&["add", "--file", "config.json"]), "已创建同步配置 1: 来自文件");
    for (arguments, wanted) in [
        (&["add"][..], 2),
        (&["add", "--source", "/a", "--target", "fs:/b"][..], 2),
        (&["add", "--source", "s3:/a", "--target", "fs:/b"][..], 2),
        (&["add", "--source", "fs:/a", "--target", "fs:/a/b"][..], 2),
        (&["add", "--source", "fs:/a", "--target", "fs:/b", "--mode", "odd"][..], 2),
        (&["add", "--source", "fs:/a", "--target", "fs:/b", "--cron", "odd"][..], 2),
        (&["add", "--file", "no-such.json"][..], 2),
        (&["run", "1", "--max-delete", "5"][..], 2),
        (&["run", "1", "--dry-run", "--confirm"][..], 2),
        (&["run", "99"][..], 1),
        (&["verify", "99"][..], 1),
        (&["rm", "99"][..], 1),
        (&["enable", "99"][..], 1),
    ] {
        let (out, error, code) = bed.command(arguments);
        assert_eq!(code, wanted, "{arguments:?}: {out}{error}");
        assert!(!error.is_empty(), "{arguments:?}");
    }
}
