//! Syncs of tasks whose process dies in the middle of writing: done again once, with the numbers of a calm one; or, where
//! nothing may be done again, ended with the truth, and the lock free.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;
use simulators::guanke::{self, Options, Simulator};

use crate::bed::{Database, Process, Server, runtime, syncline, until};
use crate::tasks::today;

/// With the six that are always there, 66 tasks in three days.
const A_DAY: u32 = 20;

/// A dead worker's work is taken up when its lease of half a minute is over, which a poll sees.
const SETTLED: Duration = Duration::from_secs(45);

struct Bed {
    database: Database,
    platform: Simulator,
    _runtime: tokio::runtime::Runtime,
}

impl Bed {
    /// Small batches, so that there are many moments between two of them.
    fn new(database: Database, crash_retries: u32) -> Self {
        let runtime = runtime();
        let options = Options { tasks_per_day: A_DAY, ..Options::on_a_free_port(today()) };
        let platform = runtime.block_on(guanke::start(options)).unwrap();
        let file = format!("[tasks]\nbatch_size = 4\ncrash_retries = {crash_retries}\n");
        std::fs::write(database.folder().join("syncline.toml"), file).unwrap();
        Self { database, platform, _runtime: runtime }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = syncline(self.database.folder(), arguments);
        command
            .args(self.database.arguments())
            .env("SYNCLINE_TASKS_UPSTREAM", self.platform.base_url())
            .env("GUANKE_USERNAME", "sim-user")
            .env("GUANKE_PASSWORD", "sim-pass");
        command
    }

    fn serve(&self, further: &[&str]) -> Server {
        Server::of(self.command(&[&["serve", "--listen", "127.0.0.1:0"], further].concat()))
    }

    /// Each new task costs the database a while from now on: long enough to be caught at it.
    fn slow_down(&self) {
        self.database.outside(match self.database {
            // A trigger may hold no recursion of its own.
            Database::Sqlite(_) => {
                "CREATE VIEW slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
                 SELECT max(i) AS i FROM n; \
                 CREATE TRIGGER slow AFTER INSERT ON call_task BEGIN SELECT i FROM slow; END"
            }
            Database::Postgres(..) => {
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN PERFORM pg_sleep(0.04); RETURN NEW; END $$; \
                 CREATE TRIGGER slow AFTER INSERT ON syncline.call_task FOR EACH ROW EXECUTE FUNCTION slow()"
            }
        });
    }

    fn speed_up(&self) {
        self.database.outside(match self.database {
            Database::Sqlite(_) => "DROP TRIGGER slow; DROP VIEW slow",
            Database::Postgres(..) => "DROP TRIGGER slow ON syncline.call_task",
        });
    }

    /// The tasks that are stored, without what tells when they were written.
    fn tasks(&self) -> Vec<String> {
        let times = ["id", "imported_at", "matched_at", "fetched_at", "created_at", "updated_at"];
        self.database.rows("dial_tasks", &times)
    }
}

/// Starts the sync of the last three days and waits until some of its tasks are written and others are not.
fn in_mid_write(server: &Server) -> Value {
    let started = server.post("/api/sync/historical/manual?async=1", &Value::Null);
    assert_eq!(started["record_id"], 1, "{started}");
    until("some tasks are written", || {
        let record = record(server);
        assert_eq!(record["status"], "running", "it was to be caught at it: {record}");
        let (new, total) = (record["tasks_new"].as_i64()?, record["tasks_total"].as_i64()?);
        (new > 0 && new + 8 < total).then_some(record)
    })
}

fn record(server: &Server) -> Value {
    server.get("/api/sync/records/1")["data"].clone()
}

fn ended(server: &Server) -> Value {
    until("the record ended", || Some(record(server)).filter(|record| record["status"] != "running"))
}

fn is_locked(server: &Server) -> bool {
    server.get("/api/sync/status")["data"]["historical"]["syncing"].as_bool().unwrap()
}

/// What a record counts, and how it ended.
fn counted(record: &Value) -> Vec<Value> {
    let keys = ["total", "new", "updated", "matched", "pending", "failed"];
    let counters = keys.map(|key| record[format!("tasks_{key}")].clone());
    counters.into_iter().chain([record["status"].clone(), record["error_message"].clone()]).collect()
}

