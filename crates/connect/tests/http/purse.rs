//! One budget among all who ask: side by side, over a restart, and when it runs out.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect::http::purse::is_budget_spent;
use connect::http::{Budget, Counted, Keeper, Limits, Means, Memory, Pause, Purse, Request};
use jiff::{SignedDuration, Timestamp};
use model::fault::{Again, Fault};
use serde_json::Value;

use crate::bed::{Hand, START, at, client};
use crate::server::{Server, json, throttled};

fn counted(per_hour: u32, keeper: &Arc<dyn Keeper>, clock: &Arc<Hand>) -> Counted {
    let number = |n| NonZeroU32::new(n).unwrap();
    let pause: Arc<dyn Pause> = Arc::<Hand>::clone(clock);
    Counted {
        limits: Limits { margin: Duration::ZERO, ..Limits::new(number(4), number(per_hour)) },
        patience: Duration::from_secs(900),
        keeper: Arc::clone(keeper),
        pause,
    }
}

/// A keeper of text, as a store is; every step gives others the chance to come between.
#[derive(Default)]
struct Text(Mutex<Option<String>>);

#[async_trait]
impl Keeper for Text {
    async fn load(&self) -> Result<Budget, Fault> {
        let budget = self.0.lock().unwrap().as_deref().map(serde_json::from_str).transpose();
        tokio::task::yield_now().await;
        Ok(budget.unwrap().unwrap_or_default())
    }

    async fn swap(&self, old: &Budget, new: &Budget) -> Result<bool, Fault> {
        let mut kept = self.0.lock().unwrap();
        let now = kept.as_deref().map(serde_json::from_str::<Budget>).transpose().unwrap();
        let is_as_it_was = now.unwrap_or_default() == *old;
        if is_as_it_was {
            *kept = Some(serde_json::to_string(new).unwrap());
        }
        Ok(is_as_it_was)
    }
}

/// Notes when each request was granted.
struct Noted<'a>(&'a Counted, &'a Mutex<Vec<Timestamp>>);

#[async_trait]
impl Purse for Noted<'_> {
    async fn spend(&self) -> Result<(), Fault> {
        self.0.spend().await?;
        self.1.lock().unwrap().push(self.0.pause.now());
        Ok(())
    }

    async fn hold(&self, until: Timestamp) -> Result<(), Fault> {
        self.0.hold(until).await
    }
}

fn most_in_any(seconds: i64, grants: &[Timestamp]) -> usize {
    let end = |from: Timestamp| from + SignedDuration::from_secs(seconds);
    let within = |from: Timestamp| grants.iter().filter(|&&at| at >= from && at < end(from)).count();
    grants.iter().map(|&from| within(from)).max().unwrap()
}

#[tokio::test]
async fn five_at_once_and_a_restart_keep_to_the_limits() {
    let server = Server::start((0..90).map(|_| json("1")).collect()).await;
    let keeper: Arc<dyn Keeper> = Arc::new(Text::default());
    let clock = Arc::new(Hand::new());
    let grants = Mutex::new(Vec::new());
    let request = Request::get("rows", "/rows.json");
    for _process in 0..2 {
        // All that lives on from one to the other is the keeper's text and the time.
        let (client, counted) =
            (client(server.port, |_| {}), Counted { patience: HOURS, ..counted(40, &keeper, &clock) });
        let worker = async || {
            let purse = Noted(&counted, &grants);
            for _ in 0..9 {
                let means = Means::new(&purse, &*clock, fastrand::Rng::with_seed(1));
                client.ask::<Value>(&request, &means).await.unwrap();
            }
        };
        tokio::join!(worker(), worker(), worker(), worker(), worker());
    }
    let grants = grants.into_inner().unwrap();
    assert_eq!((grants.len(), server.requests().len()), (90, 90));
    assert_eq!((most_in_any(1, &grants), most_in_any(3600, &grants)), (4, 40));
    assert!(clock.seconds() < 2.0 * 3660.0 + 60.0, "nobody waits longer than need be: {}", clock.seconds());
}

const HOURS: Duration = Duration::from_secs(9 * 3600);

#[tokio::test]
async fn who_asks_next_waits_for_a_429_of_somebody_else() {
    let server = Server::start(vec![throttled(Some("120")), json("1"), json("2")]).await;
    let keeper: Arc<dyn Keeper> = Arc::new(Memory::default());
    let clock = Arc::new(Hand::new());
    let (client, counted) = (client(server.port, |_| {}), counted(500, &keeper, &clock));
    let grants = Mutex::new(Vec::new());
    let purse = Noted(&counted, &grants);
    let request = Request::get("rows", "/rows.json");
    let first = async {
        let means = Means::new(&purse, &*clock, fastrand::Rng::with_seed(1));
        client.ask::<Value>(&request, &means).await.unwrap()
    };
    let second = async {
        // Not before the first was refused.
        while keeper.load().await.unwrap() == Budget::default()
            || keeper.load().await.unwrap() == Budget::default().held(at(120))
            || !serde_json::to_string(&keeper.load().await.unwrap()).unwrap().contains("16:02:00")
        {
            tokio::task::yield_now().await;
        }
        let means = Means::new(&purse, &*clock, fastrand::Rng::with_seed(2));
        client.ask::<Value>(&request, &means).await.unwrap()
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!((first.tries, second.tries), (2, 1));
    assert_eq!(grants.into_inner().unwrap(), [at(0), at(120), at(120)]);
}

#[tokio::test]
async fn a_budget_that_stays_empty_for_too_long_is_a_fault_and_nothing_is_sent() {
    let server = Server::start(vec![json("1"), json("2")]).await;
    let keeper: Arc<dyn Keeper> = Arc::new(Memory::default());
    let clock = Arc::new(Hand::new());
    let (client, counted) = (client(server.port, |_| {}), counted(1, &keeper, &clock));
    let means = Means::new(&counted, &*clock, fastrand::Rng::with_seed(1));
    let request = Request::get("rows", "/rows.json");
    client.ask::<Value>(&request, &means).await.unwrap();
    let failure = client.ask::<Value>(&request, &means).await.unwrap_err();
    assert_eq!((failure.again, failure.status()), (Again::After(Duration::from_secs(3600)), None));
    let fault = Fault::from(failure);
    assert!(is_budget_spent(&fault));
    assert_eq!(fault.message, "the upstream's limit of 4 requests a second and 1 an hour is used up");
    assert_eq!(fault.again, Again::After(Duration::from_secs(3600)));
    assert_eq!((server.requests().len(), clock.waits().len()), (1, 0));
}

#[tokio::test]
async fn work_that_must_stop_stops_while_waiting_for_the_budget() {
    let keeper: Arc<dyn Keeper> = Arc::new(Memory::default());
    let clock = Arc::new(Hand::stopping_in(1));
    let counted = counted(500, &keeper, &clock);
    for _ in 0..4 {
        counted.spend().await.unwrap();
    }
    let kept = keeper.load().await.unwrap();
    let fault = counted.spend().await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.again), ("stopped", Again::Again));
    assert_eq!(keeper.load().await.unwrap(), kept, "what was not granted is not spent");
    assert_eq!(clock.now(), START.parse::<Timestamp>().unwrap());
}
