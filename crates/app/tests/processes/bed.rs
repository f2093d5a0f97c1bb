//! What the tests stand on: child processes that end with the test, a simulated upstream, databases of their own.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use simulators::baostock::{Faults, Options, Simulator};

/// Nothing here takes as long on the slowest machine; a dead worker's lease alone lasts half a minute.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// Stocks of the market: enough for several writes a day in per-stock mode.
pub(crate) const STOCKS: usize = 800;

/// Six trading days, and a day the exchanges were closed on.
pub(crate) const RANGE: (&str, &str) = ("2025-10-30", "2025-11-07");

/// A process of the binary; killed when it is dropped.
pub(crate) struct Process {
    child: Child,
    lines: Receiver<String>,
    errors: std::sync::Arc<std::sync::Mutex<String>>,
    readers: Vec<std::thread::JoinHandle<()>>,
}

/// The binary in a folder of its own, with no configuration of the machine's.
pub(crate) fn syncline(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syncline"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SYNCLINE_")) {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(folder).env("LC_ALL", "C").stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn output(mut command: Command) -> Output {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut process = Process::of(child);
    let status = process.wait();
    let errors = process.errors().into_bytes();
    let lines: Vec<String> = process.lines.try_iter().collect();
    let stdout = lines.iter().map(|line| format!("{line}\n")).collect::<String>().into_bytes();
    Output { status, stdout, stderr: errors }
}

/// Standard output, standard error and the exit code of a command run to its end.
pub(crate) fn outcome(command: Command) -> (String, String, i32) {
    let output = output(command);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap_or(-1))
}

impl Process {
    pub(crate) fn start(mut command: Command) -> Self {
        Self::of(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    fn of(mut child: Child) -> Self {
        let (send, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut stderr = child.stderr.take().unwrap();
        let errors = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let kept = std::sync::Arc::clone(&errors);
        let out = std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    return;
                }
            }
        });
        let err = std::thread::spawn(move || {
            let mut part = [0; 4096];
            while let Ok(read @ 1..) = stderr.read(&mut part) {
                kept.lock().unwrap().push_str(&String::from_utf8_lossy(&part[..read]));
            }
        });
        Self { child, lines, errors, readers: vec![out, err] }
    }

    /// The next line of standard output.
    pub(crate) fn line(&self) -> String {
        match self.lines.recv_timeout(DEADLINE) {
            Ok(line) => line,
            Err(error) => panic!("no line came ({error}); standard error:\n{}", self.errors()),
        }
    }

    /// What came on standard error so far.
    pub(crate) fn errors(&self) -> String {
        self.errors.lock().unwrap().clone()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Processor time used so far, all threads.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id())).unwrap();
        // The name in parentheses may hold anything; user and system ticks are the 12th and 13th behind it.
        let (_, behind) = stat.rsplit_once(')').unwrap();
        let ticks: u32 = behind.split_whitespace().skip(11).take(2).map(|t| t.parse::<u32>().unwrap()).sum();
        let a_second = Command::new("getconf").arg("CLK_TCK").output().unwrap().stdout;
        let a_second: u32 = String::from_utf8(a_second).unwrap().trim().parse().unwrap();
        Duration::from_secs(1) * ticks / a_second
    }

    /// Sends a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end, and for all that was said.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                for reader in self.readers.drain(..) {
                    reader.join().unwrap();
                }
                return status;
            }
            assert!(
                began.elapsed() < DEADLINE,
                "the process did not end; standard error:\n{}",
                self.errors()
            );
            breathe();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Between two looks at something that has a deadline.
#[expect(clippy::disallowed_methods, reason = "a test outside the processes it watches can only look again")]
fn breathe() {
    std::thread::sleep(Duration::from_millis(10));
}

/// Looks until something is there.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < DEADLINE, "not in time: {what}");
        breathe();
    }
}

/// A runtime for what a test does itself: the simulator, requests, database connections.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A simulated upstream in the test's own process.
pub(crate) struct Upstream {
    simulator: Simulator,
    /// What it runs on.
    _runtime: tokio::runtime::Runtime,
}

impl Upstream {
    pub(crate) fn start() -> Self {
        let runtime = runtime();
        let options = Options { stocks: STOCKS, control: None, ..Options::on_free_ports() };
        let simulator = runtime.block_on(simulators::baostock::start(options)).unwrap();
        Self { simulator, _runtime: runtime }
    }

    /// Every reply comes this much later.
    pub(crate) fn slow_down(&self, milliseconds: u64) {
        self.simulator.set_faults(Faults { latency: milliseconds, ..Faults::default() });
    }

