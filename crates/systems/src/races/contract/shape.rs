//! The documented answers, key by key, from plans.

use model::race::{DueRaceAttempt, RaceAttempt, RaceCancelReason, RaceDataset, RacePlan, RacePlanState};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::races::read::wire_time;
use crate::races::upstream::Race;
use crate::races::{labels, verbs};

/// The public name of a race's plan.
fn schedule_id(plan: &RacePlan) -> String {
    format!("{}:{}", plan.season, plan.round)
}

/// `PLAN`
#[derive(Serialize)]
pub(super) struct PlanShown<'a> {
    season_year: i64,
    race_round: i64,
    race_name: &'a str,
    race_end_time: String,
    created_at: String,
    is_completed: bool,
    success_rate: f64,
    next_pending_attempt: Option<NextAttempt>,
    attempts: Vec<AttemptShown<'a>>,
    always_run: bool,
    retry_intervals: &'a [i64],
    schedule_id: String,
    cancelled: bool,
}

#[derive(Serialize)]
struct NextAttempt {
    attempt_number: i64,
    scheduled_time: String,
}

#[derive(Serialize)]
struct AttemptShown<'a> {
    attempt_number: i64,
    scheduled_time: String,
    executed_time: Option<String>,
    status: &'static str,
    results: Results<'a>,
    error_message: Option<&'a str>,
    reason: Option<&'static str>,
    run_id: Option<String>,
    details: Details<'a>,
}

/// Five answers in the documented order, or none at all.
struct Results<'a>(&'a Value);

/// What is known of each dataset, in the documented order.
struct Details<'a>(&'a Value);

#[derive(Serialize)]
struct DetailShown<'a> {
    outcome: &'a Value,
    records: &'a Value,
    message: &'a Value,
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if self.0.as_object().is_some_and(|results| !results.is_empty()) {
            for dataset in RaceDataset::ALL {
                map.serialize_entry(dataset.as_str(), &(self.0[dataset.as_str()] == true))?;
            }
        }
        map.end()
    }
}

impl Serialize for Details<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for dataset in RaceDataset::ALL {
            if let Some(detail) = self.0.get(dataset.as_str()) {
                let shown = DetailShown {
                    outcome: &detail["outcome"],
                    records: &detail["records"],
                    message: &detail["message"],
                };
                map.serialize_entry(dataset.as_str(), &shown)?;
            }
        }
        map.end()
    }
}

impl NextAttempt {
    fn of(plan: &RacePlan) -> Option<Self> {
        let next = plan.next_pending()?;
        Some(Self { attempt_number: next.number, scheduled_time: wire_time(next.scheduled_at) })
    }
}

impl<'a> From<&'a RaceAttempt> for AttemptShown<'a> {
    fn from(attempt: &'a RaceAttempt) -> Self {
        Self {
            attempt_number: attempt.number,
            scheduled_time: wire_time(attempt.scheduled_at),
            executed_time: attempt.executed_at.map(wire_time),
            status: attempt.status.as_str(),
            results: Results(&attempt.results),
            error_message: attempt.error_message.as_deref(),
            reason: attempt.reason.map(RaceCancelReason::as_str),
            run_id: attempt.run.map(|run| run.0.to_string()),
            details: Details(&attempt.details),
        }
    }
}

impl<'a> From<&'a RacePlan> for PlanShown<'a> {
    fn from(plan: &'a RacePlan) -> Self {
        Self {
            season_year: plan.season,
            race_round: plan.round,
            race_name: &plan.race_name,
            race_end_time: wire_time(plan.race_end_at),
            created_at: wire_time(plan.created_at),
            is_completed: plan.is_completed(),
            success_rate: plan.success_rate(),
            next_pending_attempt: NextAttempt::of(plan),
            attempts: plan.attempts.iter().map(AttemptShown::from).collect(),
            always_run: plan.always_run,
            retry_intervals: &plan.retry_hours,
            schedule_id: schedule_id(plan),
            cancelled: plan.state == RacePlanState::Cancelled,
        }
    }
}

