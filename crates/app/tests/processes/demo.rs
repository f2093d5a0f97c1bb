//! The demonstration: one command, and everything is there.

use tempfile::TempDir;

use crate::bed::{Process, ask, outcome, syncline, until};

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn once_runs_to_the_end_prints_what_came_and_leaves_nothing_running() {
    let folder = folder();
    let arguments = ["demo", "--once", "--stocks", "300", "--listen", "127.0.0.1:0"];
    let (out, error, code) = outcome(syncline(folder.path(), &arguments));
    assert_eq!(code, 0, "{out}{error}");
    let lines: Vec<&str> = out.lines().collect();
    let url = lines[0];
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert!(lines[1].ends_with("/syncline-data"), "{}", lines[1]);
    let days = lines.iter().filter(|line| line.starts_with("20") && line.as_bytes()[4] == b'-').count();
    assert_eq!(days, 10, "{out}");
    assert!(lines.last().unwrap().starts_with("批量同步完成: "), "{out}");
    assert!(
        std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err(),
        "the server is gone"
    );

    let (again, error, code) = outcome(syncline(folder.path(), &arguments));
    assert_eq!(code, 0, "a second time there is nothing to do: {again}{error}");
}

#[test]
fn it_stays_up_until_told_to_stop() {
    let folder = folder();
    let mut demo =
        Process::start(syncline(folder.path(), &["demo", "--stocks", "300", "--listen", "127.0.0.1:0"]));
    let url = demo.line();
    until("the batch ended", || {
        let answer = ask(&url, "GET", "/api/v1/runs", None);
        (answer["runs"][0]["state"] == "succeeded").then_some(())
    });
    assert_eq!(ask(&url, "GET", "/api/v1/health", None)["status"], "ok");
    demo.signal("INT");
    assert_eq!(demo.wait().code(), Some(0), "{}", demo.errors());
}

#[test]
fn the_rows_of_a_real_server_are_never_mixed_with_simulated_ones() {
    let folder = folder();
    std::fs::create_dir(folder.path().join("real")).unwrap();
    std::fs::write(folder.path().join("real/state.db"), b"").unwrap();
    let (out, error, code) = outcome(syncline(folder.path(), &["demo", "--once", "--data-dir", "real"]));
    assert_eq!((out.as_str(), code), ("", 2));
    assert!(error.contains("--data-dir"), "{error}");
}
