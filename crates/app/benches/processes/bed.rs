//! Processes to measure; they end with what holds them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// The simulated upstream, a process of its own.
pub(crate) struct Upstream {
    child: Child,
    address: String,
}

/// A server on a new state.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    _folder: TempDir,
}

fn syncline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syncline"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Starts it and reads its first line.
fn first_line(mut command: Command) -> (Child, String) {
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (child, line.trim_end().to_owned())
}

impl Upstream {
    pub(crate) fn start() -> Self {
        let stocks = std::env::var("BENCH_STOCKS").unwrap_or_else(|_| "5300".to_owned());
        let (child, line) =
            first_line(syncline(&["simulate", "baostock", "--listen", "127.0.0.1:0", "--stocks", &stocks]));
        let address = line.split_whitespace().nth(4).unwrap().to_owned();
        Self { child, address }
    }
}

impl Server {
    /// On embedded databases.
    pub(crate) fn sqlite(upstream: &Upstream) -> Self {
        Self::start(upstream, &[])
    }

    /// On a PostgreSQL database made new for it.
    pub(crate) async fn postgres(upstream: &Upstream) -> Self {
        let admin = std::env::var("BENCH_DATABASE_URL").expect("BENCH_DATABASE_URL names a PostgreSQL");
        let (client, connection) = tokio_postgres::connect(&admin, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        client.batch_execute("DROP DATABASE IF EXISTS bench_processes WITH (FORCE)").await.unwrap();
        client.batch_execute("CREATE DATABASE bench_processes").await.unwrap();
        let (server, _) = admin.rsplit_once('/').unwrap();
        Self::start(upstream, &["--database-url", &format!("{server}/bench_processes")])
    }

    fn start(upstream: &Upstream, further: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = syncline(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(further).current_dir(folder.path()).env("SYNCLINE_STOCKS_UPSTREAM", &upstream.address);
        let (child, url) = first_line(command);
        let http = connect::http::plain().build().unwrap();
        Self { child, url, http, _folder: folder }
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.http.get(format!("{}{path}", self.url)).send().await.unwrap().json().await.unwrap()
    }

    /// Starts a batch and gives its name.
    pub(crate) async fn batch(&self, first: &str, last: &str, mode: &str) -> String {
        let body = json!({ "start_date": first, "end_date": last, "mode": mode, "force": true });
        let request = self.http.post(format!("{}/api/v1/sync-status/sync/batch", self.url)).json(&body);
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["data"]["task_id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    pub(crate) async fn progress(&self, task: &str) -> Value {
        self.get(&format!("/api/v1/sync-status/sync/batch/progress/{task}")).await["data"].clone()
    }

    /// Waits for the end of a batch.
    pub(crate) async fn ended(&self, task: &str) -> Value {
        let mut looks = tokio::time::interval(Duration::from_millis(2));
        loop {
            looks.tick().await;
            let progress = self.progress(task).await;
            if progress["status"] != "running" {
                return progress;
            }
        }
    }

    /// Stocks stored, over all days.
    pub(crate) async fn stored(&self) -> f64 {
        let list = self.get("/api/v1/sync-status/list?page_size=100&status=success").await;
        let records = list["data"]["records"].as_array().unwrap();
        records.iter().map(|record| record["success_count"].as_f64().unwrap()).sum()
    }

    /// Resident memory now.
    pub(crate) fn resident_kib(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most there was.
    pub(crate) fn peak_kib(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// Processor time taken so far, in hundredths of a second as the kernel counts.
    pub(crate) fn processor_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        fields[11..13].iter().map(|ticks| ticks.parse::<f64>().unwrap()).sum::<f64>() / 100.0
    }

    fn status(&self, key: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(key)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
