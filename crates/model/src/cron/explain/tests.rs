//! Each form of a field in words, and that the words hold what the expression holds.

use std::collections::HashMap;

use jiff::civil::Date;
use proptest::prelude::*;

use super::*;

fn said(text: &str) -> String {
    let cron = Cron::parse(text).unwrap();
    format!("{} | {}", cron.explain(English), cron.explain(Chinese))
}

#[test]
fn times_of_a_day_are_said_in_words() {
    for (text, words) in [
        ("0 20 * * *", "every day at 20:00 | 每天 20:00"),
        ("30 8,20 * * *", "every day at 08:30 and 20:30 | 每天 08:30、20:30"),
        ("0 */6 * * *", "every day at 00:00, 06:00, 12:00 and 18:00 | 每天 00:00、06:00、12:00、18:00"),
        ("@daily", "every day at 00:00 | 每天 00:00"),
        ("* * * * *", "every minute | 每分钟"),
        ("*/5 * * * *", "every 5 minutes | 每 5 分钟"),
        ("0-59/5 * * * *", "every 5 minutes | 每 5 分钟"),
        ("0 * * * *", "every hour on the hour | 每小时整点"),
        ("15 * * * *", "every hour at minute 15 | 每小时的第 15 分"),
        ("0,30 * * * *", "every 30 minutes | 每 30 分钟"),
        ("5,35 * * * *", "at minutes 5 and 35 of every hour | 每小时的第 5、35 分"),
        ("*/7 * * * *", "at minutes 0, 7, 14, …, 56 of every hour | 每小时的第 0、7、14、…、56 分"),
        ("10-40/10 * * * *", "at minutes 10, 20, 30 and 40 of every hour | 每小时的第 10、20、30、40 分"),
        ("0 */2 * * *", "every 2 hours on the hour | 每 2 小时整点"),
        ("20 */2 * * *", "every 2 hours at minute 20 | 每 2 小时的第 20 分"),
        ("*/10 9-17 * * *", "every 10 minutes from 09:00 to 17:50 | 09:00 至 17:50 每 10 分钟"),
        ("30 9-17 * * *", "every hour from 09:30 to 17:30 | 09:30 至 17:30 每小时"),
        ("* 0 * * *", "every minute of hour 0 | 0 点内每分钟"),
        ("*/15 */2 * * *", "every 15 minutes of hours 0, 2, 4, …, 22 | 0、2、4、…、22 点内每 15 分钟"),
        ("1,2,4 1,5,9 * * *", "at minutes 1, 2 and 4 of hours 1, 5 and 9 | 1、5、9 点的第 1、2、4 分"),
    ] {
        assert_eq!(said(text), words, "{text}");
    }
}

#[test]
fn seconds_are_said_in_words() {
    for (text, words) in [
        ("0 0 20 * * *", "every day at 20:00 | 每天 20:00"),
        ("30 0 20 * * *", "every day at 20:00:30 | 每天 20:00:30"),
        ("* * * * * *", "every second | 每秒"),
        ("*/20 * * * * *", "every 20 seconds | 每 20 秒"),
        ("5,10 * * * * *", "at seconds 5 and 10 | 每分钟第 5、10 秒"),
        ("30 */5 * * * *", "every 5 minutes, at second 30 | 每 5 分钟的第 30 秒"),
        (
            "*/20 0 0 * * *",
            "every day at 00:00, within that minute every 20 seconds | 每天 00:00，该分钟内每 20 秒",
        ),
        (
            "1,2 */5 * * * 1",
            "every 5 minutes, within that minute at seconds 1 and 2, every Monday | 每周一，每 5 分钟，该分钟内第 1、2 秒",
        ),
    ] {
        assert_eq!(said(text), words, "{text}");
    }
}

