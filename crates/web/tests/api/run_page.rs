//! The page of a run and its form, as a browser without JavaScript uses them.

use axum::http::header;

use crate::house::{House, text};

fn has(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[tokio::test]
async fn a_run_that_ended_shows_what_failed_first_and_why() {
    let house = House::new().await;
    house.start("2025-10-12", "2025-10-14").await;
    house.work().await;
    let page = house.get("/runs/1").await;
    has(&page, &["200 OK", "#1 days.all", "data-state=\"partial\"", "unlucky", "2025-10-13 does not work"]);
    has(
        &page,
        &["doing 2025-10-12", "3 tries: 2 did their work, 1 failed", "Failed 1", "All 3", "value=\"retry\""],
    );
    let table = page.find("id=\"run-partitions\"").expect("the table");
    let rows = &page[table..];
    assert!(rows.find("2025-10-13") < rows.find("2025-10-12"), "failed ones first");
    let failed = house.get("/runs/1?show=failed").await;
    let rows = &failed[failed.find("id=\"run-partitions\"").expect("the table")..];
    assert!(rows.contains("2025-10-13") && !rows.contains("2025-10-12"), "{rows}");
    has(
        &house.get_chinese("/runs/1").await,
        &["部分成功", "分区失败的原因", "共 3 次尝试：2 次完成，1 次失败", "全部运行"],
    );
}

#[tokio::test]
async fn a_partition_leads_to_the_rows_it_wrote_and_they_lead_back_to_its_run() {
    let house = House::new().await;
    house.start("2025-10-08", "2025-10-09").await;
    house.work().await;
    house.start("2025-10-09", "2025-10-13").await;
    house.work().await;
    let page = house.get("/runs/2").await;
    let table = &page[page.find("id=\"run-partitions\"").expect("the table")..];
    let link = "/tables/quote?where=day:eq:2025-10-09";
    has(table, &[">new<", ">updated<", ">unchanged<", ">deleted<", &format!("<a href=\"{link}\">")]);
    assert!(!table.contains("day:eq:2025-10-13"), "a day that failed wrote nothing: {table}");

    let rows = house.get(link).await;
    has(&rows, &["2 of 3 rows", "Last written by run", "<a href=\"/runs/2\">#2</a>", "days.all"]);
    has(&house.get("/tables/quote?where=day:eq:2025-10-08").await, &["<a href=\"/runs/1\">#1</a>"]);
    has(&house.get_chinese(link).await, &["最近由运行", "写入"]);
    for unknown in
        ["/tables/quote", "/tables/quote?where=day:from:2025-10-09", "/tables/quote?where=day:eq:2024-01-01"]
    {
        assert!(!house.get(unknown).await.contains("Last written"), "{unknown}");
    }
}

#[tokio::test]
async fn an_unknown_run_is_told_in_words_inside_the_frame() {
    let house = House::new().await;
    for path in ["/runs/9", "/runs/nine", "/runs/99999999999999999999"] {
        let page = house.get(path).await;
        has(&page, &["404", "<nav>", "href=\"/runs\" aria-current=\"page\""]);
    }
    has(&house.get("/runs/9").await, &["There is no such run"]);
    has(&house.get_chinese("/runs/9").await, &["运行不存在"]);
    assert!(house.get("/runs/9/live").await.starts_with("404"));
    assert_eq!(house.form("/runs/9", "verb=cancel").await.status(), 404);
}

#[tokio::test]
async fn every_button_does_its_verb_and_leads_back_to_the_page() {
    let house = House::new().await;
    house.start("2025-10-12", "2025-10-13").await;
    for (verb, next) in
        [("pause", "value=\"resume\""), ("resume", "value=\"pause\""), ("cancel", "value=\"retry\"")]
    {
        let response = house.form("/runs/1?show=failed", &format!("verb={verb}")).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()[header::LOCATION]),
            (303, &"/runs/1?show=failed".parse().unwrap())
        );
        has(&house.get("/runs/1").await, &[next]);
    }
    let response = house.form("/runs/1", "verb=retry").await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()[header::LOCATION]),
        (303, &"/runs/2".parse().unwrap())
    );
    let response = house.form("/runs/1", "verb=retry").await;
    assert_eq!(response.status(), 409, "sent twice, done once");
    has(&text(response).await, &["Another run of this sync is active", "href=\"/runs/2\"", "#1 days.all"]);
    assert_eq!(house.form("/runs/1", "verb=explode").await.status(), 400);
}

#[tokio::test]
async fn a_stale_page_that_acts_on_an_ended_run_is_told_so() {
    let house = House::new().await;
    house.start("2025-10-01", "2025-10-01").await;
    house.work().await;
    let response = house.form("/runs/1?lang=zh", "verb=cancel").await;
    assert_eq!(response.status(), 409);
    has(&text(response).await, &["运行的当前状态不允许此操作", "#1 days.all"]);
}

#[tokio::test]
async fn a_long_log_is_read_back_page_by_page() {
    let house = House::new().await;
    house.start("2025-01-01", "2025-12-31").await;
    house.work().await;
    let lines = |page: &str| page.matches("<li data-level=").count();
    let newest = house.get("/runs/1").await;
    assert_eq!(lines(&newest), 200);
    has(&newest, &["doing 2025-12-31"]);
    let older = newest
        .split("?before=")
        .nth(1)
        .and_then(|rest| rest.split('#').next())
        .expect("a link to older lines");
    let page = house.get(&format!("/runs/1?before={older}")).await;
    assert_eq!(lines(&page), 165);
    has(&page, &["doing 2025-01-01", "Newest lines"]);
    assert!(!page.contains("doing 2025-12-31") && !page.contains("Older lines"));
    has(&house.get("/runs/1?page=4").await, &["Page 4 of 4"]);
    assert!(newest.len() < 300 << 10, "{} bytes", newest.len());
}

#[tokio::test]
async fn the_page_lives_while_its_run_goes() {
    let house = House::new().await;
    house.start("2025-10-12", "2025-10-13").await;
    let mut body = crate::live::listen(&house, "/runs/1/live?lang=en", None).await;
    let read = crate::live::read_until(&mut body, "\"id\":\"run-partitions\"").await;
    has(&read, &["queued", "\"id\":\"run-head\"", "\"id\":\"run-log\"", "The log is empty"]);
    house.work().await;
    let read = crate::live::read_until(&mut body, "unlucky").await;
    has(&read, &["doing 2025-10-12"]);
}
