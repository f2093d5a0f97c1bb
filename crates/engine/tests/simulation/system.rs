//! A model system: its work writes units to the fenced destination, and fails, pauses, panics, dawdles by seed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use engine::{Context, Ended, FollowUp, Outcome, Refused, Said, Stop, Syncs, System, Work};
use jiff::{SignedDuration, Timestamp};
use model::counts::ItemCounts;
use model::fault::Fault;
use model::id::SyncKey;
use model::ledger::{LedgerState, LedgerWrite};
use model::partition::UnitProgress;
use model::policy::{Missed, Overlap, Retry, SyncPolicy};
use model::run::{Plan, PlannedPartition, RunRequest};
use model::schedule::{ScheduleSpec, When};
use serde_json::json;

use crate::world::{Boot, World};

/// What a simulated panic says.
pub(crate) const PANIC: &str = "simulated panic";

pub(crate) struct Model {
    pub(crate) world: Arc<World>,
    pub(crate) boot: Boot,
}

pub(crate) fn key(name: &str) -> SyncKey {
    SyncKey::parse(&format!("sim.{name}")).unwrap()
}

/// Syncs that run side by side have no lease.
pub(crate) fn is_exclusive(sync: &SyncKey) -> bool {
    *sync != key("wide")
}

fn sync(name: &str, overlap: Overlap, max_parallel: Option<u32>, source_fault_limit: Option<u32>) -> Syncs {
    let seconds = Duration::from_secs;
    let retry = Retry { tries: 3, base: seconds(2), factor: 3, cap: seconds(20) };
    let policy = SyncPolicy {
        overlap,
        max_parallel,
        retry,
        source_fault_limit,
        pause_keeps_lease: false,
        deaths_max: None,
    };
    Syncs { key: key(name), policy }
}

pub(crate) fn syncs() -> Vec<Syncs> {
    vec![
        sync("one", Overlap::Skip, Some(1), Some(2)),
        sync("wide", Overlap::Allow, None, None),
        sync("queue", Overlap::BufferAll, Some(2), None),
        sync("next", Overlap::BufferOne, Some(2), None),
        sync("newest", Overlap::CancelOther, Some(3), None),
    ]
}

fn cron(name: &str, sync: &str, expression: &str, missed: Missed) -> ScheduleSpec {
    ScheduleSpec {
        name: format!("sim.{name}"),
        title: name.to_owned(),
        sync: key(sync),
        label: name.to_owned(),
        params: json!({"keys": 2}),
        when: When::Cron { expression: expression.to_owned() },
        time_zone: "UTC".to_owned(),
        missed,
        missed_window: Duration::from_secs(600),
        missed_max: 2,
    }
}

fn said(state: LedgerState) -> LedgerWrite {
    LedgerWrite::new(state, state.as_str())
}

/// How one try goes, drawn from the seed, the partition and the fence.
struct Temper {
    chance: fastrand::Rng,
    /// Never asks whether to go on.
    deaf: bool,
    /// Where it goes wrong, if it does.
    breaks_at: Option<i64>,
}

impl Model {
    fn temper(&self, work: &Work, units: i64) -> Temper {
        let purpose = work.partition.id.0.unsigned_abs() * 1_000 + work.partition.fence.0.unsigned_abs();
        let mut chance = self.world.chance(purpose);
        let calm = self.world.is_quiet();
        let deaf = !calm && chance.u8(..) < 40;
        let breaks_at = (!calm && chance.u8(..) < 90).then(|| chance.i64(0..=units));
        Temper { chance, deaf, breaks_at }
    }

    /// One of the ways to go wrong.
    fn fail(&self, temper: &mut Temper, now: Timestamp) -> Result<Outcome, Fault> {
        match temper.chance.u8(0..8) {
            0 => panic!("{PANIC}"),
            1 => Err(Fault::never("never", "it will never work")),
            2 | 3 => Err(Fault::again("source", "the source is down").from_source()),
            4 => Err(Fault::again("busy", "come back later").after(Duration::from_secs(7))),
            5 => Err(Fault::never("all", "the whole run is lost").ends_run()),
            6 => {
                Ok(Outcome::PauseRun(now + SignedDuration::from_secs(45), "the budget is used up".to_owned()))
            }
            _ => {
                let words = Said { ledger: Some(said(LedgerState::Failed)), ..Said::default() };
                Ok(Outcome::Failed(Fault::never("given_up", "given up"), words))
            }
        }
    }
}