#[test]
fn days_are_said_in_words() {
    for (text, words) in [
        ("0 9 * * 1-5", "Monday to Friday at 09:00 | 每周一至周五 09:00"),
        ("0 9 * * sun", "every Sunday at 09:00 | 每周日 09:00"),
        ("0 9 * * 7", "every Sunday at 09:00 | 每周日 09:00"),
        ("0 9 * * 6,0", "every Saturday and Sunday at 09:00 | 每周六、周日 09:00"),
        ("0 9 * * MON,FRI", "every Monday and Friday at 09:00 | 每周一、周五 09:00"),
        ("0 9 * * 1-5/2", "every Monday, Wednesday and Friday at 09:00 | 每周一、周三、周五 09:00"),
        ("0 9 * * 0-6", "every day at 09:00 | 每天 09:00"),
        ("0 9 ? * *", "every day at 09:00 | 每天 09:00"),
        ("0 9 */1 * *", "every day at 09:00 | 每天 09:00"),
        ("0 6 * * 1#2", "on the second Monday of the month at 06:00 | 每月第 2 个周一 06:00"),
        ("0 6 * * 5L", "on the last Friday of the month at 06:00 | 每月最后一个周五 06:00"),
        ("0 6 * * FRI#L", "on the last Friday of the month at 06:00 | 每月最后一个周五 06:00"),
        ("0 0 1 * *", "on day 1 of the month at 00:00 | 每月 1 日 00:00"),
        ("0 0 1-5,15 * *", "on days 1–5 and 15 of the month at 00:00 | 每月 1–5、15 日 00:00"),
        ("0 0 1,L * *", "on day 1 and the last day of the month at 00:00 | 每月 1 日、最后一天 00:00"),
        ("0 0 LW * *", "on the last working day of the month at 00:00 | 每月最后一个工作日 00:00"),
        (
            "0 0 15W * *",
            "on the working day nearest to day 15 of the month at 00:00 | 每月最接近 15 日的工作日 00:00",
        ),
        ("*/5 * 1 * *", "every 5 minutes, on day 1 of the month | 每月 1 日，每 5 分钟"),
    ] {
        assert_eq!(said(text), words, "{text}");
    }
}

#[test]
fn a_date_and_a_weekday_are_joined_as_the_parser_joins_them() {
    for (text, words) in [
        ("0 9 13 * 5", "on day 13 of the month or every Friday at 09:00 | 每月 13 日或每周五 09:00"),
        ("0 9 13 * +5", "on day 13 of the month if it is Friday, at 09:00 | 每月 13 日且须为周五 09:00"),
        (
            "0 9 1-7 * +MON,TUE",
            "on days 1–7 of the month if it is Monday or Tuesday, at 09:00 | 每月 1–7 日且须为周一或周二 09:00",
        ),
        (
            "0 9 L * 1#1",
            "on the last day of the month or the first Monday of the month at 09:00 | 每月最后一天或每月第 1 个周一 09:00",
        ),
    ] {
        assert_eq!(said(text), words, "{text}");
    }
    // What the words say is what comes due: in June 2025 the 13th is a Friday.
    let due = |text: &str| {
        let cron = Cron::parse(text).unwrap();
        let june = Date::constant(2025, 6, 1).series(jiff::Span::new().days(1)).take(30);
        june.filter(|day| cron.matches_day(*day)).map(Date::day).collect::<Vec<_>>()
    };
    assert_eq!(due("0 9 13 * 5"), [6, 13, 20, 27]);
    assert_eq!(due("0 9 14 * 5"), [6, 13, 14, 20, 27]);
    assert_eq!(due("0 9 13 * +5"), [13]);
    assert_eq!(due("0 9 14 * +5"), [0_i8; 0]);
}

#[test]
fn months_are_said_in_words() {
    for (text, words) in [
        (
            "0 6 * JAN,JUL 1#2",
            "on the second Monday of the month at 06:00, in January and July | 每年 1、7 月的第 2 个周一 06:00",
        ),
        ("0 6 * 3-5 *", "every day at 06:00, in March to May | 每年 3–5 月的每天 06:00"),
        (
            "0 6 1 */3 *",
            "on day 1 of the month at 06:00, in January, April, July and October | 每年 1、4、7、10 月的 1 日 06:00",
        ),
        ("* * * 2 *", "every minute, in February | 每年 2 月的每天，每分钟"),
        ("@yearly", "on day 1 of the month at 00:00, in January | 每年 1 月的 1 日 00:00"),
    ] {
        assert_eq!(said(text), words, "{text}");
    }
}

