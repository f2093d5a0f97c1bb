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

/// Where the answer to a form leads.
async fn led(house: &House, path: &str, fields: &str) -> String {
    let response = house.form(path, fields).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path} {fields}");
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

async fn runs(house: &House) -> usize {
    house.get("/runs").await.matches("id=\"choose-").count() - 1
}

#[tokio::test]
async fn every_draw_of_a_page_has_a_key_of_its_own_and_its_fragments_have_none() {
    let house = House::new().await;
    house.start("2025-10-13", "2025-10-13").await;
    house.work().await;
    for path in ["/", "/runs", "/runs/1", "/schedules", "/schedules/1"] {
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
    let form = format!("sync=days.all&from=2025-10-12&to=2025-10-14&key={}", key(&house, "/").await);
    assert_eq!(led(&house, "/runs", &form).await, "/");
    assert_eq!(led(&house, "/runs", &form).await, "/runs/1", "it is busy with itself");
    house.work().await;
    assert_eq!(led(&house, "/runs", &form).await, "/runs/1");
    assert_eq!(runs(&house).await, 1);
}

#[tokio::test]
async fn another_wish_of_the_same_page_is_another_run() {
    let house = House::new().await;
    let key = key(&house, "/").await;
    for (day, run) in [("2025-10-12", 1), ("2025-10-13", 2)] {
        let form = format!("sync=days.all&from={day}&to={day}&key={key}");
        assert_eq!(led(&house, "/runs", &form).await, "/");
        house.work().await;
        assert_eq!(runs(&house).await, run);
    }
    assert_eq!(led(&house, "/runs/2/retry", &format!("key={key}")).await, "/");
    house.work().await;
    assert_eq!(led(&house, "/schedules/1/run", &format!("key={key}")).await, "/");
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
        led(&house, path, &form).await;
        let made = format!("/runs/{}", before + 1);
        assert_eq!(led(&house, path, &form).await, made, "{path}");
        house.work().await;
        assert_eq!(led(&house, path, &form).await, made, "{path} after the end");
        assert_eq!(runs(&house).await, before + 1);
    }
}

#[tokio::test]
async fn a_schedule_run_now_twice_is_one_run_on_every_page() {
    let house = House::new().await;
    let mut made = 0;
    for (place, path, fields) in [
        ("/", "/schedules/1/run", ""),
        ("/schedules", "/schedules", "schedule=1&verb=run&"),
        ("/schedules/1", "/schedules/1", "verb=run&"),
    ] {
        made += 1;
        let form = format!("{fields}key={}", key(&house, place).await);
        let first = led(&house, path, &form).await;
        house.work().await;
        let again = led(&house, path, &form).await;
        let same = if place == "/" { format!("/runs/{made}") } else { format!("{place}?started={made}") };
        assert_eq!(again, same);
        assert!(place == "/" || first == again, "{first} {again}");
        assert_eq!(runs(&house).await, made);
    }
}

#[tokio::test]
async fn several_runs_retried_twice_at_once_are_retried_once() {
    let house = House::new().await;
    house.start("2025-10-13", "2025-10-13").await;
    house.work().await;
    let form = format!("run=1&verb=retry&key={}", key(&house, "/runs").await);
    for _ in 0..2 {
        let said = shown(house.form("/runs/bulk", &form).await).await;
        has(&said, &["200", "Retried:", "→ <a href=\"/runs/2\">#2</a>"]);
        house.work().await;
    }
    assert_eq!(runs(&house).await, 2);
}

#[tokio::test]
async fn stocks_started_twice_are_one_run_and_both_lead_to_it() {
    let house = House::with_stocks().await;
    let form = format!("start_date=2025-09-22&end_date=2025-09-30&key={}", key(&house, "/stocks").await);
    for _ in 0..2 {
        assert!(led(&house, "/stocks/sync", &form).await.contains("task=1"));
    }
    house.form("/stocks/runs/1/cancel", "").await;
    assert!(led(&house, "/stocks/sync", &form).await.contains("task=1"), "after its end");
    let form = format!("key={}", key(&house, "/stocks").await);
    for _ in 0..2 {
        assert!(led(&house, "/stocks/today", &form).await.contains("task=2"));
    }
    assert_eq!(runs(&house).await, 2);
}

