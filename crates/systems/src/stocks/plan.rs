//! Which partitions a request means. Pure: what must be looked up first comes in as arguments.

use engine::Refused;
use jiff::Timestamp;
use jiff::civil::Date;
use model::run::{Plan, PlannedPartition, Reference};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::config::Mode;
use super::{labels, shanghai};

/// What a request wants, as its parameters say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Which days.
    pub days: Days,
    /// How.
    pub how: How,
}

/// Which days a request wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Days {
    /// From the first to the last.
    Range(Date, Date),
    /// These, in any order.
    These(Vec<Date>),
    /// The day of the schedule's time, or the day a retry was fixed on.
    Daily(Option<Date>),
    /// Trading days of the last weeks that need a sync.
    Missing,
    /// Days that failed, and failed stocks of days that did not; within these bounds.
    Failed(Option<Date>, Option<Date>),
}

/// How days are synced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Asked for in another way than configured.
    pub mode: Option<Mode>,
    /// Whether days that are there are done again.
    pub redo: Redo,
}

/// Whether days that are there are done again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redo {
    /// No.
    #[default]
    Missing,
    /// Yes.
    All,
}

/// What a partition carries beyond its date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Payload {
    /// Another mode than configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Whether a day that is there is done again.
    pub redo: Redo,
    /// Whether it is a day of a batch, which its remarks say.
    pub batch: bool,
    /// Only these stocks, of a day that is there but for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only: Option<Repair>,
}

/// What is missing of a day that succeeded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Repair {
    /// Source codes of the failed stocks.
    pub stocks: Vec<String>,
    /// Whether the factors failed.
    pub factors: bool,
}

/// Parameters as requests and schedules carry them. Without a `kind` they mean a range.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Params {
    #[serde(default)]
    kind: Kind,
    start_date: Option<String>,
    end_date: Option<String>,
    date: Option<String>,
    dates: Option<Vec<String>>,
    mode: Option<String>,
    #[serde(default)]
    force: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Range,
    Dates,
    Daily,
    Missing,
    Failed,
}

impl Wish {
    /// A range.
    #[must_use]
    pub fn range(first: Date, last: Date) -> Self {
        Self { days: Days::Range(first, last), how: How::default() }
    }

    /// Reads parameters.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(params: &Value) -> Result<Self, Refused> {
        let params: Params =
            serde_json::from_value(params.clone()).map_err(|error| bad("bad_params", error.to_string()))?;
        let date = |text: &Option<String>| text.as_deref().map(read_date).transpose();
        let needed = |name: &str, text: &Option<String>| {
            date(text)?.ok_or_else(|| bad("missing_parameter", format!("`{name}` is missing")))
        };
        let mode = params.mode.as_deref().map(|word| {
            Mode::from_word(word).ok_or_else(|| {
                bad("bad_mode", format!("mode {word:?}: expected \"market\" or \"per_stock\""))
            })
        });
        let days = match params.kind {
            Kind::Range => match date(&params.date)? {
                Some(date) => Days::Range(date, date),
                None => Days::Range(
                    needed("start_date", &params.start_date)?,
                    needed("end_date", &params.end_date)?,
                ),
            },
            Kind::Dates => {
                let dates = params.dates.unwrap_or_default();
                Days::These(dates.iter().map(|text| read_date(text)).collect::<Result<_, _>>()?)
            }
            Kind::Daily => Days::Daily(date(&params.date)?),
            Kind::Missing => Days::Missing,
            Kind::Failed => Days::Failed(date(&params.start_date)?, date(&params.end_date)?),
        };
        let redo = if params.force { Redo::All } else { Redo::Missing };
        Ok(Self { days, how: How { mode: mode.transpose()?, redo } })
    }

    /// As parameters, to be read again by [`Wish::parse`].
    #[must_use]
    pub fn params(&self) -> Value {
        let mut params = match &self.days {
            Days::Range(first, last) => json!({ "kind": "range", "start_date": first, "end_date": last }),
            Days::These(dates) => json!({ "kind": "dates", "dates": dates }),
            Days::Daily(date) => json!({ "kind": "daily", "date": date }),
            Days::Missing => json!({ "kind": "missing" }),
            Days::Failed(first, last) => json!({ "kind": "failed", "start_date": first, "end_date": last }),
        };
        if let Some(mode) = self.how.mode {
            params["mode"] = mode.as_str().into();
        }
        if self.how.redo == Redo::All {
            params["force"] = true.into();
        }
        params
    }
}

/// Holds a range to its rules.
///
/// # Errors
/// Which it breaks, in the documented words.
pub(super) fn check_range(first: Date, last: Date, most: i64) -> Result<(), String> {
    if first > last {
        return Err(labels::BACKWARDS.to_owned());
    }
    if shanghai::days_between(first, last) > most {
        return Err(labels::too_many_days(most));
    }
    Ok(())
}

