//! Processes that die in the middle of their work: nothing is lost, nothing doubled, nothing stays under way.

use crate::bed::{Database, Process, Server, Upstream, syncline};

/// How long each request takes: with 800 stocks a day of per-stock requests lasts a few seconds.
const LATENCY_MS: u64 = 3;

/// Rows after a batch that nobody disturbed.
fn undisturbed(database: &Database) -> Vec<String> {
    let upstream = Upstream::start();
    let server = Server::start(database.folder(), &upstream, &database.arguments());
    let task = server.batch("per_stock");
    assert_eq!(server.ended(&task)["status"], "completed");
    database.content()
}

fn same(disturbed: &Database, calm: &Database) {
    let (disturbed, calm) = (disturbed.content(), undisturbed(calm));
    assert!(calm.len() > 4_000, "{} rows", calm.len());
    if let Some((a, b)) = disturbed.iter().zip(&calm).find(|(a, b)| a != b) {
        panic!("rows differ:\n{a}\n{b}");
    }
    assert_eq!(disturbed.len(), calm.len());
}

/// What is true of a batch that went through: every day counted once, progress all there.
fn went_through(progress: &serde_json::Value) {
    assert_eq!(progress["status"], "completed", "{progress}");
    assert_eq!((&progress["total"], &progress["current"]), (&9.into(), &9.into()), "{progress}");
    assert_eq!(
        (&progress["success"], &progress["skipped"], &progress["failed"]),
        (&7.into(), &2.into(), &0.into())
    );
}

fn killed_in_the_middle(database: &Database) -> usize {
    let upstream = Upstream::start();
    upstream.slow_down(LATENCY_MS);
    let mut server = Server::start(database.folder(), &upstream, &database.arguments());
    let task = server.batch("per_stock");
    let before = server.in_mid_day(&task, 1);
    server.process.kill();

    upstream.slow_down(0);
    let server = Server::start(database.folder(), &upstream, &database.arguments());
    let after = server.progress(&task);
    assert_eq!(after["status"], "running", "the run goes on by itself: {after}");
    assert!(after["current"].as_i64() >= before["current"].as_i64(), "progress was lost: {before} {after}");
    went_through(&server.ended(&task));
    let runs = server.get("/api/v1/runs");
    runs["runs"].as_array().unwrap().len()
}

#[test]
fn a_server_killed_in_mid_day_goes_on_and_ends_with_the_rows_of_a_calm_run() {
    let database = Database::sqlite();
    assert_eq!(killed_in_the_middle(&database), 1, "nothing else was started");
    same(&database, &Database::sqlite());
}

#[test]
fn a_server_on_postgres_killed_in_mid_day_goes_on_and_ends_with_the_rows_of_a_calm_run() {
    let database = Database::postgres();
    assert_eq!(killed_in_the_middle(&database), 1, "nothing else was started");
    same(&database, &Database::postgres());
}

#[test]
fn of_two_workers_one_is_killed_and_the_other_does_its_work() {
    let database = Database::postgres();
    let upstream = Upstream::start();
    upstream.slow_down(LATENCY_MS);
    let mut arguments = database.arguments();
    arguments.extend(["--roles", "api,scheduler"]);
    let server = Server::start(database.folder(), &upstream, &arguments);
    let mut workers: Vec<Process> = (0..2)
        .map(|_| {
            let mut command = syncline(database.folder(), &["worker"]);
            command
                .args(database.arguments())
                .env("SYNCLINE_STOCKS_UPSTREAM", upstream.address().to_string());
            let worker = Process::start(command);
            assert!(worker.line().starts_with("working"));
            worker
        })
        .collect();
    let task = server.batch("per_stock");
    server.in_mid_day(&task, 1);
    let runs = server.get("/api/v1/runs");
    let partitions = server.get(&format!("/api/v1/runs/{}/partitions?state=running", runs["runs"][0]["id"]));
    let holder = partitions["partitions"][0]["holder"].as_str().unwrap().to_owned();
    let holds = |worker: &Process| holder.contains(&format!("-{}/", worker.id()));
    assert!(workers.iter().any(holds), "{holder} is one of the workers");
    workers.iter_mut().find(|worker| holds(worker)).unwrap().kill();

    upstream.slow_down(0);
    went_through(&server.ended(&task));
    same(&database, &Database::postgres());
}

