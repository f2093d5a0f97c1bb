//! Values to and from SQLite: dates and times are text, decimals `NUMERIC`.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement, ToSql};

use super::super::cell::Cell;
use super::super::error::TablesError;
use super::super::numeric::{self, Numeric};
use super::super::sql::Query;
use super::super::table::Kind;
use super::super::value::{Value, civil_text, date_text, utc};
use super::failed;

/// A cell as SQLite takes it.
pub(super) struct Bound<'a>(pub(super) Cell<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Cell::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Cell::Int(value) => ToSqlOutput::Borrowed(ValueRef::Integer(value)),
            Cell::Real(value) => ToSqlOutput::Borrowed(ValueRef::Real(value)),
            Cell::Bool(value) => ToSqlOutput::Borrowed(ValueRef::Integer(value.into())),
            Cell::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Cell::Decimal(value) => match numeric::to_sqlite(value) {
                Some(Numeric::Int(value)) => ToSqlOutput::Borrowed(ValueRef::Integer(value)),
                Some(Numeric::Real(value)) => ToSqlOutput::Borrowed(ValueRef::Real(value)),
                None => {
                    let why = format!("SQLite does not keep all digits of {value}");
                    return Err(rusqlite::Error::ToSqlConversionFailure(why.into()));
                }
            },
            Cell::Date(value) => ToSqlOutput::Owned(date_text(value).into()),
            Cell::Timestamp(value) => ToSqlOutput::Owned(civil_text(value).into()),
            Cell::Instant(value) => ToSqlOutput::Owned(civil_text(utc(value)).into()),
        })
    }
}

/// Binds cells from the first place on.
pub(super) fn bind<'a>(
    statement: &mut Statement<'_>,
    cells: impl IntoIterator<Item = Cell<'a>>,
) -> rusqlite::Result<()> {
    for (at, cell) in cells.into_iter().enumerate() {
        statement.raw_bind_parameter(at + 1, Bound(cell))?;
    }
    Ok(())
}

/// The rows of a read of `table`.
pub(super) fn query(
    connection: &Connection,
    table: &str,
    query: &Query,
) -> Result<Vec<Vec<Value>>, TablesError> {
    let tried = format!("reading `{table}`");
    let mut all = Vec::new();
    let mut run = || -> rusqlite::Result<Option<(usize, String)>> {
        let mut statement = connection.prepare_cached(&query.statement.text)?;
        bind(&mut statement, query.statement.args.iter().map(super::super::sql::Arg::cell))?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            let mut values = Vec::with_capacity(query.kinds.len());
            for (at, kind) in query.kinds.iter().enumerate() {
                let raw = row.get_ref(at)?;
                match value(raw, *kind) {
                    Some(value) => values.push(value),
                    None => return Ok(Some((at, format!("{raw:?}")))),
                }
            }
            all.push(values);
        }
        Ok(None)
    };
    match run() {
        Ok(None) => Ok(all),
        Ok(Some((at, raw))) => {
            let why = format!("column {} holds {raw}, which is no {:?}", at + 1, query.kinds[at]);
            Err(TablesError::Refused { tried, why })
        }
        // Of a condition's value: what is asked for, not what is stored.
        Err(rusqlite::Error::ToSqlConversionFailure(why)) => {
            Err(TablesError::Select { table: table.to_owned(), why: why.to_string() })
        }
        Err(error) => Err(failed(&tried, &error)),
    }
}

/// What a column of that kind holds; `None` when it is nothing of the kind.
pub(super) fn value(raw: ValueRef<'_>, kind: Kind) -> Option<Value> {
    if raw == ValueRef::Null {
        return Some(Value::Null);
    }
    match (kind, raw) {
        (Kind::Int16 | Kind::Int32 | Kind::Int64, ValueRef::Integer(value)) => Some(Value::Int(value)),
        (Kind::Int16 | Kind::Int32 | Kind::Int64, ValueRef::Real(value)) if value.fract() == 0.0 => {
            Some(Value::Int(value as i64))
        }
        (Kind::Real, ValueRef::Real(value)) => Some(Value::Real(value)),
        (Kind::Real, ValueRef::Integer(value)) => Some(Value::Real(value as f64)),
        (Kind::Bool, ValueRef::Integer(value @ (0 | 1))) => Some(Value::Bool(value == 1)),
        (Kind::Decimal { scale, .. }, ValueRef::Integer(value)) => {
            Some(Value::Decimal(numeric::from_int(value, scale)))
        }
        (Kind::Decimal { scale, .. }, ValueRef::Real(value)) => {
            numeric::from_real(value, scale).map(Value::Decimal)
        }
        (_, ValueRef::Text(text)) => {
            let text = std::str::from_utf8(text).ok()?;
            // `2025-10-09 08:00:00.5+00` and the like, as other programs may have written.
            Value::parse(kind, text).or_else(|| Value::parse(kind, &format!("{text}Z")))
        }
        _ => None,
    }
}
