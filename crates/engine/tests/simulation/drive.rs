//! One seed's story: chance picks who does what next, then the faults stop and everything must come to its end.

use std::path::Path;
use std::sync::Arc;

use engine::{Controlled, reap, scheduler, settle};
use futures_util::FutureExt;
use jiff::SignedDuration;
use model::id::RunId;
use model::run::{RunRequest, Trigger};
use model::state::RunState;
use serde_json::json;
use store::{RunFilter, ScheduleChange, Store};

use crate::check::Checker;
use crate::node::{Node, complete};
use crate::system::{self, key};
use crate::world::World;

const NODES: usize = 3;
const STEPS: u32 = 120;
/// Virtual time in which every run must have ended once the faults stopped.
const END_SECONDS: i64 = 1_800;

struct Drive {
    world: Arc<World>,
    store: Store,
    nodes: Vec<Node>,
    boots: u32,
    chance: fastrand::Rng,
    requests: u32,
    check: Checker,
}

pub(crate) async fn run(world: Arc<World>) {
    let store = Store::sqlite(Path::new(":memory:")).await.unwrap();
    let nodes: Vec<Node> =
        (0..NODES).map(|boot| Node::start(&world, &store, u32::try_from(boot).unwrap())).collect();
    let quiet = Node::start(&world, &store, 99);
    // Registered by one node that is not disturbed: an empty start is not what is tried here.
    let undisturbed = engine::Engine::new(store.clone(), quiet.engine.systems().to_vec(), {
        let world = Arc::clone(&world);
        Arc::new(move || world.now())
    });
    undisturbed.register(world.now()).await.unwrap();
    let check = Checker::new(Arc::clone(&world), store.clone()).await;
    let chance = world.chance(1);
    let mut drive = Drive { world, store, nodes, boots: 10, chance, requests: 0, check };
    for _ in 0..STEPS {
        drive.step().await;
        drive.check.after_step(&drive.nodes).await;
    }
    drive.calm_down().await;
    drive.check.at_the_end().await;
}

impl Drive {
    async fn step(&mut self) {
        let millis = match self.chance.u8(0..100) {
            0..60 => self.chance.i64(0..700),
            60..97 => self.chance.i64(500..4_000),
            _ => self.chance.i64(10_000..50_000),
        };
        self.world.advance(SignedDuration::from_millis(millis));
        match self.chance.u8(0..100) {
            0..12 => self.request(),
            12..18 => self.operate().await,
            18..20 => self.crash(),
            20..23 => self.stall(),
            23..25 => self.close(),
            25..45 => self.world.turn().await,
            _ => {
                let at = self.chance.usize(0..self.nodes.len());
                let what = self.chance.u8(0..10);
                self.node_acts(at, what);
            }
        }
        if self.chance.bool() {
            self.world.turn().await;
        }
        self.bury();
    }

    /// One node does one thing, or goes on with what it was doing.
    fn node_acts(&mut self, at: usize, what: u8) {
        let (world, node) = (&self.world, &mut self.nodes[at]);
        let boot = node.boot;
        if world.is_silent(boot) || world.is_dead(boot) {
            return;
        }
        let done = node.act(|node| {
            let (now, engine, worker) = (node.now(world), node.engine.clone(), Arc::clone(&node.worker));
            match what {
                0..4 => ("steps", async move { format!("{:?}", worker.step(now).await) }.boxed()),
                4..6 => ("beats", async move { format!("{:?}", worker.beat(now).await) }.boxed()),
                6 => ("reaps", async move { format!("{:?}", reap::tick(&engine, now).await) }.boxed()),
                7 | 8 => {
                    ("schedules", async move { format!("{:?}", scheduler::tick(&engine, now).await) }.boxed())
                }
                _ => ("follows up", async move { format!("{:?}", settle::tick(&engine, now).await) }.boxed()),
            }
        });
        if let Some(done) = done {
            world.tell(|| format!("boot {boot} {done}"));
        }
        if node.closing && node.worker.held() == 0 && node.is_idle() {
            world.kill(boot);
        }
    }

    fn request(&mut self) {
        let at = self.chance.usize(0..self.nodes.len());
        let sync = ["one", "wide", "queue", "next", "newest"][self.chance.usize(0..5)];
        self.requests += 1;
        let request = RunRequest {
            sync: key(sync),
            trigger: Trigger::Manual,
            label: if self.chance.u8(0..4) == 0 { "chain" } else { "plain" }.to_owned(),
            params: json!({"keys": self.chance.i64(0..5), "name": format!("r{}", self.requests)}),
            priority: self.chance.i16(-1..2),
            reference: None,
            idempotency_key: self.chance.bool().then(|| format!("key-{}", self.requests)),
            tick: None,
            requested_by: None,
        };
        let node = &self.nodes[at];
        let twice = request.idempotency_key.is_some();
        let now = node.now(&self.world);
        let asked = complete(node.engine.request(request.clone(), now));
        self.world.tell(|| format!("boot {} asked {sync}: {}", node.boot, brief(&asked)));
        if let Some(Err(_)) = &asked
            && twice
        {
            // The answer may have been lost after the commit: the same key must not make a second run.
            let again = complete(node.engine.request(request, now));
            self.world.tell(|| format!("boot {} asked again: {}", node.boot, brief(&again)));
        }
    }