    /// Misbehaves from now on.
    pub(crate) fn misbehave(&self, faults: Faults) {
        self.simulator.set_faults(faults);
    }

    /// Frames it got.
    pub(crate) fn requests(&self) -> u64 {
        self.simulator.stats().requests.values().sum()
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.simulator.address()
    }
}

/// A running server and how to talk to it.
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) url: String,
}

impl Server {
    /// `serve` on a free port with an upstream, and further arguments.
    pub(crate) fn start(folder: &Path, upstream: &Upstream, further: &[&str]) -> Self {
        let mut command = syncline(folder, &["serve", "--listen", "127.0.0.1:0"]);
        command.args(further).env("SYNCLINE_STOCKS_UPSTREAM", upstream.address().to_string());
        Self::of(command)
    }

    /// The same, but no file may become larger than so many bytes: what a full disk does to who writes.
    pub(crate) fn start_short_of_room(folder: &Path, upstream: &Upstream, bytes: u64) -> Self {
        let command = syncline(folder, &[]);
        let serve = command.get_program().to_str().unwrap().to_owned();
        // A shell counts in blocks of 512 bytes, and passes on that the signal of a file too large is ignored.
        let script =
            format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" serve --listen 127.0.0.1:0", bytes / 512);
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &script, &serve]).current_dir(folder).stdin(Stdio::null());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.env("SYNCLINE_STOCKS_UPSTREAM", upstream.address().to_string());
        Self::of(shell)
    }

    /// A server that a command starts.
    pub(crate) fn of(command: Command) -> Self {
        let process = Process::start(command);
        let url = process.line();
        Self { process, url }
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        ask(&self.url, "GET", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        ask(&self.url, "POST", path, Some(body))
    }

    /// What the run of files that was started so came to, when it has ended.
    pub(crate) fn result_of(&self, started: &Value) -> Value {
        until("the run to end", || {
            let path = format!("/api/v1/task/scheduler/task-result/{}", started["task_id"].as_str().unwrap());
            let result = self.get(&path)["data"].clone();
            (result["ready"] == true).then_some(result)
        })
    }

    /// Starts a batch over [`RANGE`] and gives its name.
    pub(crate) fn batch(&self, mode: &str) -> String {
        self.batch_over(RANGE, mode)
    }

    /// Starts a batch and gives its name.
    pub(crate) fn batch_over(&self, (first, last): (&str, &str), mode: &str) -> String {
        let body = json!({ "start_date": first, "end_date": last, "mode": mode });
        let answer = self.post("/api/v1/sync-status/sync/batch", &body);
        answer["data"]["task_id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// Null while the state cannot be read.
    pub(crate) fn progress(&self, task: &str) -> Value {
        self.get(&format!("/api/v1/sync-status/sync/batch/progress/{task}"))["data"].clone()
    }

    /// Waits until some stocks of some day are done and others are not.
    pub(crate) fn in_mid_day(&self, task: &str, finished_days: i64) -> Value {
        until("a day is half done", || {
            let progress = self.progress(task);
            if progress.is_null() {
                return None;
            }
            let (done, total) = (progress["stocks"]["done"].as_i64()?, progress["stocks"]["total"].as_i64()?);
            assert_eq!(progress["status"], "running", "the batch was to be caught in the middle: {progress}");
            (progress["current"].as_i64()? >= finished_days && done > 0 && done < total).then_some(progress)
        })
    }

    /// Waits for the end of a batch.
    pub(crate) fn ended(&self, task: &str) -> Value {
        until("the batch ended", || {
            let progress = self.progress(task);
            let status = progress["status"].as_str()?.to_owned();
            (!matches!(status.as_str(), "running" | "paused")).then_some(progress)
        })
    }
}

/// A request with nothing between: one connection, one answer.
pub(crate) fn ask(url: &str, method: &str, path: &str, body: Option<&Value>) -> Value {
    use std::io::Write;
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap_or_else(|error| panic!("{url}: {error}"));
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let body = if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        unchunked(body)
    } else {
        body.to_owned()
    };
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("{method} {path}: {error}: {head}\n{body}"))
}

fn unchunked(mut rest: &str) -> String {
    let mut whole = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        whole.push_str(&after[..size]);
        rest = &after[size + 2..];
    }
    whole
}

