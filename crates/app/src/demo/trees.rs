//! The files of the demonstration: a small tree is made, and copied to a second folder and to a WebDAV server by configs
//! with a cron, made as anybody makes one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use reqwest::Method;
use serde_json::{Value, json};

use super::ended;
use crate::client::files::{count, size};
use crate::client::{Api, text_of, with_query};
use crate::exit::Failure;
use crate::screen::{say, table};
use crate::words::{both, language, worded};
use web::i18n::Language;

const CONFIGS: &str = "/api/v1/files/configs";

/// What the configs are called.
const TO_FOLDER: &str = "演示文件同步 demo";
const TO_WEBDAV: &str = "演示 WebDAV 同步 demo";

/// When they run by themselves.
const CRON: &str = "*/10 * * * *";

/// The tree's folders, and how many files lie in each.
const FOLDERS: [&str; 6] =
    ["照片/2024 秋", "照片/2025/春节", "文档/合同", "文档/发票", "music/live", "code/notes"];
const FILES: usize = 60;

/// A source and where it is copied to.
pub(super) struct Trees {
    source: PathBuf,
    target: PathBuf,
    /// What the WebDAV server serves.
    pub(super) served: PathBuf,
}

impl Trees {
    /// The tree, made unless an earlier demonstration made it.
    pub(super) fn plant(data: &Path) -> anyhow::Result<Self> {
        let trees = Self {
            source: data.join("files/source"),
            target: data.join("files/copy"),
            served: data.join("files/webdav"),
        };
        if !trees.source.exists() {
            let made = FOLDERS.iter().try_for_each(|folder| fill(&trees.source.join(folder)));
            made.with_context(|| format!("cannot fill {}", trees.source.display()))?;
        }
        Ok(trees)
    }

    /// Makes the configs, or takes those of an earlier demonstration, and runs them: the runs' numbers.
    pub(super) async fn sync(&self, api: &Api, webdav: &str) -> Result<Vec<i64>, Failure> {
        let folder = json!({"service": "fs", "path": self.target});
        let server = json!({"service": "webdav", "options": {"endpoint": webdav}, "path": "/copy"});
        let runs = vec![self.run(api, TO_FOLDER, folder).await?, self.run(api, TO_WEBDAV, server).await?];
        let (files, source, target) = (FOLDERS.len() * FILES, self.source.display(), self.target.display());
        say(&both(
            format!("files: {files} from {source} to {target} and to {webdav}, now and every 10 minutes"),
            format!(
                "文件同步：{files} 个文件，从 {source} 到 {target} 与 {webdav}，现在一次，此后每 10 分钟一次"
            ),
        ));
        Ok(runs)
    }

    /// A config whose target is that, run once. An earlier one is told of it: the server has another port each time.
    async fn run(&self, api: &Api, name: &str, target: Value) -> Result<i64, Failure> {
        let known = api.get(&with_query(CONFIGS, &[("name", Some(name.to_owned()))])).await?;
        let config = match known.body["items"][0]["id"].as_i64() {
            Some(config) => {
                let changed = json!({"target": target});
                api.ask(Method::PATCH, &format!("{CONFIGS}/{config}"), Some(&changed)).await?;
                config
            }
            None => {
                let source = json!({"service": "fs", "path": self.source});
                let body =
                    json!({"name": name, "mode": "full", "cron": CRON, "source": source, "target": target});
                api.post(CONFIGS, Some(&body)).await?.body["id"].as_i64().unwrap_or_default()
            }
        };
        let started = api.post(&format!("{CONFIGS}/{config}/execute"), None).await?;
        Ok(started.body["run_id"].as_i64().unwrap_or_default())
    }
}

/// Files of some hundred bytes to some tens of kilobytes.
fn fill(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for number in 1..=FILES {
        let name =
            if number % 2 == 0 { format!("文件 {number:03}.txt") } else { format!("file-{number:03}.txt") };
        let line = format!("{name}: simulated by `syncline demo`. 模拟数据。\n");
        fs::write(folder.join(name), line.repeat(number * number / 5 + 1))?;
    }
    Ok(())
}

/// Waits for the runs' ends, prints what came of them, and says whether all was copied.
pub(super) async fn to_the_end(api: &Api, runs: &[i64]) -> Result<bool, Failure> {
    let mut rows = Vec::new();
    let mut failed = Vec::new();
    for run in runs {
        let late = both("the files were not copied in time", "文件未在规定时间内同步完成");
        let path = format!("/api/v1/files/runs/{run}/items?limit=1");
        let is_under_way = |answer: &Value| {
            matches!(answer["run"]["status"].as_str(), Some("queued" | "running" | "waiting" | "paused"))
        };
        let ended = ended(api, &path, is_under_way, late).await?;
        let run = &ended["run"];
        rows.push(row(run));
        if run["status"] != "succeeded" {
            failed.push(text_of(&run["error"]));
        }
    }
    table(&head(), &rows);
    for why in &failed {
        say(&both(format!("files not copied: {}", worded(why)), format!("文件同步失败: {why}")));
    }
    if failed.is_empty() {
        say(&both("files copied", "文件同步完成"));
    }
    Ok(failed.is_empty())
}

fn head() -> [&'static str; 7] {
    match language() {
        Language::English => ["files", "status", "new", "updated", "unchanged", "failed", "size"],
        Language::Chinese => ["文件", "状态", "新增", "更新", "未变", "失败", "大小"],
    }
}

fn row(run: &Value) -> Vec<String> {
    let stats = &run["stats"];
    let failed = count(&stats["added_fail"]) + count(&stats["updated_fail"]);
    let mut cells = vec![text_of(&stats["source_list_num"]), text_of(&run["status"])];
    cells.extend(["added_success", "updated_success", "unchanged"].map(|key| text_of(&stats[key])));
    cells.extend([failed.to_string(), size(count(&stats["bytes"]))]);
    cells
}
