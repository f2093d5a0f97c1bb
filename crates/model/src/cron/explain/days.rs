//! On which days, in words.

use super::Language::{Chinese, English};
use super::{And, Joint, Language, Or, join, list, stretches};
use crate::cron::Cron;

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
/// From Monday, the first day of a week here, to Sunday.
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYS_ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

/// The places of the day of month and the day of week among six fields.
const DAY_OF_MONTH: usize = 3;
const DAY_OF_WEEK: usize = 5;

impl Cron {
    /// Which days of the months it names; `None` for every day.
    ///
    /// A day that is restricted by date and by weekday matches by either, unless the weekday begins with `+`.
    pub(super) fn days(&self, language: Language) -> Option<String> {
        match (self.pattern.is_dom_wildcard(), self.pattern.is_dow_wildcard(), language) {
            (true, true, _) => None,
            (false, true, _) if self.pattern.days.values().len() == 31 => None,
            (true, false, _) if self.pattern.days_of_week.values().len() == 7 => None,
            (false, true, English) => Some(format!("on {}", self.dates(English, And))),
            (false, true, Chinese) => Some(format!("每月{}", self.dates(Chinese, And))),
            (true, false, _) => Some(self.weekdays(language)),
            (false, false, English) => {
                let dates = self.dates(English, And);
                if self.pattern.matches_dom_and_dow() {
                    return Some(format!("on {dates} if it is {}", self.weekday_list(English, Or)));
                }
                Some(format!("on {dates} or {}", self.weekdays(English).trim_start_matches("on ")))
            }
            (false, false, Chinese) => {
                let dates = self.dates(Chinese, And);
                if self.pattern.matches_dom_and_dow() {
                    return Some(format!("每月{dates}且须为{}", self.weekday_list(Chinese, Or)));
                }
                Some(format!("每月{dates}或{}", self.weekdays(Chinese)))
            }
        }
    }

    /// The months it names; `None` for all.
    pub(super) fn months(&self, language: Language) -> Option<String> {
        let months = self.pattern.months.values();
        if months.len() == 12 {
            return None;
        }
        Some(match language {
            English => {
                let name = |month: u16| MONTHS[usize::from(month).clamp(1, 12) - 1];
                let named = |(from, to)| {
                    if from == to { name(from).to_owned() } else { format!("{} to {}", name(from), name(to)) }
                };
                format!(
                    "in {}",
                    join(&stretches(&months).into_iter().map(named).collect::<Vec<_>>(), English, And)
                )
            }
            Chinese => format!("每年 {} 月", list(&months, Chinese)),
        })
    }

    fn dates(&self, language: Language, joint: Joint) -> String {
        let mut parts = Vec::new();
        let days = self.pattern.days.values();
        match (&days[..], language) {
            ([], _) => {}
            ([day], English) => parts.push(format!("day {day}")),
            (days, English) => parts.push(format!("days {}", list(days, English))),
            (days, Chinese) => parts.push(format!(" {} 日", list(days, Chinese))),
        }
        let mut signs: Vec<&str> =
            self.field(DAY_OF_MONTH).split(',').filter(|part| part.contains(['L', 'W'])).collect();
        // The parser lets `LW` take the place of `L`.
        if signs.contains(&"LW") {
            signs.retain(|part| *part != "L");
        }
        signs.sort_unstable();
        signs.dedup();
        parts.extend(signs.into_iter().map(|sign| match (sign, sign.strip_suffix('W'), language) {
            ("L", _, English) => "the last day".to_owned(),
            ("L", _, Chinese) => "最后一天".to_owned(),
            ("LW", _, English) => "the last working day".to_owned(),
            ("LW", _, Chinese) => "最后一个工作日".to_owned(),
            (_, day, English) => format!("the working day nearest to day {}", day.unwrap_or(sign)),
            (_, day, Chinese) => format!("最接近 {} 日的工作日", day.unwrap_or(sign)),
        }));
        match language {
            English => format!("{} of the month", join(&parts, English, joint)),
            Chinese => join(&parts, Chinese, joint),
        }
    }

