//! `demo`: the whole of it on one machine: simulated upstreams, a server, a batch of ten days, a race weekend.

mod weekend;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use simulators::baostock::{self, Options, Simulator};
use simulators::jolpica;
use systems::races;

use crate::arguments::DemoArguments;
use crate::client::progress::follow;
use crate::client::{Api, Reader, text_of};
use crate::config::{Layers, Origin, Role, Settings, State};
use crate::exit::{Exit, Failure};
use crate::log;
use crate::screen::{say, table};
use crate::server::{Server, machine_time};
use crate::signals::Signals;
use crate::words::{both, language};
use web::i18n::Language;

/// Days of the batch.
const DAYS: i64 = 10;

/// Lies in a data folder whose rows are simulated.
const MARK: &str = "DEMO";

/// Runs the demonstration until a signal, or with `--once` until the batch and the race weekend ended.
pub(crate) async fn run(layers: &Layers, asked: &DemoArguments) -> Result<Exit, Failure> {
    let settings = Settings::of(layers)?;
    log::start(&quiet(&settings, layers));
    mark(&settings.data_dir)?;
    let signals = Signals::take().context("signals cannot be taken")?;
    let upstreams = Upstreams::start(asked).await?;
    let settings = beside(settings, &upstreams, asked).await?;
    let server = Server::start(&settings).await?;
    let url = server.url.clone().context("a server with all roles has an address")?;
    say(&url);
    let folder = std::fs::canonicalize(&settings.data_dir).unwrap_or_else(|_| settings.data_dir.clone());
    say(&both(format!("data folder: {}", folder.display()), format!("数据目录：{}", folder.display())));
    upstreams.tell(asked);
    let shutdown = server.shutdown.clone();
    signals.drive(shutdown.clone());
    let api = Api::at(&url, Reader::Person)?;
    let exit = match (began(&api, &upstreams).await, asked.once) {
        (Ok(task), true) => {
            let exit = tokio::select! {
                exit = to_the_end(&api, &task) => exit,
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

/// The simulated upstreams of both systems.
struct Upstreams {
    stocks: Simulator,
    races: jolpica::Simulator,
}

impl Upstreams {
    async fn start(asked: &DemoArguments) -> anyhow::Result<Self> {
        let options =
            Options { stocks: asked.stocks, seed: asked.seed, control: None, ..Options::on_free_ports() };
        let stocks = baostock::start(options).await.context("the simulated upstream did not start")?;
        Ok(Self { stocks, races: weekend::simulate(asked).await? })
    }

    fn tell(&self, asked: &DemoArguments) {
        let (stocks, races) = (self.stocks.address(), self.races.base_url());
        say(&both(
            format!("simulated upstreams: {stocks} ({} stocks), {races} (races of 2025)", asked.stocks),
            format!("模拟数据源：{stocks}（{} 只股票）、{races}（2025 赛季）", asked.stocks),
        ));
    }

    async fn shutdown(self) {
        self.stocks.shutdown().await;
        self.races.shutdown().await;
    }
}

/// Starts both, and names the batch.
async fn began(api: &Api, upstreams: &Upstreams) -> Result<String, Failure> {
    let task = batch(api).await?;
    weekend::play(api, &upstreams.races).await?;
    Ok(task)
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
    let taken = asked.listen.is_none() && tokio::net::TcpListener::bind(settings.listen).await.is_err();
    let listen = if taken { SocketAddr::new(settings.listen.ip(), 0) } else { settings.listen };
    let mut shown = settings.shown.clone();
    let roles = Role::ALL.map(Role::word).join(", ");
    for (key, value) in [
        ("listen", listen.to_string()),
        ("database_url", String::new()),
        ("destination_url", String::new()),
        ("roles", roles),
        ("stocks.upstream", upstream.to_string()),
        ("races.upstream", upstreams.races.base_url()),
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

/// Waits for the end of both and prints what came of each day and of each attempt.
async fn to_the_end(api: &Api, task: &str) -> Result<Exit, Failure> {
    let exit = days_to_the_end(api, task).await?;
    say("");
    let complete = weekend::to_the_end(api).await?;
    Ok(if complete { exit } else { Exit::Failed })
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
    say(&progress.message);
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
        .map(|key| text_of(&record[key]))
        .to_vec()
}

/// The day is there, or the exchanges were closed.
fn is_synced(record: &Value) -> bool {
    record["status"] == "success" || (record["status"] == "skipped" && record["remarks"] == "非交易日")
}
