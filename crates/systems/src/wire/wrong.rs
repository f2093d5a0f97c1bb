//! One thing that is wrong with an input, as the documented routes say it.

use serde::Serialize;
use serde_json::Value;

use super::json::Json;

/// One thing that is wrong with an input.
#[derive(Debug, Serialize)]
pub(crate) struct Wrong {
    #[serde(rename = "type")]
    kind: &'static str,
    loc: Vec<Value>,
    msg: String,
    input: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Value>,
}

impl Wrong {
    pub(crate) fn new(kind: &'static str, loc: Vec<Value>, msg: &str, input: Json) -> Self {
        Self { kind, loc, msg: msg.to_owned(), input, ctx: None }
    }

    /// The same with the bound it breaks.
    pub(crate) fn with(self, ctx: Value) -> Self {
        Self { ctx: Some(ctx), ..self }
    }

    /// Where, with dots between.
    pub(crate) fn place(&self) -> String {
        let parts = self.loc.iter().map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned));
        parts.collect::<Vec<_>>().join(".")
    }

    /// What is said of it.
    pub(crate) fn msg(&self) -> &str {
        &self.msg
    }
}
