//! `demo`: the whole of it on one machine: simulated upstreams, a server, a batch of ten days, a race weekend, the tasks
//! of a call platform, a tree of files that is copied.

mod platform;
mod trees;
mod weekend;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use simulators::baostock::{self, Options, Simulator};
use simulators::{guanke, jolpica, webdav};
use systems::{races, tasks};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::arguments::DemoArguments;
use crate::client::progress::follow;
use crate::client::{Api, FAILED_LOOKS_MAX, LOOK_EVERY, Reader, text_of};
use crate::config::{Layers, Origin, Role, Settings, State};
use crate::exit::{Exit, Failure};
use crate::log;
use crate::screen::{say, table};
use crate::server::{Server, machine_time};
use crate::signals::Signals;
use crate::words::{both, language, worded};
use trees::Trees;
use web::i18n::Language;

/// Days of the batch.
const DAYS: i64 = 10;

/// Lies in a data folder whose rows are simulated.
const MARK: &str = "DEMO";

/// Far longer than a weekend or the tasks take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// Runs the demonstration until a signal, or with `--once` until everything it started ended.
pub(crate) async fn run(layers: &Layers, asked: &DemoArguments) -> Result<Exit, Failure> {
    let settings = Settings::of(layers)?;
    log::start(&quiet(&settings, layers));
    mark(&settings.data_dir)?;
    let folder = std::fs::canonicalize(&settings.data_dir).unwrap_or_else(|_| settings.data_dir.clone());
    let trees = Trees::plant(&folder)?;
    let signals = Signals::take().context("signals cannot be taken")?;
    let upstreams = Upstreams::start(asked, &settings, &trees).await?;
    let settings = beside(settings, &upstreams, asked).await?;
    let server = Server::start(&settings).await?;
    let url = server.url.clone().context("a server with all roles has an address")?;
    say(&url);
    say(&both(format!("data folder: {}", folder.display()), format!("数据目录：{}", folder.display())));
    upstreams.tell(asked);
    let shutdown = server.shutdown.clone();
    signals.drive(shutdown.clone());
    let api = Api::at(&url, Reader::Person)?;
    let exit = match (began(&api, &upstreams, &trees).await, asked.once) {
        (Ok(begun), true) => {
            let exit = tokio::select! {
                exit = to_the_end(&api, &begun) => exit,
                () = shutdown.graceful.cancelled() => Ok(Exit::Failed),
            };
            shutdown.graceful.cancel();
            exit
        }
        (Ok(_), false) => {
            say(&both(
                format!("open {url} in a browser; Ctrl-C ends the demonstration"),
                format!("请在浏览器中打开 {url}；按 Ctrl-C 结束演示"),
            ));
            Ok(Exit::Done)
        }
        (Err(failure), _) => {
            shutdown.graceful.cancel();
            Err(failure)
        }
    };
    server.ended().await?;
    upstreams.shutdown().await;
    exit
}

/// The simulated upstreams of all systems.
struct Upstreams {
    stocks: Simulator,
    races: jolpica::Simulator,
    tasks: guanke::Simulator,
    files: webdav::Simulator,
}

impl Upstreams {
    async fn start(asked: &DemoArguments, settings: &Settings, trees: &Trees) -> anyhow::Result<Self> {
        let options =
            Options { stocks: asked.stocks, seed: asked.seed, control: None, ..Options::on_free_ports() };
        let stocks = baostock::start(options).await.context("the simulated upstream did not start")?;
        let tasks = platform::simulate(asked, &settings.tasks.zone).await?;
        let files = webdav::start(trees.served.clone()).await.context("the WebDAV server did not start")?;
        Ok(Self { stocks, races: weekend::simulate(asked).await?, tasks, files })
    }

    fn tell(&self, asked: &DemoArguments) {
        let (stocks, races, tasks) = (self.stocks.address(), self.races.base_url(), self.tasks.base_url());
        let count = asked.stocks;
        say(&both(
            format!(
                "simulated upstreams: {stocks} ({count} stocks), {races} (races of 2025), {tasks} (tasks)"
            ),
            format!("模拟数据源：{stocks}（{count} 只股票）、{races}（2025 赛季）、{tasks}（外呼任务）"),
        ));
    }

