//! What the days of a sync are.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{TaskSyncType, TaskWindow};

fn window(sync_type: TaskSyncType, accepted: &str, zone: &str) -> (String, String) {
    let zone = TimeZone::get(zone).unwrap();
    let accepted: Timestamp = accepted.parse().unwrap();
    let window = TaskWindow::of(sync_type, accepted, &zone);
    let local = |at: Timestamp| at.to_zoned_datetime(zone.clone()).datetime().to_string();
    (local(window.from), local(window.to))
}

#[test]
fn historical_is_three_whole_days_up_to_yesterday_of_the_zone() {
    // 01:00 in Shanghai is still the day before in UTC.
    let of = window(TaskSyncType::Historical, "2025-10-23T17:00:00Z", "Asia/Shanghai");
    assert_eq!(of, ("2025-10-21T00:00:00".to_owned(), "2025-10-23T23:59:59".to_owned()));
    // A day that is an hour shorter.
    let of = window(TaskSyncType::Historical, "2025-03-31T10:00:00Z", "Europe/Berlin");
    assert_eq!(of, ("2025-03-28T00:00:00".to_owned(), "2025-03-30T23:59:59".to_owned()));
}

#[test]
fn today_is_the_day_of_the_zone_up_to_the_acceptance() {
    let of = window(TaskSyncType::Today, "2025-10-24T06:30:15Z", "Asia/Shanghai");
    assert_eq!(of, ("2025-10-24T00:00:00".to_owned(), "2025-10-24T14:30:15".to_owned()));
}

#[test]
fn a_window_is_kept_in_microseconds() {
    let accepted = Timestamp::from_microsecond(1_761_287_415_123_456).unwrap();
    let window = TaskWindow::of(TaskSyncType::Today, accepted, &TimeZone::UTC);
    let json = serde_json::to_value(window).unwrap();
    assert_eq!(json, serde_json::json!({"from": 1_761_264_000_000_000_i64, "to": 1_761_287_415_123_456_i64}));
    assert_eq!(serde_json::from_value::<TaskWindow>(json).unwrap(), window);
}

#[test]
fn a_type_and_its_sync_name_each_other() {
    for sync_type in TaskSyncType::ALL {
        assert_eq!(TaskSyncType::of_sync(&sync_type.sync()), Some(*sync_type));
    }
}
