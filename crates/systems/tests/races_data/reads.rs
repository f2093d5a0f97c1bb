//! The answers of the read routes: keys, order, which round, and when there is none.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value as Json, json};
use simulators::jolpica::Trouble;
use systems::races::datasets::Dataset;
use systems::races::read::{self, Of, Refusal};
use systems::races::upstream::Race;

use crate::bed::{AUSTRIA, Base, Bed};

on_both! {
    a_calendar_is_shown_by_round
    results_are_shown_in_order_with_their_names
    qualifying_is_shown_with_its_three_parts
    standings_are_shown_of_the_last_stored_round_or_of_the_one_asked_for
    what_is_not_there_is_empty_or_refused
}

const RACE: Race = Race { season: 2025, round: AUSTRIA };

fn now() -> Timestamp {
    "2025-12-08T09:00:00.25Z".parse().unwrap()
}

/// As it goes over the wire, read back with its keys in order.
fn wire(answer: &impl Serialize) -> Json {
    serde_json::to_value(answer).unwrap()
}

/// The keys of an object in the order they are written in.
fn keys(value: &impl Serialize) -> Vec<String> {
    let text = serde_json::to_string(value).unwrap();
    let (mut keys, mut depth, mut quoted, mut start) = (Vec::new(), 0, false, 0);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if quoted => {
                quoted = false;
                if depth == 1 && text.as_bytes()[at + 1] == b':' {
                    keys.push(text[start..at].to_owned());
                }
            }
            b'"' => (quoted, start) = (true, at + 1),
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => depth -= 1,
            _ => {}
        }
    }
    keys
}

async fn a_calendar_is_shown_by_round(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    bed.requests();
    let answer = read::races(&bed.destination, 2025, now()).await.unwrap();
    assert_eq!(keys(&answer), ["success", "message", "timestamp", "season", "round", "synced_at", "data"]);
    let shown = wire(&answer);
    assert_eq!(shown["message"], "获取成功");
    assert_eq!(shown["timestamp"], "2025-12-08T09:00:00.250000+00:00");
    assert_eq!((&shown["round"], &shown["synced_at"]), (&Json::Null, &json!("2025-12-08T08:00:00+00:00")));
    assert_eq!(
        shown["data"][10],
        json!({"season": 2025, "round": 11, "race_name": "Austrian Grand Prix", "circuit_id": "red_bull_ring",
            "circuit_name": "Red Bull Ring", "locality": "Spielberg", "country": "Austria", "date": "2025-06-29",
            "start_time": "2025-06-29T13:00:00+00:00", "race_end_estimate": "2025-06-29T16:00:00+00:00",
            "qualifying_time": "2025-06-28T14:00:00+00:00", "sprint_time": null, "is_sprint": false,
            "is_cancelled": false, "has_results": true})
    );
    assert_eq!(
        keys(&answer.data[10]).join(" "),
        "season round race_name circuit_id circuit_name locality country date start_time race_end_estimate \
         qualifying_time sprint_time is_sprint is_cancelled has_results"
    );
    assert_eq!(
        (&shown["data"][9]["has_results"], &shown["data"][12]["is_sprint"]),
        (&json!(false), &json!(true))
    );
    assert_eq!((answer.data.len(), bed.requests().len()), (24, 0));
}

async fn results_are_shown_in_order_with_their_names(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let missing = Trouble::Missing { row: 3, field: "position".into() };
    let no_lap = Trouble::Missing { row: 3, field: "FastestLap".into() };
    bed.spoil("results", [missing, no_lap]);
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    bed.find(Dataset::SprintResults, 13).await;
    let answer = read::results(&bed.destination, Of::Race, RACE, now()).await.unwrap();
    assert_eq!(
        keys(&answer.data[0]).join(" "),
        "position position_text number driver_id driver_code driver_name nationality constructor_id \
         constructor_name grid laps status points time_text time_ms fastest_lap"
    );
    let season = bed.simulator.season();
    let winner = &season.round(11).unwrap().last_results()[0];
    let driver = &season.drivers[winner.driver];
    let shown = wire(&answer);
    let first = &shown["data"][0];
    assert_eq!(first["driver_name"], format!("{} {}", driver.given_name, driver.family_name));
    assert_eq!(
        (&first["driver_code"], &first["nationality"]),
        (&json!(driver.code), &json!(driver.nationality))
    );
    assert_eq!(first["constructor_name"], season.constructors[winner.constructor].name);
    assert_eq!((&first["points"], &first["position"]), (&json!(25.0), &json!(1)));
    assert_eq!(serde_json::to_string(&answer.data[0].points).unwrap(), "25.0");
    let lap = winner.fastest_lap.unwrap();
    let shown_lap = answer.data[0].fastest_lap.as_ref().unwrap();
    assert_eq!(keys(shown_lap), ["rank", "lap", "time_text", "time_ms"]);
    assert_eq!((shown_lap.rank, shown_lap.time_ms), (Some(lap.rank.into()), i64::try_from(lap.millis).ok()));
    let positions: Vec<_> = answer.data.iter().map(|row| row.position).collect();
    assert_eq!((positions[2], positions[3], positions[19]), (Some(3), Some(5), None));
    assert_eq!((&shown["data"][19]["fastest_lap"], &shown["round"]), (&Json::Null, &json!(11)));
    assert_eq!(shown["synced_at"], "2025-12-08T08:00:00+00:00");
    let sprint = Race { round: 13, ..RACE };
    assert_eq!(read::results(&bed.destination, Of::Sprint, sprint, now()).await.unwrap().data.len(), 20);
}