    async fn shutdown(self) {
        self.stocks.shutdown().await;
        self.races.shutdown().await;
        self.tasks.shutdown().await;
        self.files.shutdown().await;
    }
}

/// What was started and is waited for.
struct Begun {
    /// The batch's name.
    batch: String,
    /// The numbers of the runs of files.
    files: Vec<i64>,
}

/// Starts everything.
async fn began(api: &Api, upstreams: &Upstreams, trees: &Trees) -> Result<Begun, Failure> {
    let batch = batch(api).await?;
    weekend::play(api, &upstreams.races).await?;
    platform::play(api, &upstreams.tasks).await?;
    Ok(Begun { batch, files: trees.sync(api, &upstreams.files.base_url()).await? })
}

/// A demonstration is watched on its page; log lines only when they are asked for, or something is wrong.
fn quiet(settings: &Settings, layers: &Layers) -> Settings {
    let asked = layers.value("log_level").1 != Origin::Default;
    let log_level = if asked { settings.log_level.clone() } else { "warn".to_owned() };
    Settings { log_level, ..settings.clone() }
}

/// Whether the settings' data folder was filled by a demonstration.
pub(crate) fn is_of_demo(settings: &Settings) -> bool {
    settings.state == State::Embedded && settings.data_dir.join(MARK).exists()
}

/// Simulated rows must never come among real ones: a folder with a state that no demonstration made is refused.
fn mark(folder: &Path) -> Result<(), Failure> {
    let mark: PathBuf = folder.join(MARK);
    if folder.join("state.db").exists() && !mark.exists() {
        let folder = folder.display();
        return Err(Failure::new(
            Exit::Usage,
            both(
                format!(
                    "{folder} holds the data of a real server; give the demonstration another --data-dir"
                ),
                format!("{folder} 中是真实服务器的数据；请用 --data-dir 为演示指定其他目录"),
            ),
        ));
    }
    let made = std::fs::create_dir_all(folder).and_then(|()| {
        std::fs::write(
            &mark,
            "The rows in this folder are simulated by `syncline demo`. 本目录中的数据为模拟数据。\n",
        )
    });
    Ok(made
        .with_context(|| format!("cannot write {}; choose another folder with --data-dir", mark.display()))?)
}

/// The settings with the simulated upstreams and the embedded databases; a taken default port becomes a free one.
async fn beside(
    settings: Settings,
    upstreams: &Upstreams,
    asked: &DemoArguments,
) -> anyhow::Result<Settings> {
    let upstream = upstreams.stocks.address();
    let mut stocks = settings.stocks.clone();
    (stocks.host, stocks.port) = (upstream.ip().to_string(), upstream.port());
    let mut races = settings.races.clone();
    let named = races::Config { upstream_base_url: upstreams.races.base_url(), ..races::Config::default() };
    races.upstream = named.check().context("the simulated upstream has an address of its own")?.upstream;
    let mut tasks = settings.tasks.clone();
    // Without credentials those of the stand-in are tried.
    let guanke = tasks::Guanke { base_url: upstreams.tasks.base_url(), ..tasks::Guanke::default() };
    let named = tasks::Config { guanke, ..tasks::Config::default() };
    tasks.upstream = named.check().context("the simulated upstream has an address of its own")?.upstream;
    if tasks.state_labels.is_empty() {
        tasks.state_labels = platform::state_labels();
    }
    let taken = asked.listen.is_none() && tokio::net::TcpListener::bind(settings.listen).await.is_err();
    let listen = if taken { SocketAddr::new(settings.listen.ip(), 0) } else { settings.listen };
    let mut shown = settings.shown.clone();
    let roles = Role::ALL.map(Role::word).join(", ");
    for (key, value) in [
        ("listen", listen.to_string()),
        ("database_url", String::new()),
        ("destination_url", String::new()),
        ("roles", roles),
        ("files.local_roots", String::new()),
        ("stocks.upstream", upstream.to_string()),
        ("races.upstream", upstreams.races.base_url()),
        ("tasks.upstream", upstreams.tasks.base_url()),
        ("tasks.guanke.username", String::new()),
    ] {
        for one in shown.iter_mut().filter(|one| one.key == key && one.value != value) {
            (one.value, one.source) = (value.clone(), web::Source::Command("syncline demo".to_owned()));
        }
    }
    Ok(Settings {
        shown,
        listen,
        stocks,
        races,
        tasks,
        files: systems::files::Settings::default(),
        state: State::Embedded,
        destination_url: None,
        roles: Role::ALL.to_vec(),
        ..settings
    })
}

