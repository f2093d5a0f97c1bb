//! The calendar: stored whole, guarded against a mutilated answer, followed when it changes.

use jiff::Timestamp;
use simulators::jolpica::{Fault, Trouble};
use systems::races::calendar::{Changed, Moved};
use systems::races::datasets::{Dataset, Outcome};
use systems::races::tables::{CIRCUITS, RACE_RESULTS, RACES, SEASONS};

use crate::bed::{AUSTRIA, Base, Bed};

on_both! {
    a_calendar_is_stored_whole
    the_same_calendar_changes_nothing_but_its_time
    a_race_that_moved_is_told_with_both_ends
    a_race_that_is_gone_is_cancelled_and_keeps_its_results
    a_race_that_comes_back_is_in_force_again
    an_empty_or_mutilated_calendar_changes_nothing
    an_empty_calendar_is_fine_where_nothing_is_stored
    a_calendar_of_another_season_is_refused
    a_race_that_cannot_be_read_is_not_taken_for_cancelled
    races_without_time_or_date
    what_the_source_does_not_say_of_a_circuit_stays
}

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

fn text(row: usize, field: &str, text: &str) -> Trouble {
    Trouble::Text { row, field: field.to_owned(), text: text.to_owned() }
}

async fn race(bed: &Bed, round: i64, column: &str) -> String {
    bed.rows(RACES, round, &[column]).await[0][0].to_string()
}

async fn a_calendar_is_stored_whole(base: Base) {
    let bed = Bed::new(base).await;
    let changed = bed.calendar().await.unwrap();
    assert_eq!(changed, Changed { races: 24, new: (1..=24).collect(), ..Changed::default() });
    assert_eq!(bed.requests(), ["/2025/races.json?limit=100&offset=0"]);
    let lines = bed.lines(RACES).await;
    assert_eq!(
        lines[10],
        "2025|11|Austrian Grand Prix|red_bull_ring|2025-06-29|2025-06-29 13:00:00Z|2025-06-29 16:00:00Z|\
         2025-06-27 10:30:00Z|2025-06-27 14:00:00Z|2025-06-28 10:30:00Z|2025-06-28 14:00:00Z|||false|false|\
         http://en.wikipedia.org/wiki/2025_Austrian_Grand_Prix|2025-12-08 08:00:00Z"
    );
    assert_eq!(
        (race(&bed, 13, "is_sprint").await, race(&bed, 13, "sprint_at").await),
        ("true".to_owned(), "2025-07-26 10:00:00Z".to_owned())
    );
    assert_eq!(bed.lines(SEASONS).await, ["2025||24|2025-12-08 08:00:00Z|2025-12-08 08:00:00Z"]);
    let ring = ("circuit_id", "red_bull_ring");
    assert_eq!(bed.cell(CIRCUITS, ring, "lat").await.real(), Some(47.2197));
    assert_eq!(bed.lines(CIRCUITS).await.len(), 24);
}

async fn the_same_calendar_changes_nothing_but_its_time(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let before = (bed.lines(RACES).await, bed.lines(CIRCUITS).await);
    bed.pass(24);
    assert_eq!(bed.calendar().await.unwrap(), Changed { races: 24, ..Changed::default() });
    assert_eq!((bed.lines(RACES).await, bed.lines(CIRCUITS).await), before);
    assert_eq!(bed.lines(SEASONS).await, ["2025||24|2025-12-09 08:00:00Z|2025-12-09 08:00:00Z"]);
}

async fn a_race_that_moved_is_told_with_both_ends(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.spoil(
        "races",
        [
            text(10, "date", "2025-07-01"),
            text(10, "time", "14:30:00.250Z"),
            text(11, "raceName", "Grand Prix of Silverstone"),
            text(12, "FirstPractice.time", "09:00:00Z"),
        ],
    );
    let changed = bed.calendar().await.unwrap();
    let end = at("2025-07-06T17:00:00Z");
    let moved = [
        Moved {
            round: 11,
            race_name: "Austrian Grand Prix".into(),
            was: at("2025-06-29T16:00:00Z"),
            end: at("2025-07-01T17:30:00Z"),
        },
        Moved { round: 12, race_name: "Grand Prix of Silverstone".into(), was: end, end },
    ];
    let updated = vec![11, 12, 13];
    assert_eq!(changed, Changed { races: 24, updated, moved: moved.to_vec(), ..Changed::default() });
    // The same again is no move.
    assert_eq!(bed.calendar().await.unwrap(), Changed { races: 24, ..Changed::default() });
}

