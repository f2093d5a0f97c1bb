//! Who answers: tokens, lists, calls and statistics, spoiled by faults, and the control of the simulator.
//!
//! Control is on the same address, below `/__sim/`: `GET`, `PUT` (a list of texts) and `DELETE /__sim/faults`; `GET`
//! and `DELETE /__sim/requests`; `POST /__sim/advance`; `GET /__sim/packages.csv`.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fastrand::Rng;
use jiff::civil::Date;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::{
    Options, calls,
    faults::Fault,
    listing, packages,
    query::{Query, StatisticsAsked, encode},
    row::{Envelope, without_data},
    statistics::{By, statistics},
    task::{Task, tasks},
};
use crate::http::{Answer, Reply, Request, Sent};

/// What there is for who has a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Data {
    Tasks,
    Calls,
    Statistics,
}

impl Data {
    fn of(path: &str) -> Option<Self> {
        match path {
            "/task/list" | "/task/list/v2" | "/task/list/v3" => Some(Self::Tasks),
            "/task/cdr/all2" => Some(Self::Calls),
            "/extension/agent/stat" => Some(Self::Statistics),
            _ => None,
        }
    }

    const fn method(self) -> &'static str {
        match self {
            Self::Tasks | Self::Calls => "GET",
            Self::Statistics => "POST",
        }
    }
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) stop: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tasks: Vec<Task>,
    faults: Vec<Fault>,
    /// Calls for data since the faults were set.
    calls: u32,
    /// Tokens that were made void.
    voided: u64,
    /// What the last token was given for.
    shown: String,
    requests: Vec<Request>,
}

const BAD_REQUEST: i64 = 400;
const TOKEN_INVALID: i64 = 1_000_001;
const TOKEN_EXPIRED: i64 = 1_000_002;

impl Shared {
    pub(super) fn new(options: Options) -> Self {
        let tasks = tasks(options.seed, options.date, options.tasks_per_day);
        let faults = options.faults.clone();
        let state = Mutex::new(State {
            tasks,
            faults,
            calls: 0,
            voided: 0,
            shown: String::new(),
            requests: Vec::new(),
        });
        Self { options, stop: CancellationToken::new(), state }
    }

