//! `simulate`: a stand-in for an upstream, for demonstrations and for trying other clients.

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::{Timestamp, civil::Date, tz};
use simulators::baostock::{ErrorOn, Faults, Options, start};
use simulators::{guanke, jolpica};

use crate::exit::{Exit, Failure};
use crate::screen;
use crate::server::machine_time;
use crate::signals::Signals;

#[derive(Debug, Subcommand)]
pub(crate) enum Simulate {
    /// The baostock service: listing, calendar, daily bars, factors, over its wire protocol
    Baostock(Box<BaostockArguments>),
    /// The Jolpica API: calendar, results and standings of a Formula 1 season, over HTTP
    Jolpica(JolpicaArguments),
    /// The Guanke API: tokens, tasks, call records and statistics of a call platform, over HTTP
    Guanke(Box<GuankeArguments>),
}

#[derive(Debug, Args)]
pub(crate) struct GuankeArguments {
    /// Where clients connect, loopback only; port 0 picks a free one
    #[arg(long, default_value = "127.0.0.1:18090", value_name = "ADDR")]
    listen: SocketAddr,
    /// Chooses the tasks that are not always there
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The platform's today; without one, the day it is in China
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// Tasks a day, beside the eleven that are always there
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u32).range(..=1000))]
    tasks_per_day: u32,
    /// The user who is let in
    #[arg(long, default_value = "sim-user", value_name = "NAME")]
    username: String,
    /// That user's password
    #[arg(long, default_value = "sim-pass", value_name = "TEXT")]
    password: String,
    /// The secret that lets in without a user
    #[arg(long, default_value = "sim-secret", value_name = "TEXT")]
    secret: String,
    /// What goes wrong; may be repeated. K is the number of a call for data or of a page, xM how often in a row:
    /// bad-credentials, token-invalid=K, token-expired=K, http-401=K, http-500=KxM, http-429=KxM(:SECONDS),
    /// timeout=KxM, drop=KxM, truncated-json=KxM, code=K:CODE, duplicate, short-page=K, empty, null-data, bad-rows,
    /// string-ids, camel-names, no-total, slow=MS, echo-secret
    #[arg(long = "fault", value_name = "NAME[=ARG]")]
    faults: Vec<guanke::Fault>,
}

