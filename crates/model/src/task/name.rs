//! What a task's name says: `{region}-{MMDD}-{grade}-{count}-{level}`, and after it group, line and day.
//!
//! The first four parts are the package's code, and nothing but an equal code matches by itself. What follows the
//! level is told to people and decides nothing.

/// A name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskName {
    /// The code of its package; the whole trimmed name when it does not follow the rule.
    pub prefix: String,
    /// It follows the rule.
    pub parsed: bool,
    /// `N`, `O3`, `P1`; of every name that follows the rule.
    pub level: Option<String>,
    /// `A-`; like `line` and `call_mmdd` of names that end as documented.
    pub group: Option<String>,
    /// `L3`.
    pub line: Option<String>,
    /// `1019`.
    pub call_mmdd: Option<String>,
}

impl TaskName {
    /// Takes a name apart. Digits and letters are ASCII, and case counts.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        let name = name.trim();
        let Some((prefix, level, rest)) = split(name) else {
            let prefix = name.to_owned();
            return Self { prefix, parsed: false, level: None, group: None, line: None, call_mmdd: None };
        };
        let [group, line, call_mmdd] = match rest.and_then(ending) {
            Some(ending) => ending.map(|part| Some(part.to_owned())),
            None => [None, None, None],
        };
        let (prefix, level) = (prefix.to_owned(), Some(level.to_owned()));
        Self { prefix, parsed: true, level, group, line, call_mmdd }
    }
}

