//! A stand-in for the open API of Guanke (冠客), a platform that calls leads: tokens, tasks, call records, statistics.
//!
//! Eleven tasks are always there; others follow from the seed, some for each of eleven days up to today. Nothing else
//! decides an answer, so that the same options answer the same. It listens on the loopback only, and lets in who knows
//! the user name and the password, or the secret; a server of Syncline without credentials that finds it on the
//! loopback tries the default ones, `sim-user` and `sim-pass`. [`Fault`]s make it misbehave.
//!
//! ```no_run
//! # async fn demo() -> Result<(), simulators::guanke::StartError> {
//! use simulators::guanke::{Options, start};
//! let simulator = start(Options::on_a_free_port("2025-10-19".parse().expect("a day"))).await?;
//! simulator.set_faults(vec!["http-500=2x4".parse().expect("a fault")]);
//! println!("{}", simulator.base_url());
//! # Ok(()) }
//! ```

mod calls;
mod faults;
mod listing;
mod packages;
mod query;
mod row;
mod server;
mod statistics;
mod task;

use std::{net::SocketAddr, sync::Arc};

use jiff::civil::Date;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use crate::http::Site;

pub use crate::http::Request;
pub use faults::{Calls, Fault, NoFault};
pub use packages::{PACKAGES, Package};
pub use task::{Day, Task};

/// How to start a simulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where clients connect, on the loopback; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Chooses the tasks that are not always there.
    pub seed: u64,
    /// Today.
    pub date: Date,
    /// Tasks a day beside those that are always there; at most 1000.
    pub tasks_per_day: u32,
    /// Who is let in,
    pub username: String,
    /// with this,
    pub password: String,
    /// or with this alone.
    pub secret: String,
    /// What goes wrong from the start.
    pub faults: Vec<Fault>,
}

impl Options {
    /// Those of the command line.
    pub fn on(date: Date) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 18_090)),
            seed: 1,
            date,
            tasks_per_day: 20,
            username: "sim-user".to_owned(),
            password: "sim-pass".to_owned(),
            secret: "sim-secret".to_owned(),
            faults: Vec::new(),
        }
    }

    /// The same on a free port.
    pub fn on_a_free_port(date: Date) -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Self::on(date) }
    }
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was tried.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The address could be reached from other machines.
    #[error("the address {0} is not on the loopback (127.0.0.1 or ::1)")]
    Loopback(SocketAddr),
    /// More tasks than there are numbers.
    #[error("{0} tasks a day are too many: at most {max}", max = task::PER_DAY_MAX)]
    Tasks(u32),
}

/// A running simulator. It stops, and closes its connections, when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<server::Shared>,
    tasks: TaskTracker,
    address: SocketAddr,
}

/// Starts a simulator on the current tokio runtime. When this returns, it accepts connections.
pub async fn start(options: Options) -> Result<Simulator, StartError> {
    let address = options.listen;
    if !address.ip().is_loopback() {
        return Err(StartError::Loopback(address));
    }
    if options.tasks_per_day > task::PER_DAY_MAX {
        return Err(StartError::Tasks(options.tasks_per_day));
    }
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let shared = Arc::new(server::Shared::new(options));
    let tasks = TaskTracker::new();
    let site = Site { answer: Arc::clone(&shared), stop: shared.stop.clone(), tasks: tasks.clone() };
    tasks.spawn(site.serve(listener));
    Ok(Simulator { shared, tasks, address })
}

impl Simulator {
    /// The first line the command prints.
    pub fn banner(&self) -> String {
        let Options { seed, date, tasks_per_day, .. } = &self.shared.options;
        let address = self.address;
        format!(
            "guanke simulator listening on {address} (date={date}, tasks-per-day={tasks_per_day}, seed={seed})"
        )
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client's base URL is: `http://127.0.0.1:18090`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The tasks as they stand: what the right answers are, faults apart.
    pub fn tasks(&self) -> Vec<Task> {
        self.shared.tasks()
    }

    /// The packages as a file to import.
    pub fn packages_csv(&self) -> String {
        packages::csv()
    }

    /// Calls up to a hundred leads more of every task, on today; how many tasks had leads left.
    pub fn advance(&self) -> usize {
        self.shared.advance()
    }

    /// The tokens that were good so far; the last one still is.
    pub fn tokens(&self) -> Vec<String> {
        self.shared.tokens()
    }

    /// Replaces all faults, and counts calls from 1 again; an empty list ends all trouble.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.shared.set_faults(faults);
    }

    /// The faults in force.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.faults()
    }

    /// All requests since the start or [`Self::clear_requests`], oldest first, without what lets in.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests()
    }

    /// Forgets the requests.
    pub fn clear_requests(&self) {
        self.shared.clear_requests();
    }

    /// Stops and waits until every connection is closed and the port is free.
    pub async fn shutdown(self) {
        self.shared.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}
