//! Answers that are too long, too slow, or something else.

use std::time::Duration;

use connect::http::{Pauses, Trouble};
use model::fault::Again;
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::server::{Act, answer, json};

/// Whole, but without an announced length: it ends with the connection.
const OPEN: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A JSON text of this many bytes.
fn long(bytes: usize) -> String {
    format!("\"{}\"", "x".repeat(bytes - 2))
}

#[tokio::test]
async fn an_answer_may_be_as_long_as_allowed_and_no_longer() {
    let chunked = |text: &str| {
        let chunks = format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len());
        Act::Say([CHUNKED, chunks.as_bytes()].concat())
    };
    for (act, fits) in [
        (json(&long(1000)), true),
        (json(&long(1001)), false),
        (chunked(&long(1000)), true),
        (chunked(&long(1001)), false),
        (Act::Say([OPEN, long(1000).as_bytes()].concat()), true),
        (Act::Say([OPEN, long(1001).as_bytes()].concat()), false),
    ] {
        let bed = Bed::with(vec![act], |policy| policy.body_max = 1000).await;
        match bed.ask().await {
            Ok(answer) => assert!(fits && answer.value == json!("x".repeat(998))),
            Err(failure) => {
                assert!(!fits, "{failure}");
                assert_eq!(
                    failure.to_string(),
                    "GET /rows.json from jolpica: the answer is longer than 1000 bytes"
                );
                assert_eq!((failure.again, failure.tries), (Again::Never, 1));
            }
        }
    }
}

#[tokio::test]
async fn an_endless_answer_ends_at_the_limit() {
    for head in [OPEN.to_vec(), b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n".to_vec()] {
        let bed = Bed::of(vec![Act::Flood(head)]).await;
        let failure = bed.ask().await.unwrap_err();
        assert!(matches!(failure.trouble, Trouble::TooLong { max: 4_194_304 }), "{failure}");
    }
}

#[tokio::test]
async fn an_answer_announced_too_long_is_not_waited_for() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 4194305\r\n\r\n".to_vec();
    let bed = Bed::with(vec![Act::Drip(head, Duration::from_millis(20))], |policy| {
        policy.request_timeout = Duration::from_secs(3);
    })
    .await;
    assert_eq!(bed.fault().await.code, "too_long");
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_after_the_time_for_the_whole_request() {
    let drips = || Act::Drip(OPEN.to_vec(), Duration::from_millis(20));
    let bed = Bed::with(vec![drips(), drips(), drips()], |policy| {
        policy.request_timeout = Duration::from_millis(300);
    })
    .await;
    let fault = bed.fault().await;
    assert_eq!(fault.message, "GET /rows.json from jolpica: no whole answer in 300ms, after 3 tries");
    assert_eq!((fault.code.as_str(), fault.again, fault.from_source), ("timeout", Again::Again, true));
}

#[tokio::test]
async fn html_is_not_asked_for_again() {
    let bed = Bed::of(vec![answer("200 OK", &["Content-Type: text/html"], "<html>secret</html>")]).await;
    let fault = bed.fault().await;
    assert_eq!(fault.message, "GET /rows.json from jolpica: the answer is not JSON, at line 1 column 1");
    assert_eq!((fault.code.as_str(), fault.again, fault.from_source), ("garbled", Again::Again, true));
    assert_eq!(bed.server.requests().len(), 1);
}

#[tokio::test]
async fn json_of_another_shape_is_named_without_quoting_it() {
    let bed = Bed::of(vec![json(r#"{"rows":"secret"}"#)]).await;
    let means = connect::http::Means::new(&bed.notes, &bed.clock, fastrand::Rng::with_seed(1));
    let request = connect::http::Request::get("rows", "/rows.json");
    let answer = bed.client.ask::<std::collections::HashMap<String, Vec<Value>>>(&request, &means).await;
    assert_eq!(
        answer.unwrap_err().to_string(),
        "GET /rows.json from jolpica: the answer is JSON of another shape than expected, at line 1 column 16"
    );
}

#[tokio::test]
async fn a_policy_may_ask_again_for_what_is_not_json() {
    let html = || answer("200 OK", &[], "<html>");
    let bed = Bed::with(vec![html(), html(), json("[1]")], |policy| {
        policy.unread = Pauses::of_seconds([2, 4, 8]);
    })
    .await;
    let answer = bed.ask().await.unwrap();
    assert_eq!((answer.value, answer.tries), (json!([1]), 3));
    assert_eq!(bed.clock.waits(), [Duration::from_secs(2), Duration::from_secs(4)]);
}