/// Starts the batch, as anybody would: through the API.
async fn batch(api: &Api) -> Result<String, Failure> {
    let (first, last) = days(machine_time());
    let body = json!({ "start_date": first.to_string(), "end_date": last.to_string() });
    let answer = api.post("/api/v1/sync-status/sync/batch", Some(&body)).await?;
    if let Some(task) = answer.body["data"]["task_id"].as_str() {
        say(&both(format!("batch {first} to {last}: {task}"), format!("批量同步 {first} 至 {last}：{task}")));
        return Ok(task.to_owned());
    }
    // A demonstration that was killed goes on where it stood.
    match answer.body["current_task"]["task_id"].as_str() {
        Some(task) => {
            say(&both(format!("going on with {task}"), format!("继续 {task}")));
            Ok(task.to_owned())
        }
        None => Err(Failure::new(Exit::Failed, text_of(&answer.body["message"]))),
    }
}

/// The ten days before today, in Shanghai: all of them are published.
fn days(now: Timestamp) -> (Date, Date) {
    let zone = TimeZone::get("Asia/Shanghai").expect("the zone is bundled");
    let today = now.to_zoned_datetime(zone).date();
    (today.saturating_sub(DAYS.days()), today.saturating_sub(1.day()))
}

/// Waits for the end of everything and prints what came of each day, of each attempt, of each window of tasks and of
/// the files.
async fn to_the_end(api: &Api, begun: &Begun) -> Result<Exit, Failure> {
    let exit = days_to_the_end(api, &begun.batch).await?;
    say("");
    let complete = weekend::to_the_end(api).await?;
    say("");
    let synced = platform::to_the_end(api).await?;
    say("");
    let copied = trees::to_the_end(api, &begun.files).await?;
    Ok(if complete && synced && copied { exit } else { Exit::Failed })
}

/// Looks until what an answer tells of goes on no more; `late` is said when that does not come.
async fn ended(
    api: &Api,
    path: &str,
    goes_on: impl Fn(&Value) -> bool,
    late: String,
) -> Result<Value, Failure> {
    let looking = async {
        let mut looks = interval(LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failed_looks = 0;
        loop {
            looks.tick().await;
            match api.get(path).await {
                Ok(answer) if goes_on(&answer.body) => failed_looks = 0,
                Ok(answer) => return Ok(answer.body),
                Err(_) if failed_looks < FAILED_LOOKS_MAX => failed_looks += 1,
                Err(failure) => return Err(failure),
            }
        }
    };
    timeout(PATIENCE, looking).await.unwrap_or_else(|_| Err(Failure::new(Exit::Failed, late)))
}

async fn days_to_the_end(api: &Api, task: &str) -> Result<Exit, Failure> {
    let (progress, exit) = follow(api, task, |_| {}).await?;
    let path = format!(
        "/api/v1/sync-status/list?page_size=100&start_date={}&end_date={}",
        progress.start_date, progress.end_date
    );
    let answer = api.get(&path).await?;
    let mut records = answer.body["data"]["records"].as_array().cloned().unwrap_or_default();
    records.reverse();
    let rows: Vec<Vec<String>> = records.iter().map(row).collect();
    table(&head(), &rows);
    say(&worded(&progress.message));
    let all = records.len() as i64 == progress.total && records.iter().all(is_synced);
    Ok(if all { exit } else { Exit::Failed })
}

fn head() -> [&'static str; 5] {
    match language() {
        Language::English => ["day", "status", "rows", "seconds", "remarks"],
        Language::Chinese => ["日期", "状态", "行数", "秒", "备注"],
    }
}

fn row(record: &Value) -> Vec<String> {
    ["sync_date", "status", "success_count", "duration_seconds", "remarks"]
        .map(|key| worded(&text_of(&record[key])))
        .to_vec()
}

/// The day is there, or the exchanges were closed.
fn is_synced(record: &Value) -> bool {
    record["status"] == "success" || (record["status"] == "skipped" && record["remarks"] == "非交易日")
}
