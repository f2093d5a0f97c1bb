//! Who answers: the season's lists, spoiled by faults, and the control of the simulator.
//!
//! Control is on the same address, below `/-/`: `GET` and `DELETE /-/requests`; `GET`, `PUT` (a list) and
//! `DELETE /-/faults`; `GET` and `PUT` (a time as a JSON text, or `null`) `/-/time`.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::http::{Answer, Reply, Request, Sent};

use super::{
    BadRecording, Options,
    clock::Clock,
    faults::{Fault, Trouble},
    publication::{Delays, Published},
    recording::Recording,
    request::{self, Page, Paging},
    season::Season,
    source::Source,
};

#[derive(Debug)]
pub(super) struct Shared {
    served: Served,
    pub(super) stop: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug)]
enum Served {
    Season { season: Season, seed: u64, delays: Delays, cancelled: Vec<u32> },
    Recording { recording: Recording, folder: PathBuf },
}

#[derive(Debug)]
struct State {
    clock: Clock,
    faults: Vec<Fault>,
    requests: Vec<Request>,
}

fn html(status: u16, title: &str) -> Reply {
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>{title}</title>\n</head>\n<body>\n  <h1>{title}</h1>\n</body>\n</html>\n"
    );
    Reply { content_type: "text/html; charset=utf-8", ..Reply::json(status, body.into_bytes()) }
}

impl Shared {
    pub(super) fn new(options: Options) -> Result<Self, BadRecording> {
        let Options { year, seed, time, pace, delays, cancelled, data, .. } = options;
        let served = match data {
            Some(folder) => Served::Recording { recording: Recording::read(&folder)?, folder },
            None => Served::Season { season: Season::new(year, seed), seed, delays, cancelled },
        };
        let clock = Clock::new(time, pace, Instant::now());
        let state = Mutex::new(State { clock, faults: Vec::new(), requests: Vec::new() });
        Ok(Self { served, stop: CancellationToken::new(), state })
    }

    /// What is served, for the banner.
    pub(super) fn what(&self) -> String {
        match &self.served {
            Served::Season { season, seed, .. } => format!("season={}, seed={seed}", season.year),
            Served::Recording { recording, folder } => {
                format!("season={}, data={}", recording.year(), folder.display())
            }
        }
    }

    /// The season of its own; `None` with a recording.
    pub(super) fn season(&self) -> Option<&Season> {
        match &self.served {
            Served::Season { season, .. } => Some(season),
            Served::Recording { .. } => None,
        }
    }

