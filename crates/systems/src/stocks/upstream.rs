//! Talking to the source: what one run keeps of it. Connections are opened when first needed, logged in once each,
//! and reused over all the days of the run; every frame is taken from the day's budget before it is sent.

use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use connect::baostock::{self, ApiKey, Budget, Client, Timeouts, Wait, WallWait, budget_spent, code};
use engine::Context;
use jiff::civil::{Date, time};
use jiff::{SignedDuration, Timestamp};
use model::fault::{Fault, Reach};
use model::id::{PartitionId, RunId};
use serde_json::json;

use super::check::Day;
use super::config::Settings;
use super::{Stocks, labels, locked, shanghai};

/// The code of a source that blocked this address.
pub(crate) const BLACKLISTED: &str = code::BLACKLISTED;
/// Where it is noted until when schedules must not connect.
pub(crate) const BLACKLIST_NOTE: &str = "stocks.blacklisted_until";
/// How long they must not.
const BLACKLIST_TIME: SignedDuration = SignedDuration::from_hours(24);
/// The budget's name in the state.
pub(crate) const BUDGET: &str = "baostock";
/// When a run paused for lack of budget goes on.
const NEW_BUDGET_AT: jiff::civil::Time = time(0, 5, 0, 0);
/// Frames taken from the budget at once: a day of the whole market needs about five.
const MARKET_BLOCK: u32 = 6;
/// The same for days asked for stock by stock.
const STOCKS_BLOCK: u32 = 100;

/// How patient to be with the source.
#[derive(Clone)]
pub struct Patience {
    /// Lets time go by between two tries.
    pub wait: Arc<dyn Wait>,
    /// How long the source may take.
    pub timeouts: Timeouts,
}

/// What is kept of the source for one run.
pub(crate) struct Session {
    config: Result<baostock::Config, Fault>,
    wait: Arc<dyn Wait>,
    seed: u64,
    purse: Arc<Purse>,
    /// Connections nobody is using.
    idle: Mutex<Vec<Client>>,
    /// The whole-market request is not offered.
    pub(crate) market_off: AtomicBool,
    /// The factor request is not offered.
    pub(crate) factors_off: AtomicBool,
    /// The calendar as known to the run.
    pub(crate) calendar: Mutex<HashMap<Date, Day>>,
    /// Whether the run asked for the calendar.
    pub(crate) calendar_asked: AtomicBool,
    /// When a partition of the run was last in work here.
    seen_at: Mutex<Option<Timestamp>>,
    /// Partitions whose row was touched.
    begun: Mutex<HashSet<PartitionId>>,
}

/// Takes frames from the day's budget in blocks, so that not each of them is a write to the state.
struct Purse {
    limit: u64,
    block: AtomicU32,
    /// The partition in whose right frames are spent; none between two.
    ctx: Mutex<Option<Context>>,
    /// The day and what is left of its block.
    left: tokio::sync::Mutex<(Option<Date>, u32)>,
}

impl Default for Patience {
    fn default() -> Self {
        Self { wait: Arc::new(WallWait), timeouts: baostock::Config::default().timeouts }
    }
}

impl Session {
    fn new(settings: &Settings, patience: &Patience, run: RunId) -> Self {
        Self {
            config: client_config(settings, patience),
            wait: Arc::clone(&patience.wait),
            seed: run.0.unsigned_abs(),
            purse: Arc::new(Purse {
                limit: settings.daily_request_budget,
                block: AtomicU32::new(MARKET_BLOCK),
                ctx: Mutex::new(None),
                left: tokio::sync::Mutex::new((None, 0)),
            }),
            idle: Mutex::default(),
            market_off: AtomicBool::new(false),
            factors_off: AtomicBool::new(false),
            calendar: Mutex::default(),
            calendar_asked: AtomicBool::new(false),
            seen_at: Mutex::default(),
            begun: Mutex::default(),
        }
    }

    /// A connection nobody else uses, opened when it is first asked something. Give it back with [`Session::rest`];
    /// one that is dropped is closed.
    pub(crate) fn client(&self) -> Result<Client, Fault> {
        if let Some(client) = locked(&self.idle).pop() {
            return Ok(client);
        }
        let budget: Arc<dyn Budget> = self.purse.clone();
        let rng = fastrand::Rng::with_seed(self.seed);
        Ok(Client::new(self.config.clone()?, budget, Arc::clone(&self.wait), rng))
    }

    /// Takes a connection back.
    pub(crate) fn rest(&self, client: Client) {
        locked(&self.idle).push(client);
    }

    /// The day is asked for stock by stock: frames are taken in larger blocks.
    pub(crate) fn expect_many(&self) {
        self.purse.block.store(STOCKS_BLOCK, Ordering::Relaxed);
    }

    /// Notes that the row of a partition's key is this run's from now on.
    pub(crate) fn begin(&self, id: PartitionId) {
        locked(&self.begun).insert(id);
    }

