//! What people who watch cost and see: how soon a change is told to an open page, and what open pages cost.

use std::time::{Duration, Instant, SystemTime};

use reqwest::Response;
use serde_json::Value;

use crate::bed::{Server, Upstream};
use crate::{percentile, row};

/// Pages open at once.
const OPEN: usize = 200;

/// How long the idle server is looked at.
const LOOK: Duration = Duration::from_secs(10);

/// Days of the batch that is watched.
const DAYS: usize = 90;

/// An open page.
struct Page {
    response: Response,
    bytes: Vec<u8>,
}

impl Page {
    async fn open(server: &Server, path: &str) -> Self {
        let response = server.http.get(format!("{}{path}", server.url)).send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        Self { response, bytes: Vec::new() }
    }

    /// The next fragment, as HTML.
    async fn fragment(&mut self) -> String {
        loop {
            if let Some(end) = self.bytes.windows(2).position(|pair| pair == b"\n\n") {
                let frame: Vec<u8> = self.bytes.drain(..end + 2).collect();
                let frame = String::from_utf8(frame).unwrap();
                let Some(data) = frame.lines().find_map(|line| line.strip_prefix("data: ")) else { continue };
                let fragment: Value = serde_json::from_str(data).unwrap();
                return fragment["html"].as_str().unwrap().to_owned();
            }
            let chunk = self.response.chunk().await.unwrap().expect("the stream goes on");
            self.bytes.extend_from_slice(&chunk);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "it is held against times the server wrote")]
fn seconds_now() -> f64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64()
}

fn seconds(time: &Value) -> f64 {
    time.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_duration().as_secs_f64()
}

/// From the end of a day, before it is written down, to the fragment that counts it.
pub(crate) async fn told(upstream: &Upstream) {
    let server = Server::sqlite(upstream);
    server.batch("2025-01-01", "2025-03-31", "market").await;
    let run = server.get("/api/v1/runs?limit=1").await["runs"][0]["id"].as_i64().unwrap();
    let mut page = Page::open(&server, &format!("/runs/{run}/live?lang=en")).await;
    let mut arrived: Vec<f64> = Vec::new();
    while arrived.len() < DAYS {
        let fragment = page.fragment().await;
        let of = format!(" of {DAYS}</b>");
        let count = fragment.split_once(&of).and_then(|(before, _)| before.rsplit_once("<b>"));
        let Some((_, count)) = count else { continue };
        arrived.resize(arrived.len().max(count.parse().unwrap()), seconds_now());
    }
    let path = format!("/api/v1/runs/{run}/partitions?limit={DAYS}");
    let partitions = server.get(&path).await["partitions"].clone();
    let mut ended: Vec<f64> =
        partitions.as_array().unwrap().iter().map(|one| seconds(&one["ended_at"])).collect();
    assert_eq!(ended.len(), DAYS);
    ended.sort_by(f64::total_cmp);
    let mut waits: Vec<f64> =
        arrived.iter().zip(&ended).map(|(told, ended)| (told - ended) * 1000.0).collect();
    let measured = format!("{:.0} / {:.0} ms", percentile(&mut waits, 50.0), percentile(&mut waits, 99.0));
    row("progress committed to fragment received, p50 / p99", &measured, "p99 < 300 ms");
}

/// Open pages of a server with nothing to do: of a few kinds, as people have them, and each another.
pub(crate) async fn idle(upstream: &Upstream) {
    let server = Server::sqlite(upstream);
    let task = server.batch("2025-11-03", "2025-11-07", "market").await;
    server.ended(&task).await;
    let kinds = ["/live", "/runs/live", "/runs/1/live", "/stocks/live"];
    let alike = |place: usize| {
        let lang = ["en", "zh"][place % 2];
        format!("{}?lang={lang}", kinds[place / 2 % kinds.len()])
    };
    let different = |place: usize| format!("/runs/live?lang=en&before={}", place + 10);
    let shares = [share(&server, alike).await, share(&server, different).await];
    let measured = format!("{:.1} / {:.1} %", shares[0], shares[1]);
    row(&format!("{OPEN} open pages, idle, of 8 kinds / all different"), &measured, "< 5 % of a core");
}

/// The share of a core that the server takes, in hundredths.
async fn share(server: &Server, path: impl Fn(usize) -> String) -> f64 {
    let mut reading = tokio::task::JoinSet::new();
    for place in 0..OPEN {
        let mut page = Page::open(server, &path(place)).await;
        page.fragment().await;
        reading.spawn(async move {
            loop {
                page.fragment().await;
            }
        });
    }
    // What opening them cost is over before the look begins.
    let mut looks = tokio::time::interval(LOOK);
    looks.tick().await;
    looks.tick().await;
    let (before, began) = (server.processor_seconds(), Instant::now());
    looks.tick().await;
    let share = (server.processor_seconds() - before) / began.elapsed().as_secs_f64() * 100.0;
    reading.shutdown().await;
    share
}
