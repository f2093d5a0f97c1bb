//! Query strings.

/// The pairs of a query string, decoded.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a raw query string; what is not UTF-8 is replaced.
    pub(crate) fn of(raw: Option<&str>) -> Self {
        let pairs = raw.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                    let decoded = |text: &str| percent_decoded(&text.replace('+', " "));
                    (decoded(name), decoded(value))
                })
                .collect(),
        )
    }

    /// A parameter; the last one of that name.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// A filter; an empty one is none.
    pub(crate) fn filter(&self, name: &str) -> Option<&str> {
        self.text(name).filter(|text| !text.is_empty())
    }
}

/// A text without its percent escapes; what is not UTF-8 is replaced.
pub(crate) fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = |at: usize| after.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        rest = match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                &after[2..]
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
    fn the_last_of_two_values_counts_and_escapes_are_read() {
        let query = Query::of(Some("days=1&days=2&status=%E6%88%90+x&empty="));
        assert_eq!(query.text("days"), Some("2"));
        assert_eq!(query.text("status"), Some("成 x"));
        assert_eq!((query.text("empty"), query.filter("empty"), query.text("none")), (Some(""), None, None));
    }
}
