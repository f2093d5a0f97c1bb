//! Plans by their class, and what is counted over them.

use serde_json::{Value as Json, json};
use simulators::jolpica::{Fault, Trouble};

use crate::bed::{Base, Bed};

on_both! {
    plans_are_filed_under_one_of_four_classes_and_counted
}

async fn plans_are_filed_under_one_of_four_classes_and_counted(base: Base) {
    let bed = Bed::start(base).await;
    for (round, body) in [(11, ""), (12, ""), (13, ""), (14, r#"{"retry_intervals":[1]}"#)] {
        bed.plan(round, body).await;
    }
    let away = Trouble::Status { code: 404, retry_after: None };
    let paths = ["qualifying", "results", "sprint", "driverStandings", "constructorStandings"];
    let faults = paths.map(|list| Fault::always(&format!("/2025/14/{list}"), away.clone()));
    bed.simulator.set_faults(faults.to_vec());
    bed.execute(11, 1).await;
    bed.until(11, 1, "success").await;
    bed.ok("DELETE", "/2025/12/schedule", "").await;
    bed.execute(14, 1).await;
    bed.until(14, 1, "failed").await;

    let rounds = async |query: &str| {
        let list = bed.ok("GET", &format!("/schedules{query}"), "").await;
        let plans = list["schedules"].as_array().unwrap();
        assert_eq!(list["total_count"], plans.len());
        plans.iter().map(|plan| plan["race_round"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    for (filter, expected) in [
        ("completed", vec![11]),
        ("CANCELLED", vec![12]),
        ("Pending", vec![13]),
        ("failed", vec![14]),
        ("all", vec![11, 12, 13, 14]),
        ("", vec![11, 12, 13, 14]),
    ] {
        assert_eq!(rounds(&format!("?status_filter={filter}")).await, expected, "{filter}");
        assert_eq!(rounds(&format!("?season_year=2024&status_filter={filter}")).await, Vec::<i64>::new());
    }
    assert_eq!(rounds("").await, [11, 12, 13, 14]);
    assert_eq!(bed.call("GET", "/schedules?status_filter=done", "").await.0, 422);

    let stats = bed.ok("GET", "/stats?season_year=2025", "").await;
    let counts = json!({"total_schedules": 4, "completed_schedules": 1, "pending_schedules": 1,
        "failed_schedules": 1, "cancelled_schedules": 1, "overall_success_rate": 0.5, "total_attempts": 2,
        "successful_attempts": 1});
    assert_eq!(stats["stats"], counts);
    for (name, value) in counts.as_object().unwrap() {
        let is_nested_alone = name.ends_with("_attempts");
        assert_eq!(&stats[name], if is_nested_alone { &Json::Null } else { value }, "{name}");
    }
    // The sprint of a weekend without one counts as there.
    let half = json!({"success_rate": 0.5, "total_attempts": 2, "successes": 1});
    let whole = json!({"success_rate": 1.0, "total_attempts": 2, "successes": 2});
    assert_eq!((&stats["data_type_stats"]["race_results"], &stats["season_year"]), (&half, &json!(2025)));
    assert_eq!(stats["data_type_stats"]["sprint_results"], whole);
    let none = bed.ok("GET", "/stats?season_year=2024", "").await;
    assert_eq!((&none["stats"]["total_schedules"], &none["overall_success_rate"]), (&json!(0), &json!(0.0)));
    assert_eq!(none["data_type_stats"]["race_results"]["success_rate"], 0.0);
}
