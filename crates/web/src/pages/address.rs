//! Addresses with a query, written from pairs.

use std::fmt::Write as _;

use engine::Rows;

/// `path?name=value&…`, with what has a meaning in an address percent-encoded; the path alone without pairs.
pub(crate) fn address<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut address = path.to_owned();
    for (place, (name, value)) in pairs.into_iter().enumerate() {
        address.push(if place == 0 { '?' } else { '&' });
        address.push_str(name);
        address.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b':' | b',' | b'/' => {
                    address.push(char::from(byte));
                }
                _ => write!(address, "%{byte:02X}").expect("a text takes any text"),
            }
        }
    }
    address
}

/// The page of rows of a table.
pub(crate) fn of_rows(rows: &Rows) -> String {
    let wheres: Vec<String> =
        rows.having.iter().map(|(column, value)| format!("{column}:eq:{value}")).collect();
    address(&format!("/tables/{}", rows.table), wheres.iter().map(|text| ("where", text.as_str())))
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn nothing_in_a_value_ends_it() {
        assert_eq!(address("/tables", []), "/tables");
        let pairs = [("where", "name:eq:平 & 100%+#?="), ("cursor", "[\"2025-10-09\"]")];
        assert_eq!(
            address("/tables/quote", pairs),
            "/tables/quote?where=name:eq:%E5%B9%B3%20%26%20100%25%2B%23%3F%3D&cursor=%5B%222025-10-09%22%5D"
        );
    }
}