    /// The state is never left half changed, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tasks(&self) -> Vec<Task> {
        self.state().tasks.clone()
    }

    pub(super) fn tokens(&self) -> Vec<String> {
        let voided = self.state().voided;
        (0..=voided).map(|voided| self.token(voided)).collect()
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        self.state().faults.clone()
    }

    pub(super) fn set_faults(&self, faults: Vec<Fault>) {
        let mut state = self.state();
        state.faults = faults;
        state.calls = 0;
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    pub(super) fn clear_requests(&self) {
        self.state().requests.clear();
    }

    /// Calls more for every task that has leads left; how many had.
    pub(super) fn advance(&self) -> usize {
        let today = self.options.date;
        let mut changed = 0;
        for task in &mut self.state().tasks {
            let before = task.called();
            task.advance(today);
            changed += usize::from(task.called() > before);
        }
        changed
    }

    fn control(&self, request: &Request, body: &[u8]) -> Reply {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/__sim/packages.csv") => {
                let reply = Reply::json(200, packages::csv().into_bytes());
                return Reply { content_type: "text/csv; charset=utf-8", ..reply };
            }
            ("POST", "/__sim/advance") => return plain(200, &json!({ "advanced": self.advance() })),
            ("GET", "/__sim/requests") => return self.told_requests(),
            ("DELETE", "/__sim/requests") => {
                self.clear_requests();
                return self.told_requests();
            }
            ("GET", "/__sim/faults") => {}
            ("PUT", "/__sim/faults") => match serde_json::from_slice(body) {
                Ok(faults) => self.set_faults(faults),
                Err(error) => {
                    let text = format!("the body is not understood: {error}");
                    return plain(400, &json!({ "error": text }));
                }
            },
            ("DELETE", "/__sim/faults") => self.set_faults(Vec::new()),
            _ => return Reply::json(404, without_data(404, "Not Found")),
        }
        plain(200, &json!(self.faults()))
    }

    fn told_requests(&self) -> Reply {
        let told = |request: &Request| json!({ "method": request.method, "path": request.path, "time": request.millis });
        plain(200, &json!(self.requests().iter().map(told).collect::<Vec<_>>()))
    }

    /// A token lasts until a fault makes it void; logging in again before that gives the same one.
    fn token(&self, voided: u64) -> String {
        let mut rng = Rng::with_seed(self.options.seed.rotate_left(32) ^ voided);
        format!("{:016x}{:016x}", rng.u64(..), rng.u64(..))
    }

    /// `None` for a path that is no token call.
    fn log_in(&self, request: &Request) -> Option<Reply> {
        let query = Query::parse(&request.query);
        let value = |name| query.value(name).unwrap_or_default();
        let Options { username, password, secret, .. } = &self.options;
        let (fits, refused, shown) = match request.path.as_str() {
            "/token" => {
                let fits = value("username") == username && value("password") == password;
                (fits, "用户名或密码错误", value("password"))
            }
            "/token/secret" => (value("secret") == secret, "密钥错误", value("secret")),
            _ => return None,
        };
        if request.method != "GET" {
            return Some(Reply::json(405, without_data(405, "Method Not Allowed")));
        }
        let (faults, voided) = {
            let state = self.state();
            (state.faults.clone(), state.voided)
        };
        let is_closed = faults.contains(&Fault::BadCredentials)
            || faults.contains(&Fault::EchoSecret) && !faults.iter().any(|fault| speaks(*fault));
        if fits && !is_closed {
            shown.clone_into(&mut self.state().shown);
            return Some(Reply::json(200, Envelope::ok(json!({ "token": self.token(voided) }))));
        }
        let message = echo(refused, &faults, &[shown]);
        Some(Reply::json(200, without_data(BAD_REQUEST, &message)))
    }

    /// The answer to a call for data.
    fn serve(&self, data: Data, request: &Request, body: &[u8]) -> Reply {
        if request.method != data.method() {
            return Reply::json(405, without_data(405, "Method Not Allowed"));
        }
        let shown = request.header("authorization").unwrap_or_default();
        let (tasks, faults, voided, secret) = {
            let mut state = self.state();
            state.calls += 1;
            let number = state.calls;
            let struck =
                state.faults.iter().copied().filter(|fault| fault.strikes(number)).collect::<Vec<_>>();
            if struck.iter().any(|fault| voids(*fault)) {
                state.voided += 1;
            }
            (state.tasks.clone(), struck, state.voided, state.shown.clone())
        };
        let say = |text: &str| echo(text, &faults, &[&secret, shown]);
        if let Some(reply) = faults.iter().find_map(|fault| fail(*fault, &say)) {
            return reply;
        }
        if shown != self.token(voided) {
            return Reply::json(200, without_data(TOKEN_INVALID, &say("token无效")));
        }
        let asked = Asked { data, query: Query::parse(&request.query), body, faults: &faults };
        let mut body = match asked.code() {
            Some(code) => without_data(code, &say("服务异常")),
            None if faults.contains(&Fault::NullData) => {
                br#"{"code":200,"message":"OK","data":null}"#.to_vec()
            }
            None => asked
                .answer(self.options.seed, &tasks)
                .unwrap_or_else(|refused| without_data(BAD_REQUEST, &say(&refused))),
        };
        if faults.iter().any(|fault| matches!(fault, Fault::TruncatedJson(_))) {
            body.truncate(body.len() / 2);
        }
        Reply::json(200, body)
    }
}

impl Answer for Shared {
    fn answer(&self, request: Request, body: &[u8]) -> (Reply, Duration) {
        if request.path.starts_with("/__sim/") {
            return (self.control(&request, body), Duration::ZERO);
        }
        let is_slow = |fault: &Fault| if let Fault::Slow(millis) = fault { u64::from(*millis) } else { 0 };
        let delay = Duration::from_millis(self.faults().iter().map(is_slow).sum());
        let reply = self.log_in(&request).unwrap_or_else(|| match Data::of(&request.path) {
            Some(data) => self.serve(data, &request, body),
            None => Reply::json(404, without_data(404, "Not Found")),
        });
        self.state().requests.push(without_credentials(request));
        (reply, delay)
    }
}

/// A call for data, and the faults that strike it.
struct Asked<'r> {
    data: Data,
    query: Query,
    body: &'r [u8],
    faults: &'r [Fault],
}

