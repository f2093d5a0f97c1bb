//! The text of reads and conditions, in both dialects. Names come from a [`Table`], values are bound.

use std::fmt::Write as _;

use super::cell::Cell;
use super::error::TablesError;
use super::select::{Aggregate, Filter, Order, Select, Test};
use super::table::{Column, Kind, Need, Table};
use super::value::Value;

/// Values of one `any_of`: what SQLite can bind, with room for the others.
const IN_MAX: usize = 30_000;

/// Which database's words, and where its tables are.
#[derive(Clone, Debug)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres { schema: String },
}

/// A statement with its bound values.
#[derive(Debug, Default)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) args: Vec<Arg>,
}

/// A bound value; lists only on PostgreSQL.
#[derive(Debug)]
pub(crate) enum Arg {
    One(Value),
    Many(Vec<Value>),
}

/// A read and what its columns hold.
pub(crate) struct Query {
    pub(crate) statement: Statement,
    pub(crate) kinds: Vec<Kind>,
}

impl Dialect {
    /// The table's full name.
    pub(crate) fn table(&self, name: &str) -> String {
        match self {
            Self::Sqlite => quoted(name),
            Self::Postgres { schema } => format!("{}.{}", quoted(schema), quoted(name)),
        }
    }

    /// The place of the `n`th bound value (from 1), for a column of that kind.
    fn place(&self, n: usize, kind: Kind) -> String {
        match self {
            Self::Sqlite => format!("?{n}"),
            Self::Postgres { .. } => format!("${n}::{}", bound_type(kind)),
        }
    }

    /// The read as a statement.
    pub(crate) fn select(&self, select: &Select) -> Result<Query, TablesError> {
        let table = select.table;
        let mut shown = Vec::new();
        let mut kinds = Vec::new();
        let names: Vec<&str> = if select.columns.is_empty() && select.aggregates.is_empty() {
            table.all_columns().iter().map(|column| column.name).collect()
        } else {
            select.columns.iter().map(String::as_str).collect()
        };
        for name in &names {
            shown.push(quoted(name));
            kinds.push(find(table, name)?.kind);
        }
        for aggregate in &select.aggregates {
            let (text, kind) = self.aggregate(table, aggregate)?;
            shown.push(text);
            kinds.push(kind);
        }
        let mut statement = Statement::default();
        let _ = write!(statement.text, "SELECT {} FROM {}", shown.join(", "), self.table(table.name));
        self.conditions(&mut statement, table, &select.filters)?;
        if let Some(key) = &select.after {
            self.after(&mut statement, select, key)?;
        }
        if !select.aggregates.is_empty() && !names.is_empty() {
            let _ = write!(statement.text, " GROUP BY {}", shown[..names.len()].join(", "));
        }
        order(&mut statement.text, select)?;
        match (select.limit, self) {
            (Some(limit), _) => {
                let _ = write!(statement.text, " LIMIT {limit} OFFSET {}", select.offset);
            }
            (None, Self::Sqlite) if select.offset > 0 => {
                let _ = write!(statement.text, " LIMIT -1 OFFSET {}", select.offset);
            }
            (None, _) if select.offset > 0 => {
                let _ = write!(statement.text, " OFFSET {}", select.offset);
            }
            (None, _) => {}
        }
        Ok(Query { statement, kinds })
    }

    /// Appends ` WHERE …` for the filters, all of which must hold.
    pub(crate) fn conditions(
        &self,
        statement: &mut Statement,
        table: &'static Table,
        filters: &[Filter],
    ) -> Result<(), TablesError> {
        for (at, filter) in filters.iter().enumerate() {
            statement.text.push_str(if at == 0 { " WHERE " } else { " AND " });
            self.condition(statement, table, filter)?;
        }
        Ok(())
    }

