//! A folder of recorded answers, served like the season it was recorded from.

use std::{fs, path::Path};

use serde_json::{Value, json};
use simulators::jolpica::{Fault, Options, Simulator, Trouble, start};
use tempfile::TempDir;

use super::http::{data, fetch};

const LISTS: [&str; 5] = ["results", "qualifying", "sprint", "driverStandings", "constructorStandings"];

/// A season after the standings of round 13, which has a sprint, and before round 14.
async fn season() -> Simulator {
    let time = "2025-07-30T00:00:00Z".parse().ok();
    start(Options { time, ..Options::on_a_free_port() }).await.unwrap()
}

/// Saves what a client gets: the calendar, and the lists of these rounds.
async fn record(simulator: &Simulator, rounds: std::ops::RangeInclusive<u32>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (_, calendar) = fetch(simulator, "/2025/races.json?limit=100").await;
    fs::write(folder.path().join("races.json"), calendar).unwrap();
    for round in rounds {
        let own = folder.path().join(round.to_string());
        fs::create_dir(&own).unwrap();
        for list in LISTS {
            let (_, answer) = fetch(simulator, &format!("/2025/{round}/{list}.json?limit=100")).await;
            fs::write(own.join(format!("{list}.json")), answer).unwrap();
        }
    }
    folder
}

async fn served(folder: &Path) -> Simulator {
    start(Options { data: Some(folder.to_owned()), ..Options::on_a_free_port() }).await.unwrap()
}

async fn refusal(folder: &Path) -> String {
    let started = start(Options { data: Some(folder.to_owned()), ..Options::on_a_free_port() }).await;
    started.unwrap_err().to_string()
}

#[tokio::test]
async fn a_recording_answers_byte_for_byte_like_what_was_recorded() {
    let season = season().await;
    let folder = record(&season, 1..=13).await;
    let recording = served(folder.path()).await;
    for target in [
        "/2025/races.json?limit=100",
        "/2025/races.json?limit=7&offset=21",
        "/2025/13",
        "/ergast/f1/2025/13/Results.json?limit=7&offset=14",
        "/2025/results.json?limit=70&offset=70",
        "/2025/sprint.json?limit=1000",
        "/2025/12/sprint.json",
        "/2025/13/qualifying.json?limit=many",
        "/2025/13/driverstandings.json",
        "/2025/constructorStandings.json",
        "/2025/14/results.json",
        "/2025/30/driverStandings.json",
        "/2024/13/results.json",
        "/2024/driverStandings.json",
        "/2025/13/nothing.json",
    ] {
        assert_eq!(fetch(&recording, target).await, fetch(&season, target).await, "{target}");
    }
    assert!(recording.banner().contains("(season=2025, data="), "{}", recording.banner());
}

#[tokio::test]
async fn a_recording_misbehaves_like_a_season() {
    let season = season().await;
    let folder = record(&season, 12..=13).await;
    let recording = served(folder.path()).await;
    let target = "/2025/13/results.json?limit=100";
    for trouble in [
        Trouble::PageCap { rows: 7 },
        Trouble::OtherRound,
        Trouble::NotPublished,
        Trouble::Disqualified { row: 2 },
        Trouble::UnknownDriver { row: 0 },
        Trouble::Status { code: 503, retry_after: None },
    ] {
        let faults = vec![Fault::always("results", trouble.clone())];
        season.set_faults(faults.clone());
        recording.set_faults(faults);
        assert_eq!(fetch(&recording, target).await, fetch(&season, target).await, "{trouble:?}");
    }
    for championship in ["driverStandings", "constructorStandings"] {
        let target = format!("/2025/13/{championship}.json?limit=100");
        let list = if championship.starts_with('d') { "DriverStandings" } else { "ConstructorStandings" };
        for trouble in [Trouble::EarlierStandings, Trouble::SprintOnlyStandings] {
            let faults = vec![Fault::always("*", trouble.clone())];
            season.set_faults(faults.clone());
            recording.set_faults(faults);
            let [one, other] = [data(&season, &target).await, data(&recording, &target).await];
            assert_eq!(scores(&one, list), scores(&other, list), "{championship} {trouble:?}");
        }
    }
}

/// The round, and the points and wins in their order: drivers with as many points may change places.
fn scores(answer: &Value, list: &str) -> Value {
    let table = &answer["StandingsTable"]["StandingsLists"][0];
    let rows = table[list].as_array().unwrap();
    let scores = rows.iter().map(|row| json!([row["points"], row["positionText"]]));
    json!([answer["StandingsTable"]["round"], table["round"], scores.collect::<Vec<_>>()])
}

#[tokio::test]
async fn a_list_without_a_file_is_not_published() {
    let season = season().await;
    let folder = record(&season, 12..=13).await;
    fs::remove_file(folder.path().join("13/driverStandings.json")).unwrap();
    let recording = served(folder.path()).await;
    let answer = data(&recording, "/2025/13/driverStandings.json").await;
    assert_eq!(answer["total"], "0");
    assert_eq!(answer["StandingsTable"], json!({"season": "2025", "round": "13", "StandingsLists": []}));
    assert_eq!(data(&recording, "/2025/driverStandings.json").await["StandingsTable"]["round"], "12");
}

#[tokio::test]
async fn a_file_that_is_no_whole_answer_of_its_round_is_refused_by_its_name() {
    let season = season().await;
    let folder = record(&season, 13..=13).await;
    let file = |name: &str| folder.path().join(name);
    let (_, page) = fetch(&season, "/2025/13/results.json?limit=7").await;
    let (_, other) = fetch(&season, "/2025/12/results.json?limit=100").await;
    let whole = fs::read(file("13/results.json")).unwrap();
    for (bad, reason) in [
        (page.as_str(), "it has 7 of 20 rows; record whole answers"),
        (other.as_str(), "it is not of season 2025, round 13"),
        ("{}", "it has no MRData"),
        ("<html>", "expected value at line 1 column 1"),
    ] {
        fs::write(file("13/results.json"), bad).unwrap();
        let path = file("13/results.json").display().to_string();
        assert_eq!(refusal(folder.path()).await, format!("cannot serve {path}: {reason}"));
    }
    fs::write(file("13/results.json"), whole).unwrap();
    fs::remove_file(file("races.json")).unwrap();
    assert!(refusal(folder.path()).await.ends_with("races.json: there is no such file"));
}
