//! Odd values: what each costs, and what it does not.

use simulators::jolpica::{Fault, Trouble};
use systems::races::datasets::{Dataset, Found, Outcome};
use systems::races::tables::{CONSTRUCTORS, DRIVER_STANDINGS, DRIVERS, QUALIFYING_RESULTS, RACE_RESULTS};

use crate::bed::{AUSTRIA, Base, Bed};

on_both! {
    what_is_missing_null_or_none_is_nothing
    a_value_that_is_none_costs_itself_and_is_told
    a_row_without_a_driver_or_points_is_left_out_and_nothing_is_deleted
    rows_none_of_which_can_be_used_fail
    an_unknown_driver_and_team_are_made
    what_the_source_does_not_say_of_somebody_stays
    two_rounds_at_once_both_say_what_they_know_of_a_driver
    tied_and_missing_positions_are_stored_as_they_are
    of_a_driver_named_twice_the_better_row_stays
    a_row_without_a_team_is_stored_without
}

fn text(row: usize, field: &str, text: &str) -> Trouble {
    Trouble::Text { row, field: field.to_owned(), text: text.to_owned() }
}

fn missing(row: usize, field: &str) -> Trouble {
    Trouble::Missing { row, field: field.to_owned() }
}

fn null(row: usize, field: &str) -> Trouble {
    Trouble::Null { row, field: field.to_owned() }
}

fn told(found: &Found) -> (Outcome, i64, Option<&str>) {
    (found.outcome, found.records, found.message.as_deref())
}

async fn what_is_missing_null_or_none_is_nothing(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    for (field, column) in [
        ("number", "number"),
        ("position", "position"),
        ("positionText", "position_text"),
        ("grid", "grid"),
        ("laps", "laps"),
        ("status", "status"),
        ("FastestLap", "fastest_lap_ms"),
        ("Constructor", "constructor_id"),
    ] {
        for trouble in [missing(0, field), null(0, field), text(0, field, ""), text(0, field, "None")] {
            bed.spoil("results", [trouble.clone()]);
            let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
            assert_eq!(told(&found), (Outcome::Ok, 20, None), "{trouble:?}");
            let id = ("driver_id", bed.driver(AUSTRIA, 0));
            assert_eq!(bed.cell(RACE_RESULTS, id, column).await.to_string(), "", "{trouble:?}");
        }
    }
}

async fn a_value_that_is_none_costs_itself_and_is_told(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.spoil("results", [text(0, "grid", "first"), text(1, "laps", "1.5"), text(0, "Time.millis", "soon")]);
    let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!(told(&found), (Outcome::Ok, 20, Some("无法识别的值：Time.millis、grid、laps")));
    let first = ("driver_id", bed.driver(AUSTRIA, 0));
    assert_eq!(bed.cell(RACE_RESULTS, first, "grid").await.int(), None);
    // The winner's time is from the start, so its text does as well as the milliseconds.
    let millis = bed.simulator.season().round(11).unwrap().last_results()[0].millis;
    assert_eq!(
        bed.cell(RACE_RESULTS, first, "time_ms").await.int(),
        millis.map(|ms| i64::try_from(ms).unwrap())
    );
    // A gap is none.
    bed.spoil("results", [missing(1, "Time.millis")]);
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    let second = ("driver_id", bed.driver(AUSTRIA, 1));
    assert_eq!(bed.cell(RACE_RESULTS, second, "time_ms").await.int(), None);
    assert!(bed.cell(RACE_RESULTS, second, "time_text").await.to_string().starts_with('+'));
}

async fn a_row_without_a_driver_or_points_is_left_out_and_nothing_is_deleted(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    let before = bed.lines(RACE_RESULTS).await;
    for (trouble, words) in [
        (missing(3, "Driver.driverId"), "跳过 1 行（缺少有效的 driverId）"),
        (text(3, "Driver", "None"), "跳过 1 行（缺少有效的 driverId）"),
        (missing(3, "points"), "跳过 1 行（缺少有效的 points）"),
        (text(3, "points", "many"), "跳过 1 行（缺少有效的 points）"),
    ] {
        // A row that is gone would be deleted if the answer were whole.
        bed.spoil("results", [trouble, Trouble::RowVanished { row: 5 }]);
        let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
        assert_eq!(told(&found), (Outcome::Ok, 18, Some(words)));
        assert_eq!(bed.lines(RACE_RESULTS).await, before);
    }
    for field in ["wins", "points"] {
        bed.spoil("driverstandings", [text(3, field, "None")]);
        let found = bed.find(Dataset::DriverStandings, AUSTRIA).await;
        assert_eq!((found.outcome, found.records), (Outcome::Ok, 19));
    }
    bed.spoil("constructorstandings", [null(3, "Constructor.constructorId")]);
    let found = bed.find(Dataset::ConstructorStandings, AUSTRIA).await;
    assert_eq!(told(&found), (Outcome::Ok, 9, Some("跳过 1 行（缺少有效的 constructorId）")));
}

async fn rows_none_of_which_can_be_used_fail(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::QualifyingResults, AUSTRIA).await;
    bed.spoil("qualifying", (0..20).map(|row| missing(row, "Driver.driverId")));
    let found = bed.find(Dataset::QualifyingResults, AUSTRIA).await;
    let words = "没有可用的数据行：跳过 20 行（缺少有效的 driverId）";
    assert_eq!(told(&found), (Outcome::Failed, 0, Some(words)));
    assert_eq!(bed.count(QUALIFYING_RESULTS, AUSTRIA).await, 20);
}

