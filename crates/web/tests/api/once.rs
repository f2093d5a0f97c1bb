//! Forms that are posted twice are in effect once, and forms of a page that has grown stale are answered in words.

use axum::http::{StatusCode, header};

use crate::house::{House, shown, text};
use crate::live::{listen, read_until};

fn has(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words} in {page}");
    }
}

/// The key of a page: all its forms have the same.
fn key_of(page: &str) -> String {
    let after = |mark: &str| {
        let rest = page.split(mark).nth(1).unwrap_or_else(|| panic!("{mark} in {page}"));
        rest.split('"').next().unwrap().to_owned()
    };
    let (body, field) = (after("data-key=\""), after("name=\"key\" value=\""));
    assert_eq!((&body, body.len()), (&field, 32));
    body
}

async fn key(house: &House, path: &str) -> String {
    key_of(&house.get(path).await)
}

/// Status and address of the answer to a form.
async fn led(house: &House, path: &str, fields: &str) -> (u16, String) {
    let response = house.form(path, fields).await;
    let place = response.headers().get(header::LOCATION).map(|place| place.to_str().unwrap().to_owned());
    (response.status().as_u16(), place.unwrap_or_default())
}

async fn runs(house: &House) -> usize {
    house.get("/runs").await.matches("id=\"choose-").count() - 1
}

#[tokio::test]
async fn every_draw_of_a_page_has_a_key_of_its_own_and_its_fragments_have_none() {
    let house = House::new().await;
    house.start("2025-10-13", "2025-10-13").await;
    house.work().await;
    for path in ["/", "/runs", "/runs/1"] {
        assert_ne!(key(&house, path).await, key(&house, path).await, "{path}");
    }
    for (path, last) in
        [("/live", "run-schedule-1"), ("/runs/live", "choose-1"), ("/runs/1/live", "run-retry")]
    {
        let read = read_until(&mut listen(&house, path, None).await, last).await;
        assert!(!read.contains("name=\\\"key\\\""), "{path}: {read}");
    }
}

#[tokio::test]
async fn a_range_posted_twice_is_one_run_while_it_goes_and_after_its_end() {
    let house = House::new().await;
    let key = key(&house, "/").await;
    let form = format!("sync=days.all&from=2025-10-12&to=2025-10-14&key={key}");
    assert_eq!(led(&house, "/runs", &form).await, (303, "/".to_owned()));
    assert_eq!(
        led(&house, "/runs", &form).await,
        (303, "/runs/1?sent=twice".to_owned()),
        "it is busy with itself"
    );
    house.work().await;
    assert_eq!(led(&house, "/runs", &form).await, (303, "/runs/1?sent=twice".to_owned()));
    assert_eq!(runs(&house).await, 1);
    has(&house.get("/runs/1?sent=twice").await, &["200", "sent before and is in effect once", "#1 days.all"]);
    has(&house.get_chinese("/runs/1?sent=twice").await, &["该表单此前已提交过，只生效一次"]);
}

#[tokio::test]
async fn another_wish_of_the_same_page_is_another_run() {
    let house = House::new().await;
    let key = key(&house, "/").await;
    for (day, run) in [("2025-10-12", 1), ("2025-10-13", 2)] {
        let form = format!("sync=days.all&from={day}&to={day}&key={key}");
        assert_eq!(led(&house, "/runs", &form).await, (303, "/".to_owned()));
        house.work().await;
        assert_eq!(runs(&house).await, run);
    }
    assert_eq!(led(&house, "/runs/2/retry", &format!("key={key}")).await, (303, "/".to_owned()));
    house.work().await;
    assert_eq!(led(&house, "/schedules/1/run", &format!("key={key}")).await, (303, "/".to_owned()));
    assert_eq!(runs(&house).await, 4);
}