async fn qualifying_is_shown_with_its_three_parts(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::QualifyingResults, AUSTRIA).await;
    let answer = read::qualifying(&bed.destination, RACE, now()).await.unwrap();
    assert_eq!(
        keys(&answer.data[0]).join(" "),
        "position number driver_id driver_code driver_name nationality constructor_id constructor_name \
         q1 q2 q3 q1_ms q2_ms q3_ms"
    );
    assert!(answer.data[0].q3.is_some() && answer.data[19].q2_ms.is_none());
    assert!(answer.data.iter().zip(1..).all(|(row, position)| row.position == Some(position)));
}

async fn standings_are_shown_of_the_last_stored_round_or_of_the_one_asked_for(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    for round in [10, 11] {
        bed.attempt(round).await;
    }
    bed.requests();
    let drivers = async |round| read::driver_standings(&bed.destination, 2025, round, now()).await.unwrap();
    let teams =
        async |round| read::constructor_standings(&bed.destination, 2025, round, now()).await.unwrap();
    let (last, before) = (drivers(None).await, drivers(Some(10)).await);
    assert_eq!((last.round, last.data.len(), before.round), (Some(11), 20, Some(10)));
    assert!(last.data[0].points > before.data[0].points);
    assert_eq!(
        keys(&last.data[0]).join(" "),
        "position position_text points wins driver_id driver_code driver_name nationality constructor_id \
         constructor_name"
    );
    let last = teams(None).await;
    assert_eq!((last.round, last.data.len()), (Some(11), 10));
    assert_eq!(
        keys(&last.data[0]).join(" "),
        "position position_text points wins constructor_id constructor_name nationality constructor_url"
    );
    assert!(last.data.iter().all(|row| row.constructor_name.is_some() && row.constructor_url.is_some()));
    let empty = wire(&drivers(Some(12)).await);
    assert_eq!((&empty["round"], &empty["synced_at"], &empty["data"]), (&json!(12), &Json::Null, &json!([])));
    assert_eq!(teams(Some(12)).await.data.len(), 0);
    assert_eq!(bed.requests(), Vec::<String>::new());
}

async fn what_is_not_there_is_empty_or_refused(base: Base) {
    let bed = Bed::new(base).await;
    let destination = &bed.destination;
    assert!(matches!(read::races(destination, 2025, now()).await, Err(Refusal::NoSeason(2025))));
    assert!(matches!(read::qualifying(destination, RACE, now()).await, Err(Refusal::NoSeason(2025))));
    assert!(matches!(
        read::constructor_standings(destination, 2025, Some(11), now()).await,
        Err(Refusal::NoSeason(2025))
    ));
    bed.calendar().await.unwrap();
    for of in [Of::Race, Of::Sprint] {
        let empty = wire(&read::results(destination, of, RACE, now()).await.unwrap());
        assert_eq!(
            (&empty["round"], &empty["synced_at"], &empty["data"]),
            (&json!(11), &Json::Null, &json!([]))
        );
        let unknown = Race { round: 25, ..RACE };
        assert!(matches!(
            read::results(destination, of, unknown, now()).await,
            Err(Refusal::NoRace(race)) if race == unknown
        ));
    }
    let empty = wire(&read::driver_standings(destination, 2025, None, now()).await.unwrap());
    assert_eq!((&empty["round"], &empty["data"]), (&Json::Null, &json!([])));
}