    fn condition(
        &self,
        statement: &mut Statement,
        table: &'static Table,
        filter: &Filter,
    ) -> Result<(), TablesError> {
        let column = find(table, &filter.column)?;
        let name = quoted(column.name);
        let bind = |value: &Value, text: &mut Vec<Arg>| -> Result<String, TablesError> {
            fits(table, &column, value)?;
            text.push(Arg::One(value.clone()));
            Ok(self.place(text.len(), column.kind))
        };
        let args = &mut statement.args;
        let text = match &filter.test {
            Test::Eq(value) => format!("{name} = {}", bind(value, args)?),
            Test::NotEq(value) => format!("({name} <> {} OR {name} IS NULL)", bind(value, args)?),
            Test::From(value) => format!("{name} >= {}", bind(value, args)?),
            Test::To(value) => format!("{name} <= {}", bind(value, args)?),
            Test::Above(value) => format!("{name} > {}", bind(value, args)?),
            Test::Below(value) => format!("{name} < {}", bind(value, args)?),
            Test::IsNull => format!("{name} IS NULL"),
            Test::NotNull => format!("{name} IS NOT NULL"),
            Test::StartsWith(prefix) => {
                let place = bind(&Value::Text(prefix.clone()), args)?;
                match self {
                    Self::Sqlite => format!("substr({name}, 1, length({place})) = {place}"),
                    Self::Postgres { .. } => format!("starts_with({name}, {place})"),
                }
            }
            Test::Contains(part) => {
                let place = bind(&Value::Text(part.clone()), args)?;
                match self {
                    Self::Sqlite => format!("instr({name}, {place}) > 0"),
                    Self::Postgres { .. } => format!("strpos({name}, {place}) > 0"),
                }
            }
            Test::In(values) => self.any_of(statement, table, &column, values)?,
        };
        statement.text.push_str(&text);
        Ok(())
    }

    fn any_of(
        &self,
        statement: &mut Statement,
        table: &'static Table,
        column: &Column,
        values: &[Value],
    ) -> Result<String, TablesError> {
        if values.len() > IN_MAX {
            return Err(wrong(table, format!("{} values for `{}` are too many", values.len(), column.name)));
        }
        for value in values {
            fits(table, column, value)?;
        }
        let name = quoted(column.name);
        if values.is_empty() {
            return Ok("1 = 0".to_owned());
        }
        match self {
            Self::Sqlite => {
                let first = statement.args.len() + 1;
                let places: Vec<String> = (first..first + values.len()).map(|n| format!("?{n}")).collect();
                statement.args.extend(values.iter().cloned().map(Arg::One));
                Ok(format!("{name} IN ({})", places.join(", ")))
            }
            Self::Postgres { .. } => {
                statement.args.push(Arg::Many(values.to_vec()));
                Ok(format!("{name} = ANY (${}::{}[])", statement.args.len(), bound_type(column.kind)))
            }
        }
    }

    fn after(&self, statement: &mut Statement, select: &Select, key: &[Value]) -> Result<(), TablesError> {
        let table = select.table;
        if !select.order.is_empty() || !select.aggregates.is_empty() || select.offset > 0 {
            return Err(wrong(table, "rows after a key come in the order of the key".to_owned()));
        }
        if key.len() != table.key.len() {
            return Err(wrong(table, format!("its key has {} columns, not {}", table.key.len(), key.len())));
        }
        let mut places = Vec::new();
        for (name, value) in table.key.iter().zip(key) {
            let column = find(table, name)?;
            fits(table, &column, value)?;
            statement.args.push(Arg::One(value.clone()));
            places.push(self.place(statement.args.len(), column.kind));
        }
        let word = if select.filters.is_empty() { "WHERE" } else { "AND" };
        let _ = write!(statement.text, " {word} ({}) > ({})", list(table.key), places.join(", "));
        Ok(())
    }

    fn aggregate(&self, table: &'static Table, aggregate: &Aggregate) -> Result<(String, Kind), TablesError> {
        let (function, name) = match aggregate {
            Aggregate::Count => return Ok(("count(*)".to_owned(), Kind::Int64)),
            Aggregate::Min(name) => ("min", name),
            Aggregate::Max(name) => ("max", name),
            Aggregate::Sum(name) => ("sum", name),
        };
        let column = find(table, name)?;
        let text = format!("{function}({})", quoted(column.name));
        if function != "sum" {
            return Ok((text, column.kind));
        }
        match (column.kind, self) {
            (Kind::Int16 | Kind::Int32 | Kind::Int64, Self::Sqlite) => Ok((text, Kind::Int64)),
            (Kind::Int16 | Kind::Int32 | Kind::Int64, _) => Ok((format!("{text}::bigint"), Kind::Int64)),
            (Kind::Decimal { .. } | Kind::Real, _) => Ok((text, column.kind)),
            _ => Err(wrong(table, format!("`{name}` holds no numbers to add up"))),
        }
    }
}

