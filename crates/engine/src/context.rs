//! What a system holds in its hands while it does a partition.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use model::counts::ItemCounts;
use model::fault::Fault;
use model::ledger::LedgerWrite;
use model::limits;
use model::partition::UnitProgress;
use model::run::RunRequest;
use serde_json::Value;
use store::{Reader, Requested, StoreError};

use crate::hold::Hold;
use crate::verbs::RequestError;

/// Gives the time. The real one is in `loops.rs`; tests set theirs by hand.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Whoever waits for a time looks at the clock this often.
const GLANCE: Duration = Duration::from_millis(250);

/// The code of the fault that carries a stop out of a system.
pub(crate) const STOPPED: &str = "stopped";

/// The code of the fault that says the state store was away: the work is handed back, uncounted.
pub(crate) const STORE_AWAY: &str = "state_store";

/// Why work must stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A person cancelled the run.
    Cancel,
    /// The run pauses.
    Pause,
    /// The process is going down; the work goes on elsewhere or after a restart.
    Shutdown,
    /// Somebody else holds the partition now, or nobody renewed it in time.
    LostLease,
}

impl Stop {
    /// The word in logs and faults.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Pause => "pause",
            Self::Shutdown => "shutdown",
            Self::LostLease => "lost lease",
        }
    }
}

/// See the module. Every call that writes carries the partition's fence; an old fence stops the work.
#[derive(Clone)]
pub struct Context {
    pub(crate) hold: Arc<Hold>,
}

impl Context {
    /// The time.
    pub fn now(&self) -> Timestamp {
        self.hold.engine.now()
    }

    /// The state, for reading.
    pub fn read(&self) -> &Reader {
        self.hold.engine.read()
    }

    /// Counts items; shown live, added up at the end. Counts are of this try: a system that goes on from a checkpoint
    /// keeps what it had counted in it, and counts that again first.
    pub fn count(&self, items: ItemCounts) {
        self.hold.report(|told| told.counts += items);
    }

    /// Says how far the partition has come; stored with the next beat.
    pub fn progress(&self, units: UnitProgress) {
        self.hold.report(|told| told.units = units);
    }

    /// Says something about the partition; stored with the next beat.
    pub fn say(&self, message: impl Into<String>) {
        let message = bounded(message.into());
        self.hold.report(|told| told.message = Some(message));
    }

    /// Says something about the run as a whole (a fallback taken); kept on the run, shown live.
    pub fn say_run(&self, message: impl Into<String>) {
        let message = bounded(message.into());
        self.hold.report(|told| told.run_message = Some(message));
    }

    /// A line in the run's log.
    pub fn log(&self, level: tracing::Level, message: impl Into<String>) {
        self.hold.write_line(level, bounded(message.into()), self.now());
    }

    /// A safe point: stores where to go on. `Err` when the work must stop (return it with `?`).
    pub async fn checkpoint(&self, state: Value) -> Result<(), Fault> {
        self.go_on()?;
        let size = state.to_string().len();
        if size > limits::CHECKPOINT_MAX {
            return Err(Fault::never(
                "checkpoint",
                format!("a checkpoint of {size} bytes is too large, at most {}", limits::CHECKPOINT_MAX),
            ));
        }
        let (hold, now) = (&self.hold, self.now());
        self.fenced(
            "storing a checkpoint",
            hold.engine.store().checkpoint(hold.partition, hold.fence, state, now).await,
        )
    }

    /// A safe point without anything to store.
    pub fn go_on(&self) -> Result<(), Fault> {
        if self.now() >= self.hold.deadline() {
            self.hold.ask_stop(Stop::LostLease, self.now());
        }
        self.hold.stop().map_or(Ok(()), |stop| Err(stopped(stop)))
    }

    /// Resolves when the work must stop: for `select!` beside a slow request.
    pub async fn stop_asked(&self) -> Stop {
        self.hold.stop_asked().await
    }