    /// The weekdays as they stand before a time: `every Monday`, `Monday to Friday`, `on the second Monday of the month`.
    fn weekdays(&self, language: Language) -> String {
        let days = self.weekday_list(language, And);
        match language {
            English if days.starts_with("the ") => format!("on {days}"),
            English if days.contains(" to ") && !days.contains(" and ") => days,
            English => format!("every {days}"),
            Chinese if days.starts_with("第") || days.starts_with("最后") => format!("每月{days}"),
            Chinese => format!("每{days}"),
        }
    }

    fn weekday_list(&self, language: Language, joint: Joint) -> String {
        let mut days: Vec<u16> = self.pattern.days_of_week.values().into_iter().map(from_monday).collect();
        days.sort_unstable();
        let mut parts: Vec<String> = stretches(&days)
            .into_iter()
            .map(|(from, to)| match (from == to, language) {
                (true, _) => name(from, language).to_owned(),
                (false, English) => format!("{} to {}", name(from, English), name(to, English)),
                (false, Chinese) => format!("{}至{}", name(from, Chinese), name(to, Chinese)),
            })
            .collect();
        let mut chosen = self.chosen();
        chosen.sort_unstable();
        chosen.dedup();
        parts.extend(chosen.into_iter().map(|(day, nth)| match (nth, language) {
            (Nth::Last, English) => format!("the last {} of the month", name(day, English)),
            (Nth::Last, Chinese) => format!("最后一个{}", name(day, Chinese)),
            (Nth::Number(n), English) => {
                format!("the {} {} of the month", ORDINALS[n.clamp(1, 5) - 1], name(day, English))
            }
            (Nth::Number(n), Chinese) => format!("第 {n} 个{}", name(day, Chinese)),
        }));
        join(&parts, language, joint)
    }

    /// Weekdays that are meant once a month: `1#2`, `5L`, `1-5#1`.
    fn chosen(&self) -> Vec<(u16, Nth)> {
        let field = self.field(DAY_OF_WEEK).trim_start_matches('+').to_owned();
        let mut chosen = Vec::new();
        for part in field.split(',') {
            let (days, nth) = match part.split_once('#') {
                Some((days, "L")) => (days, Nth::Last),
                Some((days, nth)) => (days, Nth::Number(nth.parse().unwrap_or(1))),
                None => match part.strip_suffix('L') {
                    Some(day) => (day, Nth::Last),
                    None => continue,
                },
            };
            chosen.extend(range(days).into_iter().map(|day| (from_monday(day), nth)));
        }
        chosen
    }

    /// The text of a field: in upper case, names as numbers. The parser is always given six.
    fn field(&self, at: usize) -> &str {
        self.pattern.as_str().split_whitespace().nth(at).unwrap_or("*")
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nth {
    Number(usize),
    Last,
}

/// The weekdays of `2`, `1-5`, `1-5/2`, `*/2` or `*`, Sunday as 0 or 7.
fn range(text: &str) -> Vec<u16> {
    let (days, step) = text.split_once('/').unwrap_or((text, "1"));
    let number = |text: &str| text.parse::<u16>().unwrap_or(0);
    let (from, to) = match days.split_once('-') {
        Some((from, to)) => (number(from), number(to)),
        None if days == "*" || days == "?" => (0, 7),
        None => (number(days), number(days)),
    };
    (from..=to).step_by(usize::from(number(step).max(1))).collect()
}

fn from_monday(day: u16) -> u16 {
    (day + 6) % 7
}

fn name(from_monday: u16, language: Language) -> &'static str {
    let names = match language {
        English => DAYS,
        Chinese => DAYS_ZH,
    };
    names[usize::from(from_monday) % 7]
}
