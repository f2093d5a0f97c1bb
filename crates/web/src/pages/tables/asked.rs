//! What the address of a table's page says.

use connect::tables::Table;
use engine::Rows;

use crate::pages::address::address;

/// Places to go back to that an address remembers; of a longer way the oldest are forgotten.
const TRAIL_MAX: usize = 40;

/// Conditions, order and place, as they came in; the API's reader parses them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Each as the API takes it: `column:test:value`.
    pub(super) wheres: Vec<String>,
    /// A column, `-` before it for largest first.
    pub(super) order: Option<String>,
    /// The cursors of the pages so far; the last is this page's. None on the first page.
    pub(super) trail: Vec<String>,
    /// The condition in the form, not a condition yet.
    pub(super) form: Condition,
}

/// A condition, in parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) column: String,
    pub(super) test: String,
    pub(super) value: String,
}

impl Condition {
    /// Of `column:test:value`, or of `column:test`.
    pub(super) fn of(text: &str) -> Self {
        let mut parts = text.splitn(3, ':').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        Self { column: next(), test: next(), value: next() }
    }

    fn is_complete(&self) -> bool {
        !self.column.is_empty() && (!self.value.is_empty() || self.asks_for_nothing_more())
    }

    fn asks_for_nothing_more(&self) -> bool {
        matches!(self.test.as_str(), "null" | "notnull")
    }

    fn text(&self) -> String {
        if self.asks_for_nothing_more() {
            return format!("{}:{}", self.column, self.test);
        }
        format!("{}:{}:{}", self.column, self.test, self.value)
    }
}

impl Asked {
    /// What was sent. A condition of the form joins the others; what nobody asks here is left out.
    pub(super) fn read(pairs: Vec<(String, String)>) -> Self {
        let mut asked = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "where" if !value.is_empty() => asked.wheres.push(value),
                "order" if !value.is_empty() => asked.order = Some(value),
                "cursor" if !value.is_empty() => asked.trail.push(value),
                "column" => asked.form.column = value,
                "test" => asked.form.test = value,
                "value" => value.trim().clone_into(&mut asked.form.value),
                _ => {}
            }
        }
        if asked.form.is_complete() {
            let text = asked.form.text();
            if !asked.wheres.contains(&text) {
                asked.wheres.push(text);
            }
            asked.trail.clear();
            asked.form.value.clear();
        }
        asked
    }

    /// As the API's reader takes it.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = self.conditions();
        pairs.extend(self.order.iter().map(|order| ("order".to_owned(), order.clone())));
        pairs.extend(self.trail.last().map(|cursor| ("cursor".to_owned(), cursor.clone())));
        pairs
    }

    /// What the conditions pin down.
    pub(super) fn rows(&self, table: &Table) -> Rows {
        let pinned = self.wheres.iter().map(|text| Condition::of(text)).filter(|one| one.test == "eq");
        let having = pinned.filter_map(|one| Some((table.column(&one.column)?.name, one.value)));
        Rows { table: table.name, having: having.collect() }
    }

    /// The conditions alone.
    pub(super) fn conditions(&self) -> Vec<(String, String)> {
        self.wheres.iter().map(|text| ("where".to_owned(), text.clone())).collect()
    }

    fn at(&self, table: &str) -> String {
        let wheres = self.wheres.iter().map(|text| ("where", text.as_str()));
        let order = self.order.iter().map(|order| ("order", order.as_str()));
        let trail = self.trail.iter().map(|cursor| ("cursor", cursor.as_str()));
        address(&format!("/tables/{table}"), wheres.chain(order).chain(trail))
    }

    /// The address of the next page, which begins at `cursor`.
    pub(super) fn next(&self, table: &str, cursor: &str) -> String {
        let mut other = self.clone();
        other.trail.push(cursor.to_owned());
        let forgotten = other.trail.len().saturating_sub(TRAIL_MAX);
        other.trail.drain(..forgotten);
        other.at(table)
    }

    /// The address of the page before.
    pub(super) fn back(&self, table: &str) -> String {
        let mut other = self.clone();
        other.trail.pop();
        other.at(table)
    }

    /// The address of the first page.
    pub(super) fn first(&self, table: &str) -> String {
        Self { trail: Vec::new(), ..self.clone() }.at(table)
    }

    /// The address without one of the conditions.
    pub(super) fn without(&self, table: &str, place: usize) -> String {
        let mut other = Self { trail: Vec::new(), ..self.clone() };
        other.wheres.remove(place);
        other.at(table)
    }

    /// The address in the order a click on a column's head asks for: up, then down, then the key's again.
    pub(super) fn turned(&self, table: &str, column: &str) -> String {
        let order = match self.direction(column) {
            None => Some(column.to_owned()),
            Some("ascending") => Some(format!("-{column}")),
            Some(_) => None,
        };
        Self { trail: Vec::new(), order, ..self.clone() }.at(table)
    }

    /// How the rows are ordered by a column, in the words of `aria-sort`.
    pub(super) fn direction(&self, column: &str) -> Option<&'static str> {
        let order = self.order.as_deref()?;
        match order.strip_prefix('-') {
            Some(name) => (name == column).then_some("descending"),
            None => (order == column).then_some("ascending"),
        }
    }

    /// The address of the rows as a file of that format.
    pub(super) fn export(&self, table: &str, format: &str) -> String {
        let wheres = self.wheres.iter().map(|text| ("where", text.as_str()));
        address(&format!("/api/v1/tables/{table}/export"), std::iter::once(("format", format)).chain(wheres))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Asked {
        Asked::read(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn the_form_joins_the_conditions_and_leads_to_the_first_page() {
        let asked = read(&[
            ("where", "day:from:2025-10-09"),
            ("cursor", "50"),
            ("column", "code"),
            ("test", "eq"),
            ("value", " 600000 "),
        ]);
        assert_eq!(asked.first("quote"), "/tables/quote?where=day:from:2025-10-09&where=code:eq:600000");
        assert_eq!(asked.trail.len(), 0);
        let without = read(&[("column", "name"), ("test", "null"), ("value", "")]);
        assert_eq!(without.wheres, ["name:null"]);
        assert_eq!(read(&[("column", "name"), ("test", "eq"), ("value", "")]).wheres.len(), 0);
    }

    #[test]
    fn every_page_leads_back_to_the_one_before() {
        let first = read(&[("order", "-price")]);
        let second = first.next("quote", "50");
        assert_eq!(second, "/tables/quote?order=-price&cursor=50");
        let third = read(&[("order", "-price"), ("cursor", "50"), ("cursor", "100")]);
        assert_eq!(third.back("quote"), second);
        assert_eq!(third.pairs().last().unwrap().1, "100");
        let mut far = first;
        for page in 1..1_000 {
            far.trail.push(page.to_string());
        }
        assert!(far.next("quote", "x").len() < 1_000);
    }

    #[test]
    fn a_head_turns_up_then_down_then_to_the_key() {
        let turned = |order: &str| read(&[("order", order)]).turned("quote", "price");
        assert_eq!(turned(""), "/tables/quote?order=price");
        assert_eq!(turned("price"), "/tables/quote?order=-price");
        assert_eq!(turned("-price"), "/tables/quote");
        assert_eq!(turned("code"), "/tables/quote?order=price");
    }
}
