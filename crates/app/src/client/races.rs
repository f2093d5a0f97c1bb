//! `syncline races …`, with the documented outputs in both languages.

use reqwest::{Method, StatusCode};
use serde_json::{Map, Value};

use super::{Answer, Api, text_of, with_query};
use crate::arguments::{RacesArguments, RacesVerb};
use crate::config::Layers;
use crate::exit::{Exit, Failure};
use crate::screen::{complain, say};
use crate::words::both;

/// The documented routes.
const ROUTES: &str = "/api/v1/post-race-sync";

/// The datasets in the order of the answers, as people call them.
pub(crate) const DATASETS: [(&str, &str, &str); 5] = [
    ("race_results", "Race results", "比赛结果"),
    ("qualifying_results", "Qualifying results", "排位赛结果"),
    ("sprint_results", "Sprint results", "冲刺赛结果"),
    ("driver_standings", "Driver standings", "车手积分榜"),
    ("constructor_standings", "Constructor standings", "车队积分榜"),
];

/// Why a command ends badly: a line for people.
struct Told(String);

type Done = Result<(), Told>;

/// Does one of its verbs.
pub(crate) async fn run(layers: &Layers, asked: RacesArguments) -> Result<Exit, Failure> {
    let races = Races { api: Api::of(layers, asked.client.reader())? };
    let done = match asked.verb {
        RacesVerb::Schedule { season, round, intervals, always_run } => {
            races.schedule(season, round, intervals, always_run.then_some(true)).await
        }
        RacesVerb::Get { season, round } => races.show(season, round).await,
        RacesVerb::List { season, status } => races.list(season, status).await,
        RacesVerb::Execute { season, round, attempt } => races.execute(season, round, attempt).await,
        RacesVerb::Cancel { season, round } => races.cancel(season, round).await,
        RacesVerb::Stats { season } => races.stats(season).await,
        RacesVerb::Monitor => races.monitor().await,
        RacesVerb::Cleanup => races.cleanup().await,
        RacesVerb::Batch { season, days } => races.batch(season, days).await,
    };
    Ok(match done {
        Ok(()) => Exit::Done,
        Err(Told(line)) => {
            complain(&line);
            Exit::Failed
        }
    })
}

struct Races {
    api: Api,
}

