//! No message names a host, a query, a credential or a body.

use connect::http::{Request, Secret};
use model::fault::Fault;

use crate::bed::{Bed, client};
use crate::server::{Act, answer, cut, json, redirect, throttled};

#[tokio::test]
async fn no_message_holds_what_nobody_may_see() {
    let leaky = |status: &str| answer(status, &["X-Token: body-secret"], "<p>body-secret</p>");
    let troubles: Vec<fn() -> Act> = vec![
        || Act::Drop,
        || Act::Say(b"body-secret\r\n\r\n".to_vec()),
        cut,
        || json(r#"{"body-secret":tru"#),
        || json("<p>body-secret</p>"),
        || throttled(Some("body-secret")),
        || redirect("http://other-secret.example/?token=body-secret"),
        || redirect("http://[body-secret"),
    ];
    let mut acts = troubles.iter().map(|act| (0..4).map(|_| act()).collect()).collect::<Vec<Vec<_>>>();
    acts.extend(
        ["401 No", "404 body-secret", "503 body-secret"].map(|line| (0..4).map(|_| leaky(line)).collect()),
    );
    for script in acts {
        let bed = Bed::of(script).await;
        let port = bed.server.port.to_string();
        let request = Request::get("rows", "/rows.json")
            .with("password", "query-secret")
            .authorized(Secret::new("header-secret"));
        let failure = bed.send(&request).await.unwrap_err();
        let mut shown = format!("{failure} {failure:?} {request:?} {:?}", bed.client.config());
        let fault = Fault::from(failure);
        shown.push_str(&format!("{fault} {fault:?}"));
        for hidden in ["secret", "127.0.0.1", port.as_str()] {
            assert!(!shown.contains(hidden), "{hidden}: {shown}");
        }
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_named_either() {
    let bed = Bed { client: client(1, |_| {}), ..Bed::of(vec![]).await };
    let failure = bed.ask().await.unwrap_err();
    let shown = format!("{failure} {failure:?}");
    assert!(!shown.contains("127.0.0.1") && shown.contains("refused"), "{shown}");
}