    fn source(&self) -> Source<'_> {
        match &self.served {
            Served::Season { season, delays, cancelled, .. } => {
                Source::Season(Published { season, delays: *delays, cancelled, now: self.time() })
            }
            Served::Recording { recording, .. } => Source::Recording(recording),
        }
    }

    /// The state is never left half changed, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn time(&self) -> Option<Timestamp> {
        self.state().clock.at(Instant::now())
    }

    pub(super) fn set_time(&self, time: Option<Timestamp>) {
        self.state().clock.set(time, Instant::now());
    }

    pub(super) fn set_faults(&self, faults: Vec<Fault>) {
        self.state().faults = faults;
    }

    pub(super) fn add_fault(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        self.state().faults.clone()
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    pub(super) fn clear_requests(&self) {
        self.state().requests.clear();
    }

    /// The faults for an answer on this path, each counted once.
    fn strike(&self, canonical: &str) -> Vec<Trouble> {
        let mut state = self.state();
        let mut struck = Vec::new();
        for fault in state.faults.iter_mut().filter(|fault| fault.concerns(canonical)) {
            if fault.times == Some(0) {
                continue;
            }
            struck.push(fault.trouble.clone());
            fault.times = fault.times.map(|times| times - 1);
        }
        state.faults.retain(|fault| fault.times != Some(0));
        struck
    }

    fn control(&self, request: &Request, body: &[u8]) -> Reply {
        let refused = |error: serde_json::Error| {
            let text = serde_json::json!({ "error": format!("the body is not understood: {error}") });
            Reply::json(400, text.to_string().into_bytes())
        };
        let encoded =
            |value: serde_json::Result<Vec<u8>>| Reply::json(200, value.expect("plain values are JSON"));
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/-/requests") => return encoded(serde_json::to_vec(&self.requests())),
            ("DELETE", "/-/requests") => self.clear_requests(),
            ("GET", "/-/faults") => {}
            ("PUT", "/-/faults") => match serde_json::from_slice(body) {
                Ok(faults) => self.set_faults(faults),
                Err(error) => return refused(error),
            },
            ("DELETE", "/-/faults") => self.set_faults(Vec::new()),
            ("GET", "/-/time") => return encoded(serde_json::to_vec(&self.time())),
            ("PUT", "/-/time") => match serde_json::from_slice(body) {
                Ok(time) => self.set_time(time),
                Err(error) => return refused(error),
            },
            _ => return html(404, "Not Found"),
        }
        encoded(serde_json::to_vec(&self.faults()))
    }

    fn answer_season(&self, request: &Request) -> (Reply, Duration) {
        let canonical = request::canonical(&request.path);
        let troubles = self.strike(&canonical);
        let delay = troubles
            .iter()
            .map(|trouble| if let Trouble::Delay { millis } = trouble { *millis } else { 0 })
            .sum();
        let reply = refuse(&troubles).unwrap_or_else(|| self.list(request, &canonical, &troubles));
        (spoil_transfer(reply, &troubles), Duration::from_millis(delay))
    }

    fn list(&self, request: &Request, canonical: &str, troubles: &[Trouble]) -> Reply {
        if request.method != "GET" {
            let detail =
                serde_json::json!({ "detail": format!("Method \"{}\" not allowed.", request.method) });
            return Reply::json(405, detail.to_string().into_bytes());
        }
        let Some(asked) = request::parse(canonical) else { return html(404, "Not Found") };
        let source = self.source();
        let mut listing = source.list(asked);
        for trouble in troubles {
            trouble.spoil_listing(&source, asked, &mut listing);
        }
        let total = listing.sections.iter().map(|section| section.rows.len()).sum();
        let mut page = Page { paging: Paging::parse(&request.query), total };
        for trouble in troubles {
            trouble.spoil_page(&mut page, &mut listing);
        }
        let url = format!("http://{}{canonical}/", request.header("host").unwrap_or("localhost"));
        let answer = request::envelope(asked, listing, &url, page);
        Reply::json(200, serde_json::to_vec(&answer).expect("texts are JSON"))
    }
}

impl Answer for Shared {
    fn answer(&self, request: Request, body: &[u8]) -> (Reply, Duration) {
        if request.path.starts_with("/-/") {
            return (self.control(&request, body), Duration::ZERO);
        }
        let answer = self.answer_season(&request);
        self.state().requests.push(request);
        answer
    }
}

/// The answer of a fault that leaves nothing of the real one.
fn refuse(troubles: &[Trouble]) -> Option<Reply> {
    troubles.iter().find_map(|trouble| match trouble {
        Trouble::Status { code: 429, retry_after } => {
            let reply = Reply::json(429, br#"{"detail":"Request was throttled."}"#.to_vec());
            Some(Reply { retry_after: retry_after.clone(), ..reply })
        }
        Trouble::Status { code, retry_after } => {
            Some(Reply { retry_after: retry_after.clone(), ..html(*code, "Error") })
        }
        Trouble::Html => Some(html(200, "Maintenance")),
        Trouble::NoEnvelope => Some(Reply::json(200, br#"{"data":[]}"#.to_vec())),
        _ => None,
    })
}

fn spoil_transfer(mut reply: Reply, troubles: &[Trouble]) -> Reply {
    for trouble in troubles {
        match trouble {
            Trouble::DropBeforeHeaders => reply.sent = Sent::Nothing,
            Trouble::DropAfterHeaders => reply.sent = Sent::HeadersOnly,
            Trouble::TruncatedBody => reply.sent = Sent::HalfBody,
            _ => {}
        }
    }
    reply
}
