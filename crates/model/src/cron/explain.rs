//! Cron expressions and what is wrong with them, in words: English and Chinese.

use super::{BadCron, Cron, Wrong};

/// A language of explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

use Language::{Chinese, English};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const DAYS_ZH: [&str; 7] = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];

impl BadCron {
    /// What is wrong, in words.
    #[must_use]
    pub fn explain(&self, language: Language) -> String {
        let text = &self.text;
        match (language, &self.wrong) {
            (English, Wrong::Fields(n)) => format!(
                "cron expression `{text}` has {n} fields; expected minute, hour, day of month, month, day of week, with seconds first if there are six"
            ),
            (Chinese, Wrong::Fields(n)) => {
                format!("cron 表达式“{text}”有 {n} 个字段；应为 分 时 日 月 周 五个字段，六个字段时首位为秒")
            }
            (English, Wrong::Field { name, text: field, reason }) => {
                format!("cron expression `{text}`: {name} `{field}` is wrong: {reason}")
            }
            (Chinese, Wrong::Field { name, text: field, reason }) => {
                format!("cron 表达式“{text}”：{}“{field}”有误（{reason}）", field_zh(name))
            }
            (English, Wrong::NoDate) => {
                format!(
                    "cron expression `{text}` never comes due: no date matches its day, month and weekday"
                )
            }
            (Chinese, Wrong::NoDate) => {
                format!("cron 表达式“{text}”永远不会触发：没有日期同时满足日、月、周")
            }
        }
    }
}

impl Cron {
    /// What it means, in words, without the time zone: `at 20:00, every day` / `每天 20:00`.
    #[must_use]
    pub fn explain(&self, language: Language) -> String {
        let (time, day, month) =
            (self.time_words(language), self.day_words(language), self.month_words(language));
        match language {
            English => {
                let month = if month.is_empty() { month } else { format!(", {month}") };
                format!("{time}, {day}{month}")
            }
            Chinese => format!("{month}{day} {time}"),
        }
    }

    fn field(&self, at: usize) -> &str {
        let fields = self.pattern.as_str().split_whitespace();
        // Six fields are kept as written; the parser is always given six.
        fields.into_iter().nth(at).unwrap_or("*")
    }

    fn time_words(&self, language: Language) -> String {
        let second = match (self.field(0), language) {
            ("0", _) => String::new(),
            ("*", English) => "every second, ".to_owned(),
            ("*", Chinese) => "每秒，".to_owned(),
            (field, English) => step(field).map_or_else(
                || format!("at second {}, ", list(&self.seconds, English)),
                |n| format!("every {n} seconds, "),
            ),
            (field, Chinese) => step(field).map_or_else(
                || format!("第 {} 秒，", list(&self.seconds, Chinese)),
                |n| format!("每 {n} 秒，"),
            ),
        };
        format!("{second}{}", self.minute_words(language))
    }

    fn minute_words(&self, language: Language) -> String {
        let (minute, hour) = (self.field(1), self.field(2));
        if !self.follows_clock() && self.minutes.len() * self.hours.len() <= 6 {
            let times: Vec<String> = self
                .hours
                .iter()
                .flat_map(|h| self.minutes.iter().map(move |m| format!("{h:02}:{m:02}")))
                .collect();
            return match language {
                English => format!("at {}", join(&times, English)),
                Chinese => join(&times, Chinese),
            };
        }
        let minutes = match (minute, step(minute), language) {
            ("*", _, English) => "every minute".to_owned(),
            ("*", _, Chinese) => "每分钟".to_owned(),
            (_, Some(n), English) => format!("every {n} minutes"),
            (_, Some(n), Chinese) => format!("每 {n} 分钟"),
            (_, None, English) => format!("at minute {}", list(&self.minutes, English)),
            (_, None, Chinese) => format!("第 {} 分", list(&self.minutes, Chinese)),
        };
        let open = minute == "*" || step(minute).is_some();
        match (hour, step(hour), language) {
            ("*", _, _) if open => minutes,
            ("*", _, English) => format!("{minutes} of every hour"),
            ("*", _, Chinese) => format!("每小时{minutes}"),
            (_, Some(n), English) => format!("{minutes} of every {n} hours"),
            (_, Some(n), Chinese) => format!("每 {n} 小时{minutes}"),
            (_, None, English) => format!("{minutes} of hour {}", list(&self.hours, English)),
            (_, None, Chinese) => format!("{} 点{minutes}", list(&self.hours, Chinese)),
        }
    }

