//! The contract's vectors, word by word, and what it refuses.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::*;
use crate::cron::Cron;

const SHANGHAI: (&str, &str) = ("Asia/Shanghai", "2026-01-15T10:20:30+08:00");

/// The next times under a zone, with their offset.
fn times(expression: &str, (zone, now): (&str, &str), count: usize) -> Vec<String> {
    let zone = TimeZone::get(zone).unwrap();
    let cron = Cron::parse(&canonical(expression).unwrap()).unwrap();
    let times = cron.next_n(now.parse().unwrap(), &zone, count);
    let shown = |at| {
        let offset = zone.to_offset(at);
        format!("{}{offset}:00", offset.to_datetime(at).strftime("%Y-%m-%dT%H:%M"))
    };
    times.into_iter().map(shown).collect()
}

/// Whether the next times, as far as they are written, are these.
fn assert_times(expression: &str, at: (&str, &str), expected: &[&str]) {
    let found = times(expression, at, expected.len());
    let written = |(found, expected): (&String, &&str)| found.contains(*expected);
    assert!(
        found.len() == expected.len() && found.iter().zip(expected).all(written),
        "{expression}: {found:?} instead of {expected:?}"
    );
}

#[test]
fn the_next_times_in_shanghai_are_the_contracts() {
    for (expression, expected) in [
        ("0 2 * * *", &["2026-01-16T02:00+08:00", "01-17T02:00"][..]),
        ("*/30 * * * *", &["01-15T10:30", "01-15T11:00"]),
        ("0 9,18 * * 1-5", &["01-15T18:00", "01-16T09:00", "01-16T18:00", "01-19T09:00"]),
        ("0 0 1 * *", &["02-01T00:00", "03-01T00:00"]),
        ("0 6 * * 0", &["01-18T06:00", "01-25T06:00"]),
        ("0 6 * * 7", &["01-18T06:00", "01-25T06:00"]),
        ("0 6 * * sun", &["01-18T06:00", "01-25T06:00"]),
        ("0 */2 * * *", &["01-15T12:00", "01-15T14:00"]),
        ("0 0 13 * 5", &["01-16T00:00", "01-23T00:00", "01-30T00:00", "02-06T00:00", "02-13T00:00"]),
        ("0 0 */2 * 1", &["01-19T00:00", "02-09T00:00", "02-23T00:00", "03-09T00:00"]),
        ("50-10/10 * * * *", &["01-15T10:50", "01-15T11:00", "01-15T11:10", "01-15T11:50"]),
        ("0 22-2/2 * * *", &["01-15T22:00", "01-16T00:00", "01-16T02:00", "01-16T22:00"]),
        ("0 0 * 11-2 fri-mon", &["01-16T00:00", "01-17T00:00", "01-18T00:00", "01-19T00:00", "01-23T00:00"]),
        ("0 0 * jan sun", &["2026-01-18T00:00", "2026-01-25T00:00", "2027-01-03T00:00"]),
        ("0 0 29 2 *", &["2028-02-29T00:00", "2032-02-29T00:00"]),
        ("0 0 31 2 1", &["2026-02-02T00:00", "2026-02-09T00:00"]),
    ] {
        assert_times(expression, SHANGHAI, expected);
    }
}

/// What the contract's answer holds of an expression: seconds until the next time, and five times to come.
fn outlook(expression: &str, zone: &str, now: &str) -> (f64, Vec<Timestamp>) {
    let now: Timestamp = now.parse().unwrap();
    let cron = Cron::parse(&canonical(expression).unwrap()).unwrap();
    let times = cron.next_n(now, &TimeZone::get(zone).unwrap(), 5);
    (times[0].duration_since(now).as_secs_f64(), times)
}

#[test]
fn a_run_is_as_many_seconds_away_as_the_contract_says() {
    let (zone, now) = SHANGHAI;
    for (expression, now, seconds) in [
        ("0 2 * * *", now, 56_370.0),
        ("*/30 * * * *", now, 570.0),
        ("*/30 * * * *", "2026-01-15T10:20:30.25+08:00", 569.75),
        // A time that is now is not after now.
        ("0 2 * * *", "2026-01-16T02:00:00+08:00", 86_400.0),
        ("0 2 * * *", "2026-01-16T01:59:59.999+08:00", 0.001),
    ] {
        let (away, times) = outlook(expression, zone, now);
        assert!((away - seconds).abs() < 1e-6, "{expression} at {now} is {away} seconds away");
        assert_eq!(times.len(), 5);
        assert!(times[0] > now.parse().unwrap() && times.windows(2).all(|pair| pair[0] < pair[1]));
    }
}

