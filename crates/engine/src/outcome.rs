//! What a partition's end means: one pure table from how the work went to what is written.

use jiff::{SignedDuration, Timestamp};
use model::counts::ItemCounts;
use model::fault::{Fault, Reach};
use model::ledger::LedgerWrite;
use model::policy::Retry;
use store::{End, RunEffect};

use crate::context::{STOPPED, STORE_AWAY, Stop};
use crate::system::{Outcome, Said, System, Work};

/// How the work on a partition came to its end.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "one a partition, moved twice")]
pub(crate) enum How {
    /// The system returned.
    Returned(Result<Outcome, Fault>),
    /// The system panicked; the words of it.
    Panicked(String),
    /// It did not stop in time and was dropped at an await.
    Dropped,
}

/// What is written of it.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) end: End,
    pub(crate) counts: ItemCounts,
    pub(crate) message: Option<String>,
    pub(crate) ledger: Option<LedgerWrite>,
    pub(crate) run: RunEffect,
}

impl Verdict {
    fn plain(end: End) -> Self {
        Self { end, counts: ItemCounts::default(), message: None, ledger: None, run: RunEffect::None }
    }

    fn said(end: End, said: Said) -> Self {
        Self { counts: said.counts, message: said.message, ledger: said.ledger, ..Self::plain(end) }
    }

    /// The word in metrics and logs.
    pub(crate) fn word(&self) -> &'static str {
        match self.end {
            End::Succeeded => "succeeded",
            End::Skipped => "skipped",
            End::Failed(_) => "failed",
            End::Retry(..) => "retry",
            End::Released => "released",
            End::Cancelled => "cancelled",
        }
    }
}

/// Decides. `None`: nothing may be written, the partition is somebody else's.
///
/// `stop` is what was asked of the work, `jitter` in `0.0..=1.0` as in [`Retry::pause`].
pub(crate) fn decide(
    system: &dyn System,
    work: &Work,
    (how, stop): (How, Option<Stop>),
    (retry, jitter): (&Retry, f64),
    now: Timestamp,
) -> Option<Verdict> {
    match (how, stop) {
        // A result stands, whatever was asked meanwhile: the fence decides whether it is still ours to give.
        (How::Returned(Ok(outcome)), _) => Some(of_outcome(system, work, outcome)),
        (_, Some(stop)) => of_stop(system, work, stop),
        (How::Returned(Err(fault)), None) => Some(of_fault(system, work, fault, (retry, jitter), now)),
        (How::Panicked(words), None) => {
            let fault = Fault::again("panic", format!("the system panicked: {words}"));
            Some(of_fault(system, work, fault, (retry, jitter), now))
        }
        // Only a stop drops work; without one it is handed back like at a shutdown.
        (How::Dropped, None) => of_stop(system, work, Stop::Shutdown),
    }
}

fn of_outcome(system: &dyn System, work: &Work, outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Succeeded(said) => Verdict::said(End::Succeeded, said),
        Outcome::Skipped(said) => Verdict::said(End::Skipped, said),
        Outcome::Failed(fault, said) => {
            let run = effect(&fault);
            Verdict { run, ..Verdict::said(End::Failed(fault), said) }
        }
        Outcome::PauseRun(until, words) => Verdict {
            ledger: system.stopped(work, Stop::Pause),
            run: RunEffect::PauseUntil(until, words),
            ..Verdict::plain(End::Released)
        },
    }
}

fn of_stop(system: &dyn System, work: &Work, stop: Stop) -> Option<Verdict> {
    match stop {
        Stop::Cancel => {
            Some(Verdict { ledger: system.stopped(work, stop), ..Verdict::plain(End::Cancelled) })
        }
        Stop::Pause => Some(Verdict { ledger: system.stopped(work, stop), ..Verdict::plain(End::Released) }),
        Stop::Shutdown => Some(Verdict::plain(End::Released)),
        Stop::LostLease => None,
    }
}

fn of_fault(
    system: &dyn System,
    work: &Work,
    fault: Fault,
    (retry, jitter): (&Retry, f64),
    now: Timestamp,
) -> Verdict {
    // Not the upstream's fault and not the partition's: handed back, uncounted.
    if fault.code == STORE_AWAY || fault.code == STOPPED {
        return Verdict::plain(End::Released);
    }
    let pause = retry.pause(work.partition.attempt, &fault, jitter);
    let again = pause.and_then(|pause| now.checked_add(SignedDuration::try_from(pause).ok()?).ok());
    match again {
        Some(at) => Verdict { message: Some(fault.message.clone()), ..Verdict::plain(End::Retry(fault, at)) },
        None => Verdict {
            ledger: system.failed(work, &fault),
            run: effect(&fault),
            ..Verdict::plain(End::Failed(fault))
        },
    }
}

fn effect(fault: &Fault) -> RunEffect {
    match fault.reach {
        Reach::Partition => RunEffect::None,
        Reach::Run => RunEffect::Fail(fault.clone()),
    }
}

/// The words of a panic.
pub(crate) fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    words.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without words".to_owned())
}
