//! A stand-in for Jolpica, the successor of the Ergast API of Formula 1 results.
//!
//! It drives a season of its own, computed from a seed, on the real calendar of 2025. What it shows follows
//! a simulated time, which stands or runs: nothing, then qualifying, results, standings, and corrected results.
//! Without a time all is over. Instead of its own season it serves a folder of recorded answers. It listens on the
//! loopback only. [`Fault`]s make it misbehave.
//!
//! ```no_run
//! # async fn demo() -> Result<(), simulators::jolpica::StartError> {
//! use simulators::jolpica::{Options, start};
//! let simulator = start(Options::on_a_free_port()).await?;
//! simulator.set_time("2025-06-29T18:00:00Z".parse().ok());
//! println!("{}", simulator.base_url());
//! # Ok(()) }
//! ```

mod calendar;
mod clock;
mod entrants;
mod faults;
mod listing;
mod node;
mod publication;
mod recording;
mod request;
mod season;
mod server;
mod source;
mod standings;
mod times;

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

use crate::http::Site;

pub use crate::http::Request;
pub use calendar::{Circuit, Race};
pub use entrants::{CONSTRUCTORS, Constructor, DRIVERS, Driver};
pub use faults::{Fault, Trouble};
pub use node::Node;
pub use publication::Delays;
pub use recording::BadRecording;
pub use season::{FastestLap, Finish, Qualified, Round, SWAP_ROUND, Season};
pub use standings::{Championship, Counted, Standing, standings};

/// How to start a simulator. The default is that of the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Where clients connect, on the loopback; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The year of the season. Any but 2025 has the weekends of 2025 whole weeks away.
    pub year: i16,
    /// Chooses people and results.
    pub seed: u64,
    /// The simulated time; `None` when all is over.
    pub time: Option<Timestamp>,
    /// Simulated seconds in a second; 0: the time stands.
    pub pace: u32,
    /// How long lists take to appear.
    pub delays: Delays,
    /// Rounds that are cancelled: not listed, without results.
    pub cancelled: Vec<u32>,
    /// A folder of recorded answers, `races.json` and `11/results.json` and its like, to be served instead of a
    /// season of its own. Nothing above but the address matters then.
    pub data: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 10040));
        Self {
            listen,
            year: 2025,
            seed: 1,
            time: None,
            pace: 0,
            delays: Delays::default(),
            cancelled: Vec::new(),
            data: None,
        }
    }
}

impl Options {
    /// The default on a free port.
    pub fn on_a_free_port() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Self::default() }
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
    /// A recorded answer cannot be served.
    #[error(transparent)]
    Recording(#[from] BadRecording),
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
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let shared = Arc::new(server::Shared::new(options)?);
    let tasks = TaskTracker::new();
    let site = Site { answer: Arc::clone(&shared), stop: shared.stop.clone(), tasks: tasks.clone() };
    tasks.spawn(site.serve(listener));
    Ok(Simulator { shared, tasks, address })
}

impl Simulator {
    /// The first line the command prints.
    pub fn banner(&self) -> String {
        format!("jolpica simulator listening on {} ({})", self.address, self.shared.what())
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client's base URL is: `http://127.0.0.1:10040`.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The season: what the right answers are, faults apart.
    ///
    /// # Panics
    /// It serves a recording.
    pub fn season(&self) -> &Season {
        self.shared.season().expect("who serves a recording asks for no season")
    }

    /// The simulated time; `None` when all is over.
    pub fn time(&self) -> Option<Timestamp> {
        self.shared.time()
    }

    /// Sets the simulated time, from which it goes on at its pace; `None` when all is over.
    pub fn set_time(&self, time: Option<Timestamp>) {
        self.shared.set_time(time);
    }

    /// Replaces all faults; an empty list ends all trouble.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.shared.set_faults(faults);
    }

    /// Adds a fault to those in force.
    pub fn add_fault(&self, fault: Fault) {
        self.shared.add_fault(fault);
    }

    /// The faults still in force, with what is left of their counts.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.faults()
    }

    /// All requests since the start or [`Self::clear_requests`], oldest first.
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