    /// Lets the time go by until then: by the clock that tells it, so that a clock set by hand does too.
    ///
    /// # Errors
    /// The work must stop; answered at once.
    pub async fn wait_until(&self, at: Timestamp) -> Result<(), Fault> {
        loop {
            self.go_on()?;
            let Ok(left) = Duration::try_from(at.duration_since(self.now())) else { return Ok(()) };
            if left.is_zero() {
                return Ok(());
            }
            tokio::select! {
                stop = self.stop_asked() => return Err(stopped(stop)),
                () = crate::loops::sleep(left.min(GLANCE)) => {}
            }
        }
    }

    /// Asks for another run, as anybody may. Under the request's idempotency key it is the same run however often work
    /// that is done again asks.
    pub async fn request(&self, request: RunRequest) -> Result<Requested, RequestError> {
        self.hold.engine.request(request, self.now()).await
    }

    /// Writes the ledger row of the partition's key now.
    pub async fn ledger(&self, write: LedgerWrite) -> Result<(), Fault> {
        self.go_on()?;
        let (hold, now) = (&self.hold, self.now());
        self.fenced(
            "writing the ledger",
            hold.engine.store().write_ledger(hold.partition, hold.fence, write, now).await,
        )
    }

    /// Takes up to `wanted` from an upstream's budget of that day; see [`store::Spent`].
    pub async fn spend(
        &self,
        upstream: &str,
        day: Date,
        wanted: u32,
        limit: u64,
    ) -> Result<store::Spent, Fault> {
        let spent = self.hold.engine.store().spend(upstream, day, wanted, limit, self.now()).await;
        spent.map_err(|e| store_fault("spending from a budget", &e))
    }

    /// Gives back what was granted and not used.
    pub async fn unspend(&self, upstream: &str, day: Date, unused: u32) -> Result<(), Fault> {
        let given = self.hold.engine.store().unspend(upstream, day, unused, self.now()).await;
        given.map_err(|e| store_fault("giving back to a budget", &e))
    }

    /// Keeps a small note of the system, shared by all processes; `None` removes it.
    pub async fn put_note(&self, key: &str, value: Option<&Value>) -> Result<(), Fault> {
        let put = self.hold.engine.store().put_note(key, value, self.now()).await;
        put.map_err(|e| store_fault("keeping a note", &e))
    }

    /// Puts a note in the place of what is known to stand there; false when something else does. See
    /// [`store::Store::swap_note`].
    pub async fn swap_note(&self, key: &str, old: Option<&Value>, new: &Value) -> Result<bool, Fault> {
        let swapped = self.hold.engine.store().swap_note(key, old, new, self.now()).await;
        swapped.map_err(|e| store_fault("swapping a note", &e))
    }

    fn fenced(&self, tried: &str, answer: Result<bool, StoreError>) -> Result<(), Fault> {
        match answer {
            Ok(true) => Ok(()),
            Ok(false) => {
                self.hold.ask_stop(Stop::LostLease, self.now());
                Err(stopped(Stop::LostLease))
            }
            Err(e) => Err(store_fault(tried, &e)),
        }
    }
}

/// Reads the state from inside a partition with the same answer to "try again?" as the context's own calls.
///
/// A store that is away hands the work back uncounted; a store that refuses a statement counts as a try.
#[must_use]
pub fn store_fault(tried: &str, error: &StoreError) -> Fault {
    let code = match error {
        StoreError::Unavailable { .. } => STORE_AWAY,
        _ => "state_store_refused",
    };
    Fault::again(code, format!("{tried}: {error}"))
}

fn stopped(stop: Stop) -> Fault {
    Fault::again(STOPPED, format!("stopped: {}", stop.as_str()))
}

/// Cuts a text to [`limits::MESSAGE_MAX`] bytes, at a character.
pub(crate) fn bounded(mut text: String) -> String {
    if text.len() > limits::MESSAGE_MAX {
        let mut end = limits::MESSAGE_MAX;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    text
}