/// All days of a range, ascending.
#[must_use]
pub(super) fn days_of(first: Date, last: Date) -> Vec<Date> {
    let mut days = Vec::new();
    let mut day = first;
    while day <= last {
        days.push(day);
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    days
}

/// A plan of these days, ascending and each once, all done in the same way.
#[must_use]
pub(super) fn of_days(mut days: Vec<Date>, how: How, label: &str) -> Plan {
    days.sort_unstable();
    days.dedup();
    let batch = days.len() > 1 || label == "web_batch";
    let payload = Payload { mode: how.mode, redo: how.redo, batch, only: None };
    of_parts(days.into_iter().map(|day| (day, payload.clone())).collect(), how)
}

/// A plan of these days, each with its own payload.
#[must_use]
pub(super) fn of_parts(mut parts: Vec<(Date, Payload)>, how: How) -> Plan {
    parts.sort_by_key(|(day, _)| *day);
    let first = parts.first().map(|(day, _)| *day);
    let last = parts.last().map(|(day, _)| *day);
    let mut params = json!({ "start_date": first, "end_date": last });
    if let Some(mode) = how.mode {
        params["mode"] = mode.as_str().into();
    }
    if how.redo == Redo::All {
        params["force"] = true.into();
    }
    let partitions = parts
        .into_iter()
        .map(|(day, payload)| PlannedPartition {
            key: day.to_string(),
            payload: serde_json::to_value(payload).expect("plain words and texts are JSON"),
        })
        .collect();
    Plan { partitions, params, priority: None }
}

/// The public name of a run that was not given one: its first and last day, and the second it was asked for.
#[must_use]
pub(super) fn reference(plan: &Plan, now: Timestamp) -> Option<Reference> {
    let (first, last) = (plan.partitions.first()?, plan.partitions.last()?);
    Some(Reference { prefix: format!("{}_{}_", first.key, last.key), number: now.as_second() })
}

fn read_date(text: &str) -> Result<Date, Refused> {
    shanghai::parse_date(text).ok_or_else(|| bad("bad_date", labels::BAD_DATE.to_owned()))
}

/// A refusal with its stable code.
pub(crate) fn bad(code: &'static str, message: String) -> Refused {
    Refused::Bad { code, message, detail: Value::Null }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_range_is_each_of_its_days_ascending() {
        let plan = of_days(days_of(date(2025, 9, 29), date(2025, 10, 2)), How::default(), "web_batch");
        let keys: Vec<&str> = plan.partitions.iter().map(|p| p.key.as_str()).collect();
        assert_eq!(keys, ["2025-09-29", "2025-09-30", "2025-10-01", "2025-10-02"]);
        assert_eq!(plan.params, json!({ "start_date": "2025-09-29", "end_date": "2025-10-02" }));
        assert_eq!(plan.partitions[0].payload, json!({ "redo": "missing", "batch": true }));
    }

    #[test]
    fn one_day_asked_for_alone_is_no_batch() {
        let batch = |label| {
            of_days(vec![date(2025, 9, 29)], How::default(), label).partitions[0].payload["batch"].clone()
        };
        assert_eq!((batch("web_single"), batch("web_batch")), (json!(false), json!(true)));
    }

    #[test]
    fn ninety_days_are_allowed_and_ninety_one_are_not() {
        let first = date(2025, 1, 1);
        assert_eq!(check_range(first, date(2025, 3, 31), 90), Ok(()));
        assert_eq!(check_range(first, date(2025, 4, 1), 90), Err("日期范围不能超过90天".into()));
        assert_eq!(check_range(first, date(2024, 12, 31), 90), Err(labels::BACKWARDS.into()));
    }

    #[test]
    fn parameters_are_read_as_they_were_written() {
        let how = How { mode: Some(Mode::PerStock), redo: Redo::All };
        for days in [
            Days::Range(date(2025, 1, 1), date(2025, 1, 2)),
            Days::These(vec![date(2025, 1, 1)]),
            Days::Daily(None),
            Days::Daily(Some(date(2025, 1, 1))),
            Days::Missing,
            Days::Failed(None, Some(date(2025, 1, 1))),
        ] {
            let wish = Wish { days, how };
            assert_eq!(Wish::parse(&wish.params()).unwrap(), wish);
        }
        assert_eq!(
            Wish::parse(&json!({ "start_date": "20250101", "end_date": "2025-01-02" })).unwrap(),
            Wish::range(date(2025, 1, 1), date(2025, 1, 2))
        );
    }

    #[test]
    fn wrong_parameters_are_refused() {
        for (params, code) in [
            (json!({}), "missing_parameter"),
            (json!(null), "bad_params"),
            (json!({ "start_date": "2025-W1", "end_date": "2025-01-01" }), "bad_date"),
            (json!({ "start_date": "2025-01-01", "end_date": "2025-01-01", "mode": "fast" }), "bad_mode"),
            (json!({ "kind": "missing", "colour": 1 }), "bad_params"),
        ] {
            let Err(Refused::Bad { code: said, .. }) = Wish::parse(&params) else { panic!("{params}") };
            assert_eq!(said, code, "{params}");
        }
    }
}