/// Code, level, and what follows them.
fn split(name: &str) -> Option<(&str, &str, Option<&str>)> {
    let mut parts = name.splitn(6, '-');
    let [region, day, grade, count, level] =
        [parts.next()?, parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let rest = parts.next();
    let fits = !region.is_empty()
        && is_day_of_package(day)
        && !grade.is_empty()
        && is_digits(count, 1, usize::MAX)
        && is_level(level)
        && rest.is_none_or(|rest| !rest.is_empty() && !rest.contains('\n'));
    let prefix = [region, day, grade, count].map(str::len).iter().sum::<usize>() + 3;
    fits.then(|| (&name[..prefix], level, rest))
}

/// Group, line and day, the first two in either order.
fn ending(rest: &str) -> Option<[&str; 3]> {
    let (both, day) = rest.rsplit_once('-').filter(|(_, day)| is_digits(day, 4, 4))?;
    let usual = both.rsplit_once('-');
    let swapped = both.split_once('-').map(|(line, group)| (group, line));
    let fits = |found: &(&str, &str)| is_group(found.0) && is_line(found.1);
    let (group, line) = usual.filter(fits).or_else(|| swapped.filter(fits))?;
    Some([group, line, day])
}

/// `0826`, `0913A`.
fn is_day_of_package(text: &str) -> bool {
    is_digits(text.strip_suffix(|c: char| c.is_ascii_uppercase()).unwrap_or(text), 4, 4)
}

fn is_level(text: &str) -> bool {
    text == "N" || text.strip_prefix(['O', 'P']).is_some_and(|number| is_digits(number, 1, 2))
}

/// `A`, `A+`, `A-`.
fn is_group(text: &str) -> bool {
    let letter = text.strip_suffix(['+', '-']).unwrap_or(text);
    letter.len() == 1 && letter.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn is_line(text: &str) -> bool {
    text.strip_prefix('L').is_some_and(|number| is_digits(number, 1, 4))
}

fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(name: &str) -> String {
        let TaskName { prefix, parsed, level, group, line, call_mmdd } = TaskName::parse(name);
        let part = |part: Option<String>| part.unwrap_or_else(|| "–".to_owned());
        let [level, group, line, day] = [level, group, line, call_mmdd].map(part);
        format!("{prefix} {parsed} {level} {group} {line} {day}")
    }

    #[test]
    fn the_documented_names_are_taken_apart_as_documented() {
        let table = [
            ("淮安-1014-高中-10000-O3-A--L3-1019", "淮安-1014-高中-10000 true O3 A- L3 1019"),
            ("淮安-1017-高中-10000-N-A-L3-1019", "淮安-1017-高中-10000 true N A L3 1019"),
            ("宜宾-0905-高中-3236-O7-L9-A--1026", "宜宾-0905-高中-3236 true O7 A- L9 1026"),
            ("禹州-0826-高中-721-O1-A+-L10-1019", "禹州-0826-高中-721 true O1 A+ L10 1019"),
            ("淮安-0913A-高中-3747-O10-C-L3-1020", "淮安-0913A-高中-3747 true O10 C L3 1020"),
            ("淮安-1014-高中-10000-O3", "淮安-1014-高中-10000 true O3 – – –"),
            ("0909-高中加购-15000-P5-C--L3-1014", "0909-高中加购-15000-P5-C--L3-1014 false – – – –"),
            ("禹州-0718-高中加购-P4-A-L10-1026", "禹州-0718-高中加购-P4-A-L10-1026 false – – – –"),
            ("0920-高中加购-5000-O7-A--L3-1021", "0920-高中加购-5000-O7-A--L3-1021 false – – – –"),
            ("测试任务-P1", "测试任务-P1 false – – – –"),
        ];
        for (name, expected) in table {
            assert_eq!(told(name), expected);
            assert_eq!(told(&format!(" \t{name}\n")), expected, "names are trimmed");
        }
    }

    #[test]
    fn an_ending_of_another_form_takes_nothing_from_the_prefix() {
        for ending in ["A--L3", "A--L3-101", "A--L3-10199", "a--L3-1019", "A--L12345-1019", "AB-L3-1019", "-"]
        {
            let told = told(&format!("淮安-1014-高中-10000-O3-{ending}"));
            assert_eq!(told, "淮安-1014-高中-10000 true O3 – – –", "{ending}");
        }
        assert_eq!(told("淮安-1014-高中-1-O3-L-L3-1019"), "淮安-1014-高中-1 true O3 L L3 1019");
    }

    #[test]
    fn a_name_that_is_nearly_right_does_not_follow_the_rule() {
        let names = [
            "",
            "-1014-高中-10000-O3",
            "淮安-101-高中-10000-O3",
            "淮安-10145-高中-10000-O3",
            "淮安-1014a-高中-10000-O3",
            "淮安-1014AB-高中-10000-O3",
            "淮安-1014--10000-O3",
            "淮安-1014-高中-1万-O3",
            "淮安-1014-高中-１０００-O3",
            "淮安-1014-高中-10000-O",
            "淮安-1014-高中-10000-O100",
            "淮安-1014-高中-10000-o3",
            "淮安-1014-高中-10000-N1",
            "淮安-1014-高中-10000-Q1",
            "淮安-1014-高中-10000-O3-",
            "淮安–1014–高中–10000–O3",
            "淮安-1014-高中-10000",
        ];
        for name in names {
            assert!(!TaskName::parse(name).parsed, "{name}");
            assert_eq!(TaskName::parse(name).prefix, name);
        }
    }

    proptest! {
        #[test]
        fn a_name_that_is_built_is_taken_apart_into_what_it_was_built_of(
            region in "[^-\\s]{1,5}", day in "[0-9]{4}[A-Z]?", grade in "[^-\\s]{1,5}", count in "[0-9]{1,9}",
            level in "N|[OP][0-9]{1,2}", group in "[A-Z][+-]?", line in "L[0-9]{1,4}", mmdd in "[0-9]{4}",
            swapped in any::<bool>(),
        ) {
            let prefix = format!("{region}-{day}-{grade}-{count}");
            let middle = if swapped { format!("{line}-{group}") } else { format!("{group}-{line}") };
            let name = TaskName::parse(&format!("{prefix}-{level}-{middle}-{mmdd}"));
            let [level, group, line, call_mmdd] = [level, group, line, mmdd].map(Some);
            prop_assert_eq!(name, TaskName { prefix, parsed: true, level, group, line, call_mmdd });
        }

        #[test]
        fn any_text_has_a_prefix_it_begins_with(text in "\\PC*|[N0-9OPL高-]{0,30}") {
            let name = TaskName::parse(&text);
            prop_assert!(text.trim().starts_with(&name.prefix));
            prop_assert_eq!(name.parsed, name.level.is_some());
            prop_assert_eq!(name.group.is_some(), name.call_mmdd.is_some());
        }
    }
}
