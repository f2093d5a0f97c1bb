//! Being sent elsewhere.

use std::time::Duration;

use connect::http::{Pauses, Request};
use model::fault::Again;
use serde_json::json;

use crate::bed::Bed;
use crate::server::{Server, json, late, redirect, status};

#[tokio::test]
async fn three_redirects_on_the_same_host_are_followed_and_taken_from_the_budget() {
    let bed = Bed::of(vec![
        redirect("/one"),
        redirect("two?x=1"),
        redirect("http://127.0.0.1:PORT/three"),
        json("3"),
    ])
    .await;
    assert_eq!(bed.ask().await.unwrap().value, json!(3));
    assert_eq!(bed.server.targets(), ["/ergast/f1/rows.json", "/one", "/two?x=1", "/three"]);
    assert_eq!(bed.notes.spent(), 4);
}

#[tokio::test]
async fn a_redirect_to_nowhere_is_not_followed() {
    for place in ["http://", "//127.0.0.1:x/"] {
        let bed = Bed::of(vec![redirect(place), json("1")]).await;
        let fault = bed.fault().await;
        assert_eq!((fault.code.as_str(), fault.again), ("redirect", Again::Never), "{place}");
        assert_eq!(bed.server.requests().len(), 1, "{place}");
    }
    let bed = Bed::of(vec![status("302 Found"), json("1")]).await;
    assert_eq!(
        bed.fault().await.message,
        "GET /rows.json from jolpica: the answer was a redirect to nowhere"
    );
}

#[tokio::test]
async fn a_fourth_redirect_is_one_too_many() {
    let around = || redirect("/around");
    let bed = Bed::of(vec![around(), around(), around(), around(), json("1")]).await;
    let fault = bed.fault().await;
    assert_eq!(fault.message, "GET /rows.json from jolpica: the answer was one redirect too many");
    assert_eq!((fault.code.as_str(), fault.again), ("redirect", Again::Never));
    assert_eq!(bed.server.requests().len(), 4);
}

#[tokio::test]
async fn redirects_do_not_buy_time() {
    let late = || late(Duration::from_millis(250), redirect("/on"));
    let bed = Bed::with(vec![late(), late(), json("1")], |policy| {
        policy.request_timeout = Duration::from_millis(400);
        policy.trouble = Pauses::none();
    })
    .await;
    assert_eq!(bed.fault().await.message, "GET /rows.json from jolpica: no whole answer in 400ms");
}

#[tokio::test]
async fn no_redirect_is_followed_where_the_policy_says_none() {
    let bed = Bed::with(vec![redirect("/one"), json("1")], |policy| policy.redirects_max = 0).await;
    assert_eq!(bed.fault().await.code, "redirect");
    assert_eq!(bed.server.requests().len(), 1);
}

#[tokio::test]
async fn another_host_is_never_asked() {
    let other = Server::start(vec![json("1"), json("2")]).await;
    let other_port = format!("http://127.0.0.1:{}/x", other.port);
    for place in [other_port.as_str(), "http://localhost:PORT/x", "//user@127.0.0.2:PORT/x"] {
        let bed = Bed::of(vec![redirect(place), json("3")]).await;
        let fault = bed.fault().await;
        assert_eq!(fault.message, "GET /rows.json from jolpica: the answer was a redirect to another host");
        assert_eq!((fault.again, bed.server.requests().len()), (Again::Never, 1), "{place}");
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn another_way_of_speaking_is_another_host() {
    for place in ["ftp://127.0.0.1/x", "file:///etc/passwd", "data:application/json,1"] {
        let bed = Bed::of(vec![redirect(place)]).await;
        assert_eq!(bed.fault().await.code, "redirect", "{place}");
    }
}

#[tokio::test]
async fn a_request_with_a_body_is_not_sent_elsewhere() {
    let bed = Bed::of(vec![redirect("/one"), json("1")]).await;
    let failure = bed.send(&Request::post("rows", "/rows", json!({}))).await.unwrap_err();
    assert_eq!(
        failure.to_string(),
        "POST /rows from jolpica: the answer was a redirect of a request that has a body"
    );
    assert_eq!(bed.server.requests().len(), 1);
}

#[tokio::test]
async fn not_modified_is_an_answer_nobody_asked_for() {
    let bed = Bed::of(vec![status("304 Not Modified")]).await;
    let fault = bed.fault().await;
    assert_eq!((fault.code.as_str(), fault.again), ("http_304", Again::Never));
}