/// `{"schedule":PLAN}`
#[derive(Serialize)]
pub(super) struct Found<'a> {
    schedule: PlanShown<'a>,
}

impl<'a> From<&'a RacePlan> for Found<'a> {
    fn from(plan: &'a RacePlan) -> Self {
        Self { schedule: plan.into() }
    }
}

/// `E1`
#[derive(Serialize)]
pub(super) struct Made<'a> {
    message: String,
    season_year: i64,
    race_round: i64,
    race_name: &'a str,
    retry_intervals: &'a [i64],
    status: &'static str,
    schedule_id: String,
    attempts_count: usize,
    race_end_time: String,
    always_run: bool,
}

impl<'a> From<&'a RacePlan> for Made<'a> {
    fn from(plan: &'a RacePlan) -> Self {
        Self {
            message: labels::planned(&plan.race_name),
            season_year: plan.season,
            race_round: plan.round,
            race_name: &plan.race_name,
            retry_intervals: &plan.retry_hours,
            status: "scheduled",
            schedule_id: schedule_id(plan),
            attempts_count: plan.attempts.len(),
            race_end_time: wire_time(plan.race_end_at),
            always_run: plan.always_run,
        }
    }
}

/// `E2`
#[derive(Serialize)]
pub(super) struct Known<'a> {
    message: &'static str,
    existing_schedule: Existing<'a>,
    race_name: &'a str,
    retry_intervals: &'a [i64],
    attempts_count: usize,
    schedule_id: String,
}

#[derive(Serialize)]
struct Existing<'a> {
    race_name: &'a str,
    race_end_time: String,
    attempts_count: usize,
    is_completed: bool,
    success_rate: f64,
}

impl<'a> From<&'a RacePlan> for Known<'a> {
    fn from(plan: &'a RacePlan) -> Self {
        let attempts_count = plan.attempts.len();
        Self {
            message: labels::PLAN_EXISTS,
            existing_schedule: Existing {
                race_name: &plan.race_name,
                race_end_time: wire_time(plan.race_end_at),
                attempts_count,
                is_completed: plan.is_completed(),
                success_rate: plan.success_rate(),
            },
            race_name: &plan.race_name,
            retry_intervals: &plan.retry_hours,
            attempts_count,
            schedule_id: schedule_id(plan),
        }
    }
}

/// What DELETE answers.
#[derive(Serialize)]
pub(super) struct Cancelled {
    message: String,
    season_year: i64,
    race_round: i64,
}

impl From<Race> for Cancelled {
    fn from(race: Race) -> Self {
        Self { message: labels::plan_cancelled(race), season_year: race.season, race_round: race.round }
    }
}

/// What `execute` answers.
#[derive(Serialize)]
pub(super) struct Executing<'a> {
    message: String,
    season_year: i64,
    race_round: i64,
    attempt_number: i64,
    race_name: &'a str,
    status: &'static str,
    task_id: String,
}

impl<'a> Executing<'a> {
    pub(super) fn new(plan: &'a RacePlan, attempt_number: i64, task_id: String) -> Self {
        Self {
            message: labels::executing(attempt_number),
            season_year: plan.season,
            race_round: plan.round,
            attempt_number,
            race_name: &plan.race_name,
            status: "executing",
            task_id,
        }
    }
}

/// `E3`
#[derive(Serialize)]
pub(super) struct Plans<'a> {
    total_count: usize,
    schedules: Vec<PlanListed<'a>>,
}

#[derive(Serialize)]
struct PlanListed<'a> {
    season_year: i64,
    race_round: i64,
    race_name: &'a str,
    race_end_time: String,
    created_at: String,
    is_completed: bool,
    success_rate: f64,
    attempts_count: usize,
    next_pending_attempt: Option<NextAttempt>,
    next_attempt_time: Option<String>,
    cancelled: bool,
}

