//! What an expression means, in Chinese.
//!
//! Times of day are said as people say them (`下午6点30分`); hours are counted to 24 only where many of them are listed.

#[cfg(test)]
mod tests;

use super::{Days, Meaning, progression, stretches};

/// More times of day than these are not listed one by one.
const TIMES_LISTED: usize = 6;
/// From this many on, times that are equally far apart are said as first, last and distance.
const TIMES_IN_A_ROW: usize = 4;

const MINUTES_OF_A_DAY: u16 = 24 * 60;

/// From Monday, the first day of a week here, to Sunday.
const WEEKDAYS: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];

const WEEKEND: &str = "周末";

/// When in a day, with the verb.
enum Times {
    /// At these times of each day.
    Listed(String),
    /// Again and again, so that no one has to be told that it is each day.
    Repeated(String),
}

impl Meaning {
    pub(super) fn in_chinese(&self) -> String {
        match (self.days_in_words(), self.times()) {
            (days, Times::Repeated(times)) => format!("{days}{times}"),
            (days, Times::Listed(times)) if matches!(self.days, Days::Every) => match self.months.len() {
                12 => format!("每天{times}"),
                1 => format!("{days}每天{times}"),
                _ => format!("{days}的每天{times}"),
            },
            (days, Times::Listed(times)) => format!("{days}{times}"),
        }
    }

    fn times(&self) -> Times {
        let of_hour = |hour: u16| self.minutes.iter().map(move |minute| 60 * hour + *minute);
        let times: Vec<u16> = self.hours.iter().copied().flat_map(of_hour).collect();
        if let Some(step) = rhythm(&times, MINUTES_OF_A_DAY) {
            return Times::Repeated(format!("每{}执行一次", span(step)));
        }
        if self.hours.len() == 24 {
            return Times::Repeated(format!("每小时{}", self.minutes_in_words()));
        }
        match (progression(&times), &times[..]) {
            (Some(step), [first, .., last]) if times.len() >= TIMES_IN_A_ROW => {
                Times::Listed(format!("{}到{}每{}执行一次", clock(*first), clock(*last), span(step)))
            }
            // Midnight is the only time that needs no number.
            (_, [0]) => Times::Listed("凌晨执行".to_owned()),
            (_, few) if few.len() <= TIMES_LISTED => {
                Times::Listed(format!("{}执行", join(few.iter().copied().map(clock).collect())))
            }
            _ => Times::Listed(self.minutes_of_some_hours()),
        }
    }

    fn minutes_of_some_hours(&self) -> String {
        let hours = numbers(&self.hours);
        if self.minutes[..] == [0] {
            return format!("{hours}点整执行");
        }
        let within = if rhythm(&self.minutes, 60).is_some() { "内" } else { "的" };
        format!("{hours}点{within}{}", self.minutes_in_words())
    }

    /// Which minutes of an hour.
    fn minutes_in_words(&self) -> String {
        if let Some(step) = rhythm(&self.minutes, 60) {
            return format!("每{}执行一次", span(step));
        }
        match (progression(&self.minutes), &self.minutes[..]) {
            (_, [minute]) => format!("第{minute}分执行一次"),
            (Some(step), [first, .., last]) if self.minutes.len() >= TIMES_IN_A_ROW => {
                format!("第{first}分到第{last}分每{}执行一次", span(step))
            }
            (_, minutes) => format!("第{}分执行", numbers(minutes)),
        }
    }

