//! What an answer must be to be stored: whole, of the source's shape, of the round that was asked for.

use simulators::jolpica::Trouble;
use systems::races::datasets::{Dataset, Outcome};
use systems::races::tables::{QUALIFYING_RESULTS, RACE_RESULTS, SPRINT_RESULTS};

use crate::bed::{AUSTRIA, Base, Bed};

on_both! {
    a_weekend_without_a_sprint_is_stored_by_four_requests
    a_sprint_weekend_is_stored_by_five_requests
    results_are_stored_as_the_source_has_them
    pages_of_seven_give_every_row_once
    a_listing_that_changes_is_begun_anew_once
    a_listing_that_stays_broken_fails_and_deletes_nothing
    what_is_not_published_is_no_data_and_deletes_nothing
    an_answer_for_another_round_or_season_fails
    trouble_is_told_without_address_or_path
    every_trouble_leaves_what_is_stored
}

async fn a_weekend_without_a_sprint_is_stored_by_four_requests(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let found = bed.attempt(AUSTRIA).await;
    let told: Vec<_> =
        found.iter().map(|found| (found.outcome, found.records, found.message.as_deref())).collect();
    assert_eq!(
        told,
        [
            (Outcome::Ok, 20, None),
            (Outcome::Ok, 20, None),
            (Outcome::NotApplicable, 0, Some("本站无冲刺赛")),
            (Outcome::Ok, 20, None),
            (Outcome::Ok, 10, None),
        ]
    );
    assert_eq!(
        bed.requests(),
        [
            "/2025/11/qualifying.json?limit=100&offset=0",
            "/2025/11/results.json?limit=100&offset=0",
            "/2025/11/driverStandings.json?limit=100&offset=0",
            "/2025/11/constructorStandings.json?limit=100&offset=0",
        ]
    );
    assert_eq!(found[1].written.new, 20);
}

async fn a_sprint_weekend_is_stored_by_five_requests(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let found = bed.attempt(13).await;
    assert!(found.iter().all(|found| found.outcome == Outcome::Ok), "{found:?}");
    assert_eq!((bed.requests().len(), bed.count(SPRINT_RESULTS, 13).await), (5, 20));
}

async fn results_are_stored_as_the_source_has_them(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    bed.find(Dataset::QualifyingResults, AUSTRIA).await;
    let season = bed.simulator.season();
    let round = season.round(11).unwrap();
    let columns =
        ["constructor_id", "position", "position_text", "points", "grid", "laps", "status", "time_ms"];
    for finish in round.last_results() {
        let driver = &season.drivers[finish.driver];
        let mut cells = Vec::new();
        for column in columns {
            cells.push(bed.cell(RACE_RESULTS, ("driver_id", &driver.id), column).await.to_string());
        }
        let ms = finish.millis.map_or_else(String::new, |millis| millis.to_string());
        assert_eq!(
            cells,
            [
                season.constructors[finish.constructor].id.clone(),
                finish.position.to_string(),
                finish.position_text.clone(),
                finish.points.to_string(),
                finish.grid.to_string(),
                finish.laps.to_string(),
                finish.status.to_owned(),
                ms,
            ]
        );
    }
    for row in &round.qualifying {
        let id = ("driver_id", season.drivers[row.driver].id.as_str());
        for (column, millis) in ["q1_ms", "q2_ms", "q3_ms"].into_iter().zip(row.times) {
            let stored = bed.cell(QUALIFYING_RESULTS, id, column).await.int();
            assert_eq!(stored, millis.map(|millis| i64::try_from(millis).unwrap()));
        }
    }
}

async fn pages_of_seven_give_every_row_once(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.spoil("*", [Trouble::PageCap { rows: 7 }]);
    let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!((found.outcome, found.records, found.written.new), (Outcome::Ok, 20, 20));
    let offsets =
        ["offset=0", "offset=7", "offset=14"].map(|at| format!("/2025/11/results.json?limit=100&{at}"));
    assert_eq!(bed.requests(), offsets);
}

