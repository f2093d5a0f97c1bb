//! What a source's file is called in the target.

use std::borrow::Cow;

use connect::storage::Place;
use model::file::{FileRename, FileRuleTarget};
use regex::Regex;

use super::filter::{compiled, in_short};
use super::wrong::Wrong;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Rename(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    found: Regex,
    scope: FileRuleTarget,
    by: Vec<Part>,
}

/// A piece of a replacement.
#[derive(Debug, PartialEq)]
enum Part {
    Plain(String),
    Group(usize),
    Named(String),
}

/// A name the rules make that no storage keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BadName(pub(crate) String);

impl Rename {
    /// The rules of a config.
    ///
    /// # Errors
    /// All rules that cannot be read, each with its number.
    pub(crate) fn new(rules: &[FileRename]) -> Result<Self, Vec<Wrong>> {
        let (mut read, mut wrong) = (Vec::new(), Vec::new());
        for (rule, number) in rules.iter().zip(1..) {
            match compiled(&rule.match_regex, rule.case_sensitive) {
                Ok(found) => {
                    read.push(Rule { found, scope: rule.target_scope, by: parts(&rule.replace_string) });
                }
                Err(error) => wrong.push(Wrong::new(
                    format!("rename_rules.{}.match_regex", number - 1),
                    format!("重命名规则 #{number} ('{}') 格式错误: {}", rule.match_regex, in_short(&error)),
                    rule.match_regex.as_str(),
                )),
            }
        }
        if wrong.is_empty() { Ok(Self(read)) } else { Err(wrong) }
    }

    /// The place of a file in the target, whose folder for it is `to`: by the first rule that changes something.
    ///
    /// # Errors
    /// What comes out is no place.
    pub(crate) fn apply(&self, at: &Place, to: &Place) -> Result<Place, BadName> {
        for rule in &self.0 {
            let in_path = rule.scope == FileRuleTarget::Path;
            let value = if in_path { at.as_str() } else { at.name() };
            let renamed = rule.found.replace_all(value, |groups: &regex::Captures<'_>| rule.filled(groups));
            if matches!(&renamed, Cow::Borrowed(_)) || renamed == value {
                continue;
            }
            let bad = |_| BadName(renamed.clone().into_owned());
            // Each part must be a name: an empty one, or `..`, leads elsewhere.
            return match in_path {
                true => renamed.split('/').try_fold(Place::root(), |at, name| at.join(name)).map_err(bad),
                false => to.join(&renamed).map_err(bad),
            };
        }
        to.join(at.name()).map_err(|bad| BadName(bad.to_string()))
    }

    /// Whether a rule looks at whole paths, so that files may move from one folder to another.
    pub(crate) fn moves(&self) -> bool {
        self.0.iter().any(|rule| rule.scope == FileRuleTarget::Path)
    }
}

impl Rule {
    fn filled(&self, groups: &regex::Captures<'_>) -> String {
        let text = |part: &Part| match part {
            Part::Plain(text) => text.clone(),
            Part::Group(number) => {
                groups.get(*number).map_or(String::new(), |found| found.as_str().to_owned())
            }
            Part::Named(name) => groups.name(name).map_or(String::new(), |found| found.as_str().to_owned()),
        };
        self.by.iter().map(text).collect()
    }
}

/// A replacement in its parts: `\1` to `\99`, `\g<1>` and `\g<name>` are groups, everything else stands for itself.
fn parts(text: &str) -> Vec<Part> {
    let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let digits = after.bytes().take(2).take_while(u8::is_ascii_digit).count();
        let named = after.strip_prefix("g<").and_then(|name| name.split_once('>'));
        let (part, left) = match (after[..digits].parse(), named) {
            (Ok(number), _) if number > 0 => (Part::Group(number), &after[digits..]),
            (_, Some((name, left))) => {
                (name.parse().map_or_else(|_| Part::Named(name.to_owned()), Part::Group), left)
            }
            _ => {
                plain.push('\\');
                rest = after;
                continue;
            }
        };
        if !plain.is_empty() {
            parts.push(Part::Plain(std::mem::take(&mut plain)));
        }
        parts.push(part);
        rest = left;
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(Part::Plain(plain));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(found: &str, by: &str, scope: FileRuleTarget) -> FileRename {
        FileRename {
            match_regex: found.to_owned(),
            replace_string: by.to_owned(),
            target_scope: scope,
            case_sensitive: false,
        }
    }

    fn renamed(rules: &[FileRename], path: &str) -> Result<String, BadName> {
        let place = Place::parse(path).unwrap();
        Rename::new(rules).unwrap().apply(&place, &place.folder()).map(|to| to.as_str().to_owned())
    }

    #[test]
    fn the_first_rule_that_changes_something_counts() {
        let photo = rule(r"^IMG_(\d+)", r"照片_\1", FileRuleTarget::Name);
        let all = rule("a", "b", FileRuleTarget::Name);
        assert_eq!(renamed(std::slice::from_ref(&photo), "x/img_7.jpg").unwrap(), "x/照片_7.jpg");
        assert_eq!(renamed(&[photo.clone(), all.clone()], "a/IMG_1a").unwrap(), "a/照片_1a");
        assert_eq!(
            renamed(&[photo, all], "a/banana").unwrap(),
            "a/bbnbnb",
            "all occurrences, in the name only"
        );
    }

    #[test]
    fn groups_are_named_by_number_or_name_and_the_rest_stands_for_itself() {
        let path = rule(r"^(?<year>\d{4})/(\d\d)/", r"\g<year>-\g<2>/$1\\", FileRuleTarget::Path);
        assert_eq!(renamed(&[path], "2026/01/a").unwrap(), r"2026-01/$1\\a");
        assert_eq!(
            parts(r"\0\123\g<x"),
            [Part::Plain(r"\0".to_owned()), Part::Group(12), Part::Plain(r"3\g<x".to_owned())]
        );
    }

    #[test]
    fn a_name_no_storage_keeps_is_refused() {
        for (found, by, scope) in [
            (".*", "", FileRuleTarget::Name),
            ("^.*$", "..", FileRuleTarget::Name),
            ("b", "x/y", FileRuleTarget::Name),
            ("^a/", "../", FileRuleTarget::Path),
            ("a", "", FileRuleTarget::Path),
        ] {
            assert!(renamed(&[rule(found, by, scope)], "a/b").is_err(), "{found} by {by}");
        }
    }

    #[test]
    fn a_rule_that_cannot_be_read_is_named_with_its_number() {
        let wrong = Rename::new(&[rule("(", "", FileRuleTarget::Name)]).unwrap_err();
        assert_eq!(wrong[0].field, "rename_rules.0.match_regex");
        assert!(wrong[0].message.starts_with("重命名规则 #1 ('(') 格式错误: "), "{}", wrong[0].message);
    }
}
