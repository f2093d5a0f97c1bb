//! Whom the server answers: under which host names, and which pages of other servers.

use std::io::{Read, Write};

use crate::bed::{Database, Server, Upstream};

/// A server that one page of another server may ask.
fn server(database: &Database) -> Server {
    let file = database.folder().join("syncline.toml");
    std::fs::write(file, "allowed_origins = [\"https://desk.example\"]\n").unwrap();
    Server::start(database.folder(), &Upstream::start(), &[])
}

/// The head of an answer, in small letters.
fn head(server: &Server, method: &str, path: &str, headers: &str) -> String {
    let host = server.url.strip_prefix("http://").unwrap();
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).to_ascii_lowercase();
    answer.split_once("\r\n\r\n").unwrap().0.to_owned()
}

#[test]
fn only_routes_whose_contract_checks_no_host_answer_under_any_name() {
    let database = Database::sqlite();
    let server = server(&database);
    let plans = "/api/v1/post-race-sync/schedules";
    for (path, host, status) in [
        (plans, "a.example", "200"),
        ("/api/v1/standings/2025/drivers", "a.example", "404"),
        ("/api/v1/sync-status/summary", "a.example", "403"),
        ("/", "a.example", "403"),
        ("/races", "a.example", "403"),
        ("/api/v1/runs", "a.example", "403"),
        ("/", "localhost", "200"),
    ] {
        let head = head(&server, "GET", path, &format!("host: {host}\r\n"));
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{path} of {host}: {head}");
    }
    let write = |origin: &str| {
        let headers = format!("host: a.example\r\norigin: {origin}\r\ncontent-length: 0\r\n");
        head(&server, "POST", "/api/v1/post-race-sync/monitor", &headers)
    };
    assert!(write("http://a.example").starts_with("http/1.1 403 "), "a page under a rebound name");
    assert!(write("https://desk.example").starts_with("http/1.1 200 "), "a page on the list");
}

#[test]
fn a_page_on_the_list_is_told_in_advance_what_it_may_ask() {
    let database = Database::sqlite();
    let server = server(&database);
    for method in ["GET", "POST", "DELETE"] {
        let preflight = |origin: &str| {
            let headers = format!(
                "host: localhost\r\norigin: {origin}\r\naccess-control-request-method: {method}\r\n\
                 access-control-request-headers: content-type\r\n"
            );
            head(&server, "OPTIONS", "/api/v1/post-race-sync/2025/11/schedule", &headers)
        };
        let listed = preflight("https://desk.example");
        assert!(listed.starts_with("http/1.1 200 "), "{listed}");
        assert!(listed.contains("\r\naccess-control-allow-origin: https://desk.example"), "{listed}");
        assert!(listed.contains("\r\naccess-control-max-age: 600"), "{listed}");
        let foreign = preflight("https://evil.example");
        assert!(!foreign.contains("access-control-allow"), "{foreign}");
    }
}