impl Asked<'_> {
    /// Statistics come on one page.
    fn page(&self) -> u32 {
        if self.data == Data::Statistics { 1 } else { self.query.paging().page }
    }

    /// The code of a fault of this page.
    fn code(&self) -> Option<i64> {
        let here = self.page();
        self.faults.iter().find_map(|fault| match fault {
            Fault::Code { page, code } if *page == here => Some(*code),
            _ => None,
        })
    }

    /// The body of the answer; else why there is none.
    fn answer(&self, seed: u64, tasks: &[Task]) -> Result<Vec<u8>, String> {
        let wrong = |name: &str| format!("参数错误: {name}");
        let is_bare =
            self.faults.contains(&Fault::Empty) || self.faults.contains(&Fault::ShortPage(self.page()));
        match self.data {
            Data::Tasks => {
                let window = self.query.window().map_err(wrong)?;
                Ok(Envelope::ok(listing::page(tasks, &window, self.query.paging(), self.faults)))
            }
            Data::Calls => {
                let asked = calls::Asked::new(&self.query).map_err(wrong)?;
                if asked.window.end() - asked.window.start() > 7 * 86_400 {
                    return Err(TOO_LONG.to_owned());
                }
                let mut page = calls::page(seed, tasks, &asked);
                if is_bare {
                    page.data.clear();
                }
                if self.faults.contains(&Fault::Empty) {
                    page.total = Some(0);
                }
                if self.faults.contains(&Fault::NoTotal) {
                    page.total = None;
                }
                Ok(Envelope::ok(page))
            }
            Data::Statistics => {
                let asked: StatisticsAsked = serde_json::from_slice(self.body).map_err(|_| wrong("body"))?;
                let by = By::of(asked.query_type).ok_or_else(|| wrong("query_type"))?;
                if days(asked.start_time, asked.end_time) > 7 {
                    return Err(TOO_LONG.to_owned());
                }
                let mut answer = statistics(tasks, &(asked.start_time..=asked.end_time), by);
                if is_bare {
                    answer.content.clear();
                }
                Ok(Envelope::ok(answer))
            }
        }
    }
}

const TOO_LONG: &str = "时间范围不能超过7天";

/// How many days these are, both included.
fn days(from: Date, to: Date) -> i32 {
    (to - from).get_days() + 1
}

const fn voids(fault: Fault) -> bool {
    matches!(fault, Fault::TokenInvalid(_) | Fault::TokenExpired(_) | Fault::Http401(_))
}

/// It answers with a message, which can hold what must not be shown.
const fn speaks(fault: Fault) -> bool {
    voids(fault) || matches!(fault, Fault::Http500(_) | Fault::Http429(..) | Fault::Code { .. })
}

/// The answer of a fault that leaves nothing of the real one.
fn fail(fault: Fault, say: &dyn Fn(&str) -> String) -> Option<Reply> {
    let silent = |sent| Reply { sent, ..Reply::json(200, Vec::new()) };
    Some(match fault {
        Fault::TokenInvalid(_) => Reply::json(200, without_data(TOKEN_INVALID, &say("token无效"))),
        Fault::TokenExpired(_) => Reply::json(200, without_data(TOKEN_EXPIRED, &say("token已过期"))),
        Fault::Http401(_) => Reply::json(401, without_data(401, &say("未授权"))),
        Fault::Http500(_) => Reply::json(500, without_data(500, &say("服务器错误"))),
        Fault::Http429(_, seconds) => {
            let retry_after = seconds.map(|seconds| seconds.to_string());
            Reply { retry_after, ..Reply::json(429, without_data(429, &say("请求过于频繁"))) }
        }
        Fault::Timeout(_) => silent(Sent::Never),
        Fault::Drop(_) => silent(Sent::Reset),
        _ => return None,
    })
}

/// A message, with what must never be shown when that is asked for.
fn echo(message: &str, faults: &[Fault], secrets: &[&str]) -> String {
    let mut message = message.to_owned();
    if faults.contains(&Fault::EchoSecret) {
        for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
            message.push_str(&format!(" {secret} {}", encode(secret)));
        }
    }
    message
}

/// A request as it is kept: no query of a token call, and no token.
fn without_credentials(mut request: Request) -> Request {
    if request.path.starts_with("/token") {
        request.query.clear();
    }
    request.headers.retain(|(name, _)| name != "authorization");
    request
}

fn plain(status: u16, value: &serde_json::Value) -> Reply {
    Reply::json(status, value.to_string().into_bytes())
}