async fn a_race_that_is_gone_is_cancelled_and_keeps_its_results(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    bed.spoil("races", [Trouble::RowVanished { row: 10 }]);
    let changed = bed.calendar().await.unwrap();
    assert_eq!(changed, Changed { races: 23, cancelled: vec![11], ..Changed::default() });
    assert_eq!(
        (race(&bed, 11, "is_cancelled").await.as_str(), bed.count(RACE_RESULTS, 11).await),
        ("true", 20)
    );
    assert_eq!(bed.cell(RACES, ("race_name", "Austrian Grand Prix"), "round").await.int(), Some(11));
    // Told once.
    assert_eq!(bed.calendar().await.unwrap(), Changed { races: 23, ..Changed::default() });
    assert_eq!(bed.lines(SEASONS).await[0].split('|').nth(2), Some("23"));
}

async fn a_race_that_comes_back_is_in_force_again(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.spoil("races", [Trouble::RowVanished { row: 10 }]);
    bed.calendar().await.unwrap();
    bed.heal();
    let changed = bed.calendar().await.unwrap();
    assert_eq!(changed, Changed { races: 24, updated: vec![11], returned: vec![11], ..Changed::default() });
    assert_eq!(race(&bed, 11, "is_cancelled").await, "false");
}

async fn an_empty_or_mutilated_calendar_changes_nothing(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let before = (bed.lines(RACES).await, bed.lines(SEASONS).await);
    bed.pass(24);
    for (trouble, words) in [
        (Trouble::NotPublished, "上游赛历只有 0 站，已存 24 站，未作更改"),
        (Trouble::OneThird, "上游赛历只有 8 站，已存 24 站，未作更改"),
        (Trouble::Html, "上游返回的数据无法识别"),
    ] {
        bed.spoil("races", [trouble]);
        assert_eq!(bed.calendar().await.unwrap_err().message, words);
        assert_eq!((bed.lines(RACES).await, bed.lines(SEASONS).await), before);
    }
    // Half of them is a calendar.
    bed.spoil("races", (12..24).map(|_| Trouble::RowVanished { row: 12 }));
    let changed = bed.calendar().await.unwrap();
    assert_eq!((changed.races, changed.cancelled), (12, (13..=24).collect()));
    // Cancelled races do not count.
    bed.spoil("races", (6..24).map(|_| Trouble::RowVanished { row: 6 }));
    assert_eq!(bed.calendar().await.unwrap().races, 6);
}

async fn an_empty_calendar_is_fine_where_nothing_is_stored(base: Base) {
    let bed = Bed::new(base).await;
    bed.spoil("races", [Trouble::NotPublished]);
    assert_eq!(bed.calendar().await.unwrap(), Changed::default());
    assert_eq!(bed.lines(SEASONS).await, Vec::<String>::new());
}

async fn a_calendar_of_another_season_is_refused(base: Base) {
    let bed = Bed::new(base).await;
    bed.spoil("races", [Trouble::OtherSeason]);
    assert_eq!(bed.calendar().await.unwrap_err().message, "上游返回的数据与请求的场次不符");
    assert_eq!(bed.lines(RACES).await, Vec::<String>::new());
}

async fn a_race_that_cannot_be_read_is_not_taken_for_cancelled(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.spoil("races", [text(10, "round", "eleven"), Trouble::RowVanished { row: 0 }]);
    let changed = bed.calendar().await.unwrap();
    let message = Some("跳过 1 行（缺少有效的 round）".to_owned());
    assert_eq!(changed, Changed { races: 24, message, ..Changed::default() });
    assert_eq!(
        (race(&bed, 11, "is_cancelled").await, race(&bed, 1, "is_cancelled").await),
        ("false".to_owned(), "false".to_owned())
    );
}

async fn races_without_time_or_date(base: Base) {
    let bed = Bed::new(base).await;
    bed.spoil(
        "races",
        [
            Trouble::Missing { row: 10, field: "time".into() },
            text(11, "time", "None"),
            Trouble::Null { row: 12, field: "date".into() },
            text(13, "date", "soon"),
        ],
    );
    let changed = bed.calendar().await.unwrap();
    assert_eq!((changed.races, changed.message.as_deref()), (24, Some("无法识别的值：date")));
    let mut ends = Vec::new();
    for round in 11..=14 {
        ends.push(race(&bed, round, "race_end_estimate").await);
        assert_eq!(race(&bed, round, "race_start_at").await, "");
    }
    assert_eq!(ends, ["2025-06-29 15:00:00Z", "2025-07-06 15:00:00Z", "", ""]);
}

async fn what_the_source_does_not_say_of_a_circuit_stays(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let before = bed.lines(CIRCUITS).await;
    let fields = ["circuitName", "Location.lat", "Location.locality", "url"];
    let missing = |field: &str| Trouble::Missing { row: 10, field: format!("Circuit.{field}") };
    bed.simulator.set_faults(fields.iter().map(|field| Fault::always("races", missing(field))).collect());
    bed.calendar().await.unwrap();
    assert_eq!(bed.lines(CIRCUITS).await, before);
    // With it its races still have their results.
    assert_eq!(bed.find(Dataset::QualifyingResults, AUSTRIA).await.outcome, Outcome::Ok);
}
