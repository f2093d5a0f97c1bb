//! Paging with services that honour the page size, ignore it, cap it, or repeat themselves.

use std::num::NonZeroU32;

use connect::baostock::{Client, Config};

use crate::server::{Act, Server, client, listing, login};
use crate::sessions::DAY_ASKED;

const CODES: [&str; 7] =
    ["sh.000001", "sh.600000", "sh.600001", "sh.600002", "sz.000001", "sz.000002", "sz.000003"];

/// Pages of three rows, with the page size the service says it used.
async fn served(pages: &[(u32, &[&str])]) -> (Server, Client) {
    let mut acts = vec![login()];
    for (number, (said, codes)) in (1..).zip(pages) {
        acts.push(Act::Say(listing(number, *said, codes)));
    }
    let server = Server::start(vec![acts]).await;
    let config = Config { page_size: NonZeroU32::new(3).unwrap(), ..server.config() };
    let (client, _) = client(config);
    (server, client)
}

/// The codes that come, and how many pages were asked for.
async fn listed(pages: &[(u32, &[&str])]) -> (Vec<String>, usize) {
    let (server, mut client) = served(pages).await;
    let records = client.all_stock(DAY_ASKED).await.unwrap();
    let code = records.column("code").unwrap();
    let codes = records.rows().map(|row| row.cell(code).unwrap().to_owned()).collect();
    (codes, server.requests().len() - 1)
}

#[tokio::test]
async fn a_short_page_is_the_last() {
    assert_eq!(listed(&[(3, &CODES[..2])]).await, (CODES[..2].iter().map(ToString::to_string).collect(), 1));
    let three = listed(&[(3, &CODES[..3]), (3, &CODES[3..6]), (3, &CODES[6..])]).await;
    assert_eq!(three, (CODES.iter().map(ToString::to_string).collect(), 3));
}

#[tokio::test]
async fn a_full_page_is_followed_by_one_more() {
    let exact = listed(&[(3, &CODES[..3]), (3, &[])]).await;
    assert_eq!(exact, (CODES[..3].iter().map(ToString::to_string).collect(), 2));
}

#[tokio::test]
async fn a_page_larger_than_asked_is_everything() {
    assert_eq!(listed(&[(3, &CODES)]).await.1, 1);
    assert_eq!(listed(&[(10_000, &CODES)]).await.1, 1);
}

#[tokio::test]
async fn a_service_with_smaller_pages_is_read_to_the_end() {
    let capped = listed(&[(2, &CODES[..2]), (2, &CODES[2..4]), (2, &CODES[4..5])]).await;
    assert_eq!(capped, (CODES[..5].iter().map(ToString::to_string).collect(), 3));
}

#[tokio::test]
async fn an_empty_list_is_an_answer() {
    assert_eq!(listed(&[(3, &[])]).await, (Vec::new(), 1));
}

#[tokio::test]
async fn a_page_that_comes_twice_is_a_protocol_error_and_costs_the_connection() {
    let page = || Act::Say(listing(1, 3, &CODES[..3]));
    let again = vec![login(), Act::Say(listing(1, 3, &CODES[..1]))];
    let server = Server::start(vec![vec![login(), page(), page()], again]).await;
    let config = Config { page_size: NonZeroU32::new(3).unwrap(), ..server.config() };
    let (mut client, _) = client(config);
    let fault = client.all_stock(DAY_ASKED).await.unwrap_err();
    assert_eq!((fault.code.as_str(), fault.from_source), ("protocol", true));
    assert!(fault.message.ends_with("page 2 repeats the page before it"), "{fault}");
    assert_eq!(server.requests().len(), 3);
    client.all_stock(DAY_ASKED).await.unwrap();
    assert_eq!(server.requests()[3], "2:login anonymous 123456 0");
}
