//! Envelope, paging and what is published when.

use serde_json::Value;
use simulators::jolpica::{Options, SWAP_ROUND, Simulator, start};

use super::http::{data, fetch};

async fn simulator() -> Simulator {
    start(Options::on_a_free_port()).await.unwrap()
}

fn rows(data: &Value) -> Vec<Value> {
    let races = data["RaceTable"]["Races"].as_array().unwrap();
    races.iter().flat_map(|race| race["Results"].as_array().unwrap().clone()).collect()
}

#[tokio::test]
async fn an_empty_answer_echoes_what_was_asked() {
    let simulator = simulator().await;
    let (status, body) = fetch(&simulator, "/2025/30/Results.json?limit=100&offset=0").await;
    let expected = r#"{"MRData":{"xmlns":"","series":"f1","url":"http://f1.test/2025/30/results/","limit":"100","offset":"0","total":"0","RaceTable":{"season":"2025","round":"30","Races":[]}}}"#;
    assert_eq!((status, body.as_str()), (200, expected));
    let (_, body) = fetch(&simulator, "/1999/3/driverStandings.json").await;
    let expected = r#""total":"0","StandingsTable":{"season":"1999","round":"3","StandingsLists":[]}}}"#;
    assert!(body.ends_with(expected), "{body}");
    assert_eq!(fetch(&simulator, "/2025/11/nothing.json").await.0, 404);
}

#[tokio::test]
async fn pages_cut_races_in_two_and_hold_every_row_once() {
    let simulator = simulator().await;
    let whole: Vec<Value> = simulator
        .season()
        .rounds
        .iter()
        .flat_map(simulators::jolpica::Round::last_results)
        .map(|row| row.points.to_string().into())
        .collect();
    let mut seen = Vec::new();
    while seen.len() < whole.len() {
        let page =
            data(&simulator, &format!("/ergast/f1/2025/results.json?limit=70&offset={}", seen.len())).await;
        assert_eq!((&page["total"], &page["limit"]), (&"480".into(), &"70".into()));
        let rows = rows(&page);
        assert!(!rows.is_empty());
        seen.extend(rows.into_iter().map(|mut row| row["points"].take()));
    }
    assert_eq!(seen, whole);
}

#[tokio::test]
async fn limits_are_30_unless_sound_and_at_most_100() {
    let simulator = simulator().await;
    for (query, limit, offset) in [
        ("", "30", "0"),
        ("?limit=many&offset=few", "30", "0"),
        ("?limit=1000&offset=460", "100", "460"),
        ("?limit=0&offset=-1", "30", "0"),
    ] {
        let page = data(&simulator, &format!("/2025/results{query}")).await;
        assert_eq!((&page["limit"], &page["offset"]), (&limit.into(), &offset.into()), "{query}");
    }
}

#[tokio::test]
async fn a_weekend_is_published_step_by_step() {
    let simulator = simulator().await;
    let mut totals = Vec::new();
    for time in ["06-28T12:00", "06-28T17:00", "06-29T18:00", "06-30T02:00"] {
        simulator.set_time(format!("2025-{time}:00Z").parse().ok());
        let mut step = Vec::new();
        for name in ["qualifying", "results", "sprint", "driverStandings", "constructorstandings"] {
            step.push(
                data(&simulator, &format!("/2025/11/{name}.json")).await["total"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        totals.push(step.join(" "));
    }
    assert_eq!(totals, ["0 0 0 0 0", "20 0 0 0 0", "20 20 0 0 0", "20 20 0 20 10"]);
}

#[tokio::test]
async fn a_correction_changes_results_and_standings_together() {
    let simulator = simulator().await;
    simulator.set_time("2025-07-01T00:00:00Z".parse().ok());
    let before = rows(&data(&simulator, "/2025/11/results.json").await);
    let standings_before = data(&simulator, "/2025/11/driverStandings.json").await;
    simulator.set_time("2025-07-03T00:00:00Z".parse().ok());
    let after = rows(&data(&simulator, "/2025/11/results.json").await);
    assert!(before.iter().all(|row| row["positionText"] != "D"));
    assert_eq!(after.iter().filter(|row| row["positionText"] == "D").count(), 1);
    assert_ne!(standings_before, data(&simulator, "/2025/11/driverStandings.json").await);
}

#[tokio::test]
async fn standings_are_the_sum_of_results_and_name_both_teams_of_a_driver_who_moved() {
    let simulator = simulator().await;
    let season = simulator.season();
    for round in [1, SWAP_ROUND, 24] {
        let answer = data(&simulator, &format!("/2025/{round}/driverStandings.json")).await;
        let rows =
            answer["StandingsTable"]["StandingsLists"][0]["DriverStandings"].as_array().unwrap().clone();
        for row in &rows {
            let driver =
                season.drivers.iter().position(|driver| row["Driver"]["driverId"] == driver.id).unwrap();
            let rounds = &season.rounds[..round as usize];
            let finishes = || {
                rounds
                    .iter()
                    .flat_map(simulators::jolpica::Round::last_results)
                    .filter(|row| row.driver == driver)
            };
            let sprints = rounds.iter().filter_map(|round| round.sprint.as_ref()).flatten();
            let points: u32 =
                finishes().chain(sprints.filter(|row| row.driver == driver)).map(|row| row.points).sum();
            let wins = finishes().filter(|row| row.position == 1).count();
            assert_eq!(
                (&row["points"], &row["wins"]),
                (&points.to_string().into(), &wins.to_string().into())
            );
        }
        let moved = rows.iter().filter(|row| row["Constructors"].as_array().unwrap().len() == 2).count();
        assert_eq!(moved, if round < SWAP_ROUND { 0 } else { 2 });
    }
}

#[tokio::test]
async fn a_cancelled_race_is_not_listed_and_others_keep_their_rounds() {
    let simulator = start(Options { cancelled: vec![7], ..Options::on_a_free_port() }).await.unwrap();
    let answer = data(&simulator, "/2025/races.json?limit=100").await;
    let races = answer["RaceTable"]["Races"].as_array().unwrap();
    assert_eq!((races.len(), &races[6]["round"]), (23, &"8".into()));
    assert_eq!(data(&simulator, "/2025/7/results.json").await["total"], "0");
}
