//! `syncline schedules …`.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Api, text_of};
use crate::arguments::{SchedulesArguments, SchedulesVerb};
use crate::config::Layers;
use crate::exit::{Exit, Failure};
use crate::screen::{say, table};
use crate::words::{both, worded_of};

/// Does one of its verbs.
pub(crate) async fn run(layers: &Layers, asked: SchedulesArguments) -> Result<Exit, Failure> {
    let api = Api::of(layers, asked.client.reader())?;
    match asked.verb {
        SchedulesVerb::List => list(&api).await,
        SchedulesVerb::Show { schedule } => show(&api, &schedule).await,
        SchedulesVerb::Pause { schedule } => change(&api, &schedule, &json!({ "paused": true })).await,
        SchedulesVerb::Resume { schedule } => change(&api, &schedule, &json!({ "paused": false })).await,
        SchedulesVerb::Run { schedule } => start(&api, &schedule).await,
    }
}

async fn list(api: &Api) -> Result<Exit, Failure> {
    let answer = api.get("/api/v1/schedules").await?;
    if api.printed(&answer) {
        return Ok(Exit::Done);
    }
    let schedules = answer.body["schedules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<Vec<String>> = schedules
        .iter()
        .map(|schedule| {
            vec![
                text_of(&schedule["id"]),
                text_of(&schedule["name"]),
                when(schedule),
                text_of(&schedule["time_zone"]),
                next_of(schedule),
                worded_of(&schedule["title"]),
            ]
        })
        .collect();
    table(&["ID", "NAME", "WHEN", "ZONE", "NEXT", "TITLE"], &rows);
    Ok(Exit::Done)
}

/// Its next time, unless it is paused.
fn next_of(schedule: &Value) -> String {
    if schedule["paused_at"].is_null() {
        in_its_zone(schedule, &schedule["next"][0])
    } else {
        "paused".to_owned()
    }
}

/// A time of a schedule on the clock of its zone.
fn in_its_zone(schedule: &Value, time: &Value) -> String {
    let zone = schedule["time_zone"].as_str().and_then(|name| TimeZone::get(name).ok());
    let time_there = time.as_str().and_then(|text| text.parse::<Timestamp>().ok()).zip(zone);
    let shown = |(time, zone): (Timestamp, TimeZone)| {
        time.to_zoned_datetime(zone).strftime("%Y-%m-%d %H:%M:%S").to_string()
    };
    time_there.map_or_else(|| text_of(time), shown)
}

/// The rule, briefly.
fn when(schedule: &Value) -> String {
    let when = &schedule["when"];
    match when["kind"].as_str() {
        Some("cron") => text_of(&when["expression"]),
        Some("once") => format!("once {}", text_of(&when["at"])),
        _ => format!("{} + {}", text_of(&when["event_at"]), text_of(&when["offsets_seconds"])),
    }
}

async fn show(api: &Api, named: &str) -> Result<Exit, Failure> {
    let id = find(api, named).await?;
    let answer = api.get(&format!("/api/v1/schedules/{id}")).await?;
    if api.printed(&answer) {
        return Ok(Exit::Done);
    }
    let body = &answer.body;
    for key in ["id", "name", "title", "sync", "label", "params", "time_zone", "missed", "paused_at"] {
        say(&format!("{key:15} {}", worded_of(&body[key])));
    }
    say(&format!("{:15} {}", "when", when(body)));
    for next in body["next"].as_array().map(Vec::as_slice).unwrap_or_default() {
        say(&format!("{:15} {}", "next", in_its_zone(body, next)));
    }
    let answer = api.get(&format!("/api/v1/schedules/{id}/ticks?limit=20")).await?;
    let ticks = answer.body["ticks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<Vec<String>> = ticks
        .iter()
        .map(|tick| {
            let mut cells = vec![in_its_zone(body, &tick["nominal_at"])];
            cells.extend(["decision", "run_id", "reason"].map(|key| worded_of(&tick[key])));
            cells
        })
        .collect();
    say("");
    table(&["TIME", "DECISION", "RUN", "REASON"], &rows);
    Ok(Exit::Done)
}

async fn change(api: &Api, named: &str, wish: &Value) -> Result<Exit, Failure> {
    let id = find(api, named).await?;
    let answer = api.ask(Method::PATCH, &format!("/api/v1/schedules/{id}"), Some(wish)).await?;
    if !api.printed(&answer) {
        let next = next_of(&answer.body);
        say(&format!("{} {next}", text_of(&answer.body["name"])));
    }
    Ok(Exit::Done)
}

async fn start(api: &Api, named: &str) -> Result<Exit, Failure> {
    let id = find(api, named).await?;
    let answer = api.post(&format!("/api/v1/schedules/{id}/run"), None).await?;
    if !api.printed(&answer) {
        say(&format!("{} {}", text_of(&answer.body["id"]), text_of(&answer.body["state"])));
    }
    Ok(Exit::Done)
}

/// The number of a schedule given by name or number.
async fn find(api: &Api, named: &str) -> Result<i64, Failure> {
    if let Ok(id) = named.parse() {
        return Ok(id);
    }
    let answer = api.get("/api/v1/schedules").await?;
    let schedules = answer.body["schedules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let found =
        schedules.iter().find(|schedule| schedule["name"] == named).and_then(|found| found["id"].as_i64());
    found.ok_or_else(|| {
        let names: Vec<String> = schedules.iter().map(|schedule| text_of(&schedule["name"])).collect();
        let names = names.join(", ");
        Failure::new(
            Exit::Usage,
            both(
                format!("no schedule is called {named}; there are: {names}"),
                format!("没有名为 {named} 的计划；现有：{names}"),
            ),
        )
    })
}
