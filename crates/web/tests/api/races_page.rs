//! The pages of races, as a browser without JavaScript uses them, before anything is known.

use axum::http::header;

use crate::house::{House, shown};

fn has(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[tokio::test]
async fn a_newcomer_sees_one_sentence_and_the_button_that_fetches_the_calendar() {
    let house = House::with_races().await;
    let page = house.get("/races").await;
    has(
        &page,
        &["200 OK", "There is no calendar of 2025 yet", "Sync the calendar", "action=\"/races/calendar\""],
    );
    has(&house.get_chinese("/races").await, &["还没有 2025 赛季的赛历", "同步赛历"]);
    has(&house.get("/races?season=2024").await, &["There is no calendar of 2024 yet"]);
    let asked = house.form("/races/calendar", "season=2025").await;
    assert_eq!(asked.headers()[header::LOCATION], "/races?season=2025&run=1");
    has(&house.get("/races?season=2025&run=1").await, &["href=\"/runs/1\"", "races.calendar", "queued"]);
}

#[tokio::test]
async fn operations_start_runs_and_say_which() {
    let house = House::with_races().await;
    for (path, form, sync) in [
        ("/races/monitor", "season=2025", "races.monitor"),
        ("/races/cleanup", "season=2025", "races.cleanup"),
        ("/races/batch", "season=2025&days_ahead=7", "races.batch"),
    ] {
        let asked = house.form(path, form).await;
        let to = asked.headers()[header::LOCATION].to_str().unwrap().to_owned();
        has(&house.get(&to).await, &[sync]);
    }
}

#[tokio::test]
async fn what_cannot_be_done_is_said_and_nothing_is_started() {
    let house = House::with_races().await;
    let said = shown(house.form("/races/batch", "season=2025&days_ahead=367").await).await;
    has(&said, &["422", "Days ahead are 0 to 366."]);
    let said = shown(house.form("/races/calendar", "season=1949").await).await;
    has(&said, &["422", "A season is a year from 1950 to 2100."]);
    let said = shown(house.form("/races/2025/11/schedule", "from=season&hours=6,6").await).await;
    has(&said, &["422", "1 to 20 different whole numbers"]);
    has(&house.get("/races/2025/11").await, &["404"]);
    has(&house.get("/api/v1/runs").await, &["\"runs\": []"]);
}

#[tokio::test]
async fn a_server_without_races_has_no_such_page() {
    has(&House::new().await.get("/races").await, &["404"]);
}