#[async_trait]
impl System for Model {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn syncs(&self) -> Vec<Syncs> {
        syncs()
    }

    fn schedules(&self) -> Vec<ScheduleSpec> {
        vec![
            cron("minutely", "one", "* * * * *", Missed::All),
            cron("often", "wide", "*/20 * * * * *", Missed::Latest),
        ]
    }

    async fn plan(&self, request: &RunRequest, _now: Timestamp) -> Result<Plan, Refused> {
        let keys = request.params["keys"].as_i64().unwrap_or(1);
        let mut name = request.params["name"].as_str().unwrap_or("x").to_owned();
        if let Some(tick) = request.tick {
            let mut chance = self.world.chance(tick.nominal_at.as_second().unsigned_abs());
            match chance.u8(0..10) {
                0..=3 if request.label == "often" => {
                    return Err(Refused::NothingToDo("all is there".to_owned()));
                }
                4 if request.label != "leaf" && !self.world.is_quiet() => {
                    return Err(Refused::Unavailable("the destination is away".to_owned()));
                }
                _ => {}
            }
            name = format!("{}-{}-{}", request.label, tick.schedule, tick.nominal_at.as_second());
        }
        let partitions = (0..keys)
            .map(|n| PlannedPartition { key: format!("{name}-{n}"), payload: json!({"units": n % 3 + 1}) })
            .collect();
        Ok(Plan { partitions, params: request.params.clone(), priority: None })
    }

    async fn sync(&self, work: &Work, ctx: &Context) -> Result<Outcome, Fault> {
        let (world, partition) = (&self.world, &work.partition);
        let units = partition.payload["units"].as_i64().unwrap();
        let mut temper = self.temper(work, units);
        world.wait(self.boot, None).await;
        ctx.ledger(said(LedgerState::Running)).await?;
        let done_before = partition.checkpoint.as_ref().map_or(0, |state| state["done"].as_i64().unwrap());
        ctx.count(ItemCounts { new: done_before, ..ItemCounts::default() });
        for unit in done_before..units {
            if temper.breaks_at == Some(unit) {
                return self.fail(&mut temper, ctx.now());
            }
            let dawdles = !world.is_quiet() && temper.chance.u8(..) < 60;
            let until = dawdles.then(|| world.now() + SignedDuration::from_secs(temper.chance.i64(1..40)));
            world.wait(self.boot, until).await;
            if !temper.deaf {
                ctx.go_on()?;
            }
            if !world.write(partition.id, partition.fence, unit) {
                return Err(Fault::again("fenced", "a newer holder has written"));
            }
            ctx.count(ItemCounts { new: 1, ..ItemCounts::default() });
            ctx.progress(UnitProgress { done: unit + 1, failed: 0, total: Some(units) });
            ctx.say(format!("unit {unit}"));
            world.wait(self.boot, None).await;
            if temper.chance.bool() {
                ctx.checkpoint(json!({"done": unit + 1})).await?;
            }
        }
        if temper.breaks_at == Some(units) {
            return self.fail(&mut temper, ctx.now());
        }
        Ok(Outcome::Succeeded(Said { ledger: Some(said(LedgerState::Succeeded)), ..Said::default() }))
    }

    fn stopped(&self, _work: &Work, _stop: Stop) -> Option<LedgerWrite> {
        Some(said(LedgerState::Queued))
    }

    fn failed(&self, _work: &Work, fault: &Fault) -> Option<LedgerWrite> {
        Some(LedgerWrite { fault_code: Some(fault.code.clone()), ..said(LedgerState::Failed) })
    }

    async fn follow_up(&self, ended: &Ended, now: Timestamp) -> Result<Vec<FollowUp>, Fault> {
        let Ended::Run(run) = ended else { return Ok(Vec::new()) };
        let mut chance = self.world.chance(now.as_microsecond().unsigned_abs());
        if !self.world.is_quiet() && chance.u8(..) < 60 {
            return Err(Fault::again("away", "the system cannot say now"));
        }
        if run.label != "chain" {
            return Ok(Vec::new());
        }
        let mut spec = cron(&after(run.id.0), "wide", "* * * * *", Missed::All);
        spec.label = "leaf".to_owned();
        spec.params = json!({"keys": 1});
        spec.when = When::Once { at: now + SignedDuration::from_secs(5) };
        spec.missed_window = Duration::from_secs(86_400);
        Ok(vec![FollowUp::Schedule(spec)])
    }
}

/// The name of what follows a run, without the system's.
pub(crate) fn after(run: i64) -> String {
    format!("after_{run}")
}
