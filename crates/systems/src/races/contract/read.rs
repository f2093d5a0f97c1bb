//! Routes that read what was synced. None of them asks the source.

use axum::extract::State;
use axum::response::Response;
use connect::tables::Destination;

use super::asked::Asked;
use super::{Desk, ok};
use crate::races::labels;
use crate::races::read::{self, Of};

impl Desk {
    fn destination(&self) -> &Destination {
        &self.races.destination
    }
}

pub(super) async fn races(State(desk): State<Desk>, mut asked: Asked) -> Response {
    let answer = async {
        let Some(season) = asked.season() else { return Err(asked.refused()) };
        ok(&read::races(desk.destination(), season, desk.now()).await?)
    };
    desk.answer(labels::READ_FAILED, answer).await
}

pub(super) async fn results(State(desk): State<Desk>, asked: Asked) -> Response {
    results_of(&desk, Of::Race, asked).await
}

pub(super) async fn sprint(State(desk): State<Desk>, asked: Asked) -> Response {
    results_of(&desk, Of::Sprint, asked).await
}

async fn results_of(desk: &Desk, of: Of, mut asked: Asked) -> Response {
    let answer = async {
        let Some(race) = asked.race() else { return Err(asked.refused()) };
        ok(&read::results(desk.destination(), of, race, desk.now()).await?)
    };
    desk.answer(labels::READ_FAILED, answer).await
}

pub(super) async fn qualifying(State(desk): State<Desk>, mut asked: Asked) -> Response {
    let answer = async {
        let Some(race) = asked.race() else { return Err(asked.refused()) };
        ok(&read::qualifying(desk.destination(), race, desk.now()).await?)
    };
    desk.answer(labels::READ_FAILED, answer).await
}

pub(super) async fn drivers(State(desk): State<Desk>, asked: Asked) -> Response {
    let answer = async {
        let (season, round) = asked.standings()?;
        ok(&read::driver_standings(desk.destination(), season, round, desk.now()).await?)
    };
    desk.answer(labels::READ_FAILED, answer).await
}

pub(super) async fn constructors(State(desk): State<Desk>, asked: Asked) -> Response {
    let answer = async {
        let (season, round) = asked.standings()?;
        ok(&read::constructor_standings(desk.destination(), season, round, desk.now()).await?)
    };
    desk.answer(labels::READ_FAILED, answer).await
}
