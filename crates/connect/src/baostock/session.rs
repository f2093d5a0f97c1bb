//! Asking the service something until it answers: connection, login, budget, retries.
//!
//! A request is tried a few times with growing pauses. After anything that leaves the connection in doubt,
//! which includes a caller that stopped waiting for a reply, the next request opens a new one and logs in.
//!
//! Metrics: `syncline_baostock_requests_total` by `type` (the operation, `login` or `connect`) and `outcome` (`ok`,
//! `refused`, `timeout`, `connection`, `protocol`, `bad_request`), `syncline_baostock_request_seconds` by
//! `type`, `syncline_baostock_reconnects_total`.
//!
//! What must not enter: which operations there are; the time of day, except what a logout says.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use metrics::{counter, histogram};
use model::fault::Fault;
use tokio::time::{Instant, timeout};

use super::api_key::ApiKey;
use super::budget::Budget;
use super::config::Config;
use super::frame::{Frame, Kind, SEPARATOR};
use super::records::Records;
use super::trouble::{Retry, Stage, Trouble};
use super::wire::Link;

/// Characters kept of a text the service sent with an error code.
const REFUSAL_TEXT_MAX: usize = 200;
/// Longest name the service may give a connection; a longer one is not echoed back.
const USER_MAX: usize = 64;
/// A logout is a courtesy and may not hold anybody up.
const LOGOUT: Duration = Duration::from_secs(2);
/// The service's clock: no daylight saving.
const SERVICE_ZONE: Offset = Offset::constant(8);

/// Lets time go by between two tries.
#[async_trait]
pub trait Wait: Send + Sync {
    /// Returns when `pause` has gone by.
    async fn wait(&self, pause: Duration);
}

/// Waits by the clock on the wall.
#[derive(Clone, Copy, Debug)]
pub struct WallWait;

#[async_trait]
impl Wait for WallWait {
    async fn wait(&self, pause: Duration) {
        // Nothing ever comes; only the time limit ends this.
        let _elapsed = timeout(pause, std::future::pending::<()>()).await;
    }
}

/// A kind of request: its name, its message types, and where the reply has its rows.
pub(super) struct Operation {
    pub(super) name: &'static str,
    pub(super) asks: Kind,
    pub(super) answers: Kind,
    pub(super) layout: Layout,
}

/// Positions among the fields of a reply's body.
pub(super) struct Layout {
    pub(super) rows: usize,
    pub(super) fields: usize,
    /// The page size the service says it used.
    pub(super) page_size: Option<usize>,
}

/// What came back.
pub(super) struct Reply {
    pub(super) records: Records,
    pub(super) page_size: Option<u32>,
}

const LOGIN: (&str, Kind, Kind) = ("login", Kind(*b"00"), Kind(*b"01"));
const LOGOUT_KIND: Kind = Kind(*b"02");

/// One conversation with the service. One request at a time; dropping a request's future is safe and costs the
/// connection.
pub struct Client {
    config: Config,
    budget: Arc<dyn Budget>,
    wait: Arc<dyn Wait>,
    rng: fastrand::Rng,
    link: Option<Link>,
    /// Whether a connection was ever open, so that the next one is a re-connection.
    was_open: bool,
}

impl Client {
    /// Opens nothing yet. `rng` is for the jitter of pauses only.
    pub fn new(config: Config, budget: Arc<dyn Budget>, wait: Arc<dyn Wait>, rng: fastrand::Rng) -> Self {
        Self { config, budget, wait, rng, link: None, was_open: false }
    }

    /// What it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Says good-bye if there is a connection and the budget allows it, and closes it. Whatever goes wrong with
    /// that is of no consequence.
    pub async fn close(mut self, now: Timestamp) {
        let Some(mut link) = self.link.take().filter(Link::is_quiet) else { return };
        let Some(user) = link.user.take() else { return };
        if self.budget.spend(1).await.is_err() {
            return;
        }
        let time = now.to_zoned_datetime(TimeZone::fixed(SERVICE_ZONE)).strftime("%Y%m%d%H%M%S").to_string();
        let fields = ["logout", user.as_str(), time.as_str()];
        let answered = timeout(LOGOUT, link.exchange(LOGOUT_KIND, fields)).await;
        tracing::debug!(answered = matches!(answered, Ok(Ok(_))), "logged out of the data source");
    }

    /// One request, tried as often as it is worth it. `args` follow the method and the user in the body.
    pub(super) async fn ask(&mut self, operation: &Operation, args: &[&str]) -> Result<Reply, Fault> {
        let mut failures = 0;
        loop {
            let trouble = match self.attempt(operation, args).await {
                Ok(reply) => return Ok(reply),
                Err(trouble) => trouble,
            };
            failures += 1;
            let least = match trouble.retry(&self.config) {
                Retry::No => return Err(self.fault(trouble, operation)),
                Retry::Yes => Duration::ZERO,
                Retry::NotBefore(pause) => pause,
            };
            if failures >= self.config.tries.get() {
                return Err(self.fault(trouble, operation));
            }
            let pause = self.pause(failures).max(least);
            tracing::warn!(
                operation = operation.name,
                failures,
                pause_seconds = pause.as_secs_f64(),
                error = %trouble,
                "asking the data source again"
            );
            self.wait.wait(pause).await;
        }
    }

    /// Gives an operation up, and the connection with it if the trouble leaves that in doubt.
    pub(super) fn fault(&mut self, trouble: Trouble, operation: &Operation) -> Fault {
        if trouble.breaks_connection() {
            self.link = None;
        }
        trouble.into_fault(operation.name, &self.config)
    }

