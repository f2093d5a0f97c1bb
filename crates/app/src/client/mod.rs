//! Commands that touch syncs: clients of the API, nothing else.

pub(crate) mod files;
pub(crate) mod progress;
pub(crate) mod races;
pub(crate) mod runs;
pub(crate) mod schedules;
pub(crate) mod stocks;
pub(crate) mod tasks;

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::config::{self, Layers};
use crate::exit::{Exit, Failure};
use crate::screen;
use crate::words::{both, language};

/// Longer than the server takes for any answer.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(40);

/// For a file to be sent and read.
const FILE_TIME_MAX: Duration = Duration::from_secs(180);

/// For an answer that comes at the end of a run: the server itself waits for a day at most.
const PATIENCE: Duration = Duration::from_secs(25 * 3600);

/// How often progress is asked for: quick enough to see each day of a fast batch, and nothing to the server.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Looks that may fail in a row while something is watched: a server that is started again is back by then.
pub(crate) const FAILED_LOOKS_MAX: u32 = 100;

/// Who reads what a command prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A person.
    Person,
    /// A program: the API's answer as it came.
    Machine,
}

/// A server.
pub(crate) struct Api {
    base: String,
    http: reqwest::Client,
    reader: Reader,
}

/// An answer that was understood.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
    text: String,
}

impl Api {
    /// The server of the configuration.
    pub(crate) fn of(layers: &Layers, reader: Reader) -> Result<Self, Failure> {
        Self::at(&config::server(layers)?, reader)
    }

    /// The server at an address.
    pub(crate) fn at(base: &str, reader: Reader) -> Result<Self, Failure> {
        // The server is on this machine, or at the end of a tunnel to it.
        let http = connect::http::plain()
            .timeout(ANSWER_TIME_MAX)
            .build()
            .map_err(|error| Failure::new(Exit::Failed, format!("no HTTP client: {error}")))?;
        Ok(Self { base: base.to_owned(), http, reader })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Failure> {
        self.ask(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Option<&Value>) -> Result<Answer, Failure> {
        self.ask(Method::POST, path, body).await
    }

    /// Asks, and makes problems failures with their exit code.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let answer = self.send(method, path, body).await?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        self.printed(&answer);
        Err(answer.failure())
    }

    /// Asks; the answer of any status.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Failure> {
        let request = self.request(method, path);
        self.answered(if let Some(body) = body { request.json(body) } else { request }).await
    }

    /// Sends a file; the answer of any status.
    pub(crate) async fn send_file(&self, path: &str, kind: &str, file: Vec<u8>) -> Result<Answer, Failure> {
        let request = self.request(Method::POST, path).header("content-type", kind);
        self.answered(request.body(file).timeout(FILE_TIME_MAX)).await
    }

    /// Asks for what takes as long as it takes; the answer of any status.
    pub(crate) async fn send_patiently(&self, method: Method, path: &str) -> Result<Answer, Failure> {
        self.answered(self.request(method, path).timeout(PATIENCE)).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        request.header("accept-language", language().tag())
    }

    async fn answered(&self, request: reqwest::RequestBuilder) -> Result<Answer, Failure> {
        let response = request.send().await.map_err(|error| self.unreachable(&error))?;
        let status = response.status();
        let text = response.text().await.map_err(|error| self.unreachable(&error))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status, body, text })
    }

    /// Prints the answer as it came, when that is wanted. True: nothing else is to be printed.
    pub(crate) fn printed(&self, answer: &Answer) -> bool {
        if self.prints_raw() {
            screen::say(&answer.text);
        }
        self.prints_raw()
    }

    /// Whether answers are printed as they come, and nothing else is.
    pub(crate) fn prints_raw(&self) -> bool {
        self.reader == Reader::Machine
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let base = &self.base;
        let message = if error.is_timeout() {
            both(
                format!("the server at {base} did not answer in time"),
                format!("服务器 {base} 未在规定时间内应答"),
            )
        } else {
            both(
                format!(
                    "no server answers at {base}; start one with `syncline serve`, or name it with --server"
                ),
                format!("{base} 没有服务器应答；请用 `syncline serve` 启动，或用 --server 指定地址"),
            )
        };
        Failure::new(Exit::Unreachable, message)
    }
}

impl Answer {
    /// What a problem of the API means to a script.
    pub(crate) fn failure(&self) -> Failure {
        let code = self.body["code"].as_str().unwrap_or_default();
        let exit = match self.status {
            StatusCode::CONFLICT if code == "busy" => Exit::Busy,
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Exit::Usage,
            _ => Exit::Failed,
        };
        let detail = match &self.body["detail"] {
            Value::String(detail) => detail.clone(),
            // The documented routes answer wrong input with a list.
            Value::Array(details) => details
                .iter()
                .map(|detail| format!("{}: {}", detail["loc"], detail["msg"].as_str().unwrap_or_default()))
                .collect::<Vec<_>>()
                .join("; "),
            _ => self.status.to_string(),
        };
        Failure::new(exit, detail)
    }
}

/// A text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    let mut url = reqwest::Url::parse("http://x/").expect("it is one");
    url.path_segments_mut().expect("it has a path").push(text);
    url.path().trim_start_matches('/').to_owned()
}

/// A path with those parameters that are given.
pub(crate) fn with_query(path: &str, parameters: &[(&str, Option<String>)]) -> String {
    let mut url = reqwest::Url::parse("http://x").expect("it is one");
    url.set_path(path);
    for (name, value) in parameters {
        if let Some(value) = value {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    url.query().map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
}

/// An instant of a JSON answer, to the second.
pub(crate) fn moment_of(value: &Value) -> String {
    let moment = value.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok());
    moment.map_or_else(|| text_of(value), |moment| moment.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}

/// Texts of a JSON answer; an absent one is a dash.
pub(crate) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