    /// Whether it is.
    pub(crate) fn has_begun(&self, id: PartitionId) -> bool {
        locked(&self.begun).contains(&id)
    }

    /// Logs out and closes what is open.
    pub(crate) async fn close(&self) {
        let clients = std::mem::take(&mut *locked(&self.idle));
        let Some(now) = *locked(&self.seen_at) else { return };
        for client in clients {
            client.close(now).await;
        }
    }

    /// Gives back what was taken from the budget and not sent, but for the frames that will log out; lets the
    /// partition's context go. A store that is away loses a block at most.
    pub(crate) async fn settle(&self, ctx: &Context) {
        let to_log_out = u32::try_from(locked(&self.idle).len()).unwrap_or(u32::MAX);
        let mut left = self.purse.left.lock().await;
        let unused = left.1.saturating_sub(to_log_out);
        if let Some(day) = left.0
            && unused > 0
            && ctx.unspend(BUDGET, day, unused).await.is_ok()
        {
            left.1 -= unused;
        }
        *locked(&self.seen_at) = Some(ctx.now());
        *locked(&self.purse.ctx) = None;
    }
}

#[async_trait]
impl Budget for Purse {
    async fn spend(&self, frames: u32) -> Result<(), Fault> {
        let ctx = locked(&self.ctx).clone();
        let mut left = self.left.lock().await;
        let Some(ctx) = ctx else {
            // Between partitions only what was kept for logging out is there.
            left.1 = left.1.checked_sub(frames).ok_or_else(|| budget_spent(self.limit, Duration::ZERO))?;
            return Ok(());
        };
        let today = shanghai::today(ctx.now());
        if left.0 != Some(today) {
            *left = (Some(today), 0);
        }
        if left.1 < frames {
            let wanted = self.block.load(Ordering::Relaxed).max(frames);
            left.1 += ctx.spend(BUDGET, today, wanted, self.limit).await?.granted;
        }
        if left.1 < frames {
            let pause = next_budget(ctx.now()).duration_since(ctx.now());
            return Err(budget_spent(self.limit, Duration::try_from(pause).unwrap_or_default()));
        }
        left.1 -= frames;
        Ok(())
    }
}

impl Stocks {
    /// What is kept for a run, if this process works on it.
    pub(crate) fn session(&self, run: RunId) -> Option<Arc<Session>> {
        locked(&self.sessions).get(&run).cloned()
    }

    /// What is kept for a run, made when it is not there; frames are spent in the right of `ctx` from now on.
    pub(crate) fn open_session(&self, run: RunId, ctx: &Context) -> Arc<Session> {
        let mut sessions = locked(&self.sessions);
        let session = sessions
            .entry(run)
            .or_insert_with(|| Arc::new(Session::new(&self.settings, &self.patience, run)));
        *locked(&session.purse.ctx) = Some(ctx.clone());
        Arc::clone(session)
    }

    /// Nothing is kept for the run any more; what was is handed back to be closed.
    pub(crate) fn drop_session(&self, run: RunId) -> Option<Arc<Session>> {
        locked(&self.sessions).remove(&run)
    }

    /// Notes that the source blocked this address.
    pub(crate) async fn note_blacklist(&self, ctx: &Context) -> Result<(), Fault> {
        let until = ctx.now() + BLACKLIST_TIME;
        tracing::error!(target: labels::TARGET, "{}", labels::blacklisted(shanghai::iso(until)));
        ctx.put_note(BLACKLIST_NOTE, Some(&json!(until.to_string()))).await
    }
}

/// When there is a new budget: five minutes past midnight in Shanghai.
pub(crate) fn next_budget(now: Timestamp) -> Timestamp {
    let tomorrow = shanghai::days_after(shanghai::today(now), 1);
    shanghai::moment(tomorrow, NEW_BUDGET_AT)
}

/// Waits for the source, and not longer than the work may go on.
pub(crate) async fn unless_stopped<T>(
    ctx: &Context,
    asked: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    ctx.go_on()?;
    tokio::select! {
        biased;
        _ = ctx.stop_asked() => {
            ctx.go_on()?;
            Err(Fault::again("stopped", "stopped"))
        }
        answer = asked => answer,
    }
}

/// Whether a fault of one request ends the day: the budget is spent, the run must end, the work must stop or the
/// state is away.
pub(crate) fn ends_day(fault: &Fault, ctx: &Context) -> bool {
    baostock::is_budget_spent(fault)
        || fault.reach == Reach::Run
        || fault.code == "state_store"
        || ctx.go_on().is_err()
}

fn client_config(settings: &Settings, patience: &Patience) -> Result<baostock::Config, Fault> {
    let api_key = settings.api_key.as_ref().map(|key| ApiKey::parse(key.reveal())).transpose()?;
    Ok(baostock::Config {
        host: settings.host.clone(),
        port: settings.port,
        api_key,
        page_size: NonZeroU32::new(settings.page_size).unwrap_or(NonZeroU32::MIN),
        timeouts: patience.timeouts,
        ..baostock::Config::default()
    })
}
