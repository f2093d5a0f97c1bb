//! Who holds a target: a process that was stopped within a run, and wakes up when others have gone on without it, names
//! and deletes nothing more.

use engine::worker::Worker;
use model::file::run::FileAsked;
use serde_json::json;
use systems::files::Config;

use crate::bed::{Base, Bed, MORNING, worker};
use crate::far::{Far, Tree};
use crate::proxy::{Fault, Proxy};
use crate::shared::HandClock;

const THEN: &str = "2025-06-01T10:20:30Z";

/// Two trees, and before the target's server a proxy.
struct Place {
    bed: Bed,
    source: Tree,
    target: Tree,
    proxy: Proxy,
    task: String,
}

/// A process that is stopped, and its clock.
struct Stopped {
    worker: Worker,
    clock: HandClock,
}

impl Place {
    /// A mirror of three files over three others is asked for.
    async fn new(base: Base) -> Self {
        let bed = Bed::idle(base, Config::default()).await;
        let (source, target) = (Tree::near(&bed, "near"), Far::Wsgidav.tree());
        let proxy = Proxy::before(Far::Wsgidav.port()).await;
        for (name, extra) in [("a", "x"), ("b", "y"), ("c", "z")] {
            source.put(name, "content", THEN).await;
            target.put(extra, extra, THEN).await;
        }
        let place = Self { bed, source, target, proxy, task: String::new() };
        let config = place.config().await;
        let started = place.bed.files.execute(&place.bed.engine, config, FileAsked::default()).await.unwrap();
        Self { task: started.task_id, ..place }
    }

    /// A config that does one thing after the other.
    async fn config(&self) -> i64 {
        let guard = json!({"max_files": null, "max_percent": null});
        let (source, target) = (&self.source.side, self.target.at(self.proxy.port));
        let sides = json!({"source": source, "target": target, "mode": "full", "transfers": 1, "delete_guard": guard});
        self.bed.config(sides).await
    }

    /// A process takes the run up and is stopped when it asks this of the server.
    async fn stopped_at(&self, asked: &'static str) -> Stopped {
        self.proxy.fail(asked, 1, Fault::Hold);
        let clock = HandClock::at(MORNING.parse().unwrap());
        let worker = worker(&self.bed.twin_at(&clock).await.engine, 1);
        assert_eq!(worker.step(clock.now()).await.unwrap().claimed, 1);
        self.proxy.held().await;
        Stopped { worker, clock }
    }

    /// Another process ends the run; another config's run follows it; and somebody puts files there.
    async fn taken_over(&mut self) {
        self.bed.pass(31);
        self.bed.drive();
        let ended = self.bed.ended(&self.task).await;
        assert_eq!(ended["status"], "SUCCESS", "{ended}");
        assert_eq!(self.target.all().await, self.source.all().await);
        let other = self.config().await;
        assert_eq!(self.bed.counts(other).await, [0, 0, 3, 0]);
        for name in ["a", "b", "c", "x", "y", "z"] {
            self.target.put(name, "of somebody else", THEN).await;
        }
    }

    /// It wakes up: what it asks of the server from then on.
    async fn wakes(&self, stopped: Stopped) -> Vec<String> {
        let since = self.proxy.asked().len();
        stopped.clock.set(self.bed.clock.now());
        self.proxy.let_go();
        stopped.worker.outcome().await;
        stopped.worker.step(stopped.clock.now()).await.unwrap();
        assert_eq!(stopped.worker.held(), 0, "it learnt that it holds nothing");
        self.proxy.asked().split_off(since)
    }
}

async fn who_was_stopped_while_it_copied_gives_no_name_and_deletes_nothing(base: Base) {
    let mut place = Place::new(base).await;
    let stopped = place.stopped_at("PUT /").await;
    place.taken_over().await;
    let before = place.target.all().await;
    let asked = place.wakes(stopped).await;
    let own = |asked: &String| asked.starts_with("PROPFIND ") || asked.contains("/.syncline-tmp-");
    assert!(asked.iter().all(own), "{asked:?}");
    assert!(!asked.iter().any(|asked| asked.starts_with("MOVE ")), "{asked:?}");
    assert_eq!(place.target.all().await, before);
    assert_eq!(place.bed.ended(&place.task).await["status"], "SUCCESS");
}

async fn who_was_stopped_while_it_gave_names_gives_no_more(base: Base) {
    let mut place = Place::new(base).await;
    let stopped = place.stopped_at("MOVE /").await;
    place.taken_over().await;
    let mut before = place.target.all().await;
    let asked = place.wakes(stopped).await;
    assert!(!asked.iter().any(|asked| asked.starts_with("MOVE ")), "{asked:?}");
    // What was asked for before it was stopped is done when the server hears of it.
    let mut after = place.target.all().await;
    for files in [&mut before, &mut after] {
        files.remove("a");
    }
    assert_eq!(after, before);
}

async fn who_was_stopped_while_it_deleted_deletes_nothing_more(base: Base) {
    let mut place = Place::new(base).await;
    let stopped = place.stopped_at("DELETE /").await;
    place.taken_over().await;
    let mut before = place.target.all().await;
    let asked = place.wakes(stopped).await;
    assert!(asked.iter().all(|asked| asked.starts_with("PROPFIND ")), "{asked:?}");
    // What was asked for before it was stopped is done when the server hears of it.
    let mut after = place.target.all().await;
    for files in [&mut before, &mut after] {
        files.remove("x");
    }
    assert_eq!(after, before);
    assert_eq!(place.bed.ended(&place.task).await["status"], "SUCCESS");
}

on_both! {
    who_was_stopped_while_it_copied_gives_no_name_and_deletes_nothing
    who_was_stopped_while_it_gave_names_gives_no_more
    who_was_stopped_while_it_deleted_deletes_nothing_more
}