    /// Which days; of every day only its months.
    fn days_in_words(&self) -> String {
        if self.months.len() == 12 {
            return match &self.days {
                Days::Every => String::new(),
                Days::Dates(dates) => format!("每月{}", dates_in_words(dates)),
                Days::Weekdays(weekdays) => weekly(weekdays),
                Days::Either(dates, weekdays) => {
                    format!("每月{}或{}", dates_in_words(dates), weekly(weekdays))
                }
                Days::Both(dates, weekdays) => {
                    format!("每月{}中的{}", dates_in_words(dates), weekdays_in_words(weekdays))
                }
            };
        }
        let months = join(stretched(&self.months, |month| format!("{month}月")));
        // `1月和4月1号` would read as all of January and one day of April.
        let of = if self.months.len() == 1 { "" } else { "的" };
        match &self.days {
            Days::Every => format!("每年{months}"),
            Days::Dates(dates) => format!("每年{months}{of}{}", dates_in_words(dates)),
            Days::Weekdays(weekdays) => format!("每年{months}的{}", weekly(weekdays)),
            Days::Either(dates, weekdays) => {
                format!("每年{months}的{}或{}", dates_in_words(dates), weekdays_in_words(weekdays))
            }
            Days::Both(dates, weekdays) => {
                format!("每年{months}{of}{}中的{}", dates_in_words(dates), weekdays_in_words(weekdays))
            }
        }
    }
}

/// The step of values that begin at 0 and come round evenly.
fn rhythm(values: &[u16], whole: u16) -> Option<u16> {
    let count =
        u16::try_from(values.len()).ok().filter(|count| *count > 1 && whole.is_multiple_of(*count))?;
    let step = whole / count;
    (0..count).map(|at| at * step).eq(values.iter().copied()).then_some(step)
}

/// `30分钟`, `2小时`; of one the unit alone.
fn span(minutes: u16) -> String {
    match (minutes % 60, minutes / 60) {
        (_, 0) if minutes == 1 => "分钟".to_owned(),
        (0, 1) => "小时".to_owned(),
        (0, hours) => format!("{hours}小时"),
        _ => format!("{minutes}分钟"),
    }
}

/// A time of day on a clock of twelve hours: `凌晨2点`, `下午6点05分`.
fn clock(time: u16) -> String {
    let (hour, minute) = (time / 60, time % 60);
    let part = match hour {
        0..6 => "凌晨",
        6..9 => "早上",
        9..12 => "上午",
        12 => "中午",
        13..19 => "下午",
        _ => "晚上",
    };
    let hour = if hour > 12 { hour - 12 } else { hour };
    match minute {
        0 => format!("{part}{hour}点"),
        _ => format!("{part}{hour}点{minute:02}分"),
    }
}

fn dates_in_words(dates: &[u16]) -> String {
    let every_other = |first| dates.iter().copied().eq((first..=31).step_by(2));
    if every_other(1) {
        return "单号".to_owned();
    }
    if every_other(2) {
        return "双号".to_owned();
    }
    join(stretched(dates, |date| format!("{date}号")))
}

/// Weekdays as they come again: `每周日`, `工作日`.
fn weekly(weekdays: &[u16]) -> String {
    let words = weekdays_in_words(weekdays);
    if words.starts_with('周') && words != WEEKEND { format!("每{words}") } else { words }
}

fn weekdays_in_words(weekdays: &[u16]) -> String {
    match weekdays {
        [1, 2, 3, 4, 5] => "工作日".to_owned(),
        [0, 6] => WEEKEND.to_owned(),
        _ => {
            let mut from_monday: Vec<u16> = weekdays.iter().map(|weekday| (weekday + 6) % 7).collect();
            from_monday.sort_unstable();
            join(stretched(&from_monday, |day| WEEKDAYS[usize::from(day)].to_owned()))
        }
    }
}

/// `5、10至20和45`.
fn numbers(values: &[u16]) -> String {
    join(stretched(values, |value| value.to_string()))
}

/// Values in words; three and more in a row as first and last.
fn stretched(values: &[u16], word: impl Fn(u16) -> String) -> Vec<String> {
    stretches(values)
        .into_iter()
        .map(|(from, to)| if from == to { word(from) } else { format!("{}至{}", word(from), word(to)) })
        .collect()
}

fn join(mut parts: Vec<String>) -> String {
    match (parts.pop(), parts.is_empty()) {
        (Some(last), false) => format!("{}和{last}", parts.join("、")),
        (last, _) => last.unwrap_or_default(),
    }
}