/// What can be wrong with the pages of a listing, and how it is told.
fn breaks() -> [(Trouble, &'static str); 3] {
    [
        (Trouble::TotalChanges, "上游分页有误：总行数由 20 变为 21"),
        (Trouble::EmptyPage, "上游分页不完整：应有 20 行，只收到 7 行"),
        (Trouble::DuplicateRow, "上游分页有误：同一行出现在两页"),
    ]
}

async fn a_listing_that_changes_is_begun_anew_once(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    for (trouble, _) in breaks() {
        bed.spoil("*", [Trouble::PageCap { rows: 7 }]);
        // The first two answers: a first page, whose trouble is none, and a second.
        bed.simulator.add_fault(simulators::jolpica::Fault::times("results", 2, trouble));
        let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
        assert_eq!((found.outcome, found.records), (Outcome::Ok, 20));
        assert_eq!(bed.requests().len(), 2 + 3);
    }
}

async fn a_listing_that_stays_broken_fails_and_deletes_nothing(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    let before = bed.lines(RACE_RESULTS).await;
    bed.requests();
    for (trouble, words) in breaks() {
        bed.spoil("*", [Trouble::PageCap { rows: 7 }, trouble]);
        let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
        assert_eq!((found.outcome, found.message.as_deref()), (Outcome::Failed, Some(words)));
        assert_eq!(bed.requests().len(), 2 + 2);
    }
    assert_eq!(bed.lines(RACE_RESULTS).await, before);
}

async fn what_is_not_published_is_no_data_and_deletes_nothing(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.attempt(AUSTRIA).await;
    let before = bed.lines(RACE_RESULTS).await;
    bed.simulator.set_time("2025-06-29T12:00:00Z".parse().ok());
    let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
    assert_eq!((found.outcome, found.records), (Outcome::NoDataYet, 0));
    assert_eq!(found.message.as_deref(), Some("数据尚未发布"));
    assert_eq!(bed.find(Dataset::SprintResults, 13).await.outcome, Outcome::NoDataYet);
    assert_eq!((before.len(), bed.lines(RACE_RESULTS).await), (20, before));
}

async fn an_answer_for_another_round_or_season_fails(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    for (trouble, words) in [
        (Trouble::OtherRound, "上游返回的是 2025 赛季第 10 轮的数据"),
        (Trouble::OtherSeason, "上游返回的是 2024 赛季第 11 轮的数据"),
    ] {
        bed.spoil("*", [trouble]);
        for dataset in [Dataset::RaceResults, Dataset::QualifyingResults] {
            let found = bed.find(dataset, AUSTRIA).await;
            assert_eq!((found.outcome, found.message.as_deref()), (Outcome::Failed, Some(words)));
        }
    }
    let found = bed.find(Dataset::DriverStandings, AUSTRIA).await;
    assert_eq!(found.outcome, Outcome::Failed);
    assert_eq!((bed.count(RACE_RESULTS, 10).await, bed.count(RACE_RESULTS, 11).await), (0, 0));
}

fn status(code: u16) -> Trouble {
    Trouble::Status { code, retry_after: None }
}

async fn trouble_is_told_without_address_or_path(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    for (trouble, requests, words) in [
        (status(404), 1, "上游返回 HTTP 404"),
        (status(500), 3, "上游返回 HTTP 500"),
        (status(429), 4, "上游限流（HTTP 429）"),
        (Trouble::TruncatedBody, 3, "上游响应不完整"),
        (Trouble::DropBeforeHeaders, 3, "无法连接上游"),
        (Trouble::Html, 1, "上游返回的数据无法识别"),
        (Trouble::NoEnvelope, 1, "上游返回的数据无法识别"),
    ] {
        bed.spoil("*", [trouble.clone()]);
        let found = bed.find(Dataset::RaceResults, AUSTRIA).await;
        assert_eq!((found.outcome, found.message.as_deref()), (Outcome::Failed, Some(words)));
        assert_eq!(bed.requests().len(), requests, "{trouble:?}");
    }
}

async fn every_trouble_leaves_what_is_stored(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.attempt(AUSTRIA).await;
    let before = bed.lines(RACE_RESULTS).await;
    for trouble in [status(503), Trouble::Html, Trouble::OtherRound, Trouble::NotPublished] {
        bed.spoil("driverstandings", [trouble]);
        bed.pass(1);
        let found = bed.attempt(AUSTRIA).await;
        // The others are stored all the same.
        let there = found.iter().filter(|found| found.is_there()).count();
        assert_eq!(there, 4, "{found:?}");
    }
    assert_eq!(bed.lines(RACE_RESULTS).await, before);
}