#[test]
fn a_server_that_sleeps_past_its_lease_wakes_up_and_changes_nothing() {
    let database = Database::postgres();
    let upstream = Upstream::start();
    upstream.slow_down(LATENCY_MS);
    let sleeper = Server::start(database.folder(), &upstream, &database.arguments());
    let task = sleeper.batch("per_stock");
    sleeper.in_mid_day(&task, 1);
    sleeper.process.signal("STOP");

    upstream.slow_down(0);
    let successor = Server::start(database.folder(), &upstream, &database.arguments());
    went_through(&successor.ended(&task));
    sleeper.process.signal("CONT");
    assert_eq!(sleeper.progress(&task)["status"], "completed", "it answers again, and tells the truth");
    same(&database, &Database::postgres());
}

#[test]
fn a_server_told_to_stop_hands_back_at_once_and_the_next_goes_on() {
    let database = Database::sqlite();
    let upstream = Upstream::start();
    upstream.slow_down(LATENCY_MS);
    let mut server = Server::start(database.folder(), &upstream, &[]);
    let task = server.batch("per_stock");
    server.in_mid_day(&task, 0);
    server.process.signal("TERM");
    assert_eq!(server.process.wait().code(), Some(0), "{}", server.process.errors());

    upstream.slow_down(0);
    let server = Server::start(database.folder(), &upstream, &[]);
    went_through(&server.ended(&task));
    let runs = server.get("/api/v1/runs");
    let partitions = server.get(&format!("/api/v1/runs/{}/partitions", runs["runs"][0]["id"]));
    let crashes: Vec<i64> =
        partitions["partitions"].as_array().unwrap().iter().map(|p| p["crashes"].as_i64().unwrap()).collect();
    assert_eq!(crashes.iter().sum::<i64>(), 0, "a graceful end is no crash");
    same(&database, &Database::sqlite());
}

#[test]
fn a_second_signal_does_not_wait() {
    let database = Database::sqlite();
    let upstream = Upstream::start();
    let mut server = Server::start(database.folder(), &upstream, &[]);
    upstream.slow_down(30_000);
    let task = server.batch("market");
    crate::bed::until("the day is under way", || {
        (server.progress(&task)["current_date"] != "").then_some(())
    });
    server.process.signal("INT");
    server.process.signal("INT");
    let began = std::time::Instant::now();
    server.process.wait();
    assert!(began.elapsed().as_secs() < 8, "{:?}", began.elapsed());
}

#[test]
fn a_server_killed_again_and_again_ends_with_the_rows_of_a_calm_run() {
    let database = Database::sqlite();
    let upstream = Upstream::start();
    upstream.slow_down(LATENCY_MS);
    let mut server = Server::start(database.folder(), &upstream, &[]);
    let task = server.batch("per_stock");
    for finished in 0..5 {
        server.in_mid_day(&task, finished);
        server.process.kill();
        server = Server::start(database.folder(), &upstream, &[]);
    }
    upstream.slow_down(0);
    went_through(&server.ended(&task));
    same(&database, &Database::sqlite());
}

#[test]
fn connections_to_the_database_cut_under_load_lose_nothing() {
    let database = Database::postgres();
    let upstream = Upstream::start();
    upstream.slow_down(LATENCY_MS);
    let server = Server::start(database.folder(), &upstream, &database.arguments());
    let task = server.batch("per_stock");
    for finished in 0..4 {
        server.in_mid_day(&task, finished);
        database.cut_connections();
    }
    upstream.slow_down(0);
    went_through(&server.ended(&task));
    same(&database, &Database::postgres());
}

#[test]
fn a_stopped_server_leaves_whole_files_behind() {
    let database = Database::sqlite();
    let upstream = Upstream::start();
    let mut server = Server::start(database.folder(), &upstream, &[]);
    let task = server.batch("market");
    went_through(&server.ended(&task));
    server.process.signal("TERM");
    assert_eq!(server.process.wait().code(), Some(0), "{}", server.process.errors());
    let before = database.content();
    let copy = Database::sqlite();
    let to = copy.folder().join("syncline-data");
    std::fs::create_dir(&to).unwrap();
    for file in ["state.db", "data.db"] {
        std::fs::copy(database.folder().join("syncline-data").join(file), to.join(file)).unwrap();
    }
    assert_eq!(copy.content(), before, "two files copied with cp are a backup of a stopped server");
}
