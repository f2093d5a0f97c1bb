//! The page of the settings, and what a person's choices change on every page.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use crate::house::{House, shown, text};
use crate::live::{listen, read_until};

fn has(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words} in {page}");
    }
}

/// Status and body of a GET with these cookies.
async fn with(house: &House, cookies: &str, path: &str) -> String {
    let request = Request::get(path).header(header::COOKIE, cookies);
    shown(house.ask(request.body(Body::empty()).unwrap()).await).await
}

/// Sends the form; answers where it leads and the pairs that the browser is to keep.
async fn choose(house: &House, fields: &str) -> (String, Vec<String>) {
    let response = house.form("/settings", fields).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let text = |value: &header::HeaderValue| value.to_str().unwrap().to_owned();
    let place = text(&response.headers()[header::LOCATION]);
    let kept = response.headers().get_all(header::SET_COOKIE).iter();
    (place, kept.map(|cookie| text(cookie).split(';').next().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn the_server_tells_what_it_runs_with_and_where_that_was_set_but_no_secret() {
    let house = House::new().await;
    let page = house.get("/settings").await;
    has(
        &page,
        &[
            "200 OK",
            "1.2.3",
            "abcdef0",
            "Asia/Shanghai",
            "<code>postgres://u:***@h/d</code></td><td>environment <code>SYNCLINE_DATABASE_URL</code>",
            "<code>example:1</code></td><td>flag <code>--days-upstream</code>",
            "<code>7</code></td><td>file <code>syncline.toml</code>",
            "<span class=\"quiet\">not set</span></td><td>default",
            "is refused",
        ],
    );
    let chinese = house.get_chinese("/settings").await;
    has(&chinese, &["设置", "环境变量 <code>SYNCLINE_DATABASE_URL</code>", "未设置", "默认值", "拒绝"]);
}

#[tokio::test]
async fn choices_are_kept_in_the_browser_and_seen_on_the_page() {
    let house = House::new().await;
    let (place, kept) =
        choose(&house, "language=zh&theme=dark&zone=named&zone_name=america%2Fnew_york").await;
    assert_eq!(place, "/settings?saved=1");
    assert_eq!(kept, ["lang=zh", "theme=dark", "zone=America/New_York"]);
    let page = with(&house, &kept.join("; "), "/settings?saved=1").await;
    has(
        &page,
        &[
            "lang=\"zh\" data-theme=\"dark\"",
            "content=\"dark\"",
            "已保存",
            "value=\"dark\" checked",
            "value=\"named\" checked",
            "value=\"America/New_York\"",
            "2025-10-17 16:00:00 -04:00",
        ],
    );
    assert!(!page.contains("data-zone"), "the browser's zone is not asked for");
    let (_, kept) = choose(&house, "language=en&theme=auto&zone=browser&zone_name=").await;
    assert_eq!(kept, ["lang=en", "theme=", "zone="]);
}

#[tokio::test]
async fn a_zone_that_does_not_exist_is_refused_beside_its_field_and_nothing_is_kept() {
    let house = House::new().await;
    for (lang, words) in [("en", "No zone is called “Mars/Base”"), ("zh", "没有名为“Mars/Base”的时区")]
    {
        let fields = "language=en&theme=light&zone=named&zone_name=Mars%2FBase";
        let response = house.form(&format!("/settings?lang={lang}"), fields).await;
        let kept: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(kept.len(), 1, "only the language of the address");
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = text(response).await;
        has(&page, &[words, "value=\"Mars/Base\"", "aria-invalid=\"true\"", "value=\"light\" checked"]);
    }
}

#[tokio::test]
async fn times_are_in_the_chosen_zone_then_the_browsers_then_the_servers() {
    let house = House::new().await;
    house.start("2025-10-13", "2025-10-13").await;
    house.work().await;
    for (cookies, title) in [
        ("", "2025-10-18 04:00:00 +08:00"),
        ("browser_zone=Asia/Kathmandu", "2025-10-18 01:45:00 +05:45"),
        ("browser_zone=Asia/Kathmandu; zone=server", "2025-10-18 04:00:00 +08:00"),
        ("browser_zone=Asia/Kathmandu; zone=Europe/Berlin", "2025-10-17 22:00:00 +02:00"),
        ("browser_zone=Nowhere; zone=Nobody's", "2025-10-18 04:00:00 +08:00"),
    ] {
        for path in ["/", "/runs", "/runs/1"] {
            has(&with(&house, cookies, path).await, &["200 OK", &format!("title=\"{title}\"")]);
        }
    }
    let page = with(&house, "zone=Europe/Berlin", "/schedules").await;
    has(
        &page,
        &["+02:00", "+08:00", "Europe/Berlin", "/schedules/live?lang=en&amp;zone=Europe/Berlin&amp;page=1"],
    );
}

#[tokio::test]
async fn a_day_that_runs_are_looked_for_is_the_viewers() {
    let house = House::new().await;
    house.start("2025-10-13", "2025-10-13").await;
    house.work().await;
    for (zone, day) in [("server", "2025-10-18"), ("UTC", "2025-10-17")] {
        let page = with(&house, &format!("zone={zone}"), &format!("/runs?from={day}&to={day}")).await;
        has(&page, &["#1 days.all"]);
    }
    assert!(!with(&house, "zone=UTC", "/runs?from=2025-10-18").await.contains("#1 days.all"));
}

#[tokio::test]
async fn fragments_are_in_the_zone_and_the_language_of_their_page_whatever_is_chosen_since() {
    let house = House::new().await;
    house.start("2025-10-13", "2025-10-13").await;
    house.work().await;
    let page = with(&house, "browser_zone=Etc/GMT+3; lang=zh", "/runs").await;
    let live = page.split("data-live=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    assert_eq!(live, "/runs/live?lang=zh&zone=Etc/GMT+3&");
    let read = read_until(&mut listen(&house, &live, None).await, "choose-1").await;
    has(&read, &["2025-10-17 17:00:00 -03:00", "失败"]);
    let response = house.ask(Request::get(&live).body(Body::empty()).unwrap()).await;
    assert!(!response.headers().contains_key(header::SET_COOKIE), "a stream chooses nothing for its viewer");
}