impl Races {
    /// Asks; a failure is told in the words of the command. `None`: the answer was printed as it came.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        failed: impl FnOnce(&Answer, &str) -> String,
    ) -> Result<Option<Value>, Told> {
        let sent = self.api.send(method, &format!("{ROUTES}{path}"), body).await;
        let answer = sent.map_err(|failure| {
            let reason = failure.message;
            Told(both(format!("❌ Request failed: {reason}"), format!("❌ 请求失败: {reason}")))
        })?;
        let printed = self.api.printed(&answer);
        if answer.status != StatusCode::OK {
            return Err(Told(failed(&answer, &detail(&answer))));
        }
        Ok((!printed).then_some(answer.body))
    }

    async fn schedule(&self, season: i64, round: i64, intervals: Vec<i64>, always_run: Option<bool>) -> Done {
        let mut body = Map::new();
        if !intervals.is_empty() {
            body.insert("retry_intervals".into(), intervals.into());
        }
        body.extend(always_run.map(|always_run| ("always_run".into(), always_run.into())));
        let body = (!body.is_empty()).then_some(Value::Object(body));
        let path = format!("/{season}/{round}/schedule");
        let failed = |_: &Answer, detail: &str| {
            both(format!("❌ Scheduling failed: {detail}"), format!("❌ 安排失败: {detail}"))
        };
        let Some(plan) = self.ask(Method::POST, &path, body.as_ref(), failed).await? else { return Ok(()) };
        say(&if plan["existing_schedule"].is_null() {
            both(
                format!("✅ Sync plan created: {season} round {round}"),
                format!("✅ 成功安排 {season} 赛季第 {round} 轮的同步计划"),
            )
        } else {
            both("ℹ️ Sync plan already exists", "ℹ️ 同步计划已存在")
        });
        let (race, hours) = (text_of(&plan["race_name"]), list_of(&plan["retry_intervals"]));
        say(&both(format!("   Race: {race}"), format!("   比赛名称: {race}")));
        say(&both(format!("   Retry intervals: {hours} h"), format!("   重试间隔: {hours} 小时")));
        Ok(())
    }

    async fn show(&self, season: i64, round: i64) -> Done {
        let path = format!("/{season}/{round}/schedule");
        let failed = |answer: &Answer, detail: &str| match answer.status {
            StatusCode::NOT_FOUND => both(
                format!("⚠️ No sync plan for {season} round {round}"),
                format!("⚠️ 未找到 {season} 赛季第 {round} 轮的同步计划"),
            ),
            _ => lookup_failed(answer, detail),
        };
        let Some(answer) = self.ask(Method::GET, &path, None, failed).await? else { return Ok(()) };
        let plan = &answer["schedule"];
        say(&both(
            format!("📋 Sync plan {season} round {round}"),
            format!("📋 {season} 赛季第 {round} 轮同步计划"),
        ));
        line(3, "Race", "比赛名称", &text_of(&plan["race_name"]));
        line(3, "Race end", "比赛结束时间", &text_of(&plan["race_end_time"]));
        line(3, "Created", "计划创建时间", &text_of(&plan["created_at"]));
        let completed = if plan["is_completed"] == true { both("yes", "是") } else { both("no", "否") };
        line(3, "Completed", "是否完成", &completed);
        line(3, "Success rate", "成功率", &percent(&plan["success_rate"]));
        let next = &plan["next_pending_attempt"];
        if !next.is_null() {
            let (number, time) = (text_of(&next["attempt_number"]), text_of(&next["scheduled_time"]));
            let next = both(format!("#{number} at {time}"), format!("第 {number} 次，时间: {time}"));
            line(3, "Next attempt", "下次尝试", &next);
        }
        say("");
        say(&both("   Attempts:", "   尝试历史:"));
        items(&plan["attempts"]).iter().for_each(show_attempt);
        Ok(())
    }

    async fn list(&self, season: Option<i64>, status: Option<String>) -> Done {
        let season = season.map(|season| season.to_string());
        let path = with_query("/schedules", &[("season_year", season.clone()), ("status_filter", status)]);
        let Some(answer) = self.ask(Method::GET, &path, None, lookup_failed).await? else { return Ok(()) };
        let plans = items(&answer["schedules"]);
        let unclear = |plan: &Value| plan_icon(plan).is_none();
        let at_work = if plans.iter().any(unclear) { self.pending_plans(season).await? } else { Vec::new() };
        let total = text_of(&answer["total_count"]);
        say(&both(format!("📊 Sync plans ({total})"), format!("📊 同步计划列表（共 {total} 个）")));
        for plan in plans {
            let icon =
                plan_icon(plan).unwrap_or(if at_work.contains(&race_of(plan)) { "⏳" } else { "❌" });
            say("");
            say(&format!("{icon} {}", text_of(&plan["race_name"])));
            let (season, round) = (text_of(&plan["season_year"]), text_of(&plan["race_round"]));
            say(&both(
                format!("   Season: {season}, round: {round}"),
                format!("   赛季: {season}, 轮次: {round}"),
            ));
            line(3, "Success rate", "成功率", &percent(&plan["success_rate"]));
            line(3, "Attempts", "尝试次数", &text_of(&plan["attempts_count"]));
            if !plan["next_attempt_time"].is_null() {
                line(3, "Next attempt", "下次尝试", &text_of(&plan["next_attempt_time"]));
            }
        }
        Ok(())
    }

    /// Races whose plan is pending, of which some have no attempt left but the one at work.
    async fn pending_plans(&self, season: Option<String>) -> Result<Vec<(Value, Value)>, Told> {
        let asked = [("season_year", season), ("status_filter", Some("pending".to_owned()))];
        let path = with_query("/schedules", &asked);
        let answer = self.ask(Method::GET, &path, None, lookup_failed).await?.unwrap_or_default();
        Ok(items(&answer["schedules"]).iter().map(race_of).collect())
    }

    async fn execute(&self, season: i64, round: i64, attempt: i64) -> Done {
        let path = format!("/{season}/{round}/execute/{attempt}");
        let failed = |_: &Answer, detail: &str| {
            both(format!("❌ Execution failed: {detail}"), format!("❌ 执行失败: {detail}"))
        };
        let Some(answer) = self.ask(Method::POST, &path, None, failed).await? else { return Ok(()) };
        say(&both(
            format!("✅ Started attempt {attempt} of {season} round {round}"),
            format!("✅ 已触发 {season} 赛季第 {round} 轮第 {attempt} 次同步"),
        ));
        task(&answer);
        Ok(())
    }

    async fn cancel(&self, season: i64, round: i64) -> Done {
        let path = format!("/{season}/{round}/schedule");
        let failed = |_: &Answer, detail: &str| {
            both(format!("❌ Cancel failed: {detail}"), format!("❌ 取消失败: {detail}"))
        };
        if self.ask(Method::DELETE, &path, None, failed).await?.is_some() {
            say(&both(
                format!("✅ Cancelled the sync plan of {season} round {round}"),
                format!("✅ 已取消 {season} 赛季第 {round} 轮的同步计划"),
            ));
        }
        Ok(())
    }

    async fn stats(&self, season: Option<i64>) -> Done {
        let path = with_query("/stats", &[("season_year", season.map(|season| season.to_string()))]);
        let Some(answer) = self.ask(Method::GET, &path, None, lookup_failed).await? else { return Ok(()) };
        let stats = &answer["stats"];
        say(&both("📈 Sync statistics", "📈 同步系统统计信息"));
        for (key, english, chinese) in [
            ("total_schedules", "Plans", "总计划数"),
            ("completed_schedules", "Completed", "已完成"),
            ("pending_schedules", "Pending", "进行中"),
            ("failed_schedules", "Failed", "失败"),
            ("cancelled_schedules", "Cancelled", "已取消"),
        ] {
            line(3, english, chinese, &text_of(&stats[key]));
        }
        line(3, "Success rate", "总体成功率", &percent(&stats["overall_success_rate"]));
        line(3, "Attempts", "总尝试次数", &text_of(&stats["total_attempts"]));
        line(3, "Successful attempts", "成功尝试", &text_of(&stats["successful_attempts"]));
        if let Some(season) = season {
            say(&both(format!("   (season {season} only)"), format!("   （以上数据仅限 {season} 赛季）")));
        }
        Ok(())
    }

    async fn monitor(&self) -> Done {
        let failed = |_: &Answer, detail: &str| {
            both(format!("❌ Monitor failed: {detail}"), format!("❌ 监控触发失败: {detail}"))
        };
        if let Some(answer) = self.ask(Method::POST, "/monitor", None, failed).await? {
            say(&both("✅ Monitor started", "✅ 已触发系统监控"));
            task(&answer);
        }
        Ok(())
    }

    async fn cleanup(&self) -> Done {
        let failed = |_: &Answer, detail: &str| {
            both(format!("❌ Cleanup failed: {detail}"), format!("❌ 清理触发失败: {detail}"))
        };
        if let Some(answer) = self.ask(Method::POST, "/cleanup", None, failed).await? {
            say(&both("✅ Cleanup started", "✅ 已触发过期计划清理"));
            task(&answer);
        }
        Ok(())
    }

    async fn batch(&self, season: Option<i64>, days: Option<i64>) -> Done {
        let asked = [("season_year", season), ("days_ahead", days)];
        let path =
            with_query("/batch-schedule", &asked.map(|(name, value)| (name, value.map(|v| v.to_string()))));
        let failed = |_: &Answer, detail: &str| {
            both(format!("❌ Batch failed: {detail}"), format!("❌ 批量安排失败: {detail}"))
        };
        let Some(answer) = self.ask(Method::POST, &path, None, failed).await? else { return Ok(()) };
        let (season, days) = (text_of(&answer["season_year"]), text_of(&answer["days_ahead"]));
        say(&both(
            format!("✅ Batch scheduling started: season {season}, next {days} days"),
            format!("✅ 已开始批量安排 {season} 赛季未来 {days} 天内的比赛后同步计划"),
        ));
        let count = text_of(&answer["scheduled_count"]);
        say(&both(format!("   New plans: {count}"), format!("   新安排: {count} 场")));
        task(&answer);
        Ok(())
    }
}

