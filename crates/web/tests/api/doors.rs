//! What holds for every request: shapes of errors, guards, health, numbers.

use axum::body::Body;
use axum::http::{Request, header};
use insta::assert_snapshot;
use serde_json::Value;

use crate::house::{House, shown};
use crate::tasks_bed::Bed;

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_problems_on_our_paths() {
    let house = House::new().await;
    assert_snapshot!(house.get("/api/v1/nothing").await, @r#"
404 Not Found
{
  "code": "no_route",
  "detail": "no route /api/v1/nothing",
  "status": 404,
  "title": "There is nothing at this address",
  "type": "/api/docs#problem-no_route"
}
"#);
    assert_snapshot!(house.post("/api/v1/health?lang=zh", &Value::Null).await, @r#"
405 Method Not Allowed
{
  "code": "method_not_allowed",
  "detail": "/api/v1/health 不支持此方法",
  "status": 405,
  "title": "该地址不支持此方法",
  "type": "/api/docs#problem-method_not_allowed"
}
"#);
    let response = house.ask(Request::get("/nothing").body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
}

#[tokio::test]
async fn a_person_is_told_of_a_problem_in_a_page_and_a_program_in_json() {
    let house = House::new().await;
    let ask = |path: &str| {
        let request = Request::get(path).header(header::ACCEPT, "text/html,application/xml;q=0.9,*/*;q=0.8");
        house.ask(request.body(Body::empty()).unwrap())
    };
    for path in ["/nothing?lang=zh", "/stocks?lang=zh", "/runs/soon?lang=zh"] {
        let page = shown(ask(path).await).await;
        assert!(page.starts_with("404 Not Found\n<!DOCTYPE html><html lang=\"zh\">"), "{path}: {page}");
        assert!(page.contains("该地址不存在") && page.contains("<nav>"), "{path}: {page}");
    }
    let below_api = ask("/api/v1/nothing").await;
    assert_eq!(below_api.headers()[header::CONTENT_TYPE], "application/problem+json");
}

#[tokio::test]
async fn contract_routes_keep_their_own_shape() {
    let house = House::new().await;
    assert_snapshot!(house.get("/api/v1/days-status/today").await, @r#"
200 OK
today
"#);
    assert_snapshot!(house.get("/api/v1/days-status/nothing").await, @r#"
404 Not Found
{
  "detail": "Not Found"
}
"#);
    assert_snapshot!(house.post("/api/v1/days-status/today", &Value::Null).await, @r#"
405 Method Not Allowed
{
  "detail": "Method Not Allowed"
}
"#);
}

#[tokio::test]
async fn a_foreign_page_can_neither_write_nor_read_by_a_rebound_name() {
    let house = House::new().await;
    let write = Request::post("/api/v1/runs/1/cancel")
        .header(header::HOST, "127.0.0.1:8000")
        .header(header::ORIGIN, "https://evil.example");
    assert_snapshot!(shown(house.ask(write.body(Body::empty()).unwrap()).await).await, @r#"
403 Forbidden
{
  "code": "foreign_origin",
  "detail": "writes are taken from this server's own pages and allowed_origins only, not from https://evil.example",
  "status": 403,
  "title": "The request comes from a foreign page",
  "type": "/api/docs#problem-foreign_origin"
}
"#);
    let read = Request::get("/api/v1/runs").header(header::HOST, "rebound.example:8000");
    assert_snapshot!(shown(house.ask(read.body(Body::empty()).unwrap()).await).await, @r#"
403 Forbidden
{
  "code": "foreign_host",
  "detail": "this server does not answer for rebound.example:8000",
  "status": 403,
  "title": "The request names a foreign host",
  "type": "/api/docs#problem-foreign_host"
}
"#);
}

#[tokio::test]
async fn what_is_refused_at_contract_routes_is_said_in_their_own_form() {
    let house = House::new().await;
    let read = Request::get("/api/v1/days-status/today?lang=zh").header(header::HOST, "rebound.example:8000");
    assert_snapshot!(shown(house.ask(read.body(Body::empty()).unwrap()).await).await, @r#"
403 Forbidden
{
  "detail": "本服务不代表主机 rebound.example:8000 应答"
}
"#);
    let write = Request::delete("/api/v1/open-days/today").header(header::ORIGIN, "https://evil.example");
    assert_snapshot!(shown(house.ask(write.body(Body::empty()).unwrap()).await).await, @r#"
403 Forbidden
{
  "detail": "writes are taken from this server's own pages and allowed_origins only, not from https://evil.example"
}
"#);
    assert_snapshot!(house.get("/api/v1/days-status/broken").await, @r#"
500 Internal Server Error
{
  "detail": "the server's log says where"
}
"#);
}

#[tokio::test]
async fn what_is_refused_at_the_routes_of_tasks_is_said_as_documented() {
    let bed = Bed::new().await;
    let foreign = [
        Request::post("/api/sync/today/manual").header(header::ORIGIN, "https://evil.example"),
        Request::get("/api/sync/records").header(header::HOST, "rebound.example:8000"),
        Request::get("/api/sync/nothing").header(header::HOST, "rebound.example:8000"),
    ];
    let mut said = Vec::new();
    for request in foreign {
        let response = bed.house.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        said.push(shown(response).await);
    }
    assert!(said.iter().all(|other| *other == said[0]), "{said:?}");
    assert_snapshot!(said[0], @r#"
403 Forbidden
{
  "error": "没有权限",
  "error_type": "forbidden",
  "success": false
}
"#);
    assert_eq!(bed.json("/api/sync/records").await["data"]["total"], 0, "nothing was started");
}

#[tokio::test]
async fn where_a_contract_checks_no_host_any_name_reads_and_no_rebound_page_writes() {
    let house = House::new().await;
    let ask = async |method: &str, path: &str, origin: Option<&str>| {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "a.example:8000");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        house.ask(request.body(Body::empty()).unwrap()).await.status().as_u16()
    };
    assert_eq!(ask("GET", "/api/v1/open-days/today", None).await, 200);
    assert_eq!(ask("GET", "/api/v1/open-days/nothing", None).await, 404);
    assert_eq!(ask("DELETE", "/api/v1/open-days/today", None).await, 200);
    assert_eq!(ask("DELETE", "/api/v1/open-days/today", Some("http://a.example:8000")).await, 403);
    for path in
        ["/", "/runs", "/live", "/api/v1/runs", "/api/v1/days-status/today", "/api/v1/nothing", "/nothing"]
    {
        assert_eq!(ask("GET", path, None).await, 403, "{path}");
    }
}

#[tokio::test]
async fn a_page_on_the_allow_list_may_ask_the_api_and_nothing_else() {
    let house = House::new().await;
    let ask = async |method: &str, path: &str, origin: &str| {
        let request = Request::builder().method(method).uri(path);
        let request = request.header(header::HOST, "127.0.0.1:8000").header(header::ORIGIN, origin);
        let request = match method {
            "OPTIONS" => request
                .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
                .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type"),
            _ => request,
        };
        house.ask(request.body(Body::empty()).unwrap()).await
    };
    let told = |response: &axum::response::Response, name: &str| {
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
    };
    for path in ["/api/v1/days-status/today", "/api/v1/open-days/today", "/api/v1/runs"] {
        let listed = ask("OPTIONS", path, "https://desk.example").await;
        assert_eq!(listed.status(), 200, "{path}");
        for (name, value) in [
            ("access-control-allow-origin", "https://desk.example"),
            ("access-control-allow-methods", "GET, POST, PATCH, DELETE"),
            ("access-control-allow-headers", "content-type, idempotency-key"),
            ("access-control-max-age", "600"),
        ] {
            assert_eq!(told(&listed, name).as_deref(), Some(value), "{path}");
        }
        let foreign = ask("OPTIONS", path, "https://evil.example").await;
        assert_eq!(foreign.status(), 405, "{path}");
        assert_eq!(told(&foreign, "access-control-allow-origin"), None, "{path}");
        let read = ask("GET", path, "https://desk.example").await;
        assert_eq!(told(&read, "access-control-allow-origin").as_deref(), Some("https://desk.example"));
        let vary = read.headers().get_all(header::VARY).iter().any(|value| value == "origin");
        assert!(read.status() == 200 && vary, "{path}");
    }
    assert_eq!(ask("DELETE", "/api/v1/open-days/today", "https://desk.example").await.status(), 200);
    for (method, path) in [("GET", "/"), ("OPTIONS", "/runs/mark-read")] {
        let console = ask(method, path, "https://desk.example").await;
        assert_eq!(told(&console, "access-control-allow-origin"), None, "{path}");
    }
    assert_eq!(ask("POST", "/runs/mark-read", "https://desk.example").await.status(), 403);
}

#[tokio::test]
async fn health_readiness_and_version_are_plain() {
    let house = House::new().await;
    assert_snapshot!(house.get("/api/v1/health").await, @r#"
200 OK
{
  "status": "ok"
}
"#);
    assert_snapshot!(house.get("/api/v1/ready").await, @r#"
200 OK
{
  "last_poll_at": null,
  "status": "ready"
}
"#);
    assert_snapshot!(house.get("/api/v1/version").await, @r#"
200 OK
{
  "commit": "abcdef0",
  "name": "syncline",
  "version": "1.2.3"
}
"#);
    assert_snapshot!(house.get("/api/v1/syncs").await, @r#"
200 OK
{
  "syncs": [
    {
      "active_run_id": null,
      "key": "days.all",
      "max_parallel": 1,
      "overlap": "reject",
      "tries": 1
    }
  ]
}
"#);
}

#[tokio::test]
async fn a_server_whose_loops_stand_still_is_not_ready() {
    let house = House::new().await;
    house.work().await;
    assert!(house.get("/api/v1/ready").await.contains("\"last_poll_at\": \"2025-10-17T20:00:00Z\""));
    house.advance(61);
    assert_snapshot!(house.get("/api/v1/ready").await, @r#"
503 Service Unavailable
{
  "code": "stalled",
  "detail": "the loops of this process have not reached the state store for 61 s",
  "status": 503,
  "title": "The queue is not being looked at",
  "type": "/api/docs#problem-stalled"
}
"#);
}
