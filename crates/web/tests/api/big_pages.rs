//! Pages of a full state stay small, and so does the work behind them: it is counted in what the database was asked
//! for and went through, which is the same on every machine.

use std::sync::{Arc, Mutex, PoisonError};

use store::{Cost, Probe, ProbeAnswer, Store};

use crate::full::{DAYS, RUNS, fill, pages};
use crate::house::House;

/// Bytes of a page's HTML.
const BYTES_MAX: usize = 300_000;

/// Statements of a page.
const STATEMENTS_MAX: u64 = 30;

/// Rows of the state that a page is drawn from.
const ROWS_MAX: u64 = 500;

/// Steps SQLite goes for a page: some hundred for each partition of the long run, which takes it about 20 ms.
const STEPS_MAX: u64 = 500_000;

/// Adds up what the state was asked for.
#[derive(Default)]
struct Costs(Mutex<Vec<(&'static str, Cost)>>);

impl Probe for Costs {
    fn before(&self, _: &'static str) -> ProbeAnswer {
        ProbeAnswer::Go
    }

    fn after(&self, _: &'static str) -> ProbeAnswer {
        ProbeAnswer::Go
    }

    fn cost(&self, tried: &'static str, cost: Cost) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((tried, cost));
    }
}

impl Costs {
    fn take(&self) -> Vec<(&'static str, Cost)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[tokio::test]
async fn pages_of_a_full_state_are_small_and_little_work() {
    let costs = Arc::new(Costs::default());
    let store = Store::sqlite(":memory:".as_ref()).await.unwrap();
    let house = House::over(store.with_probe(costs.clone())).await;
    let long = fill(&store, house.engine.now()).await;
    let mut heavy = Vec::new();
    for page in pages(long) {
        costs.take();
        let shown = house.get_chinese(&page).await;
        let asked = costs.take();
        assert!(shown.starts_with("200 OK"), "{page}: {}", shown.chars().take(500).collect::<String>());
        let sum = |of: fn(&Cost) -> u64| asked.iter().map(|(_, cost)| of(cost)).sum::<u64>();
        let (statements, rows, steps) =
            (sum(|cost| cost.statements), sum(|cost| cost.rows), sum(|cost| cost.steps));
        let within = statements <= STATEMENTS_MAX && rows <= ROWS_MAX && steps <= STEPS_MAX;
        if shown.len() > BYTES_MAX || !within {
            heavy.push(format!("{page}: {} bytes, {asked:?}", shown.len()));
        }
    }
    assert!(heavy.is_empty(), "with {RUNS} runs and {DAYS} days in one of them: {heavy:#?}");
}