    fn pause(&mut self, failures: u32) -> Duration {
        let doubled = self.config.backoff.saturating_mul(1_u32.checked_shl(failures - 1).unwrap_or(u32::MAX));
        doubled.mul_f64(1.0 + self.rng.f64() / 4.0)
    }

    /// One request, once. The link is out of `self` while anything is under way, so that a dropped future takes
    /// it along.
    async fn attempt(&mut self, operation: &Operation, args: &[&str]) -> Result<Reply, Trouble> {
        let mut link = self.logged_in().await?;
        if let Err(fault) = self.budget.spend(1).await {
            self.link = Some(link);
            return Err(Trouble::Budget(fault));
        }
        let started = Instant::now();
        let user = link.user.take().unwrap_or_default();
        let fields = [operation.name, user.as_str()].into_iter().chain(args.iter().copied());
        let outcome = match link.exchange(operation.asks, fields).await {
            Ok(frame) => self.read(frame, operation),
            Err(trouble) => Err(trouble),
        };
        count(operation.name, started, outcome.as_ref().err());
        // A forgotten login is made up for on the same connection.
        let is_forgotten =
            matches!(&outcome, Err(Trouble::Refused { code, .. }) if code == super::code::NOT_LOGGED_IN);
        link.user = (!is_forgotten).then_some(user);
        if !outcome.as_ref().is_err_and(Trouble::breaks_connection) {
            self.link = Some(link);
        }
        outcome
    }

    /// The link, opened and logged in if it was not.
    async fn logged_in(&mut self) -> Result<Link, Trouble> {
        let mut link = match self.link.take().filter(Link::is_quiet) {
            Some(link) => link,
            None => self.open().await?,
        };
        if link.user.is_none() {
            self.budget.spend(1).await.map_err(Trouble::Budget)?;
            link.user = Some(self.login(&mut link).await?);
        }
        Ok(link)
    }

    async fn open(&mut self) -> Result<Link, Trouble> {
        if self.was_open {
            counter!("syncline_baostock_reconnects_total").increment(1);
        }
        let started = Instant::now();
        let link =
            Link::open(&self.config).await.inspect_err(|trouble| count("connect", started, Some(trouble)))?;
        self.was_open = true;
        Ok(link)
    }

    async fn login(&self, link: &mut Link) -> Result<String, Trouble> {
        let (name, asks, answers) = LOGIN;
        let started = Instant::now();
        let config = &self.config;
        let options = config.api_key.as_ref().map_or("0", ApiKey::expose);
        let fields = [name, config.user.as_str(), config.password.expose(), options];
        let outcome = match link.exchange(asks, fields).await {
            Ok(frame) => accepted(frame, answers, Stage::Login, config),
            Err(trouble) => Err(trouble),
        };
        count(name, started, outcome.as_ref().err());
        let body = outcome?;
        // `0^success^login^user^time`: the service says whom it took us for.
        let known_as = body.split(SEPARATOR).nth(3).unwrap_or_default();
        let is_usable = (1..=USER_MAX).contains(&known_as.len()) && !known_as.contains(char::is_control);
        Ok(if is_usable { known_as } else { config.user.as_str() }.to_owned())
    }

    fn read(&self, frame: Frame, operation: &Operation) -> Result<Reply, Trouble> {
        let body = accepted(frame, operation.answers, Stage::Request, &self.config)?;
        let layout = &operation.layout;
        let mut at = 0;
        let (mut rows, mut fields, mut page_size) = (None, None, None);
        for (index, part) in body.split(SEPARATOR).enumerate() {
            if index == layout.rows {
                rows = Some(at..at + part.len());
            }
            if index == layout.fields {
                fields = Some(part.to_owned());
            }
            if Some(index) == layout.page_size {
                page_size = part.trim().parse().ok();
            }
            at += part.len() + SEPARATOR.len_utf8();
        }
        let rows = rows.ok_or(Trouble::Body("rows"))?;
        let fields = fields.filter(|names| !names.trim().is_empty()).ok_or(Trouble::Body("field names"))?;
        Ok(Reply { records: Records::parse(body, rows, &fields)?, page_size })
    }
}

/// The body of a reply of the right type that says all is well.
fn accepted(frame: Frame, answers: Kind, stage: Stage, config: &Config) -> Result<String, Trouble> {
    let Frame { kind, body } = frame;
    if kind != answers && kind != Kind::REFUSAL {
        return Err(Trouble::Kind { expected: answers, found: kind });
    }
    let (code, rest) = body.split_once(SEPARATOR).unwrap_or((&body, ""));
    if code == "0" && kind == answers {
        return Ok(body);
    }
    let is_code = (2..=16).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    if !is_code {
        return Err(Trouble::Body("an error code"));
    }
    let text = rest.split(SEPARATOR).next().unwrap_or_default();
    let text = text.chars().filter(|c| !c.is_control()).take(REFUSAL_TEXT_MAX).collect::<String>();
    Err(Trouble::Refused { code: code.to_owned(), text: config.redact(text.trim()), stage })
}

fn count(kind: &'static str, started: Instant, trouble: Option<&Trouble>) {
    let outcome = trouble.map_or("ok", Trouble::outcome);
    counter!("syncline_baostock_requests_total", "type" => kind, "outcome" => outcome).increment(1);
    histogram!("syncline_baostock_request_seconds", "type" => kind).record(started.elapsed().as_secs_f64());
}
