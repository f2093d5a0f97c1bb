//! A client of the scripted server, with a clock set by hand and a purse that notes what is asked of it.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use connect::http::{Answer, Base, Client, Config, Failure, Means, Pause, Policy, Purse, Request, Stopped};
use jiff::{SignedDuration, Timestamp};
use model::fault::Fault;
use serde_json::Value;

use crate::server::{Act, Server};

/// When every story begins.
pub(crate) const START: &str = "2025-07-06T16:00:00Z";

/// A clock that goes only when somebody waits.
pub(crate) struct Hand {
    now: Mutex<Timestamp>,
    waits: Mutex<Vec<Duration>>,
    /// The wait in which the work is stopped.
    stop_in: Option<usize>,
}

impl Hand {
    pub(crate) fn new() -> Self {
        Self { now: Mutex::new(START.parse().unwrap()), waits: Mutex::default(), stop_in: None }
    }

    pub(crate) fn stopping_in(wait: usize) -> Self {
        Self { stop_in: Some(wait), ..Self::new() }
    }

    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }

    /// Seconds since the start.
    pub(crate) fn seconds(&self) -> f64 {
        self.now().duration_since(START.parse().unwrap()).as_secs_f64()
    }
}

#[async_trait]
impl Pause for Hand {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn until(&self, at: Timestamp) -> Result<(), Stopped> {
        // Whoever could do something now does it before the time goes on.
        tokio::task::yield_now().await;
        let mut now = self.now.lock().unwrap();
        let mut waits = self.waits.lock().unwrap();
        waits.push(Duration::try_from(at.duration_since(*now)).unwrap_or_default());
        if self.stop_in == Some(waits.len()) {
            return Err(Stopped);
        }
        *now = at.max(*now);
        Ok(())
    }
}

/// Grants everything.
#[derive(Default)]
pub(crate) struct Notes {
    spent: Mutex<u32>,
    holds: Mutex<Vec<Timestamp>>,
}

impl Notes {
    pub(crate) fn spent(&self) -> u32 {
        *self.spent.lock().unwrap()
    }

    /// Seconds after the start until which all were held.
    pub(crate) fn holds(&self) -> Vec<i64> {
        let start: Timestamp = START.parse().unwrap();
        self.holds.lock().unwrap().iter().map(|at| at.duration_since(start).as_secs()).collect()
    }
}

#[async_trait]
impl Purse for Notes {
    async fn spend(&self) -> Result<(), Fault> {
        *self.spent.lock().unwrap() += 1;
        Ok(())
    }

    async fn hold(&self, until: Timestamp) -> Result<(), Fault> {
        self.holds.lock().unwrap().push(until);
        Ok(())
    }
}

pub(crate) struct Bed {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) clock: Hand,
    pub(crate) notes: Notes,
}

impl Bed {
    pub(crate) async fn of(script: Vec<Act>) -> Self {
        Self::with(script, |_| {}).await
    }

    pub(crate) async fn with(script: Vec<Act>, change: impl FnOnce(&mut Policy)) -> Self {
        let server = Server::start(script).await;
        let client = client(server.port, change);
        Self { server, client, clock: Hand::new(), notes: Notes::default() }
    }

    pub(crate) async fn ask(&self) -> Result<Answer<Value>, Failure> {
        self.send(&Request::get("rows", "/rows.json")).await
    }

    pub(crate) async fn send(&self, request: &Request) -> Result<Answer<Value>, Failure> {
        let means = Means::new(&self.notes, &self.clock, fastrand::Rng::with_seed(7));
        self.client.ask(request, &means).await
    }

    /// The fault of asking.
    pub(crate) async fn fault(&self) -> Fault {
        self.ask().await.unwrap_err().into()
    }
}

/// A client of a server on this machine that is patient enough for a busy one.
pub(crate) fn client(port: u16, change: impl FnOnce(&mut Policy)) -> Client {
    let mut policy = Policy { connect_timeout: Duration::from_secs(30), ..Policy::default() };
    change(&mut policy);
    let base = Base::parse(&format!("http://127.0.0.1:{port}/ergast/f1/")).unwrap();
    Client::new(Config { upstream: "jolpica", base, policy }).unwrap()
}

/// Seconds after the start.
pub(crate) fn at(seconds: i64) -> Timestamp {
    START.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}