/// A process takes its own zone from its surroundings once: this test is run again by itself under each.
#[test]
fn the_zone_of_the_machine_moves_nothing() {
    const UNDER_IT: &str = "SYNCLINE_TEST_UNDER_ZONE";
    if std::env::var_os(UNDER_IT).is_some() {
        let (away, times) = outlook("0 2 * * *", SHANGHAI.0, SHANGHAI.1);
        assert_eq!((away.round(), times[0].to_string().as_str()), (56_370.0, "2026-01-15T18:00:00Z"));
        return;
    }
    for zone in ["UTC", "Asia/Shanghai", "America/New_York"] {
        let run = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "file::cron::tests::the_zone_of_the_machine_moves_nothing"])
            .env("TZ", zone)
            .env(UNDER_IT, zone)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success() && said.contains("1 passed"), "{zone}: {said}");
    }
}

#[test]
fn changes_of_clocks_in_new_york_are_the_contracts() {
    for (expression, now, expected) in [
        ("30 2 * * *", "2026-03-07T12:00-05:00", &["2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"][..]),
        ("*/30 * * * *", "2026-03-08T01:10-05:00", &["T01:30-05:00", "T03:00-04:00", "T03:30-04:00"]),
        ("30 1 * * *", "2026-10-31T12:00-04:00", &["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"]),
        ("*/30 * * * *", "2026-11-01T00:40-04:00", &["T01:00-04:00", "T01:30-04:00", "T02:00-05:00"]),
        // A wildcard is no exception: what the gap holds is run once at its end.
        ("*/7 * * * *", "2026-03-08T01:50-05:00", &["T01:56-05:00", "T03:00-04:00", "T03:07-04:00"]),
        ("15 * * * *", "2026-03-08T01:00-05:00", &["T01:15-05:00", "T03:00-04:00", "T03:15-04:00"]),
    ] {
        assert_times(expression, ("America/New_York", now), expected);
    }
}

#[test]
fn ranges_wrap_and_a_step_counts_from_the_first_value() {
    for (expression, form) in [
        ("50-10 * * * *", "0-10,50-59 0-23 * * *"),
        ("58-3/2 22-2/3 * * *", "0,2,58 1,22 * * *"),
        ("0 0 30-2 11-2 *", "0 0 1,2,30,31 1,2,11,12 *"),
        ("0 0 * * 5-7", "0 0 * * 0,5,6"),
        ("0 0 * * 7-2", "0 0 * * 0-2"),
        ("0 0 * * sat-sun", "0 0 * * 0,6"),
        ("0 0 * * fri-mon/2", "0 0 * * 0,5"),
        ("0 0 * * 7-2/2", "0 0 * * 0,2"),
        ("0 0 * * 7-7", "0 0 * * 0"),
        ("0 0 * * 7-0", "0 0 * * 0"),
        ("0 0 * * 0-7/7", "0 0 * * 0"),
        ("0 0 * * 1-7", "0 0 * * *"),
        ("0 0 * * 3-2", "0 0 * * *"),
        ("*/90 5-9/1000 * * *", "0 5 * * *"),
        ("*/99999999999999999999999 0 * * *", "0 0 * * *"),
    ] {
        assert_eq!(canonical(expression).as_deref(), Ok(form), "{expression}");
    }
}

#[test]
fn numbers_names_and_macros_are_read_in_all_their_spellings() {
    for (expression, form) in [
        (" \t005  00\t* *  * ", "5 0 * * *"),
        ("0 0 * JANU,sept,MARCH thurs,Wed", "0 0 * 1,3,9 3,4"),
        ("0 0 * may-jul mon-friday", "0 0 * 5-7 1-5"),
        ("0 0 * * 1,1,1-3,mon", "0 0 * * 1-3"),
        ("5,* 0 * * *", "0-59 0 * * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@Annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        (" @WEEKLY ", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 0-23 * * *"),
    ] {
        assert_eq!(canonical(expression).as_deref(), Ok(form), "{expression}");
    }
    assert!(canonical(&format!("0 0 * * *{}", " ".repeat(91))).is_ok());
}

