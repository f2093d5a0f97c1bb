//! The race weekend of the demonstration: its plan is made as anybody makes one, with an end that lets the first
//! attempt be due at once and the second in a moment. The upstream's clock runs the hours between them meanwhile, in
//! which it publishes the standings; so the first attempt is partial, and the second complete.

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use simulators::jolpica::{Delays, Options, Race, Simulator, start};

use super::ended;
use crate::arguments::DemoArguments;
use crate::client::races::DATASETS;
use crate::client::{Api, text_of};
use crate::exit::Failure;
use crate::screen::{say, table};
use crate::server::machine_time;
use crate::words::{both, language};
use web::i18n::Language;

/// A weekend with a sprint, so that all five datasets have rows; enough of the season is before it.
const ROUND: u32 = 13;
const YEAR: i16 = 2025;
const PLAN: &str = "/api/v1/post-race-sync/2025/13/schedule";

/// When attempts of a plan come after its race's end, unless somebody says otherwise.
const FIRST: SignedDuration = SignedDuration::from_hours(6);
const SECOND: SignedDuration = SignedDuration::from_hours(12);
/// From the start of a race to its end, as plans reckon.
const RACE: SignedDuration = SignedDuration::from_hours(3);
/// From the first attempt to the second, for who looks on.
const BETWEEN: SignedDuration = SignedDuration::from_secs(24);
/// So that the upstream's clock runs from the first attempt to the second in that time: a quarter of an hour a second.
const PACE: u32 = 900;

/// The season's calendar is fetched with the first try, and is there at one of the next.
const TRIES: u32 = 5;

/// The upstream, with standings that come shortly before the second attempt.
pub(super) async fn simulate(asked: &DemoArguments) -> anyhow::Result<Simulator> {
    let delays = Delays { standings: RACE + SECOND - SignedDuration::from_hours(1), ..Delays::default() };
    let options = Options { year: YEAR, seed: asked.seed, delays, pace: PACE, ..Options::on_a_free_port() };
    let simulator = start(options).await.context("the simulated upstream did not start")?;
    simulator.set_time(Some(race(&simulator).start + RACE));
    Ok(simulator)
}

fn race(simulator: &Simulator) -> &Race {
    simulator.season().race(ROUND).expect("the season has 24 rounds")
}

/// Makes the plan, through the API. What an earlier demonstration left is played again.
pub(super) async fn play(api: &Api, simulator: &Simulator) -> Result<(), Failure> {
    let race = race(simulator);
    let mut tries = 1;
    let made = loop {
        api.send(Method::DELETE, PLAN, None).await?;
        simulator.set_time(Some(race.start + RACE + FIRST));
        let body = json!({ "race_end_time": ended_at(machine_time()).to_string() });
        let answer = api.send(Method::POST, PLAN, Some(&body)).await?;
        if answer.status == StatusCode::OK || tries == TRIES {
            break answer;
        }
        tries += 1;
    };
    if made.status != StatusCode::OK {
        return Err(made.failure());
    }
    let name = &race.name;
    say(&both(
        format!("race weekend: {name}, attempts now and in {} s", BETWEEN.as_secs()),
        format!("比赛周末：{name}，现在和 {} 秒后各尝试一次", BETWEEN.as_secs()),
    ));
    Ok(())
}

/// The end of a race whose second attempt is due in a moment, and whose first one was six hours before that.
fn ended_at(now: Timestamp) -> Timestamp {
    now + BETWEEN - SECOND
}

/// Waits for the end of the second attempt, prints what came of each, and says whether the weekend is complete.
pub(super) async fn to_the_end(api: &Api) -> Result<bool, Failure> {
    let late = both("the race weekend did not end in time", "比赛周末未在规定时间内结束");
    let answer = ended(api, PLAN, |answer| goes_on(&answer["schedule"]), late).await?;
    let plan = &answer["schedule"];
    let attempts = plan["attempts"].as_array().map(Vec::as_slice).unwrap_or_default();
    table(&head(), &attempts.iter().map(row).collect::<Vec<_>>());
    let (complete, name) = (plan["is_completed"] == true, text_of(&plan["race_name"]));
    say(&if complete {
        both(format!("race weekend complete: {name}"), format!("比赛周末数据完整: {name}"))
    } else {
        both(format!("race weekend incomplete: {name}"), format!("比赛周末数据不完整: {name}"))
    });
    Ok(complete)
}

/// Whether one of its first two attempts is to come or at work.
fn goes_on(plan: &Value) -> bool {
    let attempts = [0, 1].map(|number| plan["attempts"][number]["status"].as_str());
    attempts.iter().any(|status| matches!(status, Some("pending" | "running")))
}

fn head() -> [&'static str; 4] {
    match language() {
        Language::English => ["attempt", "status", "datasets", "remarks"],
        Language::Chinese => ["尝试", "状态", "数据", "备注"],
    }
}

fn row(attempt: &Value) -> Vec<String> {
    let results = &attempt["results"];
    let there = DATASETS.iter().filter(|(key, ..)| results[key] == true).count();
    let missing = DATASETS.iter().filter(|(key, ..)| results[key] == false);
    let missing: Vec<String> = missing.map(|(_, english, chinese)| both(*english, *chinese)).collect();
    let missing = missing.join(", ");
    let remarks = match attempt["status"].as_str() {
        Some("cancelled") => both("not needed any more", "不再需要"),
        _ if missing.is_empty() => String::new(),
        _ => both(format!("not there yet: {missing}"), format!("尚无: {missing}")),
    };
    let datasets = if attempt["executed_time"].is_null() {
        String::new()
    } else {
        format!("{there}/{}", DATASETS.len())
    };
    vec![text_of(&attempt["attempt_number"]), text_of(&attempt["status"]), datasets, remarks]
}