#[tokio::test]
async fn operations_of_races_are_started_once() {
    let house = House::with_races().await;
    for (form, run) in [
        ("calendar?season=2025", 1),
        ("monitor?season=2025", 2),
        ("cleanup?season=2025", 3),
        ("batch?season=2025&days_ahead=7", 4),
    ] {
        let (operation, fields) = form.split_once('?').unwrap();
        let form = format!("{fields}&key={}", key(&house, "/races").await);
        for _ in 0..2 {
            let place = led(&house, &format!("/races/{operation}"), &form).await;
            assert_eq!(place, format!("/races?season=2025&run={run}"));
        }
    }
}

#[tokio::test]
async fn a_plan_asked_for_twice_fetches_its_calendar_once() {
    let house = House::with_races().await;
    let form = format!("hours=6&from=season&key={}", key(&house, "/races").await);
    let mut events = listen(&house, "/api/v1/events", None).await;
    let ended = async {
        read_until(&mut events, "run.created").await;
        house.form("/runs/1/cancel", "").await;
    };
    let (first, ()) = tokio::join!(house.form("/races/2025/11/schedule", &form), ended);
    assert_eq!(first.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let again = house.form("/races/2025/11/schedule", &form).await;
    assert_eq!(again.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(runs(&house).await, 1);
}

#[tokio::test]
async fn cancel_pause_and_resume_sent_twice_are_in_effect_once() {
    let house = House::new().await;
    house.start("2025-10-01", "2025-10-01").await;
    for (verb, state) in [("pause", "paused"), ("resume", "queued"), ("cancel", "cancelled")] {
        let form = format!("verb={verb}&key={}", key(&house, "/runs/1").await);
        for _ in 0..2 {
            assert_eq!(led(&house, "/runs/1", &form).await, "/runs/1?");
            has(&house.get("/api/v1/runs/1").await, &[&format!("\"state\": \"{state}\"")]);
        }
    }
}

#[tokio::test]
async fn a_key_without_sense_is_refused() {
    let house = House::new().await;
    for bad in ["", "a/b", &"x".repeat(65)] {
        has(&shown(house.form("/runs/1/retry", &format!("key={bad}")).await).await, &["400"]);
    }
}

#[tokio::test]
async fn a_config_of_files_posted_twice_is_one_config() {
    let house = House::with_files().await;
    let config = |key: &str, path: &str| {
        format!(
            "verb=save&key={key}&source.service=memory&source.path=/a&source.memory.name=one&target.service=memory&\
             target.path={path}&target.memory.name=two&mode=incremental&compare=auto&timezone=UTC"
        )
    };
    let key = key(&house, "/files/new").await;
    let form = config(&key, "/b");
    for _ in 0..2 {
        assert_eq!(led(&house, "/files/new", &form).await, "/files/configs/1?told=saved");
    }
    has(&house.get("/api/v1/files/configs").await, &["\"total\": 1"]);
    assert_eq!(led(&house, "/files/new", &config(&key, "/c")).await, "/files/configs/2?told=saved");
}

#[tokio::test]
async fn what_was_refused_may_be_sent_again() {
    let house = House::new().await;
    house.start("2025-10-01", "2025-10-01").await;
    let form = format!("sync=days.all&from=2025-10-12&to=2025-10-12&key={}", key(&house, "/").await);
    let response = house.form("/runs", &form).await;
    assert_eq!(response.status(), StatusCode::CONFLICT);
    key_of(&text(response).await);
    house.work().await;
    assert_eq!(led(&house, "/runs", &form).await, "/");
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
            "retry" => {
                ("run 1 has ended (succeeded), and nothing of it is left", "运行 1 已结束（成功），没有需要")
            }
            _ => ("run 1 has ended (succeeded); nothing was changed", "运行 1 已结束（成功），未做任何更改"),
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