#[test]
fn day_and_weekday_are_both_wanted_only_where_one_begins_with_a_star() {
    for (expression, form) in [
        ("0 0 13 * 5", "0 0 13 * 5"),
        ("0 0 */2 * 5", "0 0 1-31/2 * +5"),
        ("0 0 13 * */2", "0 0 13 * +0-6/2"),
        ("0 0 *,13 * 5", "0 0 * * 5"),
        ("0 0 13,* * 5", "0 0 * * *"),
        ("0 0 1-31 * 5", "0 0 * * *"),
        ("0 0 */1 * 5", "0 0 * * 5"),
        ("0 0 13 * */1", "0 0 13 * *"),
        ("0 0 13 * 0-6", "0 0 * * *"),
    ] {
        assert_eq!(canonical(expression).as_deref(), Ok(form), "{expression}");
    }
}

#[test]
fn what_has_no_effect_is_left_out() {
    for (expression, form) in [
        ("0 0 1-30 4 *", "0 0 * 4 *"),
        ("0 0 31 * *", "0 0 31 1,3,5,7,8,10,12 *"),
        ("0 0 28-31 2 *", "0 0 28,29 2 *"),
        ("0 0 30,31 2,4 *", "0 0 30 4 *"),
        ("0 0 31 2 1", "0 0 * 2 1"),
        ("0 0 1-29 feb 1", "0 0 * 2 *"),
    ] {
        assert_eq!(canonical(expression).as_deref(), Ok(form), "{expression}");
    }
}

const FORM: &str = "无效的 cron 表达式格式，应为 '分 时 日 月 周' 格式";

#[test]
fn what_is_wrong_is_said_with_its_field() {
    for (expression, position, detail) in [
        ("60 * * * *", 1, "第1个字段（分）: 60 超出范围 0-59"),
        ("50-70 * * * *", 1, "第1个字段（分）: 70 超出范围 0-59"),
        ("* 24 * * *", 2, "第2个字段（时）: 24 超出范围 0-23"),
        ("* * 0 * *", 3, "第3个字段（日）: 0 超出范围 1-31"),
        ("* * 32 * *", 3, "第3个字段（日）: 32 超出范围 1-31"),
        ("* * * 13 *", 4, "第4个字段（月）: 13 超出范围 1-12"),
        ("* * * * 8", 5, "第5个字段（周）: 8 超出范围 0-7"),
        ("99999999999999999999 * * * *", 1, "第1个字段（分）: 99999999999999999999 超出范围 0-59"),
        ("1/5 * * * *", 1, "第1个字段（分）: 1/5 的步长只能跟在 * 或范围之后"),
        ("* * * * mon/2", 5, "第5个字段（周）: mon/2 的步长只能跟在 * 或范围之后"),
        ("*/0 * * * *", 1, "第1个字段（分）: */0 的步长不能为 0"),
        ("1-5/00 * * * *", 1, "第1个字段（分）: 1-5/00 的步长不能为 0"),
        ("1,,2 * * * *", 1, "第1个字段（分）: 列表中有空项"),
        (",1 * * * *", 1, "第1个字段（分）: 列表中有空项"),
        ("* 1, * * *", 2, "第2个字段（时）: 列表中有空项"),
        ("* * ? * *", 3, "第3个字段（日）: ? 无法识别"),
        ("* * L * *", 3, "第3个字段（日）: L 无法识别"),
        ("* * 15W * *", 3, "第3个字段（日）: 15W 无法识别"),
        ("* * * * 5L", 5, "第5个字段（周）: 5L 无法识别"),
        ("* * * * 1#2", 5, "第5个字段（周）: 1#2 无法识别"),
        ("-1 * * * *", 1, "第1个字段（分）: -1 无法识别"),
        ("+1 * * * *", 1, "第1个字段（分）: +1 无法识别"),
        ("*/-5 * * * *", 1, "第1个字段（分）: */-5 无法识别"),
        ("1.5 * * * *", 1, "第1个字段（分）: 1.5 无法识别"),
        ("0x5 * * * *", 1, "第1个字段（分）: 0x5 无法识别"),
        ("５ * * * *", 1, "第1个字段（分）: ５ 无法识别"),
        ("1-2-3 * * * *", 1, "第1个字段（分）: 1-2-3 无法识别"),
        ("1- * * * *", 1, "第1个字段（分）: 1- 无法识别"),
        ("*-5 * * * *", 1, "第1个字段（分）: *-5 无法识别"),
        ("/5 * * * *", 1, "第1个字段（分）: /5 无法识别"),
        ("*/ * * * *", 1, "第1个字段（分）: */ 无法识别"),
        ("*/5/2 * * * *", 1, "第1个字段（分）: */5/2 无法识别"),
        ("** * * * *", 1, "第1个字段（分）: ** 无法识别"),
        ("mon * * * *", 1, "第1个字段（分）: mon 无法识别"),
        ("* * * mon *", 4, "第4个字段（月）: mon 无法识别"),
        ("* * * ja *", 4, "第4个字段（月）: ja 无法识别"),
        ("* * * januaryy *", 4, "第4个字段（月）: januaryy 无法识别"),
        ("* * * * jan", 5, "第5个字段（周）: jan 无法识别"),
        ("* * * * 周一", 5, "第5个字段（周）: 周一 无法识别"),
        ("60 24 32 13 8", 1, "第1个字段（分）: 60 超出范围 0-59"),
    ] {
        let bad = canonical(expression).unwrap_err();
        assert_eq!(
            (bad.message(), bad.position, bad.detail.as_str()),
            (FORM, Some(position), detail),
            "{expression}"
        );
    }
}

