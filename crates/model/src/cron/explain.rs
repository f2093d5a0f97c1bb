//! What an expression means, in words: English and Chinese.
//!
//! The words are made from the values a pattern matches, not from its text: `0-59` is said as `*` is, and two
//! expressions that are said alike come due alike (but for changes of clocks, see the parent module).

use super::Cron;

mod days;
#[cfg(test)]
mod tests;

/// A language of explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

use Language::{Chinese, English};

/// More times of day than these are not listed one by one.
const TIMES_LISTED: usize = 6;

/// When in a day.
enum Times {
    /// At these times: `20:00`.
    Listed(String),
    /// Again and again: `every 5 minutes`.
    Repeated(String),
}

/// What a field's values have in common.
enum Shape {
    Every,
    /// `*/n`, where `n` goes into the whole.
    Step(u16),
    /// At least three in a row.
    Range(u16, u16),
    Listed,
}

impl Shape {
    fn of(values: &[u16], whole: usize) -> Self {
        let (Some(first), Some(last)) = (values.first(), values.last()) else { return Self::Listed };
        if values.len() == whole {
            return Self::Every;
        }
        if let [0, half] = values[..]
            && usize::from(half) * 2 == whole
        {
            return Self::Step(half);
        }
        match progression(values) {
            Some(1) => Self::Range(*first, *last),
            Some(step) if *first == 0 && usize::from(step) * values.len() == whole => Self::Step(step),
            _ => Self::Listed,
        }
    }
}

impl Cron {
    /// What it means, in words, without the time zone: `every day at 20:00` / `每天 20:00`.
    #[must_use]
    pub fn explain(&self, language: Language) -> String {
        let times = self.times(language);
        let days = self.days(language);
        let months = self.months(language);
        match language {
            English => {
                let days = days.unwrap_or_else(|| "every day".to_owned());
                let said = match times {
                    Times::Listed(times) if days.contains(" if ") => format!("{days}, at {times}"),
                    Times::Listed(times) => format!("{days} at {times}"),
                    Times::Repeated(times) if days == "every day" => times,
                    Times::Repeated(times) => format!("{times}, {days}"),
                };
                months.map_or(said.clone(), |months| format!("{said}, {months}"))
            }
            Chinese => {
                let days = match (months, days) {
                    (None, days) => days,
                    (Some(months), None) => Some(format!("{months}的每天")),
                    (Some(months), Some(days)) => {
                        Some(format!("{months}的{}", days.strip_prefix("每月").unwrap_or(&days)))
                    }
                };
                match (times, days) {
                    (Times::Listed(times), days) => {
                        format!("{} {times}", days.unwrap_or_else(|| "每天".to_owned()))
                    }
                    (Times::Repeated(times), None) => times,
                    (Times::Repeated(times), Some(days)) => format!("{days}，{times}"),
                }
            }
        }
    }

    fn times(&self, language: Language) -> Times {
        let second = match self.seconds[..] {
            [second] => Some(second),
            _ => None,
        };
        if let Some(times) = self.clock_times(second) {
            let times = join(&times, language, And);
            return Times::Listed(match second {
                Some(_) => times,
                None => format!("{times}{}", self.within_minute(language)),
            });
        }
        let every_minute = self.minutes.len() * self.hours.len() == 24 * 60;
        Times::Repeated(match (second, every_minute) {
            (Some(0), _) => self.minute_words(language),
            (None, true) => self.second_words(language),
            (Some(second), _) => {
                let minutes = self.minute_words(language);
                match language {
                    English => format!("{minutes}, at second {second}"),
                    Chinese => format!("{minutes}的第 {second} 秒"),
                }
            }
            (None, false) => format!("{}{}", self.minute_words(language), self.within_minute(language)),
        })
    }

    /// The times of a day, if they are few and no rhythm says them better.
    fn clock_times(&self, second: Option<u16>) -> Option<Vec<String>> {
        let count = self.minutes.len() * self.hours.len();
        let rhythm = matches!(Shape::of(&self.hours, 24), Shape::Step(_)) && count > 4;
        if count > TIMES_LISTED || rhythm {
            return None;
        }
        let second = second.filter(|second| *second > 0).map_or(String::new(), |s| format!(":{s:02}"));
        let hour = |h| self.minutes.iter().map(move |m| (h, *m));
        let times = self.hours.iter().flat_map(|h| hour(*h));
        Some(times.map(|(h, m)| format!("{h:02}:{m:02}{second}")).collect())
    }

    fn within_minute(&self, language: Language) -> String {
        match language {
            English => format!(", within that minute {}", self.second_words(English)),
            Chinese => format!("，该分钟内{}", self.second_words(Chinese).trim_start_matches("每分钟")),
        }
    }

    fn second_words(&self, language: Language) -> String {
        match (Shape::of(&self.seconds, 60), language) {
            (Shape::Every, English) => "every second".to_owned(),
            (Shape::Every, Chinese) => "每秒".to_owned(),
            (Shape::Step(n), English) => format!("every {n} seconds"),
            (Shape::Step(n), Chinese) => format!("每 {n} 秒"),
            (_, English) => format!("at seconds {}", list(&self.seconds, English)),
            (_, Chinese) => format!("每分钟第 {} 秒", list(&self.seconds, Chinese)),
        }
    }

    fn minute_words(&self, language: Language) -> String {
        match language {
            English => self.minutes_in_english(),
            Chinese => self.minutes_in_chinese(),
        }
    }