    fn day_words(&self, language: Language) -> String {
        let any = |field: &str| field == "*" || field == "?";
        let (day, week) = (self.field(3), self.field(5).trim_start_matches('+'));
        let in_month = || {
            let parts: Vec<String> = day.split(',').map(|part| month_day(part, language)).collect();
            join(&parts, language)
        };
        let in_week = || {
            let parts: Vec<String> = week.split(',').map(|part| week_day(part, language)).collect();
            join(&parts, language)
        };
        match (any(day), any(week), language) {
            (true, true, English) => "every day".to_owned(),
            (true, true, Chinese) => "每天".to_owned(),
            (false, true, English) => format!("on {} of the month", in_month()),
            (false, true, Chinese) => format!("每月{}", in_month()),
            (true, false, English) => format!("on {}", in_week()),
            (true, false, Chinese) => format!("每{}", in_week()),
            (false, false, English) => {
                let word = if self.pattern.matches_dom_and_dow() { "if it is" } else { "or on" };
                format!("on {} of the month {word} {}", in_month(), in_week())
            }
            (false, false, Chinese) => {
                let word = if self.pattern.matches_dom_and_dow() { "且为" } else { "或" };
                format!("每月{}{word}{}", in_month(), in_week())
            }
        }
    }

    fn month_words(&self, language: Language) -> String {
        let months = self.pattern.months.values();
        if months.len() == 12 {
            return String::new();
        }
        match language {
            English => {
                let names: Vec<String> =
                    months.iter().map(|m| MONTHS[usize::from(*m).clamp(1, 12) - 1].to_owned()).collect();
                format!("in {}", join(&names, English))
            }
            Chinese => format!("{} 月", list(&months, Chinese)),
        }
    }
}

fn month_day(part: &str, language: Language) -> String {
    match (part, language) {
        ("L", English) => "the last day".to_owned(),
        ("L", Chinese) => "最后一天".to_owned(),
        ("LW", English) => "the last weekday".to_owned(),
        ("LW", Chinese) => "最后一个工作日".to_owned(),
        (part, _) => match (part.strip_suffix('W'), step(part), language) {
            (Some(day), _, English) => format!("the weekday nearest to day {day}"),
            (Some(day), _, Chinese) => format!("最接近 {day} 日的工作日"),
            (None, Some(n), English) => format!("every {n} days from day 1"),
            (None, Some(n), Chinese) => format!("从 1 日起每 {n} 天"),
            (None, None, English) => format!("day {part}"),
            (None, None, Chinese) => format!(" {part} 日"),
        },
    }
}

fn week_day(part: &str, language: Language) -> String {
    let name = |number: &str| match (number.parse::<usize>(), language) {
        (Ok(n), English) if n <= 7 => DAYS[n % 7].to_owned(),
        (Ok(n), Chinese) if n <= 7 => DAYS_ZH[n % 7].to_owned(),
        _ => number.to_owned(),
    };
    if let Some((day, nth)) = part.split_once('#') {
        return match (nth, language) {
            ("L", English) => format!("the last {}", name(day)),
            ("L", Chinese) => format!("最后一个{}", name(day)),
            (_, English) => format!("{} number {nth} of the month", name(day)),
            (_, Chinese) => format!("第 {nth} 个{}", name(day)),
        };
    }
    if let Some(day) = part.strip_suffix('L').filter(|day| !day.is_empty()) {
        return week_day(&format!("{day}#L"), language);
    }
    match (part.split_once('-'), language) {
        (Some((from, to)), English) if !to.contains('/') => format!("{} to {}", name(from), name(to)),
        (Some((from, to)), Chinese) if !to.contains('/') => format!("{}至{}", name(from), name(to)),
        _ => name(part),
    }
}

/// The step of `*/n`.
fn step(field: &str) -> Option<&str> {
    field.strip_prefix("*/")
}

/// Numbers in words; runs of three and more as a range.
fn list(values: &[u16], language: Language) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut at = 0;
    while at < values.len() {
        let run = (at..values.len())
            .take_while(|i| usize::from(values[*i]) == usize::from(values[at]) + i - at)
            .count();
        if run >= 3 {
            parts.push(format!("{}–{}", values[at], values[at + run - 1]));
            at += run;
        } else {
            parts.push(values[at].to_string());
            at += 1;
        }
    }
    join(&parts, language)
}

fn join(parts: &[String], language: Language) -> String {
    match (parts, language) {
        ([rest @ .., last], English) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        (parts, English) => parts.join(", "),
        (parts, Chinese) => parts.join("、"),
    }
}

fn field_zh(name: &str) -> &str {
    match name {
        "second" => "秒",
        "minute" => "分",
        "hour" => "时",
        "day of month" => "日",
        "month" => "月",
        "day of week" => "周",
        other => other,
    }
}
