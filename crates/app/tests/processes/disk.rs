//! A disk that is full: what does not fit fails whole and says so, what is there stays, and with room all is mended.

use crate::bed::{Database, Server, Upstream};

/// Sixty trading days: more rows than [`ROOM`] holds.
const RANGE: (&str, &str) = ("2025-07-01", "2025-09-24");

/// More than the state ever writes into one file, less than the rows take.
const ROOM: u64 = 6 << 20;

#[test]
fn days_that_find_the_disk_full_fail_whole_and_are_mended_when_there_is_room() {
    let database = Database::sqlite();
    let upstream = Upstream::start();
    let server = Server::start_short_of_room(database.folder(), &upstream, ROOM);
    let task = server.batch_over(RANGE, "market");
    let ended = server.ended(&task);
    assert_eq!(ended["status"], "completed", "{ended}");
    let (success, failed) = (ended["success"].as_i64().unwrap(), ended["failed"].as_i64().unwrap());
    assert!(success > 0 && failed > 0, "the disk was to be full in the middle: {ended}");
    let list = server.get("/api/v1/sync-status/list?page_size=100&status=failed");
    let records = list["data"]["records"].as_array().unwrap();
    assert_eq!(i64::try_from(records.len()).unwrap(), failed);
    let rows = database.rows("daily_stock_data", &[]);
    for record in records {
        let date = record["sync_date"].as_str().unwrap();
        let error = record["error_message"].as_str().unwrap();
        assert!(error.contains("full") || error.contains("disk"), "says what is wrong: {error}");
        assert!(!rows.iter().any(|row| row.contains(date)), "nothing of {date} is there");
    }
    drop(server);

    let server = Server::start(database.folder(), &upstream, &[]);
    let again = server.ended(&server.batch_over(RANGE, "market"));
    assert_eq!((&again["status"], &again["failed"]), (&"completed".into(), &0.into()), "{again}");
    let calm = Database::sqlite();
    let undisturbed = Server::start(calm.folder(), &upstream, &[]);
    assert_eq!(undisturbed.ended(&undisturbed.batch_over(RANGE, "market"))["failed"], 0);
    let (mended, calm) = (database.rows("daily_stock_data", WRITTEN), calm.rows("daily_stock_data", WRITTEN));
    assert!(calm.len() > 40_000, "{} rows", calm.len());
    assert!(mended == calm, "{} rows, a calm run has {}", mended.len(), calm.len());
}

/// What tells when a row was written.
const WRITTEN: &[&str] = &["id", "created_at", "updated_at", "fetched_at"];
