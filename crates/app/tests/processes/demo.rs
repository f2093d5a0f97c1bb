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
    assert!(lines.iter().any(|line| line.starts_with("Batch sync completed: ")), "{out}");
    assert!(
        !out.chars().any(|sign| ('\u{3000}'..='\u{9fff}').contains(&sign)),
        "all of it in English: {out}"
    );
    let weekend =
        lines.iter().position(|line| line.starts_with("attempt ")).unwrap_or_else(|| panic!("{out}"));
    let told: Vec<String> = lines[weekend + 1..weekend + 6]
        .iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        told,
        [
            "1 partial 3/5 not there yet: Driver standings, Constructor standings",
            "2 success 5/5",
            "3 cancelled not needed any more",
            "race weekend complete: Belgian Grand Prix",
            "",
        ],
        "{out}"
    );
    assert_eq!(
        tasks_of(&lines),
        [["three days before", "success", "66", "66", "0"], ["today", "success", "24", "24", "0"]]
    );
    for copied in files_of(&lines) {
        assert_eq!(copied[..6], ["360", "succeeded", "360", "0", "0", "0"]);
    }
    let copy = folder.path().join("syncline-data/files/copy/照片/2025/春节/文件 002.txt");
    assert!(std::fs::read_to_string(copy).unwrap().starts_with("文件 002.txt: simulated"));
    assert!(
        std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).is_err(),
        "the server is gone"
    );

    let (again, error, code) = outcome(syncline(folder.path(), &arguments));
    assert_eq!(code, 0, "a second time there is nothing to do: {again}{error}");
    let lines: Vec<&str> = again.lines().collect();
    assert_eq!(
        tasks_of(&lines),
        [["three days before", "success", "66", "0", "66"], ["today", "success", "24", "0", "24"]]
    );
    assert_eq!(
        files_of(&lines),
        [["360", "succeeded", "0", "0", "360", "0", "0 B"]; 2],
        "to the folder and to the WebDAV server"
    );
}

/// The rows of the files, one of each target: how many, how it ended, what was counted.
fn files_of<'a>(lines: &[&'a str]) -> [Vec<&'a str>; 2] {
    let head =
        lines.iter().position(|line| line.starts_with("files  ")).unwrap_or_else(|| panic!("{lines:?}"));
    [1, 2].map(|row| lines[head + row].split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
}

/// Window, status and counts of the tasks; what was matched and what is left, by hand, makes them up.
fn tasks_of<'a>(lines: &[&'a str]) -> [[&'a str; 5]; 2] {
    let head =
        lines.iter().position(|line| line.starts_with("tasks of ")).unwrap_or_else(|| panic!("{lines:?}"));
    let number = |text: &str| text.parse::<i64>().unwrap();
    let mut pending_all = 0;
    let rows = [1, 2].map(|row| {
        let cells: Vec<&str> =
            lines[head + row].split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let [window, status, total, new, updated, matched, pending] = cells[..] else { panic!("{cells:?}") };
        assert_eq!(number(matched) + number(pending), number(total), "{cells:?}");
        pending_all += number(pending);
        [window, status, total, new, updated]
    });
    let left = lines[head + 3].strip_prefix("left to match by hand: ").unwrap();
    let [left, recommended] = [" tasks, ", " with a package recommended"]
        .map(|words| number(left.split(words).next().unwrap().rsplit(' ').next().unwrap()));
    assert_eq!(left, pending_all);
    assert!((3..left).contains(&recommended), "{recommended} of {left}");
    rows
}

#[test]
fn it_stays_up_until_told_to_stop() {
    let folder = folder();
    let mut demo =
        Process::start(syncline(folder.path(), &["demo", "--stocks", "300", "--listen", "127.0.0.1:0"]));
    let url = demo.line();
    until("the batch ended", || {
        let answer = ask(&url, "GET", "/api/v1/runs?sync=stocks.daily", None);
        (answer["runs"][0]["state"] == "succeeded").then_some(())
    });
    assert_eq!(ask(&url, "GET", "/api/v1/health", None)["status"], "ok");
    documented_requests_work(&url);
    let groups = until("tasks wait to be matched", || {
        let groups = ask(&url, "GET", "/api/v1/tasks?state=pending&per_page=100", None)["groups"].take();
        Some(groups.as_array()?.clone()).filter(|groups| !groups.is_empty())
    });
    let best = |prefix: &str| {
        let group = groups.iter().find(|group| group["prefix"] == prefix);
        group.map(|group| group["recommendation"]["similarity"].clone())
    };
    assert_eq!(best("淮安-0913A-高中-3747"), Some(97.into()), "{groups:?}");
    for arguments in [
        "schedule 2025 10",
        "get 2025 10",
        "list --season 2025 --status completed",
        "execute 2025 10 1",
        "cancel 2025 10",
        "stats --season 2025",
        "monitor",
        "cleanup",
        "batch --season 2025 --days 7",
    ] {
        let all: Vec<&str> = std::iter::once("races").chain(arguments.split(' ')).collect();
        let mut command = syncline(folder.path(), &all);
        command.env("SYNCLINE_SERVER", &url);
        let (out, error, code) = outcome(command);
        assert_eq!((error.as_str(), code), ("", 0), "{arguments}: {out}");
    }
    demo.signal("INT");
    assert_eq!(demo.wait().code(), Some(0), "{}", demo.errors());
}

/// As they stand in the routes' documentation, for the Austrian race of 2025.
fn documented_requests_work(url: &str) {
    let at = |path: &str| format!("/api/v1/post-race-sync{path}");
    let made = ask(url, "POST", &at("/2025/11/schedule"), None);
    assert_eq!(made["message"], "已成功安排 Austrian Grand Prix 的赛后同步计划", "{made}");
    assert_eq!(made["race_end_time"], "2025-06-29T16:00:00+00:00");
    let plan = until("the attempt ended", || {
        let plan = ask(url, "GET", &at("/2025/11/schedule"), None)["schedule"].take();
        (plan["is_completed"] == true).then_some(plan)
    });
    assert_eq!(plan["attempts"][0]["details"]["sprint_results"]["message"], "本站无冲刺赛");
    for (method, path, key) in [
        ("GET", "/schedules?season_year=2025&status_filter=completed", "schedules"),
        ("GET", "/pending", "pending_syncs"),
        ("POST", "/2025/11/execute/1", "task_id"),
        ("DELETE", "/2025/11/schedule", "message"),
        ("POST", "/monitor", "task_id"),
        ("POST", "/cleanup", "task_id"),
        ("POST", "/batch-schedule?season_year=2025&days_ahead=7", "scheduled_races"),
        ("GET", "/stats?season_year=2025", "data_type_stats"),
    ] {
        let answer = ask(url, method, &at(path), None);
        assert!(!answer[key].is_null(), "{method} {path}: {answer}");
    }
    for path in ["/races/2025/11/results", "/standings/2025/drivers", "/standings/2025/constructors?round=11"]
    {
        let answer = ask(url, "GET", &format!("/api/v1{path}"), None);
        assert!(!answer["data"].as_array().unwrap().is_empty(), "{path}: {answer}");
    }
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
