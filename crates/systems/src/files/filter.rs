//! Which files and folders are left alone: rules as git reads them, and plainer exclusions before them.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use model::file::{FileExclusion, FileFilters, FileItemType, FileMatchMode, FileRuleTarget};
use regex::{Regex, RegexBuilder};

use super::wrong::Wrong;

/// A compiled pattern may take so many bytes: a person's rule is small, a trap is not.
const PATTERN_MAX: usize = 1 << 20;

/// What is asked about: a path from the tree's root, its names joined by `/`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) path: &'a str,
    pub(crate) is_folder: bool,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Filter {
    exclusions: Vec<(FileExclusion, Regex)>,
    rules: Gitignore,
}

impl Filter {
    /// The filter of a config's rules.
    ///
    /// # Errors
    /// All rules that cannot be read, each with its number.
    pub(crate) fn new(filters: &FileFilters) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let mut exclusions = Vec::new();
        for (exclusion, number) in filters.exclusions.iter().zip(1..) {
            match pattern(exclusion) {
                Ok(regex) => exclusions.push((exclusion.clone(), regex)),
                Err(error) => wrong.push(Wrong::new(
                    format!("filters.exclusions.{}.pattern", number - 1),
                    format!("排除规则 #{number} ('{}') 格式错误: {}", exclusion.pattern, in_short(&error)),
                    exclusion.pattern.as_str(),
                )),
            }
        }
        let mut builder = GitignoreBuilder::new("");
        // Building it cannot fail here: it is set before any line.
        let _ = builder.case_insensitive(!filters.case_sensitive);
        for (at, line) in filters.rules.iter().enumerate() {
            if let Err(error) = builder.add_line(None, line) {
                wrong.push(Wrong::new(
                    format!("filters.rules.{at}"),
                    format!("过滤规则 #{} ('{line}') 格式错误: {error}", at + 1),
                    line.as_str(),
                ));
            }
        }
        match builder.build() {
            Ok(rules) if wrong.is_empty() => Ok(Self { exclusions, rules }),
            Ok(_) => Err(wrong),
            Err(error) => {
                wrong.push(Wrong::new("filters.rules", format!("过滤规则格式错误: {error}"), ""));
                Err(wrong)
            }
        }
    }

    /// Nothing is ever left out.
    pub(crate) fn is_empty(&self) -> bool {
        self.rules.is_empty() && self.exclusions.is_empty()
    }

    /// Whether the item itself is left out. What lies in a folder that is left out is never asked about.
    pub(crate) fn leaves_out(&self, item: Item<'_>) -> bool {
        match self.rules.matched(Path::new(item.path), item.is_folder) {
            ignore::Match::Ignore(_) => true,
            ignore::Match::Whitelist(_) => false,
            ignore::Match::None => self.exclusions.iter().any(|(rule, regex)| matches(rule, regex, item)),
        }
    }
}

fn matches(rule: &FileExclusion, regex: &Regex, item: Item<'_>) -> bool {
    let of_type = match rule.item_type {
        FileItemType::Any => true,
        FileItemType::File => !item.is_folder,
        FileItemType::Folder => item.is_folder,
    };
    let name = item.path.rsplit('/').next().unwrap_or_default();
    of_type
        && match rule.target {
            FileRuleTarget::Name => regex.is_match(name),
            FileRuleTarget::Path => regex.is_match(&format!("/{}", item.path)),
            FileRuleTarget::Extension if item.is_folder => false,
            FileRuleTarget::Extension => {
                name.rsplit_once('.').is_some_and(|(_, extension)| regex.is_match(extension))
            }
        }
}

fn pattern(rule: &FileExclusion) -> Result<Regex, regex::Error> {
    let plain = match rule.target {
        FileRuleTarget::Extension => rule.pattern.strip_prefix('.').unwrap_or(&rule.pattern),
        FileRuleTarget::Name | FileRuleTarget::Path => &rule.pattern,
    };
    let text = match rule.mode {
        FileMatchMode::Regex => rule.pattern.clone(),
        FileMatchMode::Contains => regex::escape(plain),
        FileMatchMode::Exact => format!("^{}$", regex::escape(plain)),
        FileMatchMode::Wildcard => {
            let any = regex::escape(plain).replace(r"\*", ".*").replace(r"\?", ".");
            format!("(?s)^{any}$")
        }
    };
    compiled(&text, rule.case_sensitive)
}

/// A person's regular expression, within bounds; it never runs away, whatever it is tried on.
pub(super) fn compiled(text: &str, case_sensitive: bool) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).case_insensitive(!case_sensitive).size_limit(PATTERN_MAX).build()
}

