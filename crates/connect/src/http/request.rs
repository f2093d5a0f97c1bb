//! What is asked of an upstream.

use std::fmt;

use serde_json::Value;

use super::Secret;

/// The two ways of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Without a body.
    Get,
    /// With a JSON body. A redirect of it is not followed.
    Post,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Post => "POST",
        })
    }
}

/// One request. It may be sent several times, so it must be harmless to send it twice.
///
/// `Debug` shows the method and the path only.
#[derive(Clone)]
pub struct Request {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) authorization: Option<Secret>,
    pub(super) body: Option<Value>,
}

impl Request {
    /// Asks for `path`, below the upstream's base address, beginning with `/`. `operation` is a word for metrics
    /// and should be one of few. The path is shown in messages: no secret belongs there.
    pub fn get(operation: &'static str, path: impl Into<String>) -> Self {
        Self {
            operation,
            method: Method::Get,
            path: path.into(),
            query: Vec::new(),
            authorization: None,
            body: None,
        }
    }

    /// The same with a JSON body.
    pub fn post(operation: &'static str, path: impl Into<String>, body: Value) -> Self {
        Self { method: Method::Post, body: Some(body), ..Self::get(operation, path) }
    }

    /// One more pair of the query, neither encoded yet.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.query.push((name.into(), value.to_string()));
        self
    }

    /// The same with a value that nobody may see; queries are never shown.
    #[must_use]
    pub fn with_secret(self, name: impl Into<String>, value: &Secret) -> Self {
        self.with(name, value.expose())
    }

    /// The whole value of the `Authorization` header (`Bearer …` where the upstream wants that word).
    #[must_use]
    pub fn authorized(self, value: Secret) -> Self {
        Self { authorization: Some(value), ..self }
    }

    /// How messages call it: `GET /2025/9/results.json`.
    pub fn label(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({})", self.label())
    }
}
