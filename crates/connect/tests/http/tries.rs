//! What is tried again, how often, and how far apart.

use std::time::Duration;

use connect::http::{Means, Pauses, Request, RetryAfter, Unread, read_json};
use model::fault::Again;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::bed::{Bed, Hand, client};
use crate::server::{Act, answer, cut, json, status, throttled};

/// Makes an act anew.
type Making = fn() -> Act;

/// Every trouble that may pass, with the code of the fault.
fn troubles() -> [(&'static str, Making); 8] {
    [
        ("connect", || Act::Drop),
        ("connect", || Act::Say(b"HTTP/1.1 200 OK\r\nContent-".to_vec())),
        ("connect", || Act::Say(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec())),
        ("cut_short", cut),
        ("cut_short", || json(r#"{"rows":[1,"#)),
        ("cut_short", || json("")),
        ("http_500", || status("500 Internal Server Error")),
        ("http_503", || answer("503 Service Unavailable", &["Retry-After: 100"], "<html>")),
    ]
}

fn is_about(pause: Duration, seconds: f64) -> bool {
    (seconds * 0.8..=seconds * 1.2).contains(&pause.as_secs_f64())
}

#[tokio::test]
async fn what_may_pass_is_tried_three_times_one_and_four_seconds_apart() {
    for (code, act) in troubles() {
        let bed = Bed::of(vec![act(), act(), act(), json("1")]).await;
        let fault = bed.fault().await;
        assert_eq!((fault.code.as_str(), fault.again, fault.from_source), (code, Again::Again, true));
        assert!(fault.message.starts_with("GET /rows.json from jolpica: the "), "{fault}");
        assert!(fault.message.ends_with(", after 3 tries"), "{fault}");
        let waits = bed.clock.waits();
        assert!(waits.len() == 2 && is_about(waits[0], 1.0) && is_about(waits[1], 4.0), "{code}: {waits:?}");
        assert_eq!((bed.server.requests().len(), bed.notes.spent()), (3, 3), "{code}");
        assert!(bed.notes.holds().is_empty(), "{code}");
    }
}

#[tokio::test]
async fn what_passed_is_an_answer_like_any_other() {
    for (code, act) in troubles() {
        let bed = Bed::of(vec![act(), act(), json("1")]).await;
        let answer = bed.ask().await.unwrap();
        assert_eq!((answer.value, answer.tries), (json!(1), 3), "{code}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_tried_three_times() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let bed = Bed { client: client(port, |_| {}), ..Bed::of(vec![]).await };
    let fault = bed.fault().await;
    assert_eq!(
        fault.message,
        "GET /rows.json from jolpica: the connection could not be opened: connection refused, after 3 tries"
    );
    assert_eq!((bed.clock.waits().len(), fault.again), (2, Again::Again));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_after_three_time_limits() {
    let bed = Bed::with(vec![Act::Hold, Act::Hold, Act::Hold], |policy| {
        policy.request_timeout = Duration::from_millis(200);
    })
    .await;
    let began = Instant::now();
    assert_eq!(
        bed.fault().await.message,
        "GET /rows.json from jolpica: no whole answer in 200ms, after 3 tries"
    );
    let took = began.elapsed();
    assert!((Duration::from_millis(600)..Duration::from_secs(10)).contains(&took), "{took:?}");
    assert_eq!(bed.server.requests().len(), 3);
}

#[tokio::test]
async fn chance_moves_the_pauses_by_a_fifth_at_most() {
    let mut firsts = Vec::new();
    for seed in 0..40 {
        let bed = Bed::of(vec![Act::Drop, json("1")]).await;
        let means = Means::new(&bed.notes, &bed.clock, fastrand::Rng::with_seed(seed));
        bed.client.ask::<Value>(&Request::get("rows", "/rows.json"), &means).await.unwrap();
        firsts.push(bed.clock.waits()[0].as_secs_f64());
    }
    assert!(firsts.iter().all(|pause| (0.8..=1.2).contains(pause)), "{firsts:?}");
    assert!(firsts.iter().any(|pause| *pause < 0.9) && firsts.iter().any(|pause| *pause > 1.1), "{firsts:?}");
}

#[tokio::test]
async fn any_other_refusal_is_final() {
    for (line, code) in [
        ("400 Bad Request", "http_400"),
        ("401 Unauthorized", "http_401"),
        ("404 Not Found", "http_404"),
        ("408 Request Timeout", "http_408"),
        ("410 Gone", "http_410"),
    ] {
        let bed = Bed::of(vec![answer(line, &["Retry-After: 1"], "secret"), json("1")]).await;
        let failure = bed.ask().await.unwrap_err();
        assert_eq!(failure.status().map(|status| format!("http_{status}")).as_deref(), Some(code));
        let message = format!("GET /rows.json from jolpica: the answer was {}", &line[..3]);
        assert_eq!((failure.again, failure.to_string()), (Again::Never, message));
        assert_eq!((bed.server.requests().len(), bed.clock.waits().len()), (1, 0), "{code}");
    }
}

#[tokio::test]
async fn an_upstream_asked_too_often_is_waited_for_as_long_as_it_says() {
    for (said, seconds) in [
        (Some("7"), 7),
        (Some("0"), 0),
        (Some("Sun, 06 Jul 2025 16:00:30 GMT"), 30),
        (Some("Sunday, 06-Jul-25 16:00:30 GMT"), 30),
        (Some("Sun, 06 Jul 2025 15:00:00 GMT"), 0),
        (Some("301"), 300),
        (Some("99999999999999999999"), 300),
        (Some("Mon, 06 Jul 2026 16:00:00 GMT"), 300),
        (Some("soon"), 2),
        (None, 2),
    ] {
        let bed = Bed::of(vec![throttled(said), json("1")]).await;
        assert_eq!(bed.ask().await.unwrap().tries, 2, "{said:?}");
        assert_eq!(bed.clock.waits(), [Duration::from_secs(seconds)], "{said:?}");
        assert_eq!(bed.notes.holds(), [i64::try_from(seconds).unwrap()], "{said:?}: everybody waits");
    }
}

#[tokio::test]
async fn an_upstream_asked_too_often_is_tried_four_times() {
    let script = (0..4).map(|_| throttled(None)).chain([json("1")]).collect();
    let bed = Bed::of(script).await;
    let fault = bed.fault().await;
    assert_eq!(
        fault.message,
        "GET /rows.json from jolpica: the answer was 429, too many requests, after 4 tries"
    );
    assert_eq!((fault.code.as_str(), fault.from_source), ("http_429", true));
    assert_eq!(fault.again, Again::After(Duration::from_secs(60)));
    assert_eq!(bed.clock.waits(), [2, 10, 60].map(Duration::from_secs));
    assert_eq!(bed.notes.holds(), [2, 12, 72, 132], "giving up spares nobody the pause");
    assert_eq!(bed.server.requests().len(), 4);
}

#[tokio::test]
async fn all_failures_count_towards_the_same_tries() {
    let script = vec![Act::Drop, throttled(None), throttled(None), cut(), json("1")];
    let bed = Bed::of(script).await;
    let failure = bed.ask().await.unwrap_err();
    assert_eq!((failure.tries, bed.server.requests().len()), (4, 4));
    let waits = bed.clock.waits();
    assert!(is_about(waits[0], 1.0) && waits[1..] == [10, 60].map(Duration::from_secs), "{waits:?}");
}

#[tokio::test]
async fn a_policy_may_let_the_upstream_only_lengthen_pauses() {
    let busy = |said: &str| answer("503 Service Unavailable", &[&format!("Retry-After: {said}")], "");
    let script = vec![busy("1"), throttled(Some("9")), status("408 Request Timeout"), json("1")];
    let bed = Bed::with(script, |policy| {
        policy.retry_after = RetryAfter::Lengthens;
        policy.jitter = 0.0;
        policy.trouble = Pauses::of_seconds([2, 4, 8]);
        policy.throttled = Pauses::of_seconds([2, 4, 8]);
        policy.passing_statuses = vec![408];
    })
    .await;
    assert_eq!(bed.ask().await.unwrap().tries, 4);
    assert_eq!(bed.clock.waits(), [2, 9, 8].map(Duration::from_secs));
}

#[tokio::test]
async fn work_that_must_stop_stops_in_a_pause() {
    let bed = Bed { clock: Hand::stopping_in(2), ..Bed::of(vec![throttled(None), cut(), json("1")]).await };
    let fault = bed.fault().await;
    assert_eq!((fault.code.as_str(), fault.again), ("stopped", Again::Again));
    assert_eq!(bed.server.requests().len(), 2);
}

#[tokio::test]
async fn a_reader_of_ones_own_says_whether_to_ask_again() {
    let read = |body: &[u8]| {
        let answer: Value = read_json(body)?;
        let message = "not now".to_owned();
        match answer["code"].as_i64() {
            Some(200) => Ok(answer["data"].clone()),
            Some(500) => Err(Unread::Refused { code: "500".to_owned(), message }),
            _ => Err(Unread::RefusedForGood { code: "403".to_owned(), message }),
        }
    };
    let script = vec![json(r#"{"code":500}"#), json(r#"{"code":200,"data":[7]}"#), json(r#"{"code":403}"#)];
    let bed = Bed::with(script, |policy| policy.unread = Pauses::of_seconds([2])).await;
    let means = Means::new(&bed.notes, &bed.clock, fastrand::Rng::with_seed(1));
    let request = Request::get("rows", "/rows.json");
    let answer = bed.client.ask_with(&request, &means, read).await.unwrap();
    assert_eq!((answer.value, answer.tries), (json!([7]), 2));
    let failure = bed.client.ask_with(&request, &means, read).await.unwrap_err();
    assert_eq!(failure.to_string(), "GET /rows.json from jolpica: 403 not now");
    assert_eq!((failure.again, failure.tries), (Again::Never, 1));
}
