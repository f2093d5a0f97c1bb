//! What happens, as it happens.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, header};
use http_body_util::BodyExt;

use crate::house::House;

/// Reads frames of a stream until one holds `words`; answers all that was read.
pub(crate) async fn read_until(body: &mut Body, words: &str) -> String {
    let mut read = String::new();
    while !read.contains(words) {
        let frame = tokio::time::timeout(Duration::from_secs(10), body.frame()).await;
        let frame = frame.unwrap_or_else(|_| panic!("`{words}` never came; read so far: {read}"));
        let bytes = frame.expect("the stream goes on").unwrap().into_data().unwrap();
        read.push_str(std::str::from_utf8(&bytes).unwrap());
    }
    read
}

pub(crate) async fn listen(house: &House, path: &str, seen: Option<&str>) -> Body {
    let mut request = Request::get(path);
    if let Some(seen) = seen {
        request = request.header("last-event-id", seen);
    }
    let response = house.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    response.into_body()
}

fn last_id(read: &str) -> &str {
    read.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().expect("a frame with an id")
}

#[tokio::test]
async fn events_arrive_while_they_happen() {
    let house = House::new().await;
    let mut body = listen(&house, "/api/v1/events", None).await;
    house.start("2025-10-01", "2025-10-01").await;
    let read = read_until(&mut body, "run.created").await;
    assert!(read.contains("\"run_id\":1"), "{read}");
    house.work().await;
    read_until(&mut body, "run.ended").await;
}

#[tokio::test]
async fn a_reader_that_comes_back_misses_nothing_and_gets_nothing_twice() {
    let house = House::new().await;
    let mut body = listen(&house, "/api/v1/events", None).await;
    house.start("2025-10-01", "2025-10-01").await;
    let read = read_until(&mut body, "run.created").await;
    let seen = last_id(&read).to_owned();
    drop(body);
    house.work().await;
    let mut body = listen(&house, "/api/v1/events", Some(&seen)).await;
    let read = read_until(&mut body, "run.ended").await;
    assert!(!read.contains("run.created"), "{read}");
}

#[tokio::test]
async fn a_reader_that_saw_nothing_yet_can_come_back_too() {
    let house = House::new().await;
    let mut body = listen(&house, "/api/v1/events", None).await;
    let seen = last_id(&read_until(&mut body, "retry: 2000").await).to_owned();
    drop(body);
    house.start("2025-10-01", "2025-10-01").await;
    let mut body = listen(&house, "/api/v1/events", Some(&seen)).await;
    read_until(&mut body, "run.created").await;
}

#[tokio::test]
async fn a_cursor_of_somebody_else_is_refused() {
    let house = House::new().await;
    for cursor in ["yesterday", "7", "-1-2", "1-2-3", "1-99999999999999999999"] {
        let answer = house.get(&format!("/api/v1/events?after={cursor}")).await;
        assert!(answer.starts_with("400") && answer.contains("bad_parameter"), "{cursor}: {answer}");
    }
}

#[tokio::test]
async fn events_of_one_run_can_be_listened_to_alone() {
    let house = House::new().await;
    let mut body = listen(&house, "/api/v1/events?run=2", None).await;
    for _ in 0..2 {
        house.start("2025-10-01", "2025-10-01").await;
        house.work().await;
    }
    let read = read_until(&mut body, "run.ended").await;
    assert!(read.contains("\"run_id\":2") && !read.contains("\"run_id\":1"), "{read}");
}

#[tokio::test]
async fn streams_end_when_the_server_goes_down() {
    let house = House::new().await;
    let mut body = listen(&house, "/api/v1/events", None).await;
    read_until(&mut body, "retry: 2000").await;
    house.shutdown.cancel();
    let end = tokio::time::timeout(Duration::from_secs(10), body.frame()).await.expect("the stream ends");
    assert!(end.is_none());
}

#[tokio::test]
async fn the_page_gets_the_fragments_that_changed() {
    let house = House::new().await;
    let mut body = listen(&house, "/live?lang=zh", None).await;
    let read = read_until(&mut body, "\"id\":\"schedules\"").await;
    assert!(read.contains("event: fragment") && read.contains("当前没有运行"), "{read}");
    house.start("2025-10-01", "2025-10-01").await;
    let read = read_until(&mut body, "#1 days.all").await;
    assert!(!read.contains("\"id\":\"schedules\""), "{read}");
}

#[tokio::test]
async fn live_connections_are_bounded_and_a_closed_one_makes_room() {
    let house = House::new().await;
    let mut open = Vec::new();
    let refused = loop {
        let response = house.ask(Request::get("/api/v1/events").body(Body::empty()).unwrap()).await;
        if response.status() != 200 {
            break crate::house::shown(response).await;
        }
        open.push(response);
        assert!(open.len() < 1_000, "there is no bound");
    };
    assert!(refused.starts_with("503") && refused.contains("too_many_streams"), "{refused}");
    open.pop();
    let mut body = listen(&house, "/live", None).await;
    read_until(&mut body, "event: fragment").await;
}
