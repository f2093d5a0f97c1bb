//! Reading what a query asks of a table, and writing rows as JSON with all their digits.

use connect::tables::{Aggregate, Column, Destination, Filter, Order, Select, Table, Value};

use crate::api::page;
use crate::problem::Problem;

/// How far an order other than the key's can be paged into: each page reads over all rows before it.
const OFFSET_MAX: u32 = 100_000;

/// What a query asks of a table.
pub(crate) struct Reading {
    pub(crate) table: &'static Table,
    /// Columns of the answer, in order.
    pub(crate) columns: Vec<Column>,
    filters: Vec<Filter>,
    order: Option<(String, Order)>,
    cursor: Option<String>,
    limit: Option<u32>,
}

impl Reading {
    /// Reads the pairs of a query; unknown names are refused, so that a misspelt condition is not an empty one.
    pub(crate) fn parse(table: &'static Table, pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        let mut asked = Self {
            table,
            columns: table.all_columns(),
            filters: Vec::new(),
            order: None,
            cursor: None,
            limit: None,
        };
        for (name, text) in pairs {
            match name.as_str() {
                "where" => asked.filters.push(condition(table, &text)?),
                "columns" => asked.columns = columns(table, &text)?,
                "order" => asked.order = Some(order(table, &text)?),
                "cursor" => asked.cursor = Some(text),
                "limit" => {
                    let limit = text
                        .parse()
                        .map_err(|_| Problem::Parameter(format!("limit={text}: a number is allowed")))?;
                    asked.limit = Some(limit);
                }
                "lang" => {}
                _ => return Err(Problem::Parameter(format!("{name}: no such parameter here"))),
            }
        }
        Ok(asked)
    }

    /// The select, with the key's columns behind the ones of the answer, for the cursor.
    pub(crate) fn select(&self) -> Select {
        let names: Vec<&str> =
            self.columns.iter().map(|column| column.name).chain(self.table.key.iter().copied()).collect();
        let select = Select::from(self.table).columns(&names);
        self.filters.iter().cloned().fold(select, Select::filter)
    }

    /// The number of all rows that match.
    pub(crate) fn counting(&self) -> Select {
        let select = Select::from(self.table).aggregate(&[Aggregate::Count]);
        self.filters.iter().cloned().fold(select, Select::filter)
    }
}

/// A page of rows, and the cursor of the next one. Behind the columns of the answer a row has those of the key.
pub(crate) async fn rows(
    destination: &Destination,
    asked: &Reading,
) -> Result<(Vec<Vec<Value>>, Option<String>), Problem> {
    let limit = page::limit(asked.limit)?;
    let mut select = asked.select().limit(limit + 1);
    let mut offset = 0;
    if let Some((column, order)) = &asked.order {
        offset = page::cursor::<u32>(asked.cursor.as_deref())?.unwrap_or(0);
        if offset > OFFSET_MAX {
            return Err(Problem::Parameter(format!(
                "cursor={offset}: an order other than the key's goes {OFFSET_MAX} rows deep; add conditions, or export"
            )));
        }
        select = select.order(column, *order).offset(offset);
    } else if let Some(cursor) = asked.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        select = select.after(key_of(asked.table, cursor)?);
    }
    let mut rows = destination.rows(&select).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = match rows.last() {
        Some(_) if more && asked.order.is_some() => Some((offset + limit).to_string()),
        Some(last) if more => Some(cursor_of(&last[asked.columns.len()..])),
        _ => None,
    };
    Ok((rows, next))
}

/// The same as the body of an answer.
pub(crate) async fn page(destination: &Destination, asked: &Reading) -> Result<String, Problem> {
    let (rows, next) = rows(destination, asked).await?;
    let mut body = String::from("{\"rows\":[");
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            body.push(',');
        }
        write_object(&asked.columns, row, &mut body);
    }
    body.push_str("],\"next\":");
    body.push_str(&serde_json::Value::from(next).to_string());
    body.push('}');
    Ok(body)
}

/// A row as an object by column.
pub(crate) fn write_object(columns: &[Column], row: &[Value], out: &mut String) {
    out.push('{');
    for (place, (column, value)) in columns.iter().zip(row).enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push('"');
        out.push_str(column.name);
        out.push_str("\":");
        value.write_json(out);
    }
    out.push('}');
}

fn cursor_of(key: &[Value]) -> String {
    let texts: Vec<String> = key.iter().map(ToString::to_string).collect();
    serde_json::Value::from(texts).to_string()
}

fn key_of(table: &Table, cursor: &str) -> Result<Vec<Value>, Problem> {
    let wrong =
        || Problem::Parameter(format!("cursor={cursor}: give back `next` of the page before, as it was"));
    let texts: Vec<String> = serde_json::from_str(cursor).map_err(|_| wrong())?;
    if texts.len() != table.key.len() {
        return Err(wrong());
    }
    let value = |(name, text): (&&str, &String)| Value::parse(table.column(name)?.kind, text);
    table.key.iter().zip(&texts).map(value).collect::<Option<_>>().ok_or_else(wrong)
}

fn columns(table: &Table, text: &str) -> Result<Vec<Column>, Problem> {
    text.split(',').map(|name| column(table, name.trim())).collect()
}

fn column(table: &Table, name: &str) -> Result<Column, Problem> {
    table.column(name).ok_or_else(|| {
        let names: Vec<&str> = table.all_columns().iter().map(|column| column.name).collect();
        Problem::Parameter(format!("{name}: no column of {}; it has {}", table.name, names.join(", ")))
    })
}

fn order(table: &Table, text: &str) -> Result<(String, Order), Problem> {
    let (name, order) = text.strip_prefix('-').map_or((text, Order::Up), |name| (name, Order::Down));
    Ok((column(table, name)?.name.to_owned(), order))
}

/// `column:test:value`, or `column:null`, `column:notnull`.
fn condition(table: &Table, text: &str) -> Result<Filter, Problem> {
    let mut parts = text.splitn(3, ':');
    let name = parts.next().unwrap_or_default();
    let test = parts.next().unwrap_or_default();
    let column = column(table, name)?;
    match (test, parts.next()) {
        ("null", None) => return Ok(Filter::is_null(name)),
        ("notnull", None) => return Ok(Filter::not_null(name)),
        ("starts", Some(text)) => return Ok(Filter::starts_with(name, text)),
        ("contains", Some(text)) => return Ok(Filter::contains(name, text)),
        (_, Some(value)) => {
            let parsed = Value::parse(column.kind, value)
                .ok_or_else(|| Problem::Parameter(format!("where={text}: `{value}` does not fit {name}")))?;
            match test {
                "eq" => return Ok(Filter::eq(name, parsed)),
                "ne" => return Ok(Filter::not_eq(name, parsed)),
                "from" => return Ok(Filter::from(name, parsed)),
                "to" => return Ok(Filter::to(name, parsed)),
                "above" => return Ok(Filter::above(name, parsed)),
                "below" => return Ok(Filter::below(name, parsed)),
                _ => {}
            }
        }
        _ => {}
    }
    Err(Problem::Parameter(format!(
        "where={text}: expected column:test:value with eq, ne, from, to, above, below, starts or contains, or \
         column:null, column:notnull"
    )))
}
