//! A simulated source and an empty destination, gone with their test; time passes when somebody waits.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use async_trait::async_trait;
use connect::http::{Base as Address, Client, Means, Pause, Purse, Stopped, Unlimited};
use connect::tables::{Destination, Filter, Select, Table, Value};
use jiff::{SignedDuration, Timestamp};
use model::fault::Fault as ModelFault;
use model::id::{Fence, PartitionId};
use simulators::jolpica::{Fault, Options, Simulator, Trouble, start};
use systems::races::calendar::{self, Changed};
use systems::races::datasets::{self, Dataset, Errand, Found, Outcome};
use systems::races::tables;
use systems::races::upstream::{self, Race, Source};

use crate::outside::outside;
pub(crate) use crate::place::{Base, Place, admin_client};

/// The round most claims are about: Austria, without a sprint.
pub(crate) const AUSTRIA: i64 = 11;

pub(crate) struct Bed {
    pub(crate) simulator: Simulator,
    pub(crate) destination: Destination,
    pub(crate) hand: Hand,
    pub(crate) purse: Box<dyn Purse>,
    client: Client,
    fence: AtomicI64,
    place: Place,
}

/// A clock that goes only when somebody waits.
pub(crate) struct Hand {
    now: Mutex<Timestamp>,
    /// Waits until the work is stopped.
    pub(crate) left: AtomicU32,
}

#[async_trait]
impl Pause for Hand {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn until(&self, at: Timestamp) -> Result<(), Stopped> {
        let left = self.left.load(Ordering::SeqCst);
        self.left.store(left.saturating_sub(1), Ordering::SeqCst);
        let mut now = self.now.lock().unwrap();
        if left == 0 {
            return Err(Stopped);
        }
        *now = at.max(*now);
        Ok(())
    }
}

impl Bed {
    pub(crate) async fn new(base: Base) -> Self {
        let place = Place::new(base).await;
        let destination = place.destination().await;
        destination.ensure(&tables::ALL).await.unwrap();
        let simulator = start(Options::on_a_free_port()).await.unwrap();
        let client = upstream::client(Address::parse(&simulator.base_url()).unwrap()).unwrap();
        let now = Mutex::new("2025-12-08T08:00:00Z".parse().unwrap());
        Self {
            simulator,
            destination,
            hand: Hand { now, left: AtomicU32::new(u32::MAX) },
            purse: Box::new(Unlimited),
            client,
            fence: AtomicI64::new(0),
            place,
        }
    }

    /// The same with the calendar stored.
    pub(crate) async fn with_calendar(self) -> Self {
        self.calendar().await.unwrap();
        self.simulator.clear_requests();
        self
    }

    /// Syncs a dataset as a new holder of its round's partition.
    pub(crate) async fn try_find(
        &self,
        dataset: Dataset,
        round: i64,
        race_results: Option<Outcome>,
    ) -> Result<Found, ModelFault> {
        let means = Means::new(&*self.purse, &self.hand, fastrand::Rng::with_seed(7));
        let errand = self.errand(&means, round, self.fence.fetch_add(1, Ordering::SeqCst) + 1);
        datasets::sync(&errand, dataset, Race { season: 2025, round }, race_results).await
    }

    pub(crate) fn errand<'a>(&'a self, means: &'a Means<'a>, partition: i64, fence: i64) -> Errand<'a> {
        Errand {
            source: Source { client: &self.client, means },
            destination: &self.destination,
            partition: PartitionId(partition),
            fence: Fence(fence),
        }
    }

    pub(crate) async fn find(&self, dataset: Dataset, round: i64) -> Found {
        self.try_find(dataset, round, None).await.unwrap()
    }

    /// Syncs all datasets of a round in the order of work, as an attempt does.
    pub(crate) async fn attempt(&self, round: i64) -> Vec<Found> {
        let (mut all, mut race_results) = (Vec::new(), None);
        for dataset in datasets::WORK {
            let found = self.try_find(dataset, round, race_results).await.unwrap();
            if dataset == Dataset::RaceResults {
                race_results = Some(found.outcome);
            }
            all.push(found);
        }
        all
    }

    /// Syncs the calendar.
    pub(crate) async fn calendar(&self) -> Result<Changed, ModelFault> {
        let means = Means::new(&*self.purse, &self.hand, fastrand::Rng::with_seed(7));
        let errand = self.errand(&means, 0, self.fence.fetch_add(1, Ordering::SeqCst) + 1);
        calendar::sync(&errand, 2025).await
    }

    /// All faults there are now.
    pub(crate) fn spoil(&self, path: &str, troubles: impl IntoIterator<Item = Trouble>) {
        self.simulator.set_faults(troubles.into_iter().map(|trouble| Fault::always(path, trouble)).collect());
    }

    pub(crate) fn heal(&self) {
        self.simulator.set_faults(Vec::new());
    }

    pub(crate) fn pass(&self, hours: i64) {
        let mut now = self.hand.now.lock().unwrap();
        *now += SignedDuration::from_hours(hours);
    }

    /// Requests since the last look: path and query.
    pub(crate) fn requests(&self) -> Vec<String> {
        let requests = self.simulator.requests();
        self.simulator.clear_requests();
        requests.iter().map(|request| format!("{}?{}", request.path, request.query)).collect()
    }

    /// Every row of a table as a line of text, times of writing included.
    pub(crate) async fn lines(&self, table: &'static Table) -> Vec<String> {
        let rows = self.destination.rows(&Select::from(table)).await.unwrap();
        rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect()
    }

    /// Columns of the rows of a round.
    pub(crate) async fn rows(&self, table: &'static Table, round: i64, columns: &[&str]) -> Vec<Vec<Value>> {
        let select = Select::from(table).columns(columns).filter(Filter::eq("round", round));
        self.destination.rows(&select).await.unwrap()
    }

    /// Rows of a round.
    pub(crate) async fn count(&self, table: &'static Table, round: i64) -> usize {
        self.rows(table, round, &["round"]).await.len()
    }

    /// One cell of the row with a text in one of its columns.
    pub(crate) async fn cell(&self, table: &'static Table, at: (&str, &str), column: &str) -> Value {
        let select = Select::from(table).columns(&[column]).filter(Filter::eq(at.0, at.1));
        let mut rows = self.destination.rows(&select).await.unwrap();
        assert_eq!(rows.len(), 1, "{} {}", table.name, at.1);
        rows.remove(0).remove(0)
    }

    /// Runs statements past the system.
    pub(crate) async fn outside(&self, sql: &str) {
        outside(&self.place, "data.db", sql).await;
    }

    /// The id of a driver on a line of the source's final result of a round.
    pub(crate) fn driver(&self, round: i64, line: usize) -> &str {
        let season = self.simulator.season();
        let finish = &season.round(u32::try_from(round).unwrap()).unwrap().last_results()[line];
        &season.drivers[finish.driver].id
    }
}