#[derive(Debug, Args)]
pub(crate) struct JolpicaArguments {
    /// Where clients connect, loopback only; port 0 picks a free one
    #[arg(long, default_value = "127.0.0.1:10040", value_name = "ADDR")]
    listen: SocketAddr,
    /// The year of the season
    #[arg(long, default_value_t = 2025, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(1950..=2100))]
    season: i16,
    /// Chooses people and results
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// The simulated time; without one the season is over
    #[arg(long, value_name = "TIME")]
    time: Option<Timestamp>,
    /// Simulated seconds in a second; 0: the time stands
    #[arg(long, default_value_t = 0, value_name = "N", requires = "time")]
    pace: u32,
    /// Rounds that are cancelled
    #[arg(long, value_delimiter = ',', value_name = "ROUND,…")]
    cancelled: Vec<u32>,
    /// Serve recorded answers instead: races.json, 1/results.json and so on
    #[arg(long, value_name = "DIR", conflicts_with_all = ["season", "seed", "time", "pace", "cancelled"])]
    data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct BaostockArguments {
    /// Where clients connect; port 0 picks a free one
    #[arg(long, default_value = "127.0.0.1:10030", value_name = "ADDR")]
    listen: SocketAddr,
    /// A shares in the market
    #[arg(long, default_value_t = 5300, value_name = "N")]
    stocks: usize,
    /// Chooses all names and prices
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Later trading days have no bars yet
    #[arg(long, value_name = "DATE")]
    published_until: Option<Date>,
    /// Where counts are read and faults are set, over HTTP; loopback only
    #[arg(long, value_name = "ADDR")]
    control: Option<SocketAddr>,
    #[command(flatten)]
    faults: FaultArguments,
}

/// What goes wrong from the start.
#[derive(Debug, Args)]
#[command(next_help_heading = "Faults")]
struct FaultArguments {
    /// Wait so many milliseconds before every reply
    #[arg(long, default_value_t = 0, value_name = "MS")]
    latency: u64,
    /// Close each connection after N replies
    #[arg(long, value_name = "N")]
    drop_after: Option<NonZeroU64>,
    /// Send half of the Nth reply and close
    #[arg(long, value_name = "N")]
    eof_mid_frame: Option<NonZeroU64>,
    /// Answer the Nth request with this error; may be repeated
    #[arg(long, value_name = "N:CODE")]
    error_on: Vec<ErrorOn>,
    /// Answer every login with 10001011
    #[arg(long)]
    blacklist: bool,
    /// Flip one byte of the Nth reply
    #[arg(long, value_name = "N")]
    corrupt_frame: Option<NonZeroU64>,
    /// Send so many bytes a second
    #[arg(long, value_name = "BYTES")]
    slow_drip: Option<NonZeroU64>,
    /// Answer 10004020 to requests of this type; may be repeated
    #[arg(long, value_name = "TT")]
    unknown_type: Vec<String>,
    /// Empty listing on trading days
    #[arg(long)]
    empty_list: bool,
    /// N stocks without a bar
    #[arg(long, default_value_t = 0, value_name = "N")]
    missing_stocks: usize,
    /// Answer 10004011 for these codes
    #[arg(long, value_delimiter = ',', value_name = "CODE,…")]
    fail_codes: Vec<String>,
    /// Answer 10001005 to more live logins than this
    #[arg(long, value_name = "N")]
    max_logins: Option<NonZeroU64>,
    /// Use pages of this size whatever is asked for
    #[arg(long, value_name = "ROWS")]
    page_size: Option<NonZeroU64>,
}

/// Runs until a signal comes.
pub(crate) async fn run(asked: Simulate) -> Result<Exit, Failure> {
    let mut signals = Signals::take().context("signals cannot be taken")?;
    match asked {
        Simulate::Baostock(asked) => run_baostock(*asked, &mut signals).await,
        Simulate::Jolpica(asked) => run_jolpica(asked, &mut signals).await,
        Simulate::Guanke(asked) => run_guanke(*asked, &mut signals).await,
    }
}

async fn run_guanke(asked: GuankeArguments, signals: &mut Signals) -> Result<Exit, Failure> {
    let options = guanke::Options {
        listen: asked.listen,
        seed: asked.seed,
        date: asked.date.unwrap_or_else(|| tz::offset(8).to_datetime(machine_time()).date()),
        tasks_per_day: asked.tasks_per_day,
        username: asked.username,
        password: asked.password,
        secret: asked.secret,
        faults: asked.faults,
    };
    let simulator = guanke::start(options).await.context("the simulator did not start")?;
    screen::say(&simulator.banner());
    let base = simulator.base_url();
    let control =
        ["faults", "requests", "advance", "packages.csv"].map(|route| format!("{base}/__sim/{route}"));
    screen::say(&format!("control: {}", control.join(", ")));
    signals.next().await;
    simulator.shutdown().await;
    Ok(Exit::Done)
}

async fn run_jolpica(asked: JolpicaArguments, signals: &mut Signals) -> Result<Exit, Failure> {
    let options = jolpica::Options {
        listen: asked.listen,
        year: asked.season,
        seed: asked.seed,
        time: asked.time,
        pace: asked.pace,
        cancelled: asked.cancelled,
        data: asked.data,
        ..jolpica::Options::default()
    };
    let simulator = jolpica::start(options).await.context("the simulator did not start")?;
    screen::say(&simulator.banner());
    let base = simulator.base_url();
    screen::say(&format!("control: {base}/-/requests, {base}/-/faults, {base}/-/time"));
    signals.next().await;
    simulator.shutdown().await;
    Ok(Exit::Done)
}

async fn run_baostock(asked: BaostockArguments, signals: &mut Signals) -> Result<Exit, Failure> {
    let options = Options {
        listen: asked.listen,
        control: asked.control,
        stocks: asked.stocks,
        seed: asked.seed,
        published_until: asked.published_until,
        faults: asked.faults.into(),
    };
    let simulator = start(options).await.context("the simulator did not start")?;
    screen::say(&simulator.banner());
    if let Some(control) = simulator.control_address() {
        screen::say(&format!("control: http://{control}/stats, http://{control}/faults"));
    }
    signals.next().await;
    simulator.shutdown().await;
    Ok(Exit::Done)
}

impl From<FaultArguments> for Faults {
    fn from(asked: FaultArguments) -> Self {
        Self {
            latency: asked.latency,
            drop_after: asked.drop_after,
            eof_mid_frame: asked.eof_mid_frame,
            error_on: asked.error_on,
            blacklist: asked.blacklist,
            corrupt_frame: asked.corrupt_frame,
            slow_drip: asked.slow_drip,
            unknown_type: asked.unknown_type,
            empty_list: asked.empty_list,
            missing_stocks: asked.missing_stocks,
            fail_codes: asked.fail_codes,
            max_logins: asked.max_logins,
            page_size: asked.page_size,
            ..Self::default()
        }
    }
}
