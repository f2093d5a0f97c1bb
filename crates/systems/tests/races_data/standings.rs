//! Standings are stored when they contain their race, and not before.

use std::collections::BTreeMap;

use simulators::jolpica::{Fault, SWAP_ROUND, Trouble};
use systems::races::datasets::{Dataset, Found, Outcome};
use systems::races::tables::{CONSTRUCTOR_STANDINGS, DRIVER_STANDINGS, RACE_RESULTS, SPRINT_RESULTS};

use crate::bed::{AUSTRIA, Base, Bed};

on_both! {
    standings_of_the_round_before_are_no_data_yet
    standings_without_the_race_are_no_data_yet
    without_the_results_of_the_race_standings_are_not_asked_for
    an_outdated_round_before_is_asked_for_again_and_not_stored
    when_the_round_before_cannot_be_had_the_dataset_fails
    without_stored_results_there_is_no_test
    without_a_round_before_one_win_is_enough
    a_driver_who_moved_shows_the_present_team
    points_and_wins_of_a_season_add_up
}

const BOTH: [Dataset; 2] = [Dataset::DriverStandings, Dataset::ConstructorStandings];

fn not_yet(found: &Found) {
    assert_eq!(
        (found.outcome, found.message.as_deref()),
        (Outcome::NoDataYet, Some("积分榜尚未包含本站比赛"))
    );
}

async fn stored(bed: &Bed, round: i64) -> (usize, usize) {
    (bed.count(DRIVER_STANDINGS, round).await, bed.count(CONSTRUCTOR_STANDINGS, round).await)
}

async fn standings_of_the_round_before_are_no_data_yet(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    bed.spoil("*", [Trouble::EarlierStandings]);
    for dataset in BOTH {
        not_yet(&bed.find(dataset, AUSTRIA).await);
    }
    assert_eq!((stored(&bed, 11).await, stored(&bed, 10).await), ((0, 0), (0, 0)));
}

async fn standings_without_the_race_are_no_data_yet(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.attempt(12).await;
    bed.find(Dataset::RaceResults, 13).await;
    bed.spoil("*", [Trouble::SprintOnlyStandings]);
    for dataset in BOTH {
        not_yet(&bed.find(dataset, 13).await);
    }
    assert_eq!(stored(&bed, 13).await, (0, 0));
    bed.heal();
    for dataset in BOTH {
        assert_eq!(bed.find(dataset, 13).await.outcome, Outcome::Ok);
    }
}

async fn without_the_results_of_the_race_standings_are_not_asked_for(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.spoil("/2025/11/results", [Trouble::NotPublished]);
    let found = bed.attempt(AUSTRIA).await;
    assert_eq!((found[0].outcome, found[1].outcome), (Outcome::Ok, Outcome::NoDataYet));
    not_yet(&found[3]);
    not_yet(&found[4]);
    assert_eq!((stored(&bed, 11).await, bed.requests().len()), ((0, 0), 2));
}

/// The line of a winner's row in the standings of a round, and what it says instead of the wins.
async fn overstated(bed: &Bed, round: i64) {
    let winner = bed.driver(AUSTRIA, 0).to_owned();
    bed.find(Dataset::DriverStandings, round).await;
    let at = bed.cell(DRIVER_STANDINGS, ("driver_id", &winner), "position").await.int().unwrap();
    let row = usize::try_from(at - 1).unwrap();
    bed.spoil("driverstandings", [Trouble::Text { row, field: "wins".into(), text: "11".into() }]);
    bed.find(Dataset::DriverStandings, round).await;
    assert_eq!(bed.cell(DRIVER_STANDINGS, ("driver_id", &winner), "wins").await.int(), Some(11));
    bed.heal();
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    bed.requests();
}

async fn an_outdated_round_before_is_asked_for_again_and_not_stored(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    overstated(&bed, 10).await;
    let before = bed.rows(DRIVER_STANDINGS, 10, &[]).await;
    assert_eq!(bed.find(Dataset::DriverStandings, AUSTRIA).await.outcome, Outcome::Ok);
    let paths =
        ["/2025/11", "/2025/10"].map(|round| format!("{round}/driverStandings.json?limit=100&offset=0"));
    assert_eq!(bed.requests(), paths);
    assert_eq!(bed.rows(DRIVER_STANDINGS, 10, &[]).await, before);
}

