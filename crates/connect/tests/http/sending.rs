//! What a request looks like on the wire, and where it goes.

use std::sync::Arc;

use connect::http::{Base, Failure, Means, Page, Request, Secret, list};
use serde_json::{Value, json};

use crate::bed::Bed;
use crate::server::{answer, json};

/// The request without the port of the day.
fn shown(bed: &Bed, number: usize) -> String {
    bed.server.requests()[number].replace(&bed.server.port.to_string(), "PORT").replace("\r\n", "\n")
}

#[tokio::test]
async fn a_request_says_who_asks_and_for_what() {
    let bed = Bed::of(vec![json(r#"{"rows":[]}"#)]).await;
    let request = Request::get("results", "/2025/9/results.json").with("limit", 100).with("q", "a b&c=名");
    let answer = bed.send(&request).await.unwrap();
    assert_eq!((answer.value, answer.tries), (json!({"rows": []}), 1));
    let expected = format!(
        "GET /ergast/f1/2025/9/results.json?limit=100&q=a+b%26c%3D%E5%90%8D HTTP/1.1\n\
         accept: application/json\n\
         user-agent: Syncline/{}\n\
         host: 127.0.0.1:PORT\n\n",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(shown(&bed, 0), expected);
}

#[tokio::test]
async fn a_post_carries_json_and_its_authorization() {
    let bed = Bed::of(vec![json("{}")]).await;
    let request = Request::post("stat", "/agent/stat", json!({"query_type": 20}))
        .authorized(Secret::new("Bearer tea-for-two"));
    bed.send(&request).await.unwrap();
    let sent = shown(&bed, 0);
    assert!(sent.starts_with("POST /ergast/f1/agent/stat HTTP/1.1\n"), "{sent}");
    assert!(sent.contains("\nauthorization: Bearer tea-for-two\n"), "{sent}");
    assert!(sent.contains("\ncontent-type: application/json\n"), "{sent}");
    assert!(sent.ends_with("\n\n{\"query_type\":20}"), "{sent}");
}

#[tokio::test]
async fn nothing_is_remembered_from_one_request_to_the_next() {
    let keep = ["Set-Cookie: a=1; Path=/", "Cache-Control: max-age=3600", "ETag: \"x\"", "Last-Modified: x"];
    let bed = Bed::of(vec![answer("200 OK", &keep, "1"), answer("200 OK", &keep, "2")]).await;
    assert_eq!(bed.ask().await.unwrap().value, json!(1));
    assert_eq!(bed.ask().await.unwrap().value, json!(2));
    assert_eq!(shown(&bed, 0), shown(&bed, 1));
}

#[tokio::test]
async fn a_listing_is_read_page_by_page_in_a_task_of_its_own() {
    let page = |rows: &str| json(&format!(r#"{{"total":"3","rows":[{rows}]}}"#));
    let bed = Arc::new(Bed::of(vec![page("1,2"), page("3")]).await);
    let of = Arc::clone(&bed);
    let task = tokio::spawn(async move {
        let means = Means::new(&of.notes, &of.clock, fastrand::Rng::with_seed(1));
        let fetch = async |offset| {
            let request = Request::get("rows", "/rows.json").with("limit", 100).with("offset", offset);
            let answer = of.client.ask::<Value>(&request, &means).await?.value;
            let rows = answer["rows"].as_array().unwrap().clone();
            Ok::<_, Failure>(Page { total: answer["total"].as_str().unwrap().parse().unwrap(), rows })
        };
        list(1000, fetch, |row: &Value| row.as_u64()).await
    });
    assert_eq!(task.await.unwrap().unwrap().rows, [json!(1), json!(2), json!(3)]);
    let target = |offset| format!("/ergast/f1/rows.json?limit=100&offset={offset}");
    assert_eq!(bed.server.targets(), [target(0), target(2)]);
}

#[tokio::test]
async fn a_path_cannot_become_a_query() {
    let bed = Bed::of(vec![json("1")]).await;
    bed.send(&Request::get("rows", "/a?b#c d.json")).await.unwrap();
    assert_eq!(bed.server.targets(), ["/ergast/f1/a%3Fb%23c%20d.json"]);
}

#[tokio::test]
async fn an_authorization_that_is_no_header_is_never_sent() {
    let bed = Bed::of(vec![json("1")]).await;
    let request = Request::get("rows", "/rows.json").authorized(Secret::new("tea\r\nx: y"));
    let failure = bed.send(&request).await.unwrap_err();
    assert_eq!(
        failure.to_string(),
        "GET /rows.json from jolpica: the request cannot be sent: the authorization does not fit into a header"
    );
    assert!(bed.server.requests().is_empty());
}

#[test]
fn a_base_address_is_http_with_a_host_and_nothing_more() {
    for good in ["https://api.example.org/ergast/f1", "http://127.0.0.1:8088", " https://[::1]:1/x/ "] {
        assert!(Base::parse(good).is_ok(), "{good}");
    }
    let bad = [
        "",
        "api.example.org",
        "ftp://a/b",
        "http://",
        "http://u@a/",
        "http://:p@a/",
        "http://a/?q",
        "http://a/#f",
    ];
    for bad in bad {
        let fault = Base::parse(bad).unwrap_err();
        assert!(fault.code == "config" && fault.message.starts_with("the upstream's base address "), "{bad}");
    }
}
