//! The rules of a config that have several fields, as rows of its form: what names its fields have, what the rows that
//! were sent say, and how they are drawn. A row whose first field is empty is not there.

use maud::{Markup, html};
use model::file::{FileItemType, FileMatchMode, FileRuleTarget};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::View;
use super::field::{Field, check, choice, text, within};
use super::form::Standing;
use super::typed::Typed;

/// Empty rows below those that say something, and those that come when more are asked for.
const EMPTY: usize = 2;
const MORE: usize = 6;

/// Rules of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    Exclusions,
    Renames,
}

impl Rows {
    pub(super) const ALL: [Self; 2] = [Self::Exclusions, Self::Renames];

    /// The path of the config's field that has them.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Exclusions => "filters.exclusions",
            Self::Renames => "rename_rules",
        }
    }

    /// The fields of a row, but for the last of all, whether case counts. Without the first there is no row.
    const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Exclusions => &["pattern", "target", "item_type", "mode"],
            Self::Renames => &["match_regex", "replace_string", "target_scope"],
        }
    }

    /// The button that asks for more rows.
    const fn more(self) -> &'static str {
        match self {
            Self::Exclusions => "more-exclusions",
            Self::Renames => "more-renames",
        }
    }

    /// Whether a button asks for more rows.
    pub(super) fn asked_for_by(verb: &str) -> bool {
        Self::ALL.iter().any(|rows| rows.more() == verb)
    }

    fn name(self, at: usize, field: &str) -> String {
        format!("{}.{at}.{field}", self.path())
    }

    /// The number of the row that a field is of.
    fn number(self, field: &str) -> Option<usize> {
        field.strip_prefix(self.path())?.strip_prefix('.')?.split_once('.')?.0.parse().ok()
    }

    /// Whether a row has the field, of so many rows.
    pub(super) fn has(self, field: &str, count: usize) -> bool {
        self.number(field).is_some_and(|number| number < count)
    }
}

/// The last field of a row.
const CASE: &str = "case_sensitive";

impl Typed {
    /// Puts rules as they stand into rows.
    pub(super) fn put_rows(&mut self, rows: Rows, rules: &[impl Serialize]) {
        for (at, rule) in rules.iter().enumerate() {
            let Ok(Value::Object(rule)) = serde_json::to_value(rule) else { continue };
            for (field, value) in rule {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                self.put(&rows.name(at, &field), text);
            }
        }
    }