#[test]
fn what_is_wrong_as_a_whole_has_no_field() {
    let long = format!("0 0 * * {}1", "1,".repeat(46));
    assert_eq!(long.len(), 101);
    for (expression, detail) in [
        ("0 2 * *", "应有 5 个字段，实际 4 个"),
        ("0 0 2 * * *", "应有 5 个字段，实际 6 个"),
        ("x", "应有 5 个字段，实际 1 个"),
        ("@reboot", "应有 5 个字段，实际 1 个（不支持 @reboot）"),
        ("@daily x", "应有 5 个字段，实际 2 个"),
        (&long, "长度超过 100 个字符"),
    ] {
        let bad = canonical(expression).unwrap_err();
        assert_eq!((bad.message(), bad.position, bad.detail.as_str()), (FORM, None, detail), "{expression}");
    }
    for blank in ["", " ", " \t ", "\n"] {
        let bad = canonical(blank).unwrap_err();
        assert_eq!((bad.message(), bad.position, bad.detail.as_str()), ("cron 表达式不能为空", None, ""));
    }
}

#[test]
fn an_impossible_date_is_refused_and_a_rare_one_is_not() {
    for expression in ["0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,nov *", "0 0 30,31 2 */2"] {
        let bad = canonical(expression).unwrap_err();
        assert_eq!(
            (bad.message(), bad.position, bad.detail.as_str()),
            (
                "cron 表达式验证失败: unable to rollover, time specification is probably invalid",
                Some(3),
                "日期与月份的组合永远不会出现"
            ),
            "{expression}"
        );
    }
    // No leap day in 2100: Sundays among them are 40 years apart.
    assert_times("0 0 29 2 */7", ("UTC", "2088-02-28T00:00Z"), &["2088-02-29T00:00", "2128-02-29T00:00"]);
}

#[test]
fn mistakes_are_told_in_english_too() {
    let english = |expression: &str| canonical(expression).unwrap_err().to_string();
    assert_eq!(english(""), "the cron expression is empty");
    assert_eq!(english("0 24 * * *"), "field 2 of the cron expression (hour): `24` is outside 0 to 23");
    assert_eq!(
        english("0 0 * * 1/2"),
        "field 5 of the cron expression (day of week): the step of `1/2` stands behind neither `*` nor a range"
    );
    assert_eq!(english("0 0 30 2 *"), "the cron expression never comes due: no month has its days");
    assert_eq!(
        english("0 2 * *"),
        "the cron expression has 4 fields instead of minute, hour, day of month, month, day of week"
    );
}
