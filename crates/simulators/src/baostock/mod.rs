//! A stand-in for the baostock service, over its real wire protocol.
//!
//! It lists and prices a market of any size, computed from a seed: the same seed and size give the same
//! bytes before compression, on every machine. The official Python clients 0.8.8, 0.9.1 and 0.9.4 work
//! against it. [`Faults`] makes it misbehave in the ways the real service does, or may.
//!
//! ```no_run
//! # async fn demo() -> Result<(), simulators::baostock::StartError> {
//! use simulators::baostock::{Options, start};
//! let simulator = start(Options { stocks: 100, ..Options::on_free_ports() }).await?;
//! println!("{}", simulator.banner());
//! # Ok(()) }
//! ```
//!
//! # What the real clients do
//!
//! - They take a reply for complete when what has arrived so far ends with the terminator, wherever that is.
//! - They cut the last character off the body of most replies, because an old protocol ended it with a
//!   newline. In a reply of type 96 that is the digit of the adjustment: their `adjustflag` is then empty.
//! - 0.8.8 and 0.9.1 ask for 10000 rows a page, 0.9.4 for 2000. 0.8.8 always asks for one page more than
//!   there is; the others only after a full page. After a whole-market reply of exactly 2000 rows, 0.9.4 puts
//!   the page number where the date belongs, and takes the answer 10004010 for the end.
//! - They remove all whitespace before they read JSON, from names too.
//! - At the end of the stream they spin for ever. So nothing here closes a connection that was not asked to.

mod bars;
mod body;
mod calendar;
mod code;
mod connection;
mod control;
mod faults;
mod fields;
mod frame;
mod market;
mod query;
mod server;

use std::{net::SocketAddr, sync::Arc};

use jiff::civil::Date;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

pub use bars::{Adjust, Bar, Factor, Trading};
pub use calendar::{TradingDay, is_trading_day};
pub use code::Code;
pub use faults::{ErrorOn, Faults, Values};
pub use fields::Field;
pub use market::{Kind, MOST_STOCKS, Market, OTHER_ENTRIES, Security};
pub use server::Stats;

/// How to start a simulator. The default is that of the command line.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Where clients connect; port 0 picks a free one.
    pub listen: SocketAddr,
    /// Where the control address listens, on the loopback only; `None` for no control address.
    pub control: Option<SocketAddr>,
    /// A shares in the market, 1 to [`MOST_STOCKS`]. The listing has [`OTHER_ENTRIES`] entries more.
    pub stocks: usize,
    /// Chooses all names and prices.
    pub seed: u64,
    /// Bars and factors of later trading days are not there yet; the listing is.
    pub published_until: Option<Date>,
    /// What goes wrong from the start.
    pub faults: Faults,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 10030)),
            control: None,
            stocks: 5300,
            seed: 1,
            published_until: None,
            faults: Faults::default(),
        }
    }
}

impl Options {
    /// The default on a free port, with a control address on another.
    pub fn on_free_ports() -> Self {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { listen: free, control: Some(free), ..Self::default() }
    }
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address that was tried.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The control address could be reached from other machines.
    #[error("the control address {0} is not on the loopback (127.0.0.1 or ::1)")]
    Control(SocketAddr),
    /// No such market.
    #[error("{0} stocks: the number must be from 1 to {MOST_STOCKS}")]
    Stocks(usize),
}

/// A running simulator. It stops, and closes its connections, when this is dropped.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<server::Shared>,
    tasks: TaskTracker,
    address: SocketAddr,
    control: Option<SocketAddr>,
    stocks: usize,
    seed: u64,
}

/// Starts a simulator on the current tokio runtime. When this returns, it accepts connections.
pub async fn start(options: Options) -> Result<Simulator, StartError> {
    if !(1..=MOST_STOCKS).contains(&options.stocks) {
        return Err(StartError::Stocks(options.stocks));
    }
    if let Some(control) = options.control.filter(|control| !control.ip().is_loopback()) {
        return Err(StartError::Control(control));
    }
    let (listener, address) = listen(options.listen).await?;
    let control = match options.control {
        Some(control) => Some(listen(control).await?),
        None => None,
    };
    let market = Market::new(options.stocks, options.seed);
    let shared = Arc::new(server::Shared::new(market, options.published_until, options.faults));
    let tasks = TaskTracker::new();
    tasks.spawn(server::accept(listener, Arc::clone(&shared), tasks.clone()));
    let control = control.map(|(listener, address)| {
        tasks.spawn(control::serve(listener, Arc::clone(&shared)));
        address
    });
    let (stocks, seed) = (options.stocks, options.seed);
    Ok(Simulator { shared, tasks, address, control, stocks, seed })
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

impl Simulator {
    /// The first line the command prints.
    pub fn banner(&self) -> String {
        let Self { address, stocks, seed, .. } = self;
        format!("baostock simulator listening on {address} (stocks={stocks}, seed={seed})")
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the control address listens, if there is one.
    pub fn control_address(&self) -> Option<SocketAddr> {
        self.control
    }

    /// The simulated market: what the right answers are, switches apart.
    pub fn market(&self) -> &Market {
        &self.shared.market
    }

    /// What came in so far.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Sets the counts to zero.
    pub fn reset_stats(&self) {
        self.shared.reset_stats();
    }

    /// The switches in force.
    pub fn faults(&self) -> Faults {
        Faults::clone(&self.shared.faults())
    }

    /// Replaces all switches and counts requests from the start again; `Faults::default()` ends all trouble.
    /// A reply already on its way is not changed.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.arm(faults);
    }

    /// Publishes bars and factors up to `last`, as if time had passed; `None` publishes all.
    pub fn publish_until(&self, last: Option<Date>) {
        self.shared.publish_until(last);
    }

    /// Stops and waits until every connection is closed and the ports are free.
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
