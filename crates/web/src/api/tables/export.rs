//! A whole table as a file, read and sent page by page.

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use connect::tables::{Destination, Table, TablesError, Value};
use futures_util::stream::try_unfold;

use super::read::{Reading, write_object};
use crate::problem::Problem;

/// Rows read at once: some 300 KB of the widest table.
const PAGE_ROWS: u32 = 2_000;

/// How the file is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    JsonLines,
}

/// The answer. Its first page is read before it begins: a table that cannot be read is a problem, not an empty file.
/// A destination lost later cuts the file off, which the client sees as a broken transfer.
pub(super) async fn answer(
    destination: Destination,
    table: &'static Table,
    mut pairs: Vec<(String, String)>,
) -> Result<Response, Problem> {
    let place = pairs.iter().position(|(name, _)| name == "format");
    let format = match place.map(|place| pairs.remove(place).1).as_deref() {
        Some("csv") => Format::Csv,
        Some("jsonl") => Format::JsonLines,
        other => {
            let other = other.unwrap_or_default();
            return Err(Problem::Parameter(format!("format={other}: csv or jsonl is allowed")));
        }
    };
    let unfit = ["cursor", "limit", "order"];
    if let Some((name, _)) = pairs.iter().find(|(name, _)| unfit.contains(&name.as_str())) {
        return Err(Problem::Parameter(format!("{name}: an export has all rows in the order of the key")));
    }
    let mut pages = Pages {
        destination,
        reading: Reading::parse(table, pairs)?,
        format,
        after: None,
        more: true,
        ready: String::new(),
    };
    pages.head();
    pages.read().await?;
    let stream = try_unfold(pages, Pages::next);
    Ok(file(table.name, format, Body::from_stream(stream)))
}

fn file(name: &str, format: Format, body: Body) -> Response {
    let (ending, kind) = match format {
        Format::Csv => ("csv", "text/csv; charset=utf-8"),
        Format::JsonLines => ("jsonl", "application/jsonl; charset=utf-8"),
    };
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}.{ending}\""))
        .expect("a table's name has letters, digits and `_`");
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static(kind)), (header::CONTENT_DISPOSITION, disposition)];
    (headers, body).into_response()
}

struct Pages {
    destination: Destination,
    reading: Reading,
    format: Format,
    /// The key of the last row read.
    after: Option<Vec<Value>>,
    more: bool,
    ready: String,
}

impl Pages {
    async fn next(mut self) -> Result<Option<(String, Self)>, TablesError> {
        if self.ready.is_empty() && self.more {
            self.read().await?;
        }
        let ready = std::mem::take(&mut self.ready);
        Ok(if ready.is_empty() { None } else { Some((ready, self)) })
    }

    fn head(&mut self) {
        if self.format == Format::Csv {
            let names: Vec<&str> = self.reading.columns.iter().map(|column| column.name).collect();
            self.ready.push_str(&names.join(","));
            self.ready.push_str("\r\n");
        }
    }

    async fn read(&mut self) -> Result<(), TablesError> {
        let mut select = self.reading.select().limit(PAGE_ROWS);
        if let Some(after) = self.after.take() {
            select = select.after(after);
        }
        let rows = self.destination.rows(&select).await?;
        self.more = rows.len() == PAGE_ROWS as usize;
        let width = self.reading.columns.len();
        for row in &rows {
            match self.format {
                Format::Csv => write_record(&row[..width], &mut self.ready),
                Format::JsonLines => {
                    write_object(&self.reading.columns, row, &mut self.ready);
                    self.ready.push('\n');
                }
            }
        }
        self.after = rows.into_iter().next_back().map(|mut row| row.split_off(width));
        Ok(())
    }
}

/// As RFC 4180 wants it. An empty value is an empty field; an empty text is a quoted one.
fn write_record(row: &[Value], out: &mut String) {
    for (place, value) in row.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        let text = value.to_string();
        if *value != Value::Null && (text.is_empty() || text.contains([',', '"', '\r', '\n'])) {
            out.push('"');
            out.push_str(&text.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&text);
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_quoted_when_it_must_be() {
        let mut out = String::new();
        let row =
            [Value::Int(1), Value::Null, "".into(), "a,b".into(), "he said \"no\"".into(), "平安".into()];
        write_record(&row, &mut out);
        assert_eq!(out, "1,,\"\",\"a,b\",\"he said \"\"no\"\"\",平安\r\n");
    }
}