    async fn operate(&mut self) {
        let runs = self.store.read().runs(&RunFilter { limit: 12, ..RunFilter::default() }).await.unwrap();
        if runs.is_empty() {
            return;
        }
        let run = &runs[self.chance.usize(0..runs.len())];
        let at = self.chance.usize(0..self.nodes.len());
        let node = &self.nodes[at];
        let now = node.now(&self.world);
        let verb = self.chance.u8(0..7);
        let done = match verb {
            0 => complete(node.engine.cancel(run.id, now)).map(|r| format!("cancel {}", brief(&r))),
            1 | 2 => complete(node.engine.pause(run.id, now)).map(|r| format!("pause {}", brief(&r))),
            3..6 => complete(node.engine.resume(run.id, now)).map(|r| format!("resume {}", brief(&r))),
            _ => complete(node.engine.retry(run.id, None, now)).map(|r| format!("retry {}", brief(&r))),
        };
        self.world.tell(|| format!("an operator on run {}: {done:?}", run.id));
    }

    fn crash(&mut self) {
        let boot = self.nodes[self.chance.usize(0..self.nodes.len())].boot;
        self.world.tell(|| format!("boot {boot} crashes"));
        self.world.kill(boot);
    }

    fn stall(&mut self) {
        let boot = self.nodes[self.chance.usize(0..self.nodes.len())].boot;
        let until = self.world.now() + SignedDuration::from_secs(self.chance.i64(5..90));
        self.world.tell(|| format!("boot {boot} is silent until {until}"));
        self.world.silence(boot, until);
    }

    fn close(&mut self) {
        let at = self.chance.usize(0..self.nodes.len());
        let node = &mut self.nodes[at];
        node.closing = true;
        node.worker.close(node.now(&self.world));
        self.world.tell(|| format!("boot {} shuts down", node.boot));
    }

    /// A dead process is replaced by a new one.
    fn bury(&mut self) {
        for at in 0..self.nodes.len() {
            if self.world.is_dead(self.nodes[at].boot) {
                self.boots += 1;
                self.nodes[at] = Node::start(&self.world, &self.store, self.boots);
                self.world.tell(|| format!("boot {} starts", self.boots));
            }
        }
    }

    /// The faults stop: within bounded time every run must end, every end be followed up.
    async fn calm_down(&mut self) {
        self.world.tell(|| "the faults stop".to_owned());
        self.world.calm();
        self.bury();
        for schedule in self.store.read().schedules().await.unwrap() {
            if schedule.spec.name == "sim.minutely" || schedule.spec.name == "sim.often" {
                let change = ScheduleChange { paused: Some(true), ..ScheduleChange::default() };
                let now = self.world.now();
                self.nodes[0].engine.change_schedule(schedule.id, change, now).await.unwrap();
            }
        }
        let until = self.world.now() + SignedDuration::from_secs(END_SECONDS);
        for round in 0.. {
            for what in [9, 8, 6] {
                self.node_acts(round % NODES, what);
                // What stood between two calls when the faults stopped is done first.
                self.node_acts(round % NODES, what);
            }
            for at in 0..self.nodes.len() {
                for what in [0, 4] {
                    self.node_acts(at, what);
                    self.world.turn().await;
                }
            }
            self.bury();
            self.check.after_step(&self.nodes).await;
            if self.is_over().await {
                return;
            }
            let left = self.check.active();
            assert!(self.world.now() < until, "these runs did not end: {left:?}");
            // Long strides while nobody has work in hand; never as long as a lease.
            let at_work = self.nodes.iter().any(|node| node.worker.held() > 0);
            self.world.advance(SignedDuration::from_millis(if at_work { 400 } else { 4_000 }));
        }
    }

    async fn is_over(&mut self) -> bool {
        let reader = self.store.read();
        for id in self.check.active() {
            self.resume(id).await;
        }
        let now = self.world.now() + SignedDuration::from_secs(1);
        let (due, next) = reader.due_schedules(10, now).await.unwrap();
        due.is_empty()
            && next.is_none()
            && self.check.active().is_empty()
            && reader.unfollowed(1).await.unwrap().is_empty()
    }

    async fn resume(&self, id: RunId) {
        let run = self.store.read().run(id).await.unwrap().unwrap();
        if run.state == RunState::Paused && run.resume_at.is_none() {
            let resumed = self.nodes[0].engine.resume(id, self.world.now()).await.unwrap();
            assert!(matches!(resumed, Controlled::Done(_) | Controlled::Busy(_)), "{resumed:?}");
        }
    }
}

/// What came of it, without the whole run.
fn brief(answer: &impl std::fmt::Debug) -> String {
    let text = format!("{answer:?}");
    let state = text.find("state: ").map_or("", |at| text[at..].split(',').next().unwrap_or_default());
    match (text.find("Run { id: "), text.find(", sync")) {
        (Some(run), Some(end)) => format!("{}{} {state}", &text[..run], &text[run..end]),
        _ => text,
    }
}

/// Keeps the names of syncs in one place.
#[test]
fn every_sync_of_the_story_exists() {
    let known: Vec<_> = system::syncs().into_iter().map(|sync| sync.key).collect();
    for name in ["one", "wide", "queue", "next", "newest"] {
        assert!(known.contains(&key(name)));
    }
}