fn order(text: &mut String, select: &Select) -> Result<(), TablesError> {
    let table = select.table;
    let default: Vec<(String, Order)> = if !select.aggregates.is_empty() {
        select.columns.iter().map(|name| (name.clone(), Order::Up)).collect()
    } else {
        table.key.iter().map(|name| ((*name).to_owned(), Order::Up)).collect()
    };
    let order = if select.order.is_empty() { &default } else { &select.order };
    for (at, (name, order)) in order.iter().enumerate() {
        let column = find(table, name)?;
        if !select.aggregates.is_empty() && !select.columns.contains(name) {
            return Err(wrong(table, format!("`{name}` is not among the columns grouped by")));
        }
        // Said only where it matters: with it, PostgreSQL does not read the order off an index.
        let nulls = match (column.need, order) {
            (Need::Required, _) => "",
            (Need::Optional, Order::Up) => " NULLS FIRST",
            (Need::Optional, Order::Down) => " NULLS LAST",
        };
        let way = if *order == Order::Up { "" } else { " DESC" };
        let _ =
            write!(text, "{}{}{way}{nulls}", if at == 0 { " ORDER BY " } else { ", " }, quoted(column.name));
    }
    Ok(())
}

/// The column of that name.
fn find(table: &'static Table, name: &str) -> Result<Column, TablesError> {
    table.column(name).ok_or_else(|| wrong(table, format!("it has no column `{name}`")))
}

fn wrong(table: &Table, why: String) -> TablesError {
    TablesError::Select { table: table.name.to_owned(), why }
}

fn fits(table: &Table, column: &Column, value: &Value) -> Result<(), TablesError> {
    let fits = match column.kind {
        Kind::Int16 | Kind::Int32 | Kind::Int64 => matches!(value, Value::Int(_)),
        Kind::Decimal { .. } => matches!(value, Value::Decimal(_)),
        Kind::Real => matches!(value, Value::Real(_)),
        Kind::Bool => matches!(value, Value::Bool(_)),
        Kind::Text { .. } | Kind::LongText => matches!(value, Value::Text(text) if !text.contains('\0')),
        Kind::Date => matches!(value, Value::Date(_)),
        Kind::Timestamp => matches!(value, Value::Timestamp(_)),
        Kind::Instant => matches!(value, Value::Instant(_)),
    };
    if fits { Ok(()) } else { Err(wrong(table, format!("`{}` is not compared with `{value}`", column.name))) }
}

/// The type a value is bound with on PostgreSQL: the widest of its sort, so that no bound value overflows.
fn bound_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Int16 | Kind::Int32 | Kind::Int64 => "bigint",
        Kind::Decimal { .. } => "numeric",
        Kind::Real => "double precision",
        Kind::Bool => "boolean",
        Kind::Text { .. } | Kind::LongText => "text",
        Kind::Date => "date",
        Kind::Timestamp => "timestamp",
        Kind::Instant => "timestamptz",
    }
}

/// The name between quotes. Names are checked to be plain; the quotes keep them from being words of SQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `"a", "b"`.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a &'a str>) -> String {
    prefixed("", names)
}

/// `t."a", t."b"` for the prefix `t.`.
pub(crate) fn prefixed<'a>(prefix: &str, names: impl IntoIterator<Item = &'a &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("{prefix}{}", quoted(name))).collect();
    names.join(", ")
}

impl Arg {
    /// The single value, as SQLite takes it.
    pub(crate) fn cell(&self) -> Cell<'_> {
        match self {
            Self::One(value) => value.into(),
            Self::Many(_) => unreachable!("lists are bound on PostgreSQL only"),
        }
    }
}
