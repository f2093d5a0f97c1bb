//! What the real binary does as a process: how soon it answers, how quickly while it works, how much memory it takes.
//!
//! `BENCH_DATABASE_URL=postgres://… cargo bench -p app --bench processes`. The simulated upstream is a process of its
//! own. `BENCH_STOCKS` makes the market smaller; `-- live` measures open pages alone.

#![expect(clippy::print_stdout, reason = "the table it prints is what it is for")]
#![expect(clippy::unwrap_used, reason = "what goes wrong ends the measurement on the spot")]

mod bed;
mod live;

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::bed::{Server, Upstream};

/// The routes that are asked while a batch runs.
const ROUTES: [(&str, f64); 3] = [("POST /sync/batch", 10.0), ("GET progress", 5.0), ("GET active", 5.0)];

/// Requests a second, over all routes.
const RATE: u64 = 200;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(measure());
}

async fn measure() {
    let upstream = Upstream::start();
    println!("{:58} {:>22}  {:>14}", "what", "measured", "reach");
    if std::env::args().any(|argument| argument == "live") {
        live::told(&upstream).await;
        live::idle(&upstream).await;
        return;
    }
    start_and_idle(&upstream).await;
    latency_and_memory(&upstream).await;
    live::told(&upstream).await;
    live::idle(&upstream).await;
    per_stock(&upstream).await;
    pick_up("SQLite", Server::sqlite(&upstream)).await;
    pick_up("PostgreSQL", Server::postgres(&upstream).await).await;
}

fn row(what: &str, measured: &str, reach: &str) {
    println!("{what:58} {measured:>22}  {reach:>14}");
}

/// The value below which so many of a hundred lie.
fn percentile(values: &mut [f64], hundredths: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let place = ((values.len() as f64 - 1.0) * hundredths / 100.0).round() as usize;
    values[place]
}

fn milliseconds(spent: Duration) -> f64 {
    spent.as_secs_f64() * 1000.0
}

async fn start_and_idle(upstream: &Upstream) {
    let mut starts = Vec::new();
    let mut idle = 0;
    for _ in 0..10 {
        let began = Instant::now();
        let server = Server::sqlite(upstream);
        server.get("/api/v1/ready").await;
        starts.push(milliseconds(began.elapsed()));
        idle = server.resident_kib();
    }
    let worst = percentile(&mut starts, 100.0);
    row(
        "start to first answer, new state, median / worst of 10",
        &format!("{:.0} / {worst:.0} ms", percentile(&mut starts, 50.0)),
        "< 300 ms",
    );
    row("resident memory, idle", &format!("{:.1} MB", idle as f64 / 1024.0), "< 40 MB");
}

/// A batch of ninety days in market mode, asked 200 times a second.
async fn latency_and_memory(upstream: &Upstream) {
    let server = Server::sqlite(upstream);
    let began = Instant::now();
    let task = server.batch("2025-01-01", "2025-03-31", "market").await;
    let mut spent: [Vec<f64>; 3] = Default::default();
    let mut ticks = tokio::time::interval(Duration::from_micros(1_000_000 / RATE));
    let (send, mut receive) = tokio::sync::mpsc::unbounded_channel();
    let mut asked = 0;
    let mut asking = tokio::task::JoinSet::new();
    let took = loop {
        ticks.tick().await;
        let place = asked % ROUTES.len();
        asked += 1;
        let (client, url, task, send) = (server.http.clone(), server.url.clone(), task.clone(), send.clone());
        asking.spawn(async move {
            let began = Instant::now();
            let body = ask(&client, &url, &task, place).await;
            let _ = send.send((place, milliseconds(began.elapsed()), body));
        });
        let mut ended = false;
        while let Ok((place, milliseconds, body)) = receive.try_recv() {
            ended |= place == 1 && body["data"]["status"] != "running";
            spent[place].push(milliseconds);
        }
        if ended {
            break began.elapsed();
        }
    };
    // The last ones are answered before the server goes.
    asking.join_all().await;
    let count: usize = spent.iter().map(Vec::len).sum();
    for ((route, reach), values) in ROUTES.iter().zip(&mut spent) {
        let measured = format!("{:.2} / {:.2} ms", percentile(values, 50.0), percentile(values, 99.0));
        row(
            &format!("{route}, {RATE} requests/s during a batch, p50 / p99"),
            &measured,
            &format!("p99 < {reach} ms"),
        );
    }
    let last = server.progress(&task).await;
    let days = last["success"].as_f64().unwrap();
    row(
        &format!("  ({count} requests; {days} trading days, SQLite)"),
        &format!("{:.3} s a day", took.as_secs_f64() / days),
        "",
    );
    row(
        "resident memory, peak of the 90-day batch",
        &format!("{:.1} MB", server.peak_kib() as f64 / 1024.0),
        "< 120 MB",
    );
}

async fn ask(client: &reqwest::Client, url: &str, task: &str, place: usize) -> Value {
    let routes = format!("{url}/api/v1/sync-status/sync/batch");
    let request = match place {
        0 => client.post(&routes).json(&json!({ "start_date": "2025-10-09", "end_date": "2025-10-09" })),
        1 => client.get(format!("{routes}/progress/{task}")),
        _ => client.get(format!("{routes}/active")),
    };
    request.send().await.unwrap().json().await.unwrap()
}

/// Three days of one request a stock over one connection, upstream without latency.
async fn per_stock(upstream: &Upstream) {
    let server = Server::sqlite(upstream);
    let began = Instant::now();
    let task = server.batch("2025-11-04", "2025-11-06", "per_stock").await;
    let last = server.ended(&task).await;
    assert_eq!(last["success"], 3, "{last}");
    let stocks = server.stored().await;
    let rate = stocks / began.elapsed().as_secs_f64();
    row("per_stock mode, one connection, no latency", &format!("{rate:.0} stocks/s"), ">= 1,600");
}

/// From the acceptance of a run to the claim of its first partition, nothing else going on.
async fn pick_up(database: &str, server: Server) {
    // A Saturday: after the first run, which asks for the calendar, a run does nothing but begin and end.
    let mut waits = Vec::new();
    for _ in 0..200 {
        let task = server.batch("2025-11-08", "2025-11-08", "market").await;
        server.ended(&task).await;
        let runs = server.get("/api/v1/runs?limit=1").await;
        let at = |key: &str| runs["runs"][0][key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        waits.push(at("started_at").duration_since(at("created_at")).as_secs_f64() * 1000.0);
    }
    let measured = format!("{:.2} / {:.2} ms", percentile(&mut waits, 50.0), percentile(&mut waits, 99.0));
    row(&format!("request to partition started, idle, {database}, p50 / p99"), &measured, "< 3 / < 15 ms");
}
