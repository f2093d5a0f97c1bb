//! Bad days on the wire: every loss is an error within its time limit, and the next try starts afresh.

use std::time::Duration;

use connect::baostock::{Config, Timeouts};
use model::fault::Again;

use crate::frames::{DAY, unhex};
use crate::server::{Act, Server, client, listing, login, one_stock, plain};
use crate::sessions::DAY_ASKED;

/// First connection: login, then the given act. Second: all is well.
async fn recovers_after(act: Act) {
    let server = Server::start(vec![vec![login(), act], vec![login(), one_stock()]]).await;
    let (mut client, pauses) = server.client();
    assert_eq!(client.all_stock(DAY_ASKED).await.unwrap().len(), 1);
    let expected = [
        "1:login anonymous 123456 0",
        "1:query_all_stock anonymous 1 2000 2025-10-09",
        "2:login anonymous 123456 0",
        "2:query_all_stock anonymous 1 2000 2025-10-09",
    ];
    assert_eq!((server.requests(), pauses.seconds()), (expected.map(str::to_owned).to_vec(), vec![1]));
}

#[tokio::test]
async fn an_end_before_within_and_behind_a_reply_is_survived() {
    let reply = listing(1, 2000, &["sh.600000"]);
    for length in [0, 1, 20, 21, 22, reply.len() / 2, reply.len() - 1] {
        recovers_after(Act::Cut(reply[..length].to_vec())).await;
    }
}

#[tokio::test]
async fn a_garbled_reply_is_asked_for_again() {
    let reply = listing(1, 2000, &["sh.600000"]);
    let mut flipped = reply.clone();
    flipped[60] ^= 1;
    let mut trailing = reply.clone();
    trailing.extend_from_slice(&reply);
    let no_rows = plain("36", "0^success^query_all_stock^anonymous");
    let bad_rows = plain("36", "0^success^query_all_stock^anonymous^1^2000^{\"record\":[^2025-10-09^code");
    let no_code = plain("36", "hello^there");
    let http = b"HTTP/1.1 503 Service Unavailable\r\n\r\n".to_vec();
    for bad in [flipped, trailing, no_rows, bad_rows, no_code, http] {
        recovers_after(Act::Say(bad)).await;
    }
}

#[tokio::test]
async fn a_reply_of_another_type_is_refused() {
    recovers_after(Act::Say(plain("34", "0^success^query_trade_dates^anonymous^1^2000^^a^b^c"))).await;
    recovers_after(Act::Say(unhex(DAY))).await;
}

#[tokio::test]
async fn a_corrupt_stream_is_asked_for_again() {
    let mut corrupt = unhex(DAY);
    corrupt[100] ^= 1;
    let good = Act::Say(unhex(DAY));
    let server = Server::start(vec![vec![login(), Act::Say(corrupt)], vec![login(), good]]).await;
    let (mut client, pauses) = server.client();
    assert_eq!(client.daily_history_k_a_stock(DAY_ASKED).await.unwrap().len(), 1);
    assert_eq!(pauses.seconds(), [1]);
}

#[tokio::test]
async fn a_reply_in_any_pieces_is_whole() {
    let mut acts = vec![login()];
    acts.extend([1, 2, 7, 12, 13, 14, 100].map(|size| Act::Pieces(size, unhex(DAY))));
    let server = Server::start(vec![acts]).await;
    let (mut client, pauses) = server.client();
    for _ in 0..7 {
        assert_eq!(client.daily_history_k_a_stock(DAY_ASKED).await.unwrap().len(), 1);
    }
    assert!(pauses.seconds().is_empty());
}

#[tokio::test]
async fn a_broken_login_is_tried_again() {
    let server = Server::start(vec![
        vec![Act::Cut(b"00.9.00".to_vec())],
        vec![Act::Cut(Vec::new())],
        vec![login(), one_stock()],
    ])
    .await;
    let (mut client, pauses) = server.client();
    client.all_stock(DAY_ASKED).await.unwrap();
    assert_eq!(pauses.seconds(), [1, 2]);
}

#[tokio::test]
async fn a_source_that_always_hangs_up_is_given_up_after_four_tries() {
    let hang_up = || vec![Act::Cut(Vec::new())];
    let server = Server::start(vec![hang_up(), hang_up(), hang_up(), hang_up()]).await;
    let (mut client, pauses) = server.client();
    let fault = client.all_stock(DAY_ASKED).await.unwrap_err();
    assert_eq!(pauses.seconds(), [1, 2, 4]);
    assert_eq!((fault.again, fault.from_source), (Again::Again, true));
    assert!(fault.message.starts_with(&format!("query_all_stock at 127.0.0.1:{}: ", server.port)), "{fault}");
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn nobody_listening_is_a_fault_of_the_source() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let (mut client, pauses) = client(Config { host: "127.0.0.1".to_owned(), port, ..Config::default() });
    let fault = client.all_stock(DAY_ASKED).await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.from_source), ("connect", true));
    assert_eq!(pauses.seconds(), [1, 2, 4]);
}

fn limits(server: &Server, silence: u64, reply: u64) -> Config {
    let [silence, reply] = [silence, reply].map(Duration::from_millis);
    Config { timeouts: Timeouts { silence, reply, ..server.config().timeouts }, ..server.config() }
}

#[tokio::test]
async fn silence_ends_at_its_limit() {
    let server = Server::start(vec![vec![login(), Act::Hold], vec![login(), one_stock()]]).await;
    let (mut client, pauses) = client(limits(&server, 200, 60_000));
    client.all_stock(DAY_ASKED).await.unwrap();
    assert_eq!(pauses.seconds(), [1]);
}

#[tokio::test]
async fn a_drip_ends_at_the_limit_of_a_whole_reply() {
    let drip = || vec![login(), Act::Drip(Duration::from_millis(5))];
    let server = Server::start(vec![drip(), drip(), drip(), drip()]).await;
    let (mut client, _) = client(limits(&server, 60_000, 200));
    let fault = client.all_stock(DAY_ASKED).await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.from_source), ("timeout", true));
    assert!(fault.message.contains("no whole reply in 200ms"), "{fault}");
}

#[tokio::test]
async fn a_request_nobody_waits_for_any_more_costs_the_connection() {
    let server = Server::start(vec![vec![login(), one_stock(), Act::Hold], vec![login(), one_stock()]]).await;
    let (mut client, pauses) = server.client();
    client.all_stock(DAY_ASKED).await.unwrap();
    server.asked.notified().await;
    let asked = async {
        while server.requests().len() < 3 {
            server.asked.notified().await;
        }
    };
    tokio::select! {
        _ = client.all_stock(DAY_ASKED) => panic!("the server does not answer this"),
        () = asked => {}
    }
    // A late reply to the dropped request could be taken for this one's.
    client.all_stock(DAY_ASKED).await.unwrap();
    let requests = server.requests();
    assert_eq!(
        requests[3..],
        ["2:login anonymous 123456 0", "2:query_all_stock anonymous 1 2000 2025-10-09"]
    );
    assert!(pauses.seconds().is_empty());
}