    /// The numbers of the rows that say something.
    fn numbers(&self, rows: Rows) -> Vec<usize> {
        let first = rows.fields()[0];
        let mut numbers: Vec<usize> = self.names().filter_map(|name| rows.number(name)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.retain(|at| !self.value(&rows.name(*at, first)).is_empty());
        numbers
    }

    /// How many rows say something.
    pub(super) fn rows(&self, rows: Rows) -> usize {
        self.numbers(rows).len()
    }

    /// The same without rows that say nothing: each has the number that its rule has in the config.
    pub(super) fn closed_up(mut self) -> Self {
        for rows in Rows::ALL {
            for (to, from) in self.numbers(rows).into_iter().enumerate().filter(|(to, from)| to != from) {
                for field in rows.fields().iter().chain([&CASE]) {
                    let value = self.value(&rows.name(from, field)).to_owned();
                    self.put(&rows.name(to, field), value);
                    self.put(&rows.name(from, field), "");
                }
            }
        }
        self
    }

    /// The rules the rows say; `None` from a form that has none of their fields, and so says nothing of them.
    pub(super) fn rules(&self, rows: Rows) -> Option<Value> {
        self.names().find(|name| rows.number(name).is_some())?;
        let rule = |at: usize| {
            let field = |field: &str| self.value(&rows.name(at, field)).to_owned();
            let mut rule: Map<String, Value> =
                rows.fields().iter().map(|name| ((*name).to_owned(), json!(field(name)))).collect();
            rule.insert(CASE.to_owned(), json!(field(CASE) == "true"));
            Value::Object(rule)
        };
        Some(self.numbers(rows).into_iter().map(rule).collect())
    }
}

/// The rows of a kind, folded away while there are none.
pub(super) fn shown(view: &View<'_>, standing: &Standing, rows: Rows) -> Markup {
    let w = view.words;
    let (title, hint) = match rows {
        Rows::Exclusions => (w.exclusion_rows, w.exclusion_hint),
        Rows::Renames => (w.rename_rows, w.rename_hint),
    };
    let count = standing.typed.rows(rows);
    let more = standing.typed.verb() == rows.more();
    let wrong = standing.wrong.iter().any(|wrong| within(&wrong.field, rows.path()));
    html! {
        details.card.rows id=(rows.path().replace(['.', '_'], "-")) open[count > 0 || more || wrong] {
            summary { (title) @if count > 0 { " " small { (count) } } }
            p.quiet { (hint) }
            @for at in 0..count + if more { MORE } else { EMPTY } {
                div.row data-rows=(rows.path()) role="group" aria-label={ (title) " " (at + 1) } {
                    @for field in rows.fields() { (part(view, standing, &rows.name(at, field), field)) }
                    (check(standing, Field::new(&rows.name(at, CASE), w.case_counts), None))
                }
            }
            button id=(rows.more()) name="verb" value=(rows.more()) aria-label=((w.on)(w.more_rows, title)) { (w.more_rows) }
        }
    }
}

/// One field of a row.
fn part(view: &View<'_>, standing: &Standing, name: &str, field: &str) -> Markup {
    let w = view.words;
    let field_of = |label| Field::new(name, label);
    let targets = |known: &[FileRuleTarget]| -> Vec<(&str, &str)> {
        known.iter().map(|target| (target.as_str(), (w.rule_targets)(*target))).collect()
    };
    match field {
        "pattern" => text(view, standing, field_of(w.pattern)),
        "match_regex" => text(view, standing, field_of(w.match_regex)),
        "replace_string" => text(view, standing, field_of(w.replace_string)),
        "target" => choice(view, standing, field_of(w.rule_target), &targets(FileRuleTarget::ALL)),
        "target_scope" => {
            let scopes = targets(&[FileRuleTarget::Name, FileRuleTarget::Path]);
            choice(view, standing, field_of(w.rule_target), &scopes)
        }
        "item_type" => {
            let types = [FileItemType::Any, FileItemType::File, FileItemType::Folder];
            let types = types.map(|kind| (kind.as_str(), (w.item_types)(kind)));
            choice(view, standing, field_of(w.item_type), &types)
        }
        _ => {
            let modes: Vec<(&str, &str)> =
                FileMatchMode::ALL.iter().map(|mode| (mode.as_str(), (w.match_modes)(*mode))).collect();
            choice(view, standing, field_of(w.match_mode), &modes)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(fields: &[(&str, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (name, value) in fields {
            typed.put(name, value);
        }
        typed
    }

    #[test]
    fn rows_that_say_something_are_the_rules_in_their_order() {
        let typed = typed(&[
            ("filters.exclusions.10.pattern", "last"),
            ("filters.exclusions.0.pattern", ""),
            ("filters.exclusions.0.mode", "exact"),
            ("filters.exclusions.2.pattern", " a b"),
            ("filters.exclusions.2.target", "path"),
            ("filters.exclusions.2.item_type", "file"),
            ("filters.exclusions.2.mode", "regex"),
            ("filters.exclusions.2.case_sensitive", "true"),
        ])
        .closed_up();
        let rules = typed.rules(Rows::Exclusions).unwrap();
        assert_eq!(
            rules[0],
            json!({ "pattern": " a b", "target": "path", "item_type": "file", "mode": "regex", "case_sensitive": true })
        );
        assert_eq!((&rules[1]["pattern"], rules.as_array().unwrap().len()), (&json!("last"), 2));
        assert_eq!(typed.value("filters.exclusions.1.pattern"), "last", "a mistake's number is its row's");
        assert_eq!(typed.rules(Rows::Renames), None);
    }

    #[test]
    fn a_mistake_of_a_rule_has_a_field_and_one_of_all_has_none() {
        assert!(Rows::Renames.has("rename_rules.1.match_regex", 2));
        for none in
            ["rename_rules", "rename_rules.2.match_regex", "rename_rules.1", "filters.exclusions.1.pattern"]
        {
            assert!(!Rows::Renames.has(none, 2), "{none}");
        }
    }
}
