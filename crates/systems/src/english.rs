//! What systems keep in the documented Chinese (messages, remarks, faults, log lines, titles of schedules), said in
//! English. What is kept and what documented routes answer stays as it is; pages ask here when they draw in English.
//! Each system has its sentences in a room of its own, beside its labels.

use crate::{files, races, stocks, tasks};

/// A sentence with `{}` for what differs, in Chinese and in English, in the same order.
pub(crate) type Sentence = (&'static str, &'static str);

/// What stands between sentences that are told as one.
const JOINTS: [(&str, &str); 3] = [("\n", "\n"), ("; ", "; "), ("；", "; ")];

/// A text of the systems in English; what is none of their sentences stays as it is. `None`: nothing of it is one.
#[must_use]
pub fn in_english(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let all = [stocks::ENGLISH, races::ENGLISH, tasks::ENGLISH, files::ENGLISH];
    if let Some(said) = all.iter().copied().flatten().find_map(|sentence| said(*sentence, text)) {
        return Some(said);
    }
    let (chinese, english) = JOINTS.into_iter().find(|(joint, _)| text.contains(joint))?;
    let parts: Vec<Option<String>> = text.split(chinese).map(in_english).collect();
    let is_any = parts.iter().any(Option::is_some);
    let parts = text.split(chinese).zip(parts).map(|(part, said)| said.unwrap_or_else(|| part.to_owned()));
    is_any.then(|| parts.collect::<Vec<_>>().join(english))
}

/// The text in the words of a sentence, when it is this one. What differs may be a sentence itself.
fn said((chinese, english): Sentence, text: &str) -> Option<String> {
    let mut values = values(chinese, text)?.into_iter();
    let mut said = String::with_capacity(text.len());
    for (place, piece) in english.split("{}").enumerate() {
        if place > 0 {
            let value = values.next()?;
            said.push_str(&in_english(value).unwrap_or_else(|| value.to_owned()));
        }
        said.push_str(piece);
    }
    Some(said)
}

/// What stands for each `{}` of a pattern.
fn values<'t>(pattern: &str, text: &'t str) -> Option<Vec<&'t str>> {
    let Some((first, mut pattern)) = pattern.split_once("{}") else {
        return (pattern == text).then(Vec::new);
    };
    let mut rest = text.strip_prefix(first)?;
    let mut values = Vec::new();
    while let Some((piece, next)) = pattern.split_once("{}") {
        let (value, after) = rest.split_once(piece)?;
        values.push(value);
        (rest, pattern) = (after, next);
    }
    values.push(rest.strip_suffix(pattern)?);
    Some(values)
}

/// For the tests of each system: the text as a person reads it in English, with nothing left that is Chinese.
#[cfg(test)]
#[track_caller]
pub(crate) fn assert_english(text: &str) {
    let said = in_english(text).unwrap_or_else(|| panic!("{text} is not said in English"));
    assert!(
        !said.chars().any(|sign| matches!(sign, '\u{3000}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')),
        "{text}: {said}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_said_with_what_differs_in_it() {
        let said = |text| in_english(text).unwrap();
        assert_eq!(said("每日20点同步数据"), "Daily sync at 20:00");
        assert_eq!(said("正在同步 2025-10-09... (45.1%)"), "Syncing 2025-10-09... (45.1%)");
        assert_eq!(
            said("   比赛结果: ⏳ 暂无数据（本站无冲刺赛）"),
            "   Race results: ⏳ no data (this weekend has no sprint)"
        );
    }

    #[test]
    fn sentences_told_as_one_are_said_one_by_one() {
        assert_eq!(in_english("重复 1 行；数据尚未发布").unwrap(), "1 rows are repeated; not published yet");
        assert_eq!(in_english("数据尚未发布; whatever").unwrap(), "not published yet; whatever");
    }

    #[test]
    fn what_is_no_sentence_of_a_system_is_left() {
        for text in ["", "connection refused", "某人的计划", "甲；乙", "正在同步"] {
            assert_eq!(in_english(text), None, "{text}");
        }
    }
}
