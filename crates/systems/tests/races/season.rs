//! A whole season, and the schedules that are there without anybody making one.

use std::collections::BTreeMap;

use connect::tables::Table;
use engine::RunFilter;
use model::schedule::When;
use simulators::jolpica::SWAP_ROUND;
use store::ScheduleChange;
use systems::races::tables;

use crate::bed::{Base, Bed, at};

on_both! {
    points_and_wins_of_a_season_add_up_to_its_standings
    four_schedules_are_there_once_and_keep_their_changes
}

/// Points and wins by who won them.
type Score = BTreeMap<String, (f64, i64)>;

async fn count(bed: &Bed, table: &'static Table, round: i64, who: &str) -> Score {
    let (names, points) = (bed.column(table, round, who).await, bed.column(table, round, "points").await);
    let positions = bed.column(table, round, "position").await;
    let mut score = Score::new();
    for ((name, points), position) in names.into_iter().zip(points).zip(positions) {
        let entry = score.entry(name).or_default();
        entry.0 += points.parse::<f64>().unwrap();
        entry.1 += i64::from(position == "1" && table.name == "race_results");
    }
    score
}

async fn standings(bed: &Bed, table: &'static Table, round: i64, who: &str) -> Score {
    let (names, points) = (bed.column(table, round, who).await, bed.column(table, round, "points").await);
    let wins = bed.column(table, round, "wins").await;
    let rows = names.into_iter().zip(points).zip(wins);
    rows.map(|((name, points), wins)| (name, (points.parse().unwrap(), wins.parse().unwrap()))).collect()
}

async fn points_and_wins_of_a_season_add_up_to_its_standings(base: Base) {
    let mut bed = Bed::idle_with(base, |config| config.upstream_per_second = 1000).await;
    bed.clock.set(at("2025-12-20T00:00:00"));
    bed.drive();
    let (mut drivers, mut teams) = (Score::new(), Score::new());
    for round in 1..=24 {
        bed.plan(round, "").await;
        bed.until(round, 1, "success").await;
        for table in [tables::RACE_RESULTS, tables::SPRINT_RESULTS] {
            for (all, who) in [(&mut drivers, "driver_id"), (&mut teams, "constructor_id")] {
                for (name, (points, wins)) in count(&bed, table, round, who).await {
                    let entry = all.entry(name).or_default();
                    *entry = (entry.0 + points, entry.1 + wins);
                }
            }
        }
        assert_eq!(standings(&bed, tables::DRIVER_STANDINGS, round, "driver_id").await, drivers, "{round}");
        let stored = standings(&bed, tables::CONSTRUCTOR_STANDINGS, round, "constructor_id").await;
        assert_eq!(stored, teams, "{round}");
    }
    let before = i64::from(SWAP_ROUND) - 1;
    let teams = async |table, round| {
        let names = bed.column(table, round, "driver_id").await;
        let teams = bed.column(table, round, "constructor_id").await;
        names.into_iter().zip(teams).collect::<BTreeMap<_, _>>()
    };
    for round in [before, before + 1, 24] {
        let raced = teams(tables::RACE_RESULTS, round).await;
        assert_eq!(teams(tables::DRIVER_STANDINGS, round).await, raced, "the team of now");
    }
    assert_ne!(teams(tables::RACE_RESULTS, before).await, teams(tables::RACE_RESULTS, before + 1).await);
}

async fn four_schedules_are_there_once_and_keep_their_changes(base: Base) {
    let crons = async |bed: &Bed| {
        let mut crons = BTreeMap::new();
        for schedule in bed.engine.read().schedules().await.unwrap() {
            let When::Cron { expression } = schedule.spec.when else { panic!("{:?}", schedule.spec) };
            assert_eq!(schedule.spec.time_zone, "UTC");
            crons.insert(schedule.spec.name, (expression, schedule.id));
        }
        crons
    };
    let texts = async |bed: &Bed| {
        let crons = crons(bed).await;
        crons.into_iter().map(|(name, (cron, _))| format!("{name} {cron}")).collect::<Vec<_>>()
    };
    let bed = Bed::start(base).await;
    let given = [
        "races-batch 0 1 * * 0",
        "races-calendar 0 2 * * *",
        "races-cleanup 0 3 * * *",
        "races-monitor 5 * * * *",
    ];
    assert_eq!(texts(&bed).await, given);
    let monitor = crons(&bed).await["races-monitor"].1;
    let change = ScheduleChange { cron: Some("35 * * * *".into()), ..ScheduleChange::default() };
    bed.engine.change_schedule(monitor, change, bed.engine.now()).await.unwrap().unwrap();
    let cleanup = crons(&bed).await["races-cleanup"].1;
    assert!(bed.engine.remove_schedule(cleanup, bed.engine.now()).await.unwrap());
    let bed = bed.restarted_at("2025-06-29T17:10:00").await;
    assert_eq!(texts(&bed).await, [given[0], given[1], "races-monitor 35 * * * *"]);
    let runs = bed.engine.read().runs(&RunFilter { limit: 10, ..RunFilter::default() }).await.unwrap();
    assert!(runs.is_empty(), "nothing runs because a server started");
}