#[tokio::test]
async fn a_retry_posted_twice_is_one_run_on_every_page() {
    let house = House::new().await;
    house.start("2025-10-13", "2025-10-13").await;
    house.work().await;
    for (place, path, verb) in [("/", "/runs/1/retry", ""), ("/runs/1", "/runs/1", "verb=retry&")] {
        let before = runs(&house).await;
        let form = format!("{verb}key={}", key(&house, place).await);
        assert_eq!(led(&house, path, &form).await.0, 303);
        let again = (303, format!("/runs/{}?sent=twice", before + 1));
        assert_eq!(led(&house, path, &form).await, again, "{path}");
        house.work().await;
        assert_eq!(led(&house, path, &form).await, again, "{path} after the end");
        assert_eq!(runs(&house).await, before + 1);
    }
}

#[tokio::test]
async fn a_schedule_run_now_twice_is_one_run() {
    let house = House::new().await;
    let form = format!("key={}", key(&house, "/").await);
    assert_eq!(led(&house, "/schedules/1/run", &form).await, (303, "/".to_owned()));
    house.work().await;
    assert_eq!(led(&house, "/schedules/1/run", &form).await, (303, "/runs/1?sent=twice".to_owned()));
    assert_eq!(runs(&house).await, 1);
}

#[tokio::test]
async fn several_runs_retried_twice_at_once_are_retried_once() {
    let house = House::new().await;
    house.start("2025-10-13", "2025-10-13").await;
    house.work().await;
    let form = format!("run=1&verb=retry&key={}", key(&house, "/runs").await);
    for words in
        ["→ <a href=\"/runs/2\">#2</a></p>", "→ <a href=\"/runs/2\">#2</a> (sent before, in effect once)"]
    {
        has(&shown(house.form("/runs/bulk", &form).await).await, &["200", "Retried:", words]);
        house.work().await;
    }
    assert_eq!(runs(&house).await, 2);
}

#[tokio::test]
async fn a_refused_form_keeps_its_key_and_a_key_without_sense_is_refused() {
    let house = House::new().await;
    house.start("2025-10-01", "2025-10-01").await;
    let key = key(&house, "/").await;
    let form = format!("sync=days.all&from=2025-10-12&to=2025-10-12&key={key}");
    let response = house.form("/runs", &form).await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    assert_eq!(key_of(&text(response).await), key, "sent again it is the same form");
    house.work().await;
    assert_eq!(led(&house, "/runs", &form).await, (303, "/".to_owned()));
    for bad in ["", "a/b", &"x".repeat(65)] {
        has(&shown(house.form("/runs/1/retry", &format!("key={bad}")).await).await, &["400"]);
    }
}

#[tokio::test]
async fn the_api_takes_a_key_for_a_retry_and_for_a_schedule() {
    let house = House::new().await;
    house.start("2025-10-13", "2025-10-13").await;
    house.work().await;
    for (path, made) in [("/api/v1/runs/1/retry", "\"id\": 2"), ("/api/v1/schedules/1/run", "\"id\": 3")] {
        for status in ["202", "200"] {
            let answer = shown(house.post_under(path, path).await).await;
            has(&answer, &[status, made]);
        }
        house.work().await;
    }
}

/// Every verb of a page that has grown stale, on each page that has the buttons.
#[tokio::test]
async fn a_stale_page_is_told_what_the_run_is_now() {
    let house = House::new().await;
    house.start("2025-10-01", "2025-10-01").await;
    house.work().await;
    for verb in ["cancel", "pause", "resume", "retry"] {
        let (english, chinese) = match verb {
            "retry" => ("run 1 is succeeded, and nothing of it is left", "运行 1 的状态为“成功”，没有需要"),
            _ => ("run 1 is succeeded now; nothing was changed", "运行 1 现在的状态为“成功”；未做任何更改"),
        };
        for (path, fields) in [
            (format!("/runs/1/{verb}"), String::new()),
            ("/runs/1".to_owned(), format!("verb={verb}")),
            ("/runs/bulk".to_owned(), format!("run=1&verb={verb}")),
        ] {
            has(&shown(house.form(&path, &fields).await).await, &["409", english]);
            has(&shown(house.form(&format!("{path}?lang=zh"), &fields).await).await, &["409", chinese]);
        }
    }
}