impl<'a> From<&'a [RacePlan]> for Plans<'a> {
    fn from(plans: &'a [RacePlan]) -> Self {
        let schedules = plans.iter().map(|plan| PlanListed {
            season_year: plan.season,
            race_round: plan.round,
            race_name: &plan.race_name,
            race_end_time: wire_time(plan.race_end_at),
            created_at: wire_time(plan.created_at),
            is_completed: plan.is_completed(),
            success_rate: plan.success_rate(),
            attempts_count: plan.attempts.len(),
            next_pending_attempt: NextAttempt::of(plan),
            next_attempt_time: NextAttempt::of(plan).map(|next| next.scheduled_time),
            cancelled: plan.state == RacePlanState::Cancelled,
        });
        Self { total_count: plans.len(), schedules: schedules.collect() }
    }
}

/// What `/pending` answers.
#[derive(Serialize)]
pub(super) struct Pending {
    pending_count: usize,
    pending_syncs: Vec<PendingSync>,
}

#[derive(Serialize)]
struct PendingSync {
    season_year: i64,
    race_round: i64,
    attempt_number: i64,
    scheduled_time: String,
}

impl From<&[DueRaceAttempt]> for Pending {
    fn from(due: &[DueRaceAttempt]) -> Self {
        let pending_syncs = due.iter().map(|due| PendingSync {
            season_year: due.season,
            race_round: due.round,
            attempt_number: due.number,
            scheduled_time: wire_time(due.scheduled_at),
        });
        Self { pending_count: due.len(), pending_syncs: pending_syncs.collect() }
    }
}

/// What `/monitor` and `/cleanup` answer.
#[derive(Serialize)]
pub(super) struct Started {
    pub(super) message: &'static str,
    pub(super) status: &'static str,
    pub(super) task_id: String,
}

/// `E4`
#[derive(Serialize)]
pub(super) struct Batch {
    message: String,
    season_year: i64,
    days_ahead: i64,
    status: &'static str,
    task_id: String,
    scheduled_count: usize,
    scheduled_races: Vec<BatchRace>,
}

#[derive(Serialize)]
struct BatchRace {
    race_round: i64,
    race_name: String,
}

