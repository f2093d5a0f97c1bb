//! A schedule's rule in words, as it stands or as it is typed. Pure.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::cron::{BadCron, Cron};
use model::schedule::{BadSchedule, ScheduleSpec, When, zone};

use super::words::{Words, words};
use crate::api::schedules::NEXT_SHOWN;
use crate::i18n::Language;

/// The rule, with its zone where it has one: `every day at 20:00 (Asia/Shanghai)`.
pub(super) fn said(spec: &ScheduleSpec, language: Language) -> String {
    let w = words(language);
    let at = |at: Timestamp| {
        let zone = zone(&spec.time_zone).unwrap_or(TimeZone::UTC);
        (w.with_zone)(
            &at.to_zoned_datetime(zone).strftime("%Y-%m-%d %H:%M").to_string(),
            zone_words(w, &spec.time_zone),
        )
    };
    match &spec.when {
        When::Cron { expression } => match Cron::parse(expression) {
            Ok(cron) => (w.with_zone)(&cron.explain(language.into()), zone_words(w, &spec.time_zone)),
            Err(bad) => bad.explain(language.into()),
        },
        When::Once { at: moment } => (w.once)(&at(*moment)),
        When::Offsets { event_at, offsets_seconds } => {
            let offsets: Vec<String> =
                offsets_seconds.iter().map(|seconds| offset(w, language, *seconds)).collect();
            (w.offsets)(&offsets.join(w.and), &at(*event_at))
        }
    }
}

fn offset(w: &Words, language: Language, seconds: i64) -> String {
    let duration = (language.messages().duration)(seconds.abs());
    if seconds < 0 { (w.offset_before)(&duration) } else { (w.offset)(&duration) }
}

/// The zone's name, as people of the language say it.
pub(super) fn zone_words<'a>(w: &Words, name: &'a str) -> &'a str {
    w.zones.iter().find(|(zone, _)| *zone == name).map_or(name, |(_, words)| words)
}

/// A rule as it is typed, read.
pub(super) struct Typed {
    /// The expression, or what is wrong with it.
    pub(super) cron: Result<Cron, BadCron>,
    /// The zone, or what is wrong with it.
    pub(super) zone: Result<(String, TimeZone), BadSchedule>,
    /// The first times of the two, where both can be read.
    pub(super) next: Vec<Timestamp>,
}

impl Typed {
    pub(super) fn read(cron: &str, time_zone: &str, now: Timestamp) -> Self {
        let time_zone = time_zone.trim();
        let named = |zone: TimeZone| (zone.iana_name().unwrap_or(time_zone).to_owned(), zone);
        let (cron, zone) = (Cron::parse(cron), zone(time_zone).map(named));
        let next = match (&cron, &zone) {
            (Ok(cron), Ok((_, zone))) => cron.next_n(now, zone, NEXT_SHOWN),
            _ => Vec::new(),
        };
        Self { cron, zone, next }
    }

    /// The names of the form's fields that are wrong.
    pub(super) fn wrong(&self) -> Vec<&'static str> {
        let mut wrong = Vec::new();
        wrong.extend(self.cron.is_err().then_some("cron"));
        wrong.extend(self.zone.is_err().then_some("time_zone"));
        wrong
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::id::SyncKey;
    use model::policy::Missed;
    use serde_json::Value;

    use super::*;

    fn spec(when: When, time_zone: &str) -> ScheduleSpec {
        ScheduleSpec {
            name: "races.results".to_owned(),
            title: String::new(),
            sync: SyncKey::parse("races.results").unwrap(),
            label: String::new(),
            params: Value::Null,
            when,
            time_zone: time_zone.to_owned(),
            missed: Missed::None,
            missed_window: Duration::ZERO,
            missed_max: 1,
        }
    }

    fn both(spec: &ScheduleSpec) -> [String; 2] {
        [said(spec, Language::English), said(spec, Language::Chinese)]
    }

    #[test]
    fn a_rule_is_said_with_its_zone() {
        let cron = |zone| spec(When::Cron { expression: "0 20 * * *".to_owned() }, zone);
        assert_eq!(
            both(&cron("Asia/Shanghai")),
            ["every day at 20:00 (Asia/Shanghai)", "每天 20:00（上海）"]
        );
        assert_eq!(
            both(&cron("Asia/Kathmandu")),
            ["every day at 20:00 (Asia/Kathmandu)", "每天 20:00（Asia/Kathmandu）"]
        );
    }

    #[test]
    fn moments_and_offsets_are_said_on_the_clock_of_the_schedule() {
        let at: Timestamp = "2025-10-18T12:00:00Z".parse().unwrap();
        assert_eq!(
            both(&spec(When::Once { at }, "Asia/Shanghai")),
            ["once, at 2025-10-18 20:00 (Asia/Shanghai)", "一次：2025-10-18 20:00（上海）"]
        );
        let offsets = When::Offsets { event_at: at, offsets_seconds: vec![-600, 21_600, 43_200] };
        assert_eq!(
            both(&spec(offsets, "UTC")),
            [
                "10 min 0 s before, 6 h 0 min after, 12 h 0 min after the event at 2025-10-18 12:00 (UTC)",
                "2025-10-18 12:00（协调世界时）的事件之前 10分0秒、之后 6小时0分、之后 12小时0分"
            ]
        );
    }

    #[test]
    fn each_wrong_field_of_what_is_typed_is_named() {
        let now = "2025-03-08T12:00:00Z".parse().unwrap();
        let typed = Typed::read("61 * * * *", "Mars", now);
        assert_eq!((typed.wrong(), typed.next.len()), (vec!["cron", "time_zone"], 0));
        let typed = Typed::read("30 2 * * *", " America/New_York ", now);
        assert_eq!((typed.wrong(), typed.next.len()), (vec![], 5));
        // The clocks of New York skip 02:30 on 9 March.
        assert_eq!(typed.next[0].to_string(), "2025-03-09T07:00:00Z");
    }
}
