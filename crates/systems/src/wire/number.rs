//! Whole numbers of paths, queries and bodies.

use serde_json::{Value, json};

use super::json::Json;
use super::wrong::Wrong;

/// What a number must lie between, both included.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// At least this.
    pub(crate) least: i64,
    /// At most this, where there is such a bound.
    pub(crate) most: Option<i64>,
}

impl Bounds {
    pub(crate) const fn between(least: i64, most: i64) -> Self {
        Self { least, most: Some(most) }
    }

    pub(crate) const fn from(least: i64) -> Self {
        Self { least, most: None }
    }

    /// The number; one that breaks a bound is added to what is wrong. `input` is the number as it was sent.
    pub(crate) fn hold(
        self,
        number: i64,
        loc: Vec<Value>,
        input: Json,
        wrong: &mut Vec<Wrong>,
    ) -> Option<i64> {
        let Self { least, most } = self;
        let (kind, word, bound, ctx) = if number < least {
            ("greater_than_equal", "greater", least, json!({ "ge": least }))
        } else if let Some(most) = most.filter(|most| number > *most) {
            ("less_than_equal", "less", most, json!({ "le": most }))
        } else {
            return Some(number);
        };
        let msg = format!("Input should be {word} than or equal to {bound}");
        wrong.push(Wrong::new(kind, loc, &msg, input).with(ctx));
        None
    }

    /// The number of a text; `None` is added to what is wrong.
    pub(crate) fn read(self, text: &str, loc: Vec<Value>, wrong: &mut Vec<Wrong>) -> Option<i64> {
        match whole(text) {
            Some(number) => self.hold(number, loc, Json::Text(text.to_owned()), wrong),
            None => {
                wrong.push(no_number(loc, text));
                None
            }
        }
    }
}

/// What is wrong with a text that is no whole number.
pub(crate) fn no_number(loc: Vec<Value>, text: &str) -> Wrong {
    let msg = "Input should be a valid integer, unable to parse string as an integer";
    Wrong::new("int_parsing", loc, msg, Json::Text(text.to_owned()))
}

/// A whole number as text, with a sign or a fraction of zeros; one beyond 64 bits is the largest there is.
pub(crate) fn whole(text: &str) -> Option<i64> {
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
}
