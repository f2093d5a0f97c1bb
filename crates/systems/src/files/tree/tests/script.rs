//! What is to go wrong with a storage, and what it was asked. Tests only.
//!
//! A [`Script`] holds what is to go wrong, each a [`Fault`]: on which act, where, from which time on and how often. It
//! counts and keeps every act, whether or not something went wrong with it.

use std::sync::{Arc, Mutex, MutexGuard};

use connect::storage::{Entry, FileFacts, Kind, Place, Wrong};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

/// What a storage is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Look,
    List,
    Read,
    Draft,
    Copy,
    Publish,
    Discard,
    MakeFolder,
    Move,
    RemoveFile,
    RemoveFolder,
    /// In a fault: whichever it is.
    Any,
}

impl Act {
    /// Whether the storage may be another one after it.
    pub(super) fn writes(self) -> bool {
        !matches!(self, Self::Look | Self::List | Self::Read)
    }
}

/// In which way something goes wrong.
#[derive(Clone)]
pub(super) enum How {
    /// It is not done, and so it is said.
    Refused(Wrong),
    /// It is done, and the answer is lost.
    Unanswered(Wrong),
    /// So many entries or bytes and no more, as if that were all.
    Short(usize),
    /// So many bytes, and then trouble.
    Broken(usize),
    /// The file grows while it is read.
    Changed,
    /// Facts of files are told otherwise.
    Facts(fn(FileFacts) -> FileFacts),
    /// What a folder holds is told otherwise.
    Entries(fn(&Place, Vec<Entry>) -> Vec<Entry>),
    /// A look finds this.
    Found(Kind),
    /// It is not done and never answered.
    Stalls,
    /// The process dies then.
    Dies(Moment),
}

/// When in an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Before,
    /// Half of the content is written.
    Within,
    After,
}

/// One thing that goes wrong.
#[derive(Clone)]
pub(super) struct Fault {
    on: Act,
    at: String,
    /// The acts it fits that go well first.
    spared: usize,
    times: usize,
    chance: Option<(fastrand::Rng, f64)>,
    how: How,
}

impl Fault {
    /// It goes wrong whenever that is done there: a path, `*` alone for everywhere or behind what a path begins with.
    pub(super) fn new(on: Act, at: impl Into<String>, how: How) -> Self {
        Self { on, at: at.into(), spared: 0, times: usize::MAX, chance: None, how }
    }

    /// It goes wrong that often and then no more.
    pub(super) fn times(self, times: usize) -> Self {
        Self { times, ..self }
    }

    /// So many go well first.
    pub(super) fn after(self, spared: usize) -> Self {
        Self { spared, ..self }
    }

    /// It goes wrong with this chance.
    pub(super) fn sometimes(self, chance: f64, seed: u64) -> Self {
        Self { chance: Some((fastrand::Rng::with_seed(seed), chance)), ..self }
    }

    /// How it goes wrong this time, if it does.
    fn meets(&mut self, act: Act, at: &Place) -> Option<How> {
        let fits = match self.at.strip_suffix('*') {
            Some(begin) => at.as_str().starts_with(begin),
            None => at.as_str() == self.at,
        };
        if !fits || !(self.on == Act::Any || self.on == act) || self.times == 0 {
            return None;
        }
        if self.spared > 0 {
            self.spared -= 1;
            return None;
        }
        if let Some((rng, chance)) = &mut self.chance
            && rng.f64() >= *chance
        {
            return None;
        }
        self.times -= 1;
        Some(self.how.clone())
    }
}

/// What goes wrong, and what was asked so far.
#[derive(Clone, Default)]
pub(super) struct Script(Arc<Stage>);

#[derive(Default)]
struct Stage {
    told: Mutex<Told>,
    died: Notify,
    stalled: Notify,
    begun: TaskTracker,
}

#[derive(Default)]
struct Told {
    faults: Vec<Fault>,
    acts: Vec<(Act, Place)>,
    dead: bool,
}

impl Script {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.told.lock().unwrap()
    }

    /// This goes wrong from now on.
    pub(super) fn add(&self, fault: Fault) {
        self.told().faults.push(fault);
    }

    /// Nothing goes wrong any more, and another process may begin. What was done until now.
    pub(super) fn clear(&self) -> Vec<(Act, Place)> {
        std::mem::take(&mut *self.told()).acts
    }

    /// Resolves when the process has died and what it had begun has ended.
    pub(super) async fn died(&self) {
        self.0.died.notified().await;
        self.0.begun.close();
        self.0.begun.wait().await;
        self.0.begun.reopen();
    }

    /// How an act goes wrong this time.
    pub(super) fn meet(&self, act: Act, at: &Place) -> Vec<How> {
        let mut told = self.told();
        // A dead process does nothing more.
        if told.dead {
            return vec![How::Dies(Moment::Before)];
        }
        told.acts.push((act, at.clone()));
        told.faults.iter_mut().filter_map(|fault| fault.meets(act, at)).collect()
    }

    /// Begins an act, which is done whoever waits for it.
    pub(super) async fn begin<T: Send + 'static>(&self, act: impl Future<Output = T> + Send + 'static) -> T {
        self.0.begun.spawn(act).await.unwrap()
    }

    /// Resolves when something stalls.
    pub(super) async fn stalled(&self) {
        self.0.stalled.notified().await;
    }

    /// Nothing is answered here.
    pub(super) async fn stall<T>(&self) -> T {
        self.0.stalled.notify_one();
        std::future::pending().await
    }

    /// The process dies here.
    pub(super) async fn die<T>(&self) -> T {
        self.told().dead = true;
        self.0.died.notify_one();
        std::future::pending().await
    }
}