    fn minutes_in_english(&self) -> String {
        let often = match Shape::of(&self.minutes, 60) {
            Shape::Every => Some("every minute".to_owned()),
            Shape::Step(n) => Some(format!("every {n} minutes")),
            Shape::Range(..) | Shape::Listed => None,
        };
        let single = if let [minute] = self.minutes[..] { Some(minute) } else { None };
        let minutes = list(&self.minutes, English);
        let at = |minute| if minute == 0 { "on the hour".to_owned() } else { format!("at minute {minute}") };
        match (Shape::of(&self.hours, 24), often, single) {
            (Shape::Every, Some(often), _) => often,
            (Shape::Every, None, Some(minute)) => format!("every hour {}", at(minute)),
            (Shape::Every, None, None) => format!("at minutes {minutes} of every hour"),
            (Shape::Step(n), None, Some(minute)) => format!("every {n} hours {}", at(minute)),
            (Shape::Range(from, to), Some(often), _) => {
                format!("{often} {}", self.span(from, to, ("from", "to")))
            }
            (Shape::Range(from, to), None, Some(_)) => {
                format!("every hour {}", self.span(from, to, ("from", "to")))
            }
            (_, Some(often), _) => format!("{often} of {}", self.hour_list(English)),
            (_, None, _) => {
                let word = if single.is_some() { "minute" } else { "minutes" };
                format!("at {word} {minutes} of {}", self.hour_list(English))
            }
        }
    }

    fn minutes_in_chinese(&self) -> String {
        let often = match Shape::of(&self.minutes, 60) {
            Shape::Every => Some("每分钟".to_owned()),
            Shape::Step(n) => Some(format!("每 {n} 分钟")),
            Shape::Range(..) | Shape::Listed => None,
        };
        let single = if let [minute] = self.minutes[..] { Some(minute) } else { None };
        let minutes = list(&self.minutes, Chinese);
        let at = |minute| if minute == 0 { "整点".to_owned() } else { format!("的第 {minute} 分") };
        match (Shape::of(&self.hours, 24), often, single) {
            (Shape::Every, Some(often), _) => often,
            (Shape::Every, None, Some(minute)) => format!("每小时{}", at(minute)),
            (Shape::Every, None, None) => format!("每小时的第 {minutes} 分"),
            (Shape::Step(n), None, Some(minute)) => format!("每 {n} 小时{}", at(minute)),
            (Shape::Range(from, to), Some(often), _) => {
                format!("{} {often}", self.span(from, to, ("", "至")))
            }
            (Shape::Range(from, to), None, Some(_)) => format!("{} 每小时", self.span(from, to, ("", "至"))),
            (_, Some(often), _) => format!("{}内{often}", self.hour_list(Chinese)),
            (_, None, _) => format!("{}的第 {minutes} 分", self.hour_list(Chinese)),
        }
    }

    /// From the first time of one hour to the last of another.
    fn span(&self, from: u16, to: u16, (before, between): (&str, &str)) -> String {
        let (first, last) = (self.minutes[0], self.minutes[self.minutes.len() - 1]);
        format!("{before} {from:02}:{first:02} {between} {to:02}:{last:02}").trim_start().to_owned()
    }

    fn hour_list(&self, language: Language) -> String {
        let hours = list(&self.hours, language);
        match (language, self.hours.len()) {
            (English, 1) => format!("hour {hours}"),
            (English, _) => format!("hours {hours}"),
            (Chinese, _) => format!(" {hours} 点").trim_start().to_owned(),
        }
    }
}

/// The word before the last of several.
#[derive(Clone, Copy)]
enum Joint {
    And,
    Or,
}

use Joint::{And, Or};

/// The step between at least three numbers that are equally far apart.
pub(crate) fn progression(values: &[u16]) -> Option<u16> {
    let step = values.get(1)?.checked_sub(values[0])?;
    (values.len() >= 3 && values.windows(2).all(|pair| pair[1].checked_sub(pair[0]) == Some(step)))
        .then_some(step)
}

/// Numbers in words: `1, 5–8 and 12`, or `0, 7, 14, …, 56` where many are equally far apart.
fn list(values: &[u16], language: Language) -> String {
    if values.len() > TIMES_LISTED
        && let Some(step) = progression(values)
        && step > 1
    {
        let last = values[values.len() - 1];
        return match language {
            English => format!("{}, {}, {}, …, {last}", values[0], values[1], values[2]),
            Chinese => format!("{}、{}、{}、…、{last}", values[0], values[1], values[2]),
        };
    }
    let parts: Vec<String> = stretches(values)
        .into_iter()
        .map(|(from, to)| if from == to { from.to_string() } else { format!("{from}–{to}") })
        .collect();
    join(&parts, language, And)
}

/// Three and more in a row as first and last, others alone.
pub(crate) fn stretches(values: &[u16]) -> Vec<(u16, u16)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < values.len() {
        let row = (at..values.len())
            .take_while(|i| usize::from(values[*i]) == usize::from(values[at]) + i - at)
            .count();
        let taken = if row >= 3 { row } else { 1 };
        found.push((values[at], values[at + taken - 1]));
        at += taken;
    }
    found
}

fn join(parts: &[String], language: Language, joint: Joint) -> String {
    match (parts, language, joint) {
        ([rest @ .., last], English, And) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        ([rest @ .., last], English, Or) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        (parts, English, _) => parts.join(", "),
        (parts, Chinese, And) => parts.join("、"),
        (parts, Chinese, Or) => parts.join("或"),
    }
}