#[test]
fn a_wrong_field_is_named_with_what_is_allowed() {
    let wrong = |text: &str, language| Cron::parse(text).unwrap_err().explain(language);
    assert_eq!(
        wrong("61 * * * *", English),
        "cron expression `61 * * * *`: minute `61` is wrong; allowed are 0–59, `*`, ranges such as `10-20`, \
         steps such as `*/5` or `10-40/5`, and lists of these"
    );
    assert_eq!(
        wrong("0 MON * * *", English),
        "cron expression `0 MON * * *`: hour `MON` is wrong (`M` has no meaning there); allowed are 0–23, `*`, \
         ranges such as `9-17`, steps such as `*/2` or `8-20/4`, and lists of these"
    );
    assert_eq!(
        wrong("0 24 * * *", Chinese),
        "cron 表达式“0 24 * * *”：时“24”有误；允许 0–23、`*`、范围（如 `9-17`）、步长（如 `*/2`、`8-20/4`）及其列表"
    );
    for (text, english, chinese) in [
        (
            "1,,2 * * * *",
            "minute `1,,2` is wrong (an entry of the list is empty)",
            "分“1,,2”有误（列表中有空项）",
        ),
        ("5/10 * * * *", "minute `5/10` is wrong; allowed", "分“5/10”有误；允许"),
        ("0 0 32 * *", "day of month `32` is wrong; allowed are 1–31", "日“32”有误；允许 1–31"),
        ("0 0 * 13 *", "month `13` is wrong; allowed are 1–12", "月“13”有误；允许 1–12"),
        ("0 0 * MON *", "month `MON` is wrong (`M` has", "月“MON”有误（`M` 在此处没有含义）"),
        ("0 0 * * JAN", "day of week `JAN` is wrong (`J` has", "周“JAN”有误（`J` 在此处没有含义）"),
        ("0 0 * * 8", "day of week `8` is wrong; allowed are 0–7", "周“8”有误；允许 0–7"),
        ("60 0 0 * * *", "second `60` is wrong; allowed are 0–59", "秒“60”有误；允许 0–59"),
        ("0 0 30 2 *", "never comes due: no date matches", "永远不会触发"),
        ("* * *", "has 3 fields; expected minute", "有 3 个字段；应为 分 时 日 月 周"),
        ("", "has 0 fields", "有 0 个字段"),
        ("@often", "has 1 fields", "有 1 个字段"),
    ] {
        assert!(wrong(text, English).contains(english), "{}", wrong(text, English));
        assert!(wrong(text, Chinese).contains(chinese), "{}", wrong(text, Chinese));
    }
}

/// Forms of each field that a person may write.
const SECONDS: [&str; 5] = ["0", "30", "*", "*/20", "5,10"];
const MINUTES: [&str; 10] = ["0", "7", "*", "*/5", "*/7", "5,35", "10-12", "10-40/10", "0-59", "1-59/2"];
const HOURS: [&str; 9] = ["*", "0", "20", "8,20", "9-17", "*/2", "*/5", "1,2,5,9,10,11,12", "*/12"];
const DATES: [&str; 9] = ["*", "?", "1", "1,15", "*/2", "L", "LW", "15W", "1-7,L"];
const MONTHS: [&str; 4] = ["*", "JAN", "3-5", "*/4"];
const WEEKDAYS: [&str; 11] = ["*", "1", "1-5", "MON,FRI", "0-6", "6,7", "5L", "1#2", "1,5#L", "+1-5", "*/2"];

fn expression() -> impl Strategy<Value = String> {
    let one = |forms: &'static [&'static str]| proptest::sample::select(forms);
    (one(&SECONDS), one(&MINUTES), one(&HOURS), one(&DATES), one(&MONTHS), one(&WEEKDAYS))
        .prop_map(|(s, m, h, date, month, weekday)| format!("{s} {m} {h} {date} {month} {weekday}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_sign_of_an_expression_is_left_in_its_words(text in expression()) {
        let cron = Cron::parse(&text).unwrap();
        let (english, chinese) = (cron.explain(English), cron.explain(Chinese));
        prop_assert!(!english.contains(['*', '/', '#', '?', '+']), "{}: {}", text, english);
        prop_assert!(english.is_ascii() || !english.chars().any(|c| c > '\u{2fff}'), "{}: {}", text, english);
        prop_assert!(!chinese.contains(|c: char| c.is_ascii_alphabetic() || "*/#?+".contains(c)), "{}: {}", text, chinese);
        prop_assert!(!english.contains("  ") && !chinese.contains("  "), "{} | {}", english, chinese);
    }
}

/// What an expression matches, whatever was written.
fn meaning(cron: &Cron) -> (Vec<u16>, Vec<u16>, Vec<u16>, Vec<Date>) {
    let year = Date::constant(2024, 1, 1).series(jiff::Span::new().days(1)).take(366);
    let days = year.filter(|day| cron.matches_day(*day)).collect();
    (cron.seconds.clone(), cron.minutes.clone(), cron.hours.clone(), days)
}

#[test]
fn expressions_that_are_said_alike_come_due_alike() {
    for language in [English, Chinese] {
        let mut known: HashMap<String, Cron> = HashMap::new();
        let mut told_apart = |text: String| {
            let cron = Cron::parse(&text).unwrap();
            if let Some(other) = known.get(&cron.explain(language)) {
                assert_eq!(
                    meaning(&cron),
                    meaning(other),
                    "{text} and {}: {}",
                    other.as_str(),
                    cron.explain(language)
                );
            } else {
                known.insert(cron.explain(language), cron);
            }
        };
        for second in SECONDS {
            for minute in MINUTES {
                for hour in HOURS {
                    told_apart(format!("{second} {minute} {hour} * * *"));
                }
            }
        }
        for date in DATES {
            for month in MONTHS {
                for weekday in WEEKDAYS {
                    told_apart(format!("0 20 {date} {month} {weekday}"));
                    told_apart(format!("*/5 * {date} {month} {weekday}"));
                }
            }
        }
    }
}