/// Killed in the middle of writing and started again: done once more, with the numbers and rows of a calm run.
fn killed_and_done_again(database: Database, calm: Database) {
    let calm = Bed::new(calm, 1);
    let undisturbed = calm.serve(&[]);
    undisturbed.post("/api/sync/historical/manual", &Value::Null);

    let bed = Bed::new(database, 1);
    let mut server = bed.serve(&[]);
    bed.slow_down();
    in_mid_write(&server);
    server.process.kill();
    let left = bed.tasks().len();
    assert!(0 < left && left < 66, "it died between its batches: {left} tasks");
    bed.speed_up();
    let server = bed.serve(&[]);
    let disturbed = ended(&server);
    assert_eq!(counted(&disturbed), counted(&record(&undisturbed)));
    assert_eq!(
        (&disturbed["status"], &disturbed["tasks_new"]),
        (&"success".into(), &66.into()),
        "{disturbed}"
    );
    assert_eq!(bed.tasks(), calm.tasks());
    assert!(!is_locked(&server));
    assert_eq!(server.get("/api/sync/records")["data"]["total"], 1, "it is the same record");
    let runs = server.get("/api/v1/runs");
    assert_eq!(runs["runs"].as_array().unwrap().len(), 1, "and the same run: {runs}");
    let partitions = server.get(&format!("/api/v1/runs/{}/partitions", runs["runs"][0]["id"]));
    assert_eq!(partitions["partitions"][0]["crashes"], 1, "put back once: {partitions}");
}

#[test]
fn a_server_killed_while_it_writes_tasks_does_them_again_with_the_same_numbers() {
    killed_and_done_again(Database::sqlite(), Database::sqlite());
}

#[test]
fn a_server_on_postgres_killed_while_it_writes_tasks_does_them_again_with_the_same_numbers() {
    killed_and_done_again(Database::postgres(), Database::postgres());
}

/// It says that it was cut off, and counts what is there.
fn tells_the_truth(bed: &Bed, server: &Server) {
    let record = ended(server);
    assert_eq!(
        (&record["status"], &record["error_message"]),
        (&"failed".into(), &"工作进程中断，任务未完成".into())
    );
    assert_eq!(record["tasks_total"], 66, "{record}");
    assert_eq!(record["tasks_new"], bed.tasks().len(), "{record}");
    assert!(record["end_time"].is_string() && !is_locked(server), "{record}");
    bed.speed_up();
    let next = server.post("/api/sync/historical/manual", &Value::Null);
    let summary = &next["summary"];
    assert_eq!(
        (&next["record_id"], &summary["total"], &summary["failed"]),
        (&2.into(), &66.into(), &0.into()),
        "{next}"
    );
}

#[test]
fn where_nothing_is_done_again_a_killed_server_finds_its_record_ended_and_the_lock_free_when_it_starts() {
    let bed = Bed::new(Database::sqlite(), 0);
    let mut server = bed.serve(&[]);
    bed.slow_down();
    in_mid_write(&server);
    server.process.kill();
    let began = Instant::now();
    let server = bed.serve(&[]);
    ended(&server);
    assert!(began.elapsed() < Duration::from_secs(25), "no lease had to run out: {:?}", began.elapsed());
    tells_the_truth(&bed, &server);
}

#[test]
fn where_nothing_is_done_again_a_killed_worker_leaves_a_record_that_ends_within_its_lease() {
    let bed = Bed::new(Database::postgres(), 0);
    let server = bed.serve(&["--roles", "api,scheduler"]);
    let mut worker = Process::start(bed.command(&["worker"]));
    assert!(worker.line().starts_with("working"));
    bed.slow_down();
    in_mid_write(&server);
    let locked = server.get("/api/sync/status")["data"]["historical"]["locked_by"].clone();
    assert!(locked.as_str().unwrap().ends_with(&format!("-{}", worker.id())), "{locked}");
    worker.kill();
    let began = Instant::now();
    assert!(is_locked(&server), "nobody knows yet");
    ended(&server);
    assert!(began.elapsed() < SETTLED, "{:?}", began.elapsed());
    let _worker = Process::start(bed.command(&["worker"]));
    tells_the_truth(&bed, &server);
}
