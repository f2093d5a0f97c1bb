//! A text cut into records of fields: commas, quotes, each record with the line it begins on.

/// A record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The line it begins on, from 1.
    pub(super) line: usize,
    /// Its fields, without their quotes.
    pub(super) fields: Vec<String>,
}

impl Record {
    /// A field without the blanks around it; empty where the record is too short.
    pub(super) fn field(&self, place: usize) -> &str {
        self.fields.get(place).map_or("", |field| field.trim())
    }

    /// Whether nothing is in it: an empty line, or only commas.
    pub(super) fn is_blank(&self) -> bool {
        self.fields.iter().all(|field| field.trim().is_empty())
    }
}

/// A quote that is never closed takes the rest of the text with it: nothing after it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclosed {
    /// The line the quote stands on.
    pub(super) line: usize,
}

/// The records of a text, blank ones left out. Lines end with LF, CR LF or CR.
pub(super) struct Records<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> Records<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { rest: text, line: 1 }
    }

    /// The next record, blank or not; `None` at the end.
    fn record(&mut self) -> Result<Option<Record>, Unclosed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let mut record = Record { line: self.line, fields: Vec::new() };
        loop {
            let field = self.field()?;
            record.fields.push(field);
            match self.take_one() {
                Some(',') => {}
                _ => return Ok(Some(record)),
            }
        }
    }

    /// A field up to, and without, what ends it. What follows a closing quote belongs to the field as it is.
    fn field(&mut self) -> Result<String, Unclosed> {
        let mut field = String::new();
        if self.rest.starts_with('"') {
            self.quoted(&mut field)?;
        }
        let end = self.rest.find([',', '\n', '\r']).unwrap_or(self.rest.len());
        field.push_str(&self.rest[..end]);
        self.rest = &self.rest[end..];
        Ok(field)
    }

    /// What stands between quotes; two of them are one.
    fn quoted(&mut self, field: &mut String) -> Result<(), Unclosed> {
        let opened = Unclosed { line: self.line };
        self.rest = &self.rest[1..];
        loop {
            let end = self.rest.find('"').ok_or(opened)?;
            let inside = &self.rest[..end];
            self.line += lines_in(inside);
            field.push_str(inside);
            self.rest = &self.rest[end + 1..];
            let Some(rest) = self.rest.strip_prefix('"') else { return Ok(()) };
            field.push('"');
            self.rest = rest;
        }
    }

    /// Takes what ended a field: a comma, or the end of a line as one sign.
    fn take_one(&mut self) -> Option<char> {
        let sign = self.rest.chars().next()?;
        let rest = self.rest.strip_prefix("\r\n").unwrap_or(&self.rest[sign.len_utf8()..]);
        self.rest = rest;
        self.line += usize::from(sign != ',');
        Some(sign)
    }
}

/// How many lines end in a text.
fn lines_in(text: &str) -> usize {
    text.matches('\n').count() + text.matches('\r').count() - text.matches("\r\n").count()
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Unclosed>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.record().transpose()? {
                Ok(record) if record.is_blank() => {}
                Ok(record) => return Some(Ok(record)),
                Err(unclosed) => {
                    self.rest = "";
                    return Some(Err(unclosed));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, Unclosed> {
        Records::of(text).map(|record| record.map(|record| (record.line, record.fields))).collect()
    }

    fn row(line: usize, fields: &[&str]) -> (usize, Vec<String>) {
        (line, fields.iter().map(|&field| field.to_owned()).collect())
    }

    #[test]
    fn fields_end_with_commas_and_records_with_any_end_of_line() {
        let rows = vec![row(1, &["a", "", "c"]), row(2, &["d"]), row(4, &["e", "f"]), row(5, &["g"])];
        assert_eq!(records("a,,c\nd\r\n\r\ne,f\rg"), Ok(rows));
        assert_eq!(records(""), Ok(Vec::new()));
        assert_eq!(records("a\n\n,,\n  \n"), Ok(vec![row(1, &["a"])]), "blank records are left out");
    }

    #[test]
    fn quotes_hold_commas_lines_and_themselves() {
        let rows = vec![row(1, &["a,b", "say \"yes\"", "two\r\nlines"]), row(3, &["", "x"])];
        assert_eq!(records("\"a,b\",\"say \"\"yes\"\"\",\"two\r\nlines\"\n\"\",x"), Ok(rows));
        assert_eq!(records("a \"b\" c,\"d\"e"), Ok(vec![row(1, &["a \"b\" c", "de"])]));
    }

    #[test]
    fn a_quote_that_is_never_closed_is_named_with_its_line() {
        assert_eq!(records("a,b\n\"c\nd\",\"e\nf\ng"), Err(Unclosed { line: 3 }));
        assert_eq!(Records::of("\"a").count(), 1, "nothing comes after it");
    }

    proptest::proptest! {
        #[test]
        fn any_fields_come_back_from_their_quotes(
            rows in proptest::collection::vec(proptest::collection::vec("[a,\"\r\n 中]{0,6}", 1..4), 0..6)
        ) {
            let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n";
            let text: String = rows.iter().map(line).collect();
            let read: Vec<Vec<String>> = Records::of(&text).map(|record| record.unwrap().fields).collect();
            let full = rows.into_iter().filter(|row| row.iter().any(|field| !field.trim().is_empty()));
            proptest::prop_assert_eq!(read, full.collect::<Vec<_>>());
        }

        #[test]
        fn any_text_ends(text in "[a,\"\r\n]{0,40}") {
            proptest::prop_assert!(Records::of(&text).count() <= text.len());
        }
    }
}
