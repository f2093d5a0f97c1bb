//! FastF1, the client most people have, against the simulator.

use std::{path::PathBuf, process::Stdio, time::Duration};

use serde_json::{Value, json};
use simulators::jolpica::{Championship, Counted, Finish, Options, Season, Simulator, standings, start};

/// Runs the client to its end.
async fn drive(simulator: &Simulator) -> Value {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folder = std::env::var_os("SYNCLINE_TEST_DIR").unwrap_or_else(|| ".test".into());
    let python = here.join("../..").join(folder).join("python/fastf1/bin/python");
    assert!(
        python.exists(),
        "the Python client fastf1 is not installed ({} is missing): run `make test`, or only \
         `scripts/python-clients`",
        python.display()
    );
    let mut command = tokio::process::Command::new(python);
    command
        .arg(here.join("tests/python/fastf1_client.py"))
        .arg(format!("{}/ergast/f1", simulator.base_url()));
    command.kill_on_drop(true).stdin(Stdio::null());
    let output = tokio::time::timeout(Duration::from_secs(120), command.output()).await;
    let output = output.expect("the client ends within two minutes").unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let complaints = String::from_utf8_lossy(&output.stderr);
    let answers = printed.lines().find_map(|line| line.strip_prefix("ANSWERS "));
    let answers = answers.unwrap_or_else(|| panic!("the client gave up: {printed}\n{complaints}"));
    serde_json::from_str(answers).unwrap()
}

fn finish(season: &Season, round: usize, row: &Finish) -> Value {
    let driver = &season.drivers[row.driver];
    json!([
        round,
        driver.number,
        driver.id,
        driver.code,
        driver.given_name,
        driver.family_name,
        driver.nationality,
        season.constructors[row.constructor].id,
        season.constructors[row.constructor].name,
        row.position,
        row.position_text,
        row.points,
        row.grid,
        row.laps,
        row.status,
        row.millis,
        row.fastest_lap.map(|lap| json!([lap.rank, lap.lap, lap.millis]))
    ])
}

fn told_finish(row: &Value) -> Value {
    let lap = &row["FastestLap"];
    let lap = if lap.is_null() { Value::Null } else { json!([lap["rank"], lap["lap"], lap["Time"]["time"]]) };
    let (driver, team) = (&row["Driver"], &row["Constructor"]);
    let points = row["points"].as_f64().map(|points| points as u32);
    json!([
        row["round"],
        row["number"],
        driver["driverId"],
        driver["code"],
        driver["givenName"],
        driver["familyName"],
        driver["nationality"],
        team["constructorId"],
        team["name"],
        row["position"],
        row["positionText"],
        points,
        row["grid"],
        row["laps"],
        row["status"],
        row["Time"]["millis"],
        lap
    ])
}

fn told(answers: &Value, name: &str, tell: impl Fn(&Value) -> Value) -> Vec<Value> {
    answers[name].as_array().unwrap().iter().map(tell).collect()
}

#[tokio::test]
async fn fastf1_reads_the_season_as_it_is() {
    let simulator = start(Options::on_a_free_port()).await.unwrap();
    let answers = drive(&simulator).await;
    let season = simulator.season();
    let schedule = told(&answers, "schedule", |race| {
        json!([race["round"], race["raceName"], race["Circuit"]["circuitId"]])
    });
    let races: Vec<Value> =
        season.races.iter().map(|race| json!([race.round, race.name, race.circuit.id])).collect();
    assert_eq!(schedule, races);

    let rounds = || (1..).zip(&season.rounds);
    let finishes: Vec<Value> = rounds()
        .flat_map(|(number, round)| round.last_results().iter().map(move |row| finish(season, number, row)))
        .collect();
    assert_eq!(told(&answers, "results", told_finish), finishes);
    let sprints: Vec<Value> = rounds()
        .flat_map(|(number, round)| round.sprint.iter().flatten().map(move |row| finish(season, number, row)))
        .collect();
    assert_eq!(told(&answers, "sprint", told_finish), sprints);
    let qualified: Vec<Value> = rounds()
        .flat_map(|(number, round)| round.qualifying.iter().map(move |row| (number, row)))
        .map(|(number, row): (usize, &simulators::jolpica::Qualified)| {
            json!([number, season.drivers[row.driver].id, row.position, row.times])
        })
        .collect();
    let tell = |row: &Value| {
        json!([row["round"], row["Driver"]["driverId"], row["position"], [row["Q1"], row["Q2"], row["Q3"]]])
    };
    assert_eq!(told(&answers, "qualifying", tell), qualified);

    check_standings(&answers, season);
    let eleventh = season.round(11).unwrap().last_results();
    let frame: Vec<&str> = eleventh.iter().map(|row| season.drivers[row.driver].id.as_str()).collect();
    assert_eq!(answers["frame"], json!(frame));
}

fn check_standings(answers: &Value, season: &Season) {
    let counted = |round: &'_ simulators::jolpica::Round| {
        (round.last_results().to_vec(), round.sprint.clone().unwrap_or_default())
    };
    let rounds: Vec<_> = season.rounds[..11].iter().map(counted).collect();
    let rounds: Vec<Counted<'_>> = rounds.iter().map(|(race, sprint)| Counted { race, sprint }).collect();
    let number = |value: &Value| value.as_f64().map(|points| points as u32);
    let tell = |name: &'static str, id: &'static str| {
        move |row: &Value| json!([row["position"], number(&row["points"]), row["wins"], row[name][id]])
    };
    let drivers = standings(season, Championship::Drivers, &rounds);
    let drivers =
        drivers.iter().map(|row| json!([row.position, row.points, row.wins, season.drivers[row.index].id]));
    assert_eq!(told(answers, "drivers", tell("Driver", "driverId")), drivers.collect::<Vec<_>>());
    let teams = standings(season, Championship::Constructors, &rounds);
    let teams = teams
        .iter()
        .map(|row| json!([row.position, row.points, row.wins, season.constructors[row.index].id]));
    assert_eq!(
        told(answers, "constructors", tell("Constructor", "constructorId")),
        teams.collect::<Vec<_>>()
    );
}
