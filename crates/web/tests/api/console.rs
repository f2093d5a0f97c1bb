//! The front page and its forms, as a browser without JavaScript uses them.

use axum::body::Body;
use axum::http::{Request, header};

use crate::house::{House, text};

#[tokio::test]
async fn a_form_starts_a_run_and_leads_back() {
    let house = House::new().await;
    let response = house.form("/runs", "sync=days.all&from=2025-10-12&to=2025-10-14").await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()[header::LOCATION]),
        (303, &"/".parse().unwrap())
    );
    let page = house.get("/").await;
    assert!(page.starts_with("200") && page.contains("#1 days.all") && page.contains("0 of 3"), "{page}");
}

#[tokio::test]
async fn a_refused_form_shows_the_page_with_the_reason() {
    let house = House::new().await;
    house.start("2025-10-01", "2025-10-01").await;
    let response = house.form("/runs?lang=zh", "sync=days.all&from=2025-10-12&to=2025-10-14").await;
    assert_eq!(response.status(), 409);
    let page = text(response).await;
    assert!(page.contains("该同步项已有运行在进行") && page.contains("#1 days.all"), "{page}");
}

#[tokio::test]
async fn every_button_does_its_verb() {
    let house = House::new().await;
    house.start("2025-10-12", "2025-10-13").await;
    for (path, words) in
        [("/runs/1/pause", "Resume"), ("/runs/1/resume", "Pause"), ("/runs/1/cancel", "Retry: run 1")]
    {
        assert_eq!(house.form(path, "").await.status(), 303, "{path}");
        let page = house.get("/").await;
        assert!(page.contains(words), "{path}: {words} in {page}");
    }
    assert_eq!(house.form("/runs/1/retry", "").await.status(), 303);
    assert!(house.get("/").await.contains("#2 days.all"));
    house.work().await;
    assert_eq!(house.form("/schedules/1/run", "").await.status(), 303);
    assert!(house.get("/").await.contains("ended runs unread"));
    assert_eq!(house.form("/runs/mark-read", "up_to=2").await.status(), 303);
    assert!(house.get("/").await.contains("Everything read"));
    assert_eq!(house.form("/runs/9/pause", "").await.status(), 404);
}

#[tokio::test]
async fn the_language_of_the_address_stays() {
    let house = House::new().await;
    let response = house.ask(Request::get("/?lang=zh").body(Body::empty()).unwrap()).await;
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("lang=zh;") && cookie.contains("SameSite=Strict"), "{cookie}");
    let again = Request::get("/").header(header::COOKIE, "lang=zh").header(header::ACCEPT_LANGUAGE, "en");
    let page = text(house.ask(again.body(Body::empty()).unwrap()).await).await;
    assert!(page.contains("<html lang=\"zh\">") && page.contains("进行中的运行"), "{page}");
}

#[tokio::test]
async fn the_page_has_nothing_inline_and_its_assets_are_there_for_good() {
    let house = House::new().await;
    let response = house.ask(Request::get("/").body(Body::empty()).unwrap()).await;
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let page = text(response).await;
    for inline in ["<style", " style=", " onclick", "javascript:", "http://", "https://"] {
        assert!(!page.contains(inline), "{inline} in {page}");
    }
    let assets: Vec<&str> = page.split('"').filter(|text| text.starts_with("/assets/")).collect();
    assert!(assets.len() >= 3, "{page}");
    for asset in assets {
        let response = house.ask(Request::get(asset).body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 200, "{asset}");
        assert!(response.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"), "{asset}");
    }
    assert!(house.get("/assets/style.0.css").await.starts_with("404"));
}

#[tokio::test]
async fn the_page_of_the_api_is_served_with_the_document() {
    let house = House::new().await;
    assert!(house.get("/api/docs").await.contains("/api/v1/runs/{id}/cancel"));
    assert!(house.get("/api/openapi.json").await.contains("\"openapi\": \"3.1"));
}
