//! Datasets that came otherwise than they were asked for, and what their attempt says of it.

use jiff::SignedDuration;
use serde_json::{Value as Json, json};
use simulators::jolpica::{Fault, Trouble};
use systems::races::tables;

use crate::bed::{Base, Bed};
use crate::shared::until;

on_both! {
    one_dataset_that_fails_leaves_the_other_four
    standings_without_the_race_leave_the_attempt_partial
    right_standings_are_taken_though_the_round_before_is_outdated
    odd_values_cost_themselves_alone
}

/// What was said of some datasets of an attempt: outcome and message of each.
fn said(attempt: &Json, datasets: &[&str]) -> Vec<(String, Json)> {
    let of = |dataset: &&str| {
        let found = &attempt["details"][*dataset];
        (found["outcome"].as_str().unwrap().to_owned(), found["message"].clone())
    };
    datasets.iter().map(of).collect()
}

async fn one_dataset_that_fails_leaves_the_other_four(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.spoil("/2025/11/results", Trouble::Status { code: 500, retry_after: None });
    bed.execute(11, 1).await;
    // Three tries, a second and four apart.
    for asked in [2, 3] {
        until(&bed.engine, || async { (bed.simulator.requests().len() >= asked).then_some(()) }).await;
        bed.clock.pass(SignedDuration::from_secs(5));
    }
    let partial = bed.until(11, 1, "partial").await;
    let failed = json!({"outcome": "failed", "records": 0, "message": "上游返回 HTTP 500"});
    assert_eq!(partial["details"]["race_results"], failed);
    let others = ["qualifying_results", "sprint_results", "driver_standings", "constructor_standings"];
    let outcomes: Vec<String> = said(&partial, &others).into_iter().map(|(outcome, _)| outcome).collect();
    assert_eq!(outcomes, ["ok", "not_applicable", "ok", "ok"]);
    assert_eq!(partial["results"]["race_results"], false);
    assert_eq!(partial["error_message"], json!(null), "it did not fail");
    let stored = [
        bed.rows(tables::QUALIFYING_RESULTS, 11).await,
        bed.rows(tables::RACE_RESULTS, 11).await,
        bed.rows(tables::DRIVER_STANDINGS, 11).await,
        bed.rows(tables::CONSTRUCTOR_STANDINGS, 11).await,
    ];
    assert_eq!(stored, [20, 0, 20, 10]);
    let log = bed.log(&partial["run_id"]).await;
    assert!(log.contains("\n   比赛结果: ❌ 失败 - 上游返回 HTTP 500\n"), "{log}");
    assert!(log.ends_with("\n✅ 比赛后数据同步完成: 3/5 项成功"), "{log}");
    assert!(!partial.to_string().contains("http"), "{partial}");
}

async fn standings_without_the_race_leave_the_attempt_partial(base: Base) {
    let bed = Bed::start(base).await;
    let standings = ["driver_standings", "constructor_standings"];
    for (round, trouble) in [(12, Trouble::EarlierStandings), (13, Trouble::SprintOnlyStandings)] {
        bed.plan(round, "").await;
        for list in ["driverStandings", "constructorStandings"] {
            bed.spoil(&format!("/2025/{round}/{list}"), trouble.clone());
        }
        bed.execute(round, 1).await;
        let partial = bed.until(round, 1, "partial").await;
        let not_yet = ("no_data_yet".to_owned(), json!("积分榜尚未包含本站比赛"));
        assert_eq!(said(&partial, &standings), [not_yet.clone(), not_yet], "{trouble:?}");
        assert_eq!(said(&partial, &["race_results"]), [("ok".to_owned(), json!(null))], "{trouble:?}");
        assert_eq!(bed.rows(tables::DRIVER_STANDINGS, round).await, 0, "{trouble:?}");
        bed.simulator.set_faults(Vec::new());
        bed.execute(round, 2).await;
        bed.until(round, 2, "success").await;
        assert_eq!(bed.rows(tables::DRIVER_STANDINGS, round).await, 20);
    }
}

async fn right_standings_are_taken_though_the_round_before_is_outdated(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(10, "").await;
    bed.execute(10, 1).await;
    bed.until(10, 1, "success").await;
    // Who won in Austria is said to have won more before it than after it.
    let season = bed.simulator.season();
    let winner = season.drivers[season.round(11).unwrap().last_results()[0].driver].id.clone();
    let of_winner = async |column: &str| {
        let ids = bed.column(tables::DRIVER_STANDINGS, 10, "driver_id").await;
        let cells = bed.column(tables::DRIVER_STANDINGS, 10, column).await;
        cells[ids.iter().position(|id| *id == winner).unwrap()].parse::<usize>().unwrap()
    };
    let row = of_winner("position").await - 1;
    bed.spoil("/2025/10/driverStandings", Trouble::Text { row, field: "wins".into(), text: "11".into() });
    let run = bed.execute(10, 1).await;
    bed.ended(&run).await;
    assert_eq!(of_winner("wins").await, 11);
    bed.simulator.set_faults(Vec::new());
    bed.plan(11, "").await;
    bed.execute(11, 1).await;
    bed.until(11, 1, "success").await;
    assert_eq!(bed.simulator.requests().len(), 5, "the round before was asked for once more");
    assert_eq!(of_winner("wins").await, 11, "and not stored");
}

async fn odd_values_cost_themselves_alone(base: Base) {
    let bed = Bed::start(base).await;
    bed.plan(11, "").await;
    bed.execute(11, 1).await;
    bed.until(11, 1, "success").await;
    let faults = [
        ("results", Trouble::Missing { row: 3, field: "Driver.driverId".into() }),
        ("results", Trouble::Null { row: 4, field: "position".into() }),
        ("results", Trouble::Text { row: 5, field: "laps".into(), text: "None".into() }),
        ("results", Trouble::Text { row: 6, field: "grid".into(), text: "first".into() }),
        ("driverStandings", Trouble::TiedPosition { row: 3 }),
        ("driverStandings", Trouble::Missing { row: 19, field: "position".into() }),
    ];
    let faults = faults.map(|(list, trouble)| Fault::always(&format!("/2025/11/{list}"), trouble));
    bed.simulator.set_faults(faults.to_vec());
    let run = bed.execute(11, 1).await;
    bed.ended(&run).await;
    let done = bed.attempt(11, 1).await;
    assert_eq!((&done["status"], &done["run_id"]), (&json!("success"), &json!(run)));
    let told = "跳过 1 行（缺少有效的 driverId）；无法识别的值：grid";
    let found = json!({"outcome": "ok", "records": 19, "message": told});
    assert_eq!(done["details"]["race_results"], found);
    assert_eq!(bed.rows(tables::RACE_RESULTS, 11).await, 20, "the row that could not be read is kept");
    let nothing = |cells: Vec<String>| cells.iter().filter(|cell| cell.is_empty()).count();
    for column in ["position", "laps", "grid"] {
        assert_eq!(nothing(bed.column(tables::RACE_RESULTS, 11, column).await), 1, "{column}");
    }
    let mut positions = bed.column(tables::DRIVER_STANDINGS, 11, "position").await;
    positions.sort();
    assert_eq!(positions.iter().filter(|position| *position == "3").count(), 2, "{positions:?}");
    assert_eq!(nothing(positions), 1);
}
