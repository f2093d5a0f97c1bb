//! Query parameters, read as documented: whole numbers of any size, refused with the text that was sent.

use serde_json::{Value, json};

use super::error::{Trouble, Wrong};
use super::json::Json;
use crate::stocks::labels;

/// The pairs of a query string, decoded.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a raw query string; what is not UTF-8 is replaced.
    pub(super) fn of(raw: Option<&str>) -> Self {
        let pairs = raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decoded(name), decoded(value))
                })
                .collect(),
        )
    }

    /// A parameter; the last one of that name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// A filter; an empty one is none.
    pub(super) fn filter(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// `days` or `days_back`: 30 unless said, 1 to 365.
    pub(super) fn days(&self, name: &'static str) -> Result<i64, Trouble> {
        let days = match self.text(name) {
            None => 30,
            Some(text) => whole(text).ok_or_else(|| Trouble::Unprocessable(vec![no_number(name, text)]))?,
        };
        if (1..=365).contains(&days) { Ok(days) } else { Err(Trouble::Bad(labels::BAD_DAYS)) }
    }

    /// `page` and `page_size`; both are looked at before either is refused.
    pub(super) fn page(&self) -> Result<(i64, i64), Trouble> {
        let mut wrong = Vec::new();
        let page = self.number("page", 1, None, &mut wrong);
        let size = self.number("page_size", 50, Some(100), &mut wrong);
        if wrong.is_empty() { Ok((page, size)) } else { Err(Trouble::Unprocessable(wrong)) }
    }

    fn number(&self, name: &'static str, unless: i64, most: Option<i64>, wrong: &mut Vec<Wrong>) -> i64 {
        let Some(text) = self.text(name) else { return unless };
        let loc = || vec![json!("query"), json!(name)];
        let input = || Json::Text(text.to_owned());
        let Some(number) = whole(text) else {
            wrong.push(no_number(name, text));
            return unless;
        };
        if number < 1 {
            let msg = "Input should be greater than or equal to 1";
            wrong.push(Wrong::new("greater_than_equal", loc(), msg, input()).with(json!({ "ge": 1 })));
        }
        if let Some(most) = most.filter(|most| number > *most) {
            let msg = format!("Input should be less than or equal to {most}");
            wrong.push(Wrong::new("less_than_equal", loc(), &msg, input()).with(json!({ "le": most })));
        }
        number
    }
}

fn no_number(name: &'static str, text: &str) -> Wrong {
    let loc: Vec<Value> = vec![json!("query"), json!(name)];
    let msg = "Input should be a valid integer, unable to parse string as an integer";
    Wrong::new("int_parsing", loc, msg, Json::Text(text.to_owned()))
}

/// A whole number as text, with a sign or a fraction of zeros; one beyond 64 bits is the largest there is.
fn whole(text: &str) -> Option<i64> {
    let text = text.trim();
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let digits = match digits.split_once('.') {
        Some((whole, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => whole,
        Some(_) => return None,
        None => digits,
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX);
    Some(if negative { -size } else { size })
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        rest = match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                &after[2..]
            }
            (b'+', ..) => {
                bytes.push(b' ');
                after
            }
            _ => {
                bytes.push(*first);
                after
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_have_the_documented_spellings() {
        for (text, number) in [("7", 7), ("+5", 5), ("1.0", 1), ("-3", -3), ("007", 7), (" 5", 5)] {
            assert_eq!(whole(text), Some(number), "{text}");
        }
        assert_eq!(whole("99999999999999999999999"), Some(i64::MAX));
        for text in ["abc", "", "1.5", "1e3", "٣", "1.", "--1", "+"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_of_two_values_counts_and_escapes_are_read() {
        let query = Query::of(Some("days=1&days=2&status=%E6%88%90+x&empty="));
        assert_eq!(query.text("days"), Some("2"));
        assert_eq!(query.text("status"), Some("成 x"));
        assert_eq!((query.text("empty"), query.filter("empty"), query.text("none")), (Some(""), None, None));
    }
}
