//! Query parameters, read as documented: whole numbers of any size, refused with the text that was sent.

use serde_json::{Value, json};

use super::error::Trouble;
use crate::stocks::labels;
use crate::wire::{Bounds, Query, no_number, whole};

/// `days` or `days_back`: 30 unless said, 1 to 365.
pub(super) fn days(query: &Query, name: &'static str) -> Result<i64, Trouble> {
    let days = match query.text(name) {
        None => 30,
        Some(text) => {
            whole(text).ok_or_else(|| Trouble::Unprocessable(vec![no_number(in_query(name), text)]))?
        }
    };
    if (1..=365).contains(&days) { Ok(days) } else { Err(Trouble::Bad(labels::BAD_DAYS)) }
}

/// `page` and `page_size`; both are looked at before either is refused.
pub(super) fn page(query: &Query) -> Result<(i64, i64), Trouble> {
    let mut wrong = Vec::new();
    let mut number = |name, unless, bounds: Bounds| {
        let Some(text) = query.text(name) else { return unless };
        bounds.read(text, in_query(name), &mut wrong).unwrap_or(unless)
    };
    let page = number("page", 1, Bounds::from(1));
    let size = number("page_size", 50, Bounds::between(1, 100));
    if wrong.is_empty() { Ok((page, size)) } else { Err(Trouble::Unprocessable(wrong)) }
}

fn in_query(name: &'static str) -> Vec<Value> {
    vec![json!("query"), json!(name)]
}