impl Batch {
    pub(super) fn new(season_year: i64, days_ahead: i64, batch: verbs::Batch) -> Self {
        let races =
            batch.races.into_iter().map(|(race_round, race_name)| BatchRace { race_round, race_name });
        let scheduled_races: Vec<BatchRace> = races.collect();
        Self {
            message: labels::batch_started(season_year, days_ahead),
            season_year,
            days_ahead,
            status: "scheduling",
            task_id: batch.run.id.0.to_string(),
            scheduled_count: scheduled_races.len(),
            scheduled_races,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::id::RunId;
    use model::race::RaceAttemptStatus;
    use serde_json::json;

    use super::super::stats::Stats;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn attempt(number: i64, hours: i64, scheduled_at: &str) -> RaceAttempt {
        RaceAttempt {
            number,
            hours,
            scheduled_at: at(scheduled_at),
            executed_at: None,
            status: RaceAttemptStatus::Pending,
            reason: None,
            results: json!({}),
            details: json!({}),
            error_message: None,
            run: None,
        }
    }

    /// The documented plan, nothing begun.
    fn plan() -> RacePlan {
        RacePlan {
            id: 7,
            season: 2025,
            round: 11,
            race_name: "Austrian Grand Prix".into(),
            race_end_at: at("2025-06-29T16:00:00Z"),
            race_end_overridden: false,
            always_run: false,
            retry_hours: vec![6, 12, 24],
            state: RacePlanState::Active,
            created_at: at("2025-06-28T08:31:25.676021Z"),
            cancelled_at: None,
            archived_at: None,
            attempts: vec![
                attempt(1, 6, "2025-06-29T22:00:00Z"),
                attempt(2, 12, "2025-06-30T04:00:00Z"),
                attempt(3, 24, "2025-06-30T16:00:00Z"),
            ],
        }
    }

    /// The same after its second attempt.
    fn completed() -> RacePlan {
        let ok = |records: i64| json!({ "outcome": "ok", "records": records, "message": null });
        let no_sprint = json!({ "outcome": "not_applicable", "records": 0, "message": "本站无冲刺赛" });
        let later = json!({ "outcome": "no_data_yet", "records": 0, "message": "积分榜尚未包含本站比赛" });
        let mut plan = plan();
        for (attempt, drivers) in plan.attempts.iter_mut().zip([later, ok(20)]) {
            attempt.results = json!({ "race_results": true, "qualifying_results": true, "sprint_results": true,
                "driver_standings": drivers["outcome"] == "ok", "constructor_standings": true });
            attempt.details = json!({ "race_results": ok(20), "qualifying_results": ok(20),
                "sprint_results": no_sprint, "driver_standings": drivers, "constructor_standings": ok(10) });
        }
        let [first, second, third] = plan.attempts.as_mut_slice() else { panic!("three attempts") };
        (first.status, first.run) = (RaceAttemptStatus::Partial, Some(RunId(41)));
        first.executed_at = Some(at("2025-06-29T22:00:00.683478Z"));
        (second.status, second.run) = (RaceAttemptStatus::Success, Some(RunId(42)));
        second.executed_at = Some(at("2025-06-30T04:00:01Z"));
        (third.status, third.reason) = (RaceAttemptStatus::Cancelled, Some(RaceCancelReason::Superseded));
        plan
    }

    fn text(body: &impl Serialize) -> String {
        serde_json::to_string(body).unwrap()
    }

    #[test]
    fn a_plan_made_and_a_plan_known_are_the_documented_bytes() {
        assert_eq!(
            text(&Made::from(&plan())),
            r#"{"message":"已成功安排 Austrian Grand Prix 的赛后同步计划","season_year":2025,"race_round":11,"race_name":"Austrian Grand Prix","retry_intervals":[6,12,24],"status":"scheduled","schedule_id":"2025:11","attempts_count":3,"race_end_time":"2025-06-29T16:00:00+00:00","always_run":false}"#
        );
        assert_eq!(
            text(&Known::from(&plan())),
            r#"{"message":"同步计划已存在","existing_schedule":{"race_name":"Austrian Grand Prix","race_end_time":"2025-06-29T16:00:00+00:00","attempts_count":3,"is_completed":false,"success_rate":0.0},"race_name":"Austrian Grand Prix","retry_intervals":[6,12,24],"attempts_count":3,"schedule_id":"2025:11"}"#
        );
    }

    #[test]
    fn a_plan_is_the_documented_bytes() {
        let ok = r#"{"outcome":"ok","records":20,"message":null}"#;
        let ten = r#"{"outcome":"ok","records":10,"message":null}"#;
        let sprint = r#"{"outcome":"not_applicable","records":0,"message":"本站无冲刺赛"}"#;
        let later = r#"{"outcome":"no_data_yet","records":0,"message":"积分榜尚未包含本站比赛"}"#;
        assert_eq!(
            text(&Found::from(&completed())),
            [
                r#"{"schedule":{"season_year":2025,"race_round":11,"race_name":"Austrian Grand Prix","#,
                r#""race_end_time":"2025-06-29T16:00:00+00:00","created_at":"2025-06-28T08:31:25.676021+00:00","#,
                r#""is_completed":true,"success_rate":1.0,"next_pending_attempt":null,"attempts":["#,
                r#"{"attempt_number":1,"scheduled_time":"2025-06-29T22:00:00+00:00","#,
                r#""executed_time":"2025-06-29T22:00:00.683478+00:00","status":"partial","#,
                r#""results":{"race_results":true,"qualifying_results":true,"sprint_results":true,"#,
                r#""driver_standings":false,"constructor_standings":true},"error_message":null,"reason":null,"#,
                &format!(r#""run_id":"41","details":{{"race_results":{ok},"qualifying_results":{ok},"#),
                &format!(r#""sprint_results":{sprint},"driver_standings":{later},"constructor_standings":{ten}}}}},"#),
                r#"{"attempt_number":2,"scheduled_time":"2025-06-30T04:00:00+00:00","#,
                r#""executed_time":"2025-06-30T04:00:01+00:00","status":"success","#,
                r#""results":{"race_results":true,"qualifying_results":true,"sprint_results":true,"#,
                r#""driver_standings":true,"constructor_standings":true},"error_message":null,"reason":null,"#,
                &format!(r#""run_id":"42","details":{{"race_results":{ok},"qualifying_results":{ok},"#),
                &format!(r#""sprint_results":{sprint},"driver_standings":{ok},"constructor_standings":{ten}}}}},"#),
                r#"{"attempt_number":3,"scheduled_time":"2025-06-30T16:00:00+00:00","executed_time":null,"#,
                r#""status":"cancelled","results":{},"error_message":null,"reason":"superseded","run_id":null,"#,
                r#""details":{}}],"always_run":false,"retry_intervals":[6,12,24],"schedule_id":"2025:11","#,
                r#""cancelled":false}}"#,
            ]
            .concat()
        );
    }

    #[test]
    fn a_list_of_plans_is_the_documented_bytes() {
        assert_eq!(
            text(&Plans::from([plan()].as_slice())),
            r#"{"total_count":1,"schedules":[{"season_year":2025,"race_round":11,"race_name":"Austrian Grand Prix","race_end_time":"2025-06-29T16:00:00+00:00","created_at":"2025-06-28T08:31:25.676021+00:00","is_completed":false,"success_rate":0.0,"attempts_count":3,"next_pending_attempt":{"attempt_number":1,"scheduled_time":"2025-06-29T22:00:00+00:00"},"next_attempt_time":"2025-06-29T22:00:00+00:00","cancelled":false}]}"#
        );
        let nothing_left = text(&Plans::from([completed()].as_slice()));
        assert!(nothing_left.contains(r#""next_pending_attempt":null,"next_attempt_time":null,"#));
        assert_eq!(text(&Plans::from([].as_slice())), r#"{"total_count":0,"schedules":[]}"#);
    }

    #[test]
    fn what_is_started_or_due_is_the_documented_bytes() {
        let due = DueRaceAttempt {
            plan: 7,
            season: 2025,
            round: 11,
            number: 1,
            scheduled_at: at("2025-06-29T22:00:00Z"),
        };
        assert_eq!(
            text(&Pending::from([due].as_slice())),
            r#"{"pending_count":1,"pending_syncs":[{"season_year":2025,"race_round":11,"attempt_number":1,"scheduled_time":"2025-06-29T22:00:00+00:00"}]}"#
        );
        assert_eq!(
            text(&Executing::new(&plan(), 1, "43".into())),
            r#"{"message":"已开始立即执行第 1 次同步","season_year":2025,"race_round":11,"attempt_number":1,"race_name":"Austrian Grand Prix","status":"executing","task_id":"43"}"#
        );
        assert_eq!(
            text(&Cancelled::from(Race { season: 2025, round: 11 })),
            r#"{"message":"已取消 2025 赛季第 11 轮的同步计划","season_year":2025,"race_round":11}"#
        );
        assert_eq!(
            text(&Started { message: labels::MONITOR_STARTED, status: "monitoring", task_id: "44".into() }),
            r#"{"message":"已触发监控任务","status":"monitoring","task_id":"44"}"#
        );
    }

    #[test]
    fn statistics_are_the_documented_bytes() {
        let whole = r#"{"success_rate":1.0,"total_attempts":2,"successes":2}"#;
        assert_eq!(
            text(&Stats::new(None, &[completed()])),
            [
                r#"{"total_schedules":1,"completed_schedules":1,"pending_schedules":0,"failed_schedules":0,"#,
                r#""overall_success_rate":1.0,"data_type_stats":{"#,
                &format!(r#""race_results":{whole},"qualifying_results":{whole},"sprint_results":{whole},"#),
                r#""driver_standings":{"success_rate":0.5,"total_attempts":2,"successes":1},"#,
                &format!(r#""constructor_standings":{whole}}},"season_year":null,"cancelled_schedules":0,"#),
                r#""stats":{"total_schedules":1,"completed_schedules":1,"pending_schedules":0,"#,
                r#""failed_schedules":0,"cancelled_schedules":0,"overall_success_rate":1.0,"#,
                r#""total_attempts":2,"successful_attempts":2}}"#,
            ]
            .concat()
        );
        assert!(text(&Stats::new(Some(2025), &[])).contains(r#""overall_success_rate":0.0,"#));
    }
}