fn show_attempt(attempt: &Value) {
    let (number, status) = (text_of(&attempt["attempt_number"]), text_of(&attempt["status"]));
    let icon = attempt_icon(&status);
    say(&both(format!("     {icon} Attempt {number}"), format!("     {icon} 第 {number} 次尝试")));
    line(7, "Scheduled", "计划时间", &text_of(&attempt["scheduled_time"]));
    if !attempt["executed_time"].is_null() {
        line(7, "Executed", "执行时间", &text_of(&attempt["executed_time"]));
    }
    line(7, "Status", "状态", &status);
    let results = &attempt["results"];
    if results.as_object().is_none_or(Map::is_empty) {
        return;
    }
    let there = DATASETS.iter().filter(|(key, ..)| results[key] == true).count();
    let all = DATASETS.len();
    line(7, "Result", "结果", &both(format!("{there}/{all} datasets"), format!("{there}/{all} 任务成功")));
    for (key, english, chinese) in DATASETS.iter().filter(|(key, ..)| results[key] != true) {
        line(9, english, chinese, &text_of(&attempt["details"][key]["message"]));
    }
}

fn attempt_icon(status: &str) -> &'static str {
    match status {
        "pending" => "⏳",
        "running" => "🔄",
        "success" => "✅",
        "partial" => "⚠️",
        "cancelled" => "🚫",
        _ => "❌",
    }
}

