//! The engine in a world of its own: several nodes over one in-memory store, a clock set by hand, faults by seed.
//!
//! Whatever the seed does, after every step the state must hold to the engine's promises (`check.rs`), and once the
//! faults stop every run must end. `SYNCLINE_SEED=n` replays one seed and tells its story, `SYNCLINE_SEEDS=n` runs
//! the first `n`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod check;
mod drive;
mod node;
mod system;
mod world;

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};

use world::World;

/// Seeds run unless told otherwise.
const SEEDS: u64 = 2_000;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

thread_local! {
    static IN_A_SEED: Cell<bool> = const { Cell::new(false) };
}

/// Panics inside a seed are told once, with its story; those the model system makes on purpose not at all.
fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !IN_A_SEED.get() {
                loud(info);
            }
        }));
    });
}

/// The story of a seed that broke a promise.
fn run_seed(seed: u64) -> Result<(), String> {
    let world = Arc::new(World::new(seed));
    let told = Arc::clone(&world);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    IN_A_SEED.set(true);
    let ran = std::panic::catch_unwind(AssertUnwindSafe(|| runtime.block_on(drive::run(world))));
    IN_A_SEED.set(false);
    ran.map_err(|panic| {
        let words = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_default();
        let story = told.story();
        let from = if number("SYNCLINE_SEED").is_some() { 0 } else { story.len().saturating_sub(25) };
        format!(
            "{}\nseed {seed} broke a promise: {words}\nreplay with SYNCLINE_SEED={seed}",
            story[from..].join("\n")
        )
    })
}

#[test]
fn the_engine_keeps_its_promises_whatever_happens() {
    hush();
    if let Some(seed) = number("SYNCLINE_SEED") {
        run_seed(seed).unwrap_or_else(|story| panic!("{story}"));
        return;
    }
    let seeds = number("SYNCLINE_SEEDS").unwrap_or(SEEDS);
    let next = AtomicU64::new(0);
    let failed = std::sync::Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds || failed.lock().unwrap().len() >= 3 {
                        return;
                    }
                    if let Err(story) = run_seed(seed) {
                        failed.lock().unwrap().push(story);
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}

#[test]
fn a_seed_always_takes_the_same_way() {
    hush();
    let story = |seed| {
        IN_A_SEED.set(true);
        let world = Arc::new(World::new(seed));
        let told = Arc::clone(&world);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(drive::run(world));
        IN_A_SEED.set(false);
        told.story()
    };
    for seed in [3, 14, 159] {
        assert_eq!(story(seed), story(seed));
    }
}