async fn when_the_round_before_cannot_be_had_the_dataset_fails(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    overstated(&bed, 10).await;
    let status = Trouble::Status { code: 404, retry_after: None };
    for (trouble, words) in [
        (status, "上游返回 HTTP 404"),
        (Trouble::OtherSeason, "无法核对上一轮积分榜：上游返回的是 2024 赛季第 10 轮的数据"),
        (Trouble::EarlierStandings, "无法核对上一轮积分榜：尚未发布"),
    ] {
        bed.simulator.set_faults(vec![Fault::always("/2025/10/driverstandings", trouble)]);
        let found = bed.find(Dataset::DriverStandings, AUSTRIA).await;
        assert_eq!((found.outcome, found.message.as_deref()), (Outcome::Failed, Some(words)));
    }
    assert_eq!(bed.count(DRIVER_STANDINGS, AUSTRIA).await, 0);
}

async fn without_stored_results_there_is_no_test(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    bed.attempt(12).await;
    bed.spoil("/2025/13/results", [Trouble::Html]);
    bed.simulator.add_fault(Fault::always("*", Trouble::SprintOnlyStandings));
    let found = bed.attempt(13).await;
    assert_eq!(
        (found[1].outcome, found[3].outcome, found[4].outcome),
        (Outcome::Failed, Outcome::Ok, Outcome::Ok)
    );
}

async fn without_a_round_before_one_win_is_enough(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let found = bed.attempt(1).await;
    assert!(found.iter().all(Found::is_there), "{found:?}");
    bed.find(Dataset::RaceResults, AUSTRIA).await;
    bed.requests();
    assert_eq!(bed.find(Dataset::DriverStandings, AUSTRIA).await.outcome, Outcome::Ok);
    assert_eq!(bed.requests().len(), 1);
}

async fn a_driver_who_moved_shows_the_present_team(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    let (before, after) = (i64::from(SWAP_ROUND) - 1, i64::from(SWAP_ROUND));
    let teams = async |round| {
        let rows =
            bed.rows(DRIVER_STANDINGS, round, &["driver_id", "constructor_id", "constructor_ids"]).await;
        let rows = rows.into_iter().map(|row| (row[0].to_string(), (row[1].to_string(), row[2].to_string())));
        rows.collect::<BTreeMap<_, _>>()
    };
    // Without results the last of the teams named is the present one.
    bed.find(Dataset::DriverStandings, after).await;
    let last_named = teams(after).await;
    bed.attempt(before).await;
    bed.attempt(after).await;
    let (before, after) = (teams(before).await, teams(after).await);
    let movers: Vec<&String> = after.keys().filter(|id| after[*id].0 != before[*id].0).collect();
    assert_eq!((movers.len(), &last_named), (2, &after));
    for id in movers {
        let both = serde_json::to_string(&[&before[id].0, &after[id].0]).unwrap();
        assert_eq!(after[id].1, both);
    }
    // One who goes back is still of the team of the last race, which was the first named.
    let id = bed.driver(AUSTRIA, 4).to_owned();
    let other = bed.simulator.season().constructors.iter().map(|team| team.id.clone());
    let other = other.into_iter().find(|team| *team != after[&id].0).unwrap();
    bed.spoil(
        "results",
        [Trouble::Text { row: 4, field: "Constructor.constructorId".into(), text: other.clone() }],
    );
    bed.attempt(AUSTRIA).await;
    assert_eq!(teams(AUSTRIA).await[&id].0, other);
}

async fn points_and_wins_of_a_season_add_up(base: Base) {
    let bed = Bed::new(base).await.with_calendar().await;
    for round in 1..=24 {
        let found = bed.attempt(round).await;
        assert!(found.iter().all(Found::is_there), "{round}: {found:?}");
    }
    for (id, table) in [("driver_id", DRIVER_STANDINGS), ("constructor_id", CONSTRUCTOR_STANDINGS)] {
        let mut summed: BTreeMap<String, (f64, i64)> = BTreeMap::new();
        for round in 1..=24 {
            for results in [RACE_RESULTS, SPRINT_RESULTS] {
                for row in bed.rows(results, round, &[id, "points", "position_text"]).await {
                    let sum = summed.entry(row[0].to_string()).or_default();
                    let won = results.name == RACE_RESULTS.name && row[2].text() == Some("1");
                    *sum = (sum.0 + row[1].real().unwrap(), sum.1 + i64::from(won));
                }
            }
        }
        let rows = bed.rows(table, 24, &[id, "points", "wins"]).await;
        let stands =
            rows.iter().map(|row| (row[0].to_string(), (row[1].real().unwrap(), row[2].int().unwrap())));
        assert_eq!(stands.collect::<BTreeMap<_, _>>(), summed);
    }
}