/// Where a server keeps its state and its rows.
pub(crate) enum Database {
    Sqlite(tempfile::TempDir),
    Postgres(Postgres, tempfile::TempDir),
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().unwrap())
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(Postgres::new(), tempfile::tempdir().unwrap())
    }

    pub(crate) fn folder(&self) -> &Path {
        match self {
            Self::Sqlite(folder) | Self::Postgres(_, folder) => folder.path(),
        }
    }

    /// The arguments that lead there.
    pub(crate) fn arguments(&self) -> Vec<&str> {
        match self {
            Self::Sqlite(_) => vec![],
            Self::Postgres(postgres, _) => vec!["--database-url", &postgres.url],
        }
    }

    /// Every row of every synced table, without what tells when it was written; and the days as they are reported.
    pub(crate) fn content(&self) -> Vec<String> {
        ["daily_stock_data", "daily_adjust_factor", "daily_stock_failures", "trading_calendar"]
            .iter()
            .flat_map(|table| {
                self.rows(table, &["id", "created_at", "updated_at", "fetched_at", "last_tried_at"])
            })
            .chain(self.rows(
                "daily_sync_status",
                &[
                    "id",
                    "process_id",
                    "start_time",
                    "end_time",
                    "duration_seconds",
                    "created_at",
                    "updated_at",
                ],
            ))
            .collect()
    }

    /// Ends every connection to it, as a restart or a bad network does.
    pub(crate) fn cut_connections(&self) {
        let Self::Postgres(postgres, _) = self else { panic!("an embedded database has no connections") };
        let cut = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
            postgres.name
        );
        postgres.runtime.block_on(run(&postgres.admin, &cut));
    }

    /// Runs a statement on the state, past the servers.
    pub(crate) fn outside(&self, sql: &str) {
        match self {
            Self::Sqlite(folder) => {
                let path = folder.path().join("syncline-data").join("state.db");
                rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
            }
            Self::Postgres(postgres, _) => postgres.runtime.block_on(run(&postgres.url, sql)),
        }
    }

    pub(crate) fn rows(&self, table: &str, without: &[&str]) -> Vec<String> {
        let mut rows = match self {
            Self::Sqlite(folder) => {
                let is_state = ["daily_sync_status", "dial_tasks"].contains(&table);
                let file = if is_state { "state.db" } else { "data.db" };
                sqlite_rows(&folder.path().join("syncline-data").join(file), table, without)
            }
            Self::Postgres(postgres, _) => postgres.rows(table, without),
        };
        rows.sort();
        rows
    }
}

fn sqlite_rows(path: &Path, table: &str, without: &[&str]) -> Vec<String> {
    use rusqlite::types::ValueRef;
    let connection = rusqlite::Connection::open(path).unwrap();
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query([]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let mut line = table.to_owned();
        for (place, name) in names.iter().enumerate().filter(|(_, name)| !without.contains(&name.as_str())) {
            let value = match row.get_ref(place).unwrap() {
                ValueRef::Null => "∅".to_owned(),
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Real(number) => number.to_string(),
                ValueRef::Text(text) | ValueRef::Blob(text) => String::from_utf8_lossy(text).into_owned(),
            };
            line.push_str(&format!(" {name}={value}"));
        }
        found.push(line);
    }
    found
}

/// A PostgreSQL database of the test's own, dropped with it.
pub(crate) struct Postgres {
    runtime: tokio::runtime::Runtime,
    admin: String,
    name: String,
    pub(crate) url: String,
}

impl Postgres {
    fn new() -> Self {
        let admin = std::env::var("TEST_DATABASE_URL")
            .expect("TEST_DATABASE_URL names the PostgreSQL the tests use; `make test` starts one");
        let runtime = runtime();
        static MADE: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = MADE.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("processes_{}_{number}", std::process::id());
        runtime.block_on(run(&admin, &format!("CREATE DATABASE {name}")));
        let (server, _) = admin.rsplit_once('/').expect("the address names a database");
        let url = format!("{server}/{name}");
        Self { runtime, admin, name, url }
    }

    fn rows(&self, table: &str, without: &[&str]) -> Vec<String> {
        // As JSON without the left-out keys: PostgreSQL writes each value as it keeps it.
        let without = without.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
        let query = format!("SELECT (to_jsonb(t) - ARRAY[{without}])::text FROM {table} t");
        self.runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(&self.url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            let rows = client.query(&query, &[]).await.unwrap();
            rows.iter().map(|row| format!("{table} {}", row.get::<_, String>(0))).collect()
        })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        self.runtime.block_on(run(&self.admin, &drop));
    }
}

async fn run(url: &str, statement: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(statement).await.unwrap();
    drop(client);
    let _ = connection.await;
}
