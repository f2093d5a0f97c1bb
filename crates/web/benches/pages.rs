//! How long the console takes for its pages of a full state, on both databases.
//!
//! `BENCH_STATE_URL=postgres://… cargo bench -p web --bench pages` with an empty database. Each line is
//! `database<TAB>page<TAB>bytes<TAB>median ms<TAB>worst ms`. The state is the one the tests hold pages to.

#![expect(clippy::print_stdout, reason = "the numbers it prints are what it is for")]
#![expect(clippy::unwrap_used, reason = "what goes wrong ends the measurement on the spot")]

#[path = "../tests/api/full.rs"]
mod full;
#[path = "../tests/api/house.rs"]
#[expect(dead_code, reason = "the tests ask more of it")]
mod house;

use std::time::Instant;

use house::House;
use store::Store;

/// How often each page is asked for.
const LOOKS: usize = 21;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        measure("SQLite", Store::sqlite(&folder.path().join("state.db")).await.unwrap()).await;
        let url = std::env::var("BENCH_STATE_URL").expect("BENCH_STATE_URL names a PostgreSQL database");
        measure("PostgreSQL", Store::postgres(&url).await.unwrap()).await;
    });
}

async fn measure(database: &str, store: Store) {
    let house = House::over(store.clone()).await;
    let long = full::fill(&store, house.engine.now()).await;
    for page in full::pages(long) {
        let mut spent = Vec::new();
        let mut bytes = 0;
        for _ in 0..LOOKS {
            let began = Instant::now();
            bytes = house.get_chinese(&page).await.len();
            spent.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        spent.sort_by(f64::total_cmp);
        println!("{database}\t{page}\t{bytes}\t{:.1}\t{:.1}", spent[LOOKS / 2], spent[LOOKS - 1]);
    }
}
