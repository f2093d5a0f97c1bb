//! A node: its own engine, worker and clock over the shared store, and what may go wrong between it and the store.

use std::pin::pin;
use std::sync::{Arc, Mutex};

use engine::Engine;
use engine::worker::{Worker, WorkerSpec};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use store::{Probe, ProbeAnswer, Store};

use crate::system::Model;
use crate::world::{Boot, World};

/// Something a node does, ending in words for the story.
pub(crate) type Action = BoxFuture<'static, String>;

pub(crate) struct Node {
    pub(crate) boot: Boot,
    pub(crate) holder: String,
    pub(crate) engine: Engine,
    pub(crate) worker: Arc<Worker>,
    pub(crate) closing: bool,
    /// An action that stands between two calls of the store.
    under_way: Option<(&'static str, Action)>,
    skew: SignedDuration,
}

/// Between a node and the store: calls that fail, answers that get lost, processes that die in between.
struct Weather {
    world: Arc<World>,
    boot: Boot,
    chance: Mutex<fastrand::Rng>,
}

impl Weather {
    fn answer(&self, when: &str, tried: &'static str) -> ProbeAnswer {
        if self.world.is_dead(self.boot) {
            return ProbeAnswer::Hang;
        }
        if self.world.is_quiet() {
            return ProbeAnswer::Go;
        }
        let answer = match self.chance.lock().unwrap().u16(0..1_000) {
            0..15 => ProbeAnswer::Fail,
            15..19 => ProbeAnswer::Hang,
            19..200 => return ProbeAnswer::Wait,
            _ => return ProbeAnswer::Go,
        };
        if answer == ProbeAnswer::Hang {
            self.world.kill(self.boot);
        }
        self.world.tell(|| format!("boot {}: {answer:?} {when} {tried}", self.boot));
        answer
    }
}

impl Probe for Weather {
    fn before(&self, tried: &'static str) -> ProbeAnswer {
        self.answer("before", tried)
    }
    fn after(&self, tried: &'static str) -> ProbeAnswer {
        self.answer("after", tried)
    }
}

impl Node {
    pub(crate) fn start(world: &Arc<World>, store: &Store, boot: Boot) -> Self {
        let mut chance = world.chance(u64::from(boot) + 7_000);
        let skew = SignedDuration::from_millis(chance.i64(-400..400));
        let slots = chance.usize(1..6);
        let clock = {
            let world = Arc::clone(world);
            Arc::new(move || world.now() + skew)
        };
        let weather = Weather { world: Arc::clone(world), boot, chance: Mutex::new(chance.fork()) };
        let model = Model { world: Arc::clone(world), boot };
        let engine = Engine::new(store.with_probe(Arc::new(weather)), vec![Arc::new(model)], clock);
        let holder = format!("host-{boot}");
        let spec = WorkerSpec { holder: holder.clone(), slots };
        let worker = Arc::new(Worker::new(engine.clone(), spec, chance));
        Self { boot, holder, engine, worker, closing: false, under_way: None, skew }
    }

    /// Takes the action under way one poll further, or begins the next one. Answers what came of it, when it is done.
    pub(crate) fn act(&mut self, next: impl FnOnce(&Self) -> (&'static str, Action)) -> Option<String> {
        let (word, mut action) = self.under_way.take().unwrap_or_else(|| next(self));
        match action.as_mut().now_or_never() {
            Some(done) => Some(format!("{word}: {done}")),
            None => {
                self.under_way = Some((word, action));
                None
            }
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.under_way.is_none()
    }

    pub(crate) fn now(&self, world: &World) -> Timestamp {
        world.now() + self.skew
    }
}

/// Takes a person's call to its end; `None` when the node's process died inside.
pub(crate) fn complete<T>(call: impl Future<Output = T>) -> Option<T> {
    let mut call = pin!(call);
    (0..100).find_map(|_| call.as_mut().now_or_never())
}