async fn an_unknown_driver_and_team_are_made(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.attempt(10).await;
    bed.spoil("*", [Trouble::UnknownDriver { row: 4 }, Trouble::UnknownConstructor { row: 4 }]);
    let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!((found.outcome, found.records), (Outcome::Ok, 20));
    assert_eq!(bed.cell(DRIVERS, ("driver_id", "stranger"), "family_name").await.to_string(), "Stranger");
    assert_eq!(
        bed.cell(CONSTRUCTORS, ("constructor_id", "newcomers"), "name").await.to_string(),
        "Newcomers"
    );
    let team = bed.cell(RACE_RESULTS, ("driver_id", "stranger"), "constructor_id").await;
    assert_eq!(team.to_string(), "newcomers");
}

async fn what_the_source_does_not_say_of_somebody_stays(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    let (drivers, teams) = (bed.lines(DRIVERS).await, bed.lines(CONSTRUCTORS).await);
    let mut troubles: Vec<Trouble> = (0..20).map(|row| missing(row, "Driver.code")).collect();
    troubles.extend((0..20).map(|row| text(row, "Driver.dateOfBirth", "None")));
    troubles.extend((0..20).map(|row| null(row, "Constructor.name")));
    bed.spoil("results", troubles);
    bed.pass(6);
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!((bed.lines(DRIVERS).await, bed.lines(CONSTRUCTORS).await), (drivers, teams));
    let id = bed.driver(AUSTRIA, 2).to_owned();
    bed.spoil("results", [text(2, "Driver.code", "NEW"), missing(2, "Driver.nationality")]);
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!(bed.cell(DRIVERS, ("driver_id", &id), "code").await.to_string(), "NEW");
    assert_ne!(bed.cell(DRIVERS, ("driver_id", &id), "nationality").await.to_string(), "");
}

async fn two_rounds_at_once_both_say_what_they_know_of_a_driver(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let line = |round, id: &str| (0..20).find(|line| bed.driver(round, *line) == id).unwrap();
    for number in 0..20 {
        let id = bed.driver(10, number);
        let rows = [10, 11, 12].map(|round| (format!("/2025/{round}/results"), line(round, id)));
        let hidden = |(path, row): &(String, usize), fields: &[&str]| {
            let faults = fields.iter().map(|field| Fault::always(path, missing(*row, field)));
            faults.collect::<Vec<_>>()
        };
        let [first, second, third] = &rows;
        let mut faults = hidden(first, &["Driver.code", "Driver.nationality"]);
        faults.extend(hidden(second, &["Driver.code"]));
        faults.extend(hidden(third, &["Driver.nationality"]));
        bed.simulator.set_faults(faults);
        bed.find(Dataset::RaceResults, 10).await;
        tokio::join!(bed.find(Dataset::RaceResults, 11), bed.find(Dataset::RaceResults, 12));
        for column in ["code", "nationality"] {
            assert_ne!(bed.cell(DRIVERS, ("driver_id", id), column).await.to_string(), "", "{id} {column}");
        }
        bed.outside("DELETE FROM race_results; DELETE FROM drivers").await;
    }
}

async fn tied_and_missing_positions_are_stored_as_they_are(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.spoil("driverstandings", [Trouble::TiedPosition { row: 3 }, missing(19, "position")]);
    let found = bed.find(Dataset::DriverStandings, AUSTRIA).await;
    assert_eq!(told(&found), (Outcome::Ok, 20, None));
    let rows = bed.rows(DRIVER_STANDINGS, AUSTRIA, &["position"]).await;
    let mut positions: Vec<i64> = rows.iter().filter_map(|row| row[0].int()).collect();
    positions.sort_unstable();
    assert_eq!((positions.len(), &positions[..5]), (19, &[1, 2, 3, 3, 5][..]));
}

async fn of_a_driver_named_twice_the_better_row_stays(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let (second, seventh) = (bed.driver(AUSTRIA, 1).to_owned(), bed.driver(AUSTRIA, 6).to_owned());
    bed.spoil("results", [text(6, "Driver.driverId", &second)]);
    let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!(told(&found), (Outcome::Ok, 19, Some("重复 1 行")));
    assert_eq!(bed.cell(RACE_RESULTS, ("driver_id", &second), "position").await.int(), Some(2));
    bed.spoil("results", [text(1, "Driver.driverId", &seventh), missing(6, "position")]);
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!(bed.cell(RACE_RESULTS, ("driver_id", &seventh), "position").await.int(), Some(2));
}

async fn a_row_without_a_team_is_stored_without(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let id = bed.driver(AUSTRIA, 0).to_owned();
    bed.spoil("driverstandings", (0..20).map(|row| missing(row, "Constructors")));
    let found = bed.find(Dataset::DriverStandings, AUSTRIA).await;
    assert_eq!((found.outcome, found.records), (Outcome::Ok, 20));
    assert_eq!(bed.cell(DRIVER_STANDINGS, ("driver_id", &id), "constructor_id").await.to_string(), "");
    assert_eq!(bed.cell(DRIVER_STANDINGS, ("driver_id", &id), "constructor_ids").await.to_string(), "[]");
}