/// How a listed plan stands; `None`: nothing of it is left to begin, and whether it is at work is not in the list.
fn plan_icon(plan: &Value) -> Option<&'static str> {
    if plan["is_completed"] == true {
        Some("✅")
    } else if plan["cancelled"] == true {
        Some("🚫")
    } else {
        (!plan["next_pending_attempt"].is_null()).then_some("⏳")
    }
}

fn race_of(plan: &Value) -> (Value, Value) {
    (plan["season_year"].clone(), plan["race_round"].clone())
}

/// A name and its value, so far from the left.
fn line(indent: usize, english: &str, chinese: &str, value: &str) {
    say(&format!("{:indent$}{}: {value}", "", both(english, chinese)));
}

fn task(answer: &Value) {
    line(3, "Task ID", "任务ID", &text_of(&answer["task_id"]));
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Numbers with blanks between, as the documented outputs have them.
fn list_of(value: &Value) -> String {
    let numbers: Vec<String> = items(value).iter().map(text_of).collect();
    format!("[{}]", numbers.join(", "))
}

fn percent(value: &Value) -> String {
    format!("{:.1}%", value.as_f64().unwrap_or(0.0) * 100.0)
}

fn lookup_failed(_: &Answer, detail: &str) -> String {
    both(format!("❌ Lookup failed: {detail}"), format!("❌ 获取失败: {detail}"))
}

/// What the server said of a failure.
fn detail(answer: &Answer) -> String {
    let said = ["message", "detail"].iter().find_map(|key| answer.body[key].as_str());
    said.map_or_else(|| answer.status.to_string(), str::to_owned)
}
