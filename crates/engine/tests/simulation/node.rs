//! A node: its own engine, worker and clock over the shared store, and what may go wrong between it and the store.

use std::sync::{Arc, Mutex};

use engine::Engine;
use engine::worker::{Worker, WorkerSpec};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use store::{Probe, ProbeAnswer, Store};

use crate::system::Model;
use crate::world::{Boot, World};

pub(crate) struct Node {
    pub(crate) boot: Boot,
    pub(crate) holder: String,
    pub(crate) engine: Engine,
    pub(crate) worker: Worker,
    pub(crate) closing: bool,
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
        let worker = Worker::new(engine.clone(), WorkerSpec { holder: holder.clone(), slots }, chance);
        Self { boot, holder, engine, worker, closing: false, skew }
    }

    pub(crate) fn now(&self, world: &World) -> Timestamp {
        world.now() + self.skew
    }
}

/// Does a node's action to its end; `None` when its process died inside. Nothing in it waits: the store answers where
/// it is asked.
pub(crate) fn act<T>(action: impl Future<Output = T>) -> Option<T> {
    action.now_or_never()
}
