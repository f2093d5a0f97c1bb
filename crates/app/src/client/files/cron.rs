//! What a cron expression means.

use reqwest::Method;
use serde_json::json;

use super::super::{Api, text_of};
use super::items;
use crate::exit::{Exit, Failure};
use crate::screen::say;
use crate::words::{both, worded};

/// The documented route.
const ROUTE: &str = "/api/v1/task/scheduler/validate-cron";

/// The zone of an expression that comes without one.
const ZONE: &str = "Asia/Shanghai";

/// Explains an expression; one that cannot be read is a failure with the place that is wrong.
pub(super) async fn explain(api: &Api, expression: &str, timezone: Option<String>) -> Result<Exit, Failure> {
    let zone = timezone.as_deref().unwrap_or(ZONE);
    let body = json!({ "cron_expr": expression, "timezone": zone });
    let answer = api.send(Method::POST, ROUTE, Some(&body)).await?;
    let printed = api.printed(&answer);
    if answer.body["code"] != 200 {
        return Err(Failure::new(Exit::Failed, text_of(&answer.body["msg"])));
    }
    let data = &answer.body["data"];
    if data["valid"] != true {
        let told = ["error", "detail"].into_iter().filter_map(|key| data[key].as_str().map(worded));
        return Err(Failure::new(Exit::Failed, told.collect::<Vec<_>>().join("\n")));
    }
    if printed {
        return Ok(Exit::Done);
    }
    let meaning = worded(&text_of(&data["description"]));
    say(&both(
        format!("the cron expression is valid: {meaning} ({zone})"),
        format!("cron 表达式有效: {meaning} ({zone})"),
    ));
    items(&data["next_runs"]).iter().for_each(|time| say(&format!("  {}", text_of(time))));
    Ok(Exit::Done)
}
