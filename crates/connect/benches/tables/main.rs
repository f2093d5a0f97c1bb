//! How fast destinations are written, beside what a person would do by hand: `psql \copy` into a temporary table and
//! `INSERT … ON CONFLICT DO UPDATE`, with the key as it is usually made (code first). Same rows, same run.
//!
//! `BENCH_DATABASE_URL=postgres://… cargo bench -p connect --bench tables`; `BENCH_DAYS` and `BENCH_CODES` make it
//! smaller. Everything happens in a schema of its own, which is dropped at the end.

#![expect(clippy::print_stdout, reason = "the table it prints is what it is for")]
#![expect(clippy::unwrap_used, reason = "what goes wrong ends the measurement on the spot")]

mod by_hand;
mod rows;

use std::time::{Duration, Instant};

use connect::tables::{Destination, Row};
use jiff::Timestamp;
use model::counts::ItemCounts;
use model::id::{Fence, PartitionId};

use crate::by_hand::ByHand;
use crate::rows::{Bar, Change, Market};

/// Partitions written at the same time during a backfill.
const PARALLEL: usize = 4;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let url = std::env::var("BENCH_DATABASE_URL").expect("BENCH_DATABASE_URL names a PostgreSQL");
    let number =
        |name, default| std::env::var(name).ok().map_or(default, |text: String| text.parse().unwrap());
    let market = Market { codes: number("BENCH_CODES", 5_400), days: number("BENCH_DAYS", 250) };
    let some = Market { days: (market.days / 4).max(1), ..market };
    println!("{} codes, {} days; changes and no change: {} days", market.codes, market.days, some.days);

    let folder = tempfile::tempdir().unwrap();
    let hand = ByHand::new(&url, folder.path()).await;
    let first = report("psql, first load", hand.write(&market, Change::None), market.rows(), None);
    let updates = report("psql, every row changed", hand.write(&some, Change::Close), some.rows(), None);
    hand.vacuum().await;
    let same = report("psql, no change", hand.write(&some, Change::Close), some.rows(), None);
    hand.drop_table().await;

    let destination = Destination::postgres_in(&url, &hand.schema).await.unwrap();
    for (name, parallel) in [("backfill, one at a time", 1), ("backfill, four at a time", PARALLEL)] {
        destination.ensure(&[Bar::TABLE]).await.unwrap();
        hand.settle().await;
        let (spent, written) = write(&destination, &market, Change::None, parallel).await;
        assert_eq!(written.new as usize, market.rows());
        report(name, spent, market.rows(), Some(first));
        if parallel == 1 {
            hand.drop_table().await;
        }
    }
    on_top(&destination, &market, &some, [updates, same], &hand).await;
    hand.drop_schema().await;

    let destination = Destination::sqlite(folder.path().join("data.db")).await.unwrap();
    destination.ensure(&[Bar::TABLE]).await.unwrap();
    println!("SQLite, against the same psql:");
    let (spent, _) = write(&destination, &market, Change::None, 1).await;
    report("backfill", spent, market.rows(), Some(first));
    let (spent, _) = write(&destination, &some, Change::Close, 1).await;
    report("every row changed", spent, some.rows(), Some(updates));
    let (spent, _) = write(&destination, &some, Change::Close, 1).await;
    report("no change", spent, some.rows(), Some(same));
}

/// What is written on top of a full table.
async fn on_top(destination: &Destination, market: &Market, some: &Market, hand: [f64; 2], psql: &ByHand) {
    let [updates, same] = hand;
    let (spent, written) = write(destination, some, Change::Close, 1).await;
    assert_eq!(written.updated as usize, some.rows());
    report("every row changed", spent, some.rows(), Some(updates));
    psql.vacuum().await;
    let before = psql.log_position().await;
    let (spent, written) = write(destination, some, Change::Close, 1).await;
    assert_eq!(written.unchanged as usize, some.rows());
    report("no change", spent, some.rows(), Some(same));
    println!("{:>28} {:>10} bytes of log a day", "", psql.log_since(before).await / some.days as i64);
    for (name, change) in
        [("one new day", Change::None), ("that day again", Change::None), ("and changed", Change::Close)]
    {
        let bars = market.day(market.days, change);
        let start = Instant::now();
        commit(destination, market.days, &bars).await;
        println!("{name:>28} {:>10.1} ms", start.elapsed().as_secs_f64() * 1e3);
    }
}

/// Writes all days, a transaction a day, so many at the same time. Making the rows is not counted.
async fn write(
    destination: &Destination,
    market: &Market,
    change: Change,
    parallel: usize,
) -> (Duration, ItemCounts) {
    let (mut spent, mut written) = (Duration::ZERO, ItemCounts::default());
    let days: Vec<usize> = (0..market.days).collect();
    for some in days.chunks(parallel * 8) {
        let batches: Vec<(usize, Vec<Bar>)> =
            some.iter().map(|day| (*day, market.day(*day, change))).collect();
        let start = Instant::now();
        let lanes = (0..parallel).map(|lane| {
            let mine: Vec<_> = batches.iter().skip(lane).step_by(parallel).collect();
            async move {
                let mut written = ItemCounts::default();
                for (day, bars) in mine {
                    written += commit(destination, *day, bars).await;
                }
                written
            }
        });
        for lane in futures_util::future::join_all(lanes).await {
            written += lane;
        }
        spent += start.elapsed();
    }
    (spent, written)
}

async fn commit(destination: &Destination, day: usize, bars: &[Bar]) -> ItemCounts {
    let now = Timestamp::from_second(1_760_000_000).unwrap();
    let mut transaction = destination.begin(PartitionId(day as i64), Fence(1), now);
    transaction.merge(bars).unwrap();
    transaction.commit().await.unwrap().total()
}

/// Prints a line and answers rows a second.
fn report(name: &str, spent: Duration, rows: usize, hand: Option<f64>) -> f64 {
    let rate = rows as f64 / spent.as_secs_f64();
    let ratio = hand.map_or_else(|| "1.00 (i)".to_owned(), |hand| format!("{:.2} x (i)", rate / hand));
    println!("{name:>28} {:>10.2} s {rate:>10.0} rows/s   {ratio}", spent.as_secs_f64());
    rate
}