/// The last line of a regular expression's error, which says what is wrong; the others draw it.
pub(super) fn in_short(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(lines: &[&str]) -> Filter {
        let rules = lines.iter().map(|line| (*line).to_owned()).collect();
        Filter::new(&FileFilters { rules, exclusions: Vec::new(), case_sensitive: true }).unwrap()
    }

    /// Whether a file is left out, by itself or with a folder above it.
    fn out(filter: &Filter, path: &str) -> bool {
        let folders = path.match_indices('/').map(|(at, _)| Item { path: &path[..at], is_folder: true });
        folders.into_iter().any(|folder| filter.leaves_out(folder))
            || filter.leaves_out(Item { path, is_folder: false })
    }

    #[test]
    fn rules_mean_what_git_means_by_them() {
        let cases: &[(&[&str], &[&str], &[&str])] = &[
            (&["*.tmp"], &["a/b.tmp"], &["a/b.tmp.bak"]),
            (&["*.tmp", "!keep.tmp"], &["x/o.tmp"], &["x/keep.tmp"]),
            (&["!keep.tmp", "*.tmp"], &["x/o.tmp", "x/keep.tmp"], &[]),
            (&["/cache/"], &["cache/f"], &["a/cache/f"]),
            (&["build/", "!build/keep.txt"], &["build/keep.txt"], &[]),
            (&["build/*", "!build/keep.txt"], &["build/o.txt"], &["build/keep.txt"]),
            (&["doc/*.txt"], &["doc/a.txt"], &["doc/b/a.txt"]),
            (&["a/**/z"], &["a/z", "a/b/c/z"], &["b/z"]),
            (&["**/logs/*.log"], &["x/logs/a.log"], &["x/logs/y/a.log"]),
            (&["*", "!*/", "!*.jpg"], &["a/b.txt"], &["a/b/c.jpg"]),
            (&[r"\!x", r"\#x", "#comment"], &["!x", "#x"], &["comment", "#comment"]),
        ];
        for (lines, left_out, kept) in cases {
            let filter = rules(lines);
            for path in *left_out {
                assert!(out(&filter, path), "{lines:?} leave out {path}");
            }
            for path in *kept {
                assert!(!out(&filter, path), "{lines:?} keep {path}");
            }
        }
    }

    fn exclusion(
        pattern: &str,
        target: FileRuleTarget,
        item_type: FileItemType,
        mode: FileMatchMode,
        case_sensitive: bool,
    ) -> Filter {
        let exclusion =
            FileExclusion { pattern: pattern.to_owned(), target, item_type, mode, case_sensitive };
        Filter::new(&FileFilters { exclusions: vec![exclusion], ..FileFilters::default() }).unwrap()
    }

    #[test]
    fn an_exclusion_matches_by_target_type_mode_and_case() {
        use {FileItemType as T, FileMatchMode as M, FileRuleTarget as W};
        let file = |path| Item { path, is_folder: false };
        let folder = |path| Item { path, is_folder: true };
        let wildcard = exclusion("*.txt", W::Name, T::Any, M::Wildcard, false);
        assert!(wildcard.leaves_out(file("a/B.TXT")));
        assert!(!wildcard.leaves_out(file("a.txt.bak")), "the whole value");
        let path = exclusion("/a/*/c", W::Path, T::Any, M::Wildcard, false);
        assert!(path.leaves_out(file("a/b/x/c")), "a star crosses slashes");
        let extension = exclusion(".jpg", W::Extension, T::Any, M::Exact, false);
        assert!(extension.leaves_out(file("a.b.JPG")));
        assert!(!extension.leaves_out(file("jpg")), "without a dot there is none");
        assert!(!extension.leaves_out(folder("x.jpg")), "folders have none");
        let digits = exclusion(r"\D", W::Name, T::File, M::Regex, false);
        assert!(digits.leaves_out(file("12a")));
        assert!(!digits.leaves_out(file("12")), "a class keeps its meaning when case does not count");
        assert!(!digits.leaves_out(folder("abc")));
        let exact = exclusion("Tmp", W::Name, T::Folder, M::Exact, true);
        assert!(exact.leaves_out(folder("a/Tmp")));
        assert!(!exact.leaves_out(folder("a/tmp")));
        let contains = exclusion("a+b", W::Name, T::Any, M::Contains, false);
        assert!(contains.leaves_out(file("xA+Bx")));
        assert!(!contains.leaves_out(file("aab")));
    }

    #[test]
    fn a_later_rule_takes_back_in_what_an_exclusion_left_out() {
        let exclusion = FileExclusion {
            pattern: "tmp".to_owned(),
            target: FileRuleTarget::Name,
            item_type: FileItemType::Any,
            mode: FileMatchMode::Contains,
            case_sensitive: false,
        };
        let filters = FileFilters {
            rules: vec!["!keep.tmp".to_owned()],
            exclusions: vec![exclusion],
            case_sensitive: true,
        };
        let filter = Filter::new(&filters).unwrap();
        assert!(filter.leaves_out(Item { path: "a.tmp", is_folder: false }));
        assert!(!filter.leaves_out(Item { path: "keep.tmp", is_folder: false }));
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_named_with_its_number() {
        let bad = FileExclusion {
            pattern: "[".to_owned(),
            target: FileRuleTarget::Name,
            item_type: FileItemType::Any,
            mode: FileMatchMode::Regex,
            case_sensitive: false,
        };
        let good = FileExclusion { mode: FileMatchMode::Contains, ..bad.clone() };
        let wrong = Filter::new(&FileFilters { exclusions: vec![good, bad], ..FileFilters::default() });
        let wrong = wrong.unwrap_err();
        assert_eq!(wrong[0].field, "filters.exclusions.1.pattern");
        assert!(wrong[0].message.starts_with("排除规则 #2 ('[') 格式错误: "), "{}", wrong[0].message);
    }
}
