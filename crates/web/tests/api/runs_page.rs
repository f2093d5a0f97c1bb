//! The page of all runs and its form over several of them, as a browser without JavaScript uses it.

use crate::house::{House, shown};
use crate::live::{listen, read_until};

fn has(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words} in {page}");
    }
}

/// The numbers of the runs on a page, in their order.
fn numbers(page: &str) -> Vec<i64> {
    page.split("id=\"choose-").skip(1).filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

/// Runs 1 (partial, by hand), 2 (its retry, failed), 3 (succeeded, by hand, a day later), 4 (queued).
async fn four(house: &House) {
    house.start("2025-10-12", "2025-10-14").await;
    house.work().await;
    house.form("/runs/1/retry", "").await;
    house.work().await;
    house.advance(86_400);
    house.start("2025-10-01", "2025-10-02").await;
    house.work().await;
    house.start("2025-10-03", "2025-10-03").await;
}

#[tokio::test]
async fn nothing_there_is_said_in_words() {
    let house = House::new().await;
    has(&house.get("/runs").await, &["200 OK", "There is no run yet."]);
    has(&house.get_chinese("/runs").await, &["还没有运行。"]);
    has(&house.get("/runs?state=failed").await, &["No run is like that."]);
}

#[tokio::test]
async fn runs_are_shown_newest_first_and_by_what_is_asked() {
    let house = House::new().await;
    four(&house).await;
    let page = house.get("/runs").await;
    assert_eq!(numbers(&page), [4, 3, 2, 1]);
    has(&page, &["2025-10-12 – 2025-10-14", "3 of 3", "href=\"/runs/1\"", "retry", "partial"]);
    for (query, wanted) in [
        ("state=active", vec![4]),
        ("state=wanting", vec![2, 1]),
        ("state=succeeded", vec![3]),
        ("trigger=retry", vec![2]),
        ("system=days&trigger=manual", vec![4, 3, 1]),
        ("system=races", vec![]),
        ("from=2025-10-19", vec![4, 3]),
        ("to=2025-10-18", vec![2, 1]),
        ("from=2025-10-18&to=2025-10-18&state=partial", vec![1]),
        ("before=3", vec![2, 1]),
    ] {
        assert_eq!(numbers(&house.get(&format!("/runs?{query}")).await), wanted, "{query}");
    }
    has(&house.get("/runs?state=wanting").await, &["<option value=\"wanting\" selected>", "Show all"]);
}

#[tokio::test]
async fn what_cannot_be_read_of_the_address_is_said_beside_the_list() {
    let house = House::new().await;
    house.start("2025-10-01", "2025-10-01").await;
    let page = house.get("/runs?from=yesterday").await;
    has(&page, &["400", "A parameter is wrong", "from=yesterday"]);
    assert_eq!(numbers(&page), [1]);
}

#[tokio::test]
async fn older_runs_are_on_the_next_page() {
    let house = House::new().await;
    for _ in 0..53 {
        house.start("2025-10-01", "2025-10-01").await;
        house.work().await;
    }
    let first = house.get("/runs").await;
    assert_eq!(numbers(&first), (4..=53).rev().collect::<Vec<_>>());
    has(&first, &["href=\"/runs?before=4\""]);
    let second = house.get("/runs?before=4").await;
    assert_eq!(numbers(&second), [3, 2, 1]);
    assert!(!second.contains("Older") && second.contains("Newest"), "{second}");
    assert!(first.len() < 300 << 10, "{} bytes", first.len());
}

#[tokio::test]
async fn chosen_runs_are_cancelled_or_it_is_said_why_not() {
    let house = House::new().await;
    four(&house).await;
    let page = shown(house.form("/runs/bulk?trigger=manual", "run=4&run=3&run=99&verb=cancel").await).await;
    has(
        &page,
        &[
            "200 OK",
            "Cancelled, or stopping:",
            "Not done:",
            "run 3 has ended (succeeded)",
            "There is no such run",
        ],
    );
    assert_eq!(numbers(&page), [4, 3, 1], "what was asked before stays");
    has(&house.get("/runs/4").await, &["data-state=\"cancelled\""]);
    let page = shown(house.form("/runs/bulk?lang=zh", "run=3&verb=cancel").await).await;
    has(&page, &["409", "未执行：", "运行的当前状态不允许此操作"]);
}

#[tokio::test]
async fn chosen_runs_are_retried_as_far_as_their_sync_allows() {
    let house = House::new().await;
    for _ in 0..2 {
        house.start("2025-10-13", "2025-10-13").await;
        house.work().await;
    }
    let page = shown(house.form("/runs/bulk", "run=2&run=1&verb=retry").await).await;
    has(&page, &["200 OK", "Retried:", "#1</a> → <a href=\"/runs/3\">#3</a>", "run 3 is active"]);
    assert_eq!(numbers(&page), [3, 2, 1]);
}

#[tokio::test]
async fn a_form_without_sense_is_told_so() {
    let house = House::new().await;
    has(&shown(house.form("/runs/bulk", "verb=cancel").await).await, &["No run was chosen"]);
    for fields in ["run=1", "run=1&verb=explode", "run=one&verb=cancel"] {
        has(&shown(house.form("/runs/bulk", fields).await).await, &["400", "The request body is wrong"]);
    }
}

#[tokio::test]
async fn the_list_lives() {
    let house = House::new().await;
    let mut body = listen(&house, "/runs/live?lang=en&state=active", None).await;
    read_until(&mut body, "No run is like that").await;
    house.start("2025-10-01", "2025-10-01").await;
    read_until(&mut body, "#1 days.all").await;
}
