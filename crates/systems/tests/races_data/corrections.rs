//! The same round again: unchanged, corrected, with a row less.

use simulators::jolpica::{Delays, Trouble};
use systems::races::datasets::{Dataset, Outcome};
use systems::races::tables::{ALL, DRIVER_STANDINGS, RACE_RESULTS};

use crate::bed::{AUSTRIA, Base, Bed};

on_both! {
    the_same_again_changes_no_row
    a_correction_is_applied_and_doubles_nothing
    a_disqualified_driver_keeps_a_row
    a_row_that_vanished_is_deleted
    other_rounds_are_never_touched
}

async fn everything(bed: &Bed) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    for table in ALL {
        all.push(bed.lines(table).await);
    }
    all
}

async fn the_same_again_changes_no_row(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.attempt(13).await;
    let before = everything(&bed).await;
    bed.pass(6);
    let found = bed.attempt(13).await;
    for found in &found {
        assert_eq!((found.outcome, found.records), (Outcome::Ok, found.written.unchanged), "{found:?}");
    }
    assert_eq!(everything(&bed).await, before);
}

async fn a_correction_is_applied_and_doubles_nothing(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let round = bed.simulator.season().round(11).unwrap();
    assert!(round.corrected.is_some(), "the source corrects this round");
    let start = bed.simulator.season().race(11).unwrap().start;
    bed.simulator.set_time(Some(start + Delays::default().standings));
    assert_eq!(bed.attempt(AUSTRIA).await[1].written.new, 20);
    let points = async || -> f64 {
        let rows = bed.rows(RACE_RESULTS, AUSTRIA, &["points"]).await;
        rows.iter().map(|row| row[0].real().unwrap()).sum()
    };
    assert_eq!(points().await, 101.0);
    bed.simulator.set_time(Some(start + Delays::default().correction));
    let found = bed.attempt(AUSTRIA).await;
    let written = found[1].written;
    assert!(written.updated > 0 && written.new == 0 && written.deleted == 0, "{written:?}");
    assert!(found[3].written.updated > 0);
    let rows = bed.rows(RACE_RESULTS, AUSTRIA, &["position_text", "points", "time_ms"]).await;
    let gone: Vec<_> = rows.iter().filter(|row| row[0].text() == Some("D")).collect();
    assert_eq!((rows.len(), gone.len(), gone[0][1].real(), gone[0][2].int()), (20, 1, Some(0.0), None));
    assert_eq!(points().await, 101.0);
}

async fn a_disqualified_driver_keeps_a_row(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    bed.spoil("results", [Trouble::Disqualified { row: 2 }]);
    let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!((found.records, found.written.updated, found.written.unchanged), (20, 1, 19));
    let id = ("driver_id", bed.driver(AUSTRIA, 2));
    let mut cells = Vec::new();
    for column in ["position", "position_text", "points", "status", "time_text", "fastest_lap_rank"] {
        cells.push(bed.cell(RACE_RESULTS, id, column).await.to_string());
    }
    assert_eq!(cells, ["3", "D", "0", "Disqualified", "", ""]);
}

async fn a_row_that_vanished_is_deleted(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.attempt(AUSTRIA).await;
    bed.spoil("*", [Trouble::RowVanished { row: 19 }]);
    let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!((found.records, found.written.deleted, found.written.unchanged), (19, 1, 19));
    assert_eq!(bed.find(Dataset::DriverStandings, AUSTRIA).await.written.deleted, 1);
    assert_eq!(bed.count(DRIVER_STANDINGS, AUSTRIA).await, 19);
}

async fn other_rounds_are_never_touched(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.attempt(10).await;
    bed.attempt(12).await;
    let before = (bed.rows(RACE_RESULTS, 10, &[]).await, bed.rows(RACE_RESULTS, 12, &[]).await);
    bed.spoil("*", [Trouble::RowVanished { row: 7 }]);
    bed.attempt(AUSTRIA).await;
    bed.attempt(AUSTRIA).await;
    assert_eq!((bed.rows(RACE_RESULTS, 10, &[]).await, bed.rows(RACE_RESULTS, 12, &[]).await), before);
}
