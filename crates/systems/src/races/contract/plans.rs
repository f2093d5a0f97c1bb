//! Routes about plans and their attempts.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;

use super::asked::Asked;
use super::error::Trouble;
use super::shape::{Cancelled, Executing, Found, Known, Made, Pending, Plans};
use super::stats::Stats;
use super::{Answer, Desk, body, ok};
use crate::races::labels;
use crate::races::verbs::{Executed, Scheduled};

pub(super) async fn schedule(
    State(desk): State<Desk>,
    asked: Asked,
    headers: HeaderMap,
    bytes: Result<Bytes, BytesRejection>,
) -> Response {
    let answer = async {
        let bytes = bytes.map_err(|_| Trouble::TooLarge)?;
        scheduled(&desk, asked, &headers, &bytes).await
    };
    desk.answer(labels::SCHEDULE_FAILED, answer).await
}

async fn scheduled(desk: &Desk, mut asked: Asked, headers: &HeaderMap, bytes: &Bytes) -> Answer {
    let race = asked.race();
    let terms = body::read(headers, bytes, &mut asked.wrong);
    let (Some(race), Some(terms)) = (race, terms) else { return Err(asked.refused()) };
    match desk.races.schedule(&desk.engine, race, terms).await? {
        Scheduled::Made(plan) => ok(&Made::from(&plan)),
        Scheduled::Known(plan) => ok(&Known::from(&plan)),
        Scheduled::NoRace => Err(Trouble::NotFound(labels::no_race(race))),
        Scheduled::NoEnd(race_name) => Err(Trouble::Refused(labels::no_end(&race_name))),
        Scheduled::CalendarOnItsWay => Err(Trouble::Refused(labels::CALENDAR_ON_ITS_WAY.to_owned())),
        Scheduled::CalendarAway => Err(Trouble::Refused(labels::CALENDAR_AWAY.to_owned())),
    }
}

pub(super) async fn plan(State(desk): State<Desk>, mut asked: Asked) -> Response {
    let answer = async {
        let Some(race) = asked.race() else { return Err(asked.refused()) };
        match desk.races.plan_of(race).await? {
            Some(plan) => ok(&Found::from(&plan)),
            None => Err(Trouble::NotFound(labels::no_plan(race))),
        }
    };
    desk.answer(labels::PLAN_FAILED, answer).await
}

pub(super) async fn cancel(State(desk): State<Desk>, mut asked: Asked) -> Response {
    let answer = async {
        let Some(race) = asked.race() else { return Err(asked.refused()) };
        match desk.races.cancel(&desk.engine, race).await? {
            Some(_) => ok(&Cancelled::from(race)),
            None => Err(Trouble::NotFound(labels::no_plan(race))),
        }
    };
    desk.answer(labels::CANCEL_FAILED, answer).await
}

pub(super) async fn execute(State(desk): State<Desk>, mut asked: Asked) -> Response {
    let answer = async {
        let (race, number) = (asked.race(), asked.attempt());
        let (Some(race), Some(number)) = (race, number) else { return Err(asked.refused()) };
        match desk.races.execute(&desk.engine, race, number).await? {
            Executed::Run(run, plan) => ok(&Executing::new(&plan, number, run.id.0.to_string())),
            Executed::NoPlan => Err(Trouble::NotFound(labels::no_plan(race))),
            Executed::NoAttempt => Err(Trouble::NotFound(labels::no_attempt(number))),
        }
    };
    desk.answer(labels::EXECUTE_FAILED, answer).await
}

pub(super) async fn list(State(desk): State<Desk>, mut asked: Asked) -> Response {
    let answer = async {
        let (season, class) = (asked.season_filter(), asked.class_filter());
        asked.right()?;
        let mut plans = desk.races.plans_of(season).await?;
        plans.retain(|plan| class.is_none_or(|class| plan.class() == class));
        ok(&Plans::from(plans.as_slice()))
    };
    desk.answer(labels::PLAN_FAILED, answer).await
}

pub(super) async fn pending(State(desk): State<Desk>) -> Response {
    let answer = async { ok(&Pending::from(desk.races.pending(desk.now()).await?.as_slice())) };
    desk.answer(labels::PENDING_FAILED, answer).await
}

pub(super) async fn stats(State(desk): State<Desk>, mut asked: Asked) -> Response {
    let answer = async {
        let season = asked.season_filter();
        asked.right()?;
        ok(&Stats::new(season, &desk.races.plans_of(season).await?))
    };
    desk.answer(labels::STATS_FAILED, answer).await
}
