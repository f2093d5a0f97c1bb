//! The text that makes and extends tables, in both dialects.

use super::sql::{Dialect, list, quoted};
use super::table::{Backfill, Column, Kind, Need, Surrogate, Table};

/// The table of fences.
pub(crate) const FENCES: &str = "_syncline_commit";

/// Makes the table of fences unless it is there.
pub(crate) fn create_fences(dialect: &Dialect) -> String {
    let instant = type_of(dialect, Kind::Instant);
    let (number, text) = (type_of(dialect, Kind::Int64), type_of(dialect, Kind::LongText));
    format!(
        "CREATE TABLE IF NOT EXISTS {} (\"state\" {text} NOT NULL, \"partition\" {number} NOT NULL, \
         \"fence\" {number} NOT NULL, \"committed_at\" {instant} NOT NULL, PRIMARY KEY (\"state\", \"partition\"))",
        dialect.table(FENCES)
    )
}

/// Notes a fence, or changes no row when a newer one is noted: state, partition, fence and the time are bound.
pub(crate) fn take_fence(dialect: &Dialect) -> String {
    let table = dialect.table(FENCES);
    let places = match dialect {
        Dialect::Sqlite => "?1, ?2, ?3, ?4",
        Dialect::Postgres { .. } => "$1::text, $2::bigint, $3::bigint, $4::timestamptz",
    };
    format!(
        "INSERT INTO {table} AS kept (\"state\", \"partition\", \"fence\", \"committed_at\") VALUES ({places}) \
         ON CONFLICT (\"state\", \"partition\") DO UPDATE \
         SET \"fence\" = excluded.\"fence\", \"committed_at\" = excluded.\"committed_at\" \
         WHERE kept.\"fence\" <= excluded.\"fence\""
    )
}

/// Forgets fences noted before the bound time.
pub(crate) fn forget_fences(dialect: &Dialect) -> String {
    let place = match dialect {
        Dialect::Sqlite => "?1",
        Dialect::Postgres { .. } => "$1::timestamptz",
    };
    format!("DELETE FROM {} WHERE \"committed_at\" < {place}", dialect.table(FENCES))
}

/// Makes a table that is not there.
pub(crate) fn create(dialect: &Dialect, table: &Table) -> String {
    let mut lines = Vec::new();
    let has_id = table.surrogate == Surrogate::Id;
    if has_id {
        lines.push(format!("\"id\" {} PRIMARY KEY", serial(dialect)));
    }
    for column in table.all_columns().iter().skip(usize::from(has_id)) {
        let stamp = table.stamp_names().contains(&column.name);
        let null = match (stamp, column.need) {
            // With a default, so that a row somebody adds by hand has its times too.
            (true, _) => " NOT NULL DEFAULT CURRENT_TIMESTAMP",
            (false, Need::Required) => " NOT NULL",
            (false, Need::Optional) => "",
        };
        lines.push(format!("{} {}{null}", quoted(column.name), column_type(dialect, column.kind)));
    }
    let references: Vec<String> = table
        .references
        .iter()
        .map(|to| {
            format!(
                "FOREIGN KEY ({}) REFERENCES {} ({})",
                list(to.columns),
                dialect.table(to.table),
                list(to.key)
            )
        })
        .collect();
    let word = if has_id { "UNIQUE" } else { "PRIMARY KEY" };
    lines.push(format!("{word} ({})", list(table.key)));
    lines.extend(references);
    // Without a number, SQLite keeps the rows in the key itself: one tree instead of two.
    let end = if matches!(dialect, Dialect::Sqlite) && !has_id { " WITHOUT ROWID" } else { "" };
    format!("CREATE TABLE {} (\n  {}\n){end}", dialect.table(table.name), lines.join(",\n  "))
}

/// The table's further indexes, unless they are there.
pub(crate) fn create_indexes(dialect: &Dialect, table: &Table) -> Vec<String> {
    let index = |columns: &&[&str]| {
        let name =
            quoted(&format!("{}_{}", table.name, columns.join("_")).chars().take(60).collect::<String>());
        format!("CREATE INDEX IF NOT EXISTS {name} ON {} ({})", dialect.table(table.name), list(*columns))
    };
    table.indexes.iter().map(index).collect()
}

/// The key as a unique index, for a table of somebody else's that has none.
pub(crate) fn create_key(dialect: &Dialect, table: &Table) -> String {
    let name = quoted(&format!("{}_key", table.name));
    format!("CREATE UNIQUE INDEX {name} ON {} ({})", dialect.table(table.name), list(table.key))
}

/// Adds a column to a table that is there: nullable, because its rows have no value yet.
pub(crate) fn add_column(dialect: &Dialect, table: &Table, column: &Column) -> String {
    let kind = column_type(dialect, column.kind);
    format!("ALTER TABLE {} ADD COLUMN {} {kind}", dialect.table(table.name), quoted(column.name))
}

/// Fills a column that was just added; what is to be bound comes in pairs, prefix and value.
pub(crate) fn fill_column(
    dialect: &Dialect,
    table: &Table,
    column: &Column,
    backfill: Backfill,
) -> (String, Vec<&'static str>) {
    let Backfill::PrefixMap { from, map } = backfill;
    let mut map = map.to_vec();
    map.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    let from = quoted(from);
    let mut cases = String::new();
    for at in 0..map.len() {
        let (prefix, value) = (2 * at + 1, 2 * at + 2);
        cases.push_str(&match dialect {
            Dialect::Sqlite => {
                format!(" WHEN substr({from}, 1, length(?{prefix})) = ?{prefix} THEN ?{value}")
            }
            Dialect::Postgres { .. } => {
                format!(" WHEN starts_with({from}, ${prefix}::text) THEN ${value}::text")
            }
        });
    }
    let name = quoted(column.name);
    let text =
        format!("UPDATE {} SET {name} = CASE{cases} END WHERE {name} IS NULL", dialect.table(table.name));
    (text, map.into_iter().flat_map(|(prefix, value)| [prefix, value]).collect())
}

fn serial(dialect: &Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "INTEGER",
        Dialect::Postgres { .. } => "BIGSERIAL",
    }
}

/// The type with its order: byte by byte on both databases (SQLite's default), which is also the faster one.
fn column_type(dialect: &Dialect, kind: Kind) -> String {
    let plain = type_of(dialect, kind);
    match (dialect, kind) {
        (Dialect::Postgres { .. }, Kind::Text { .. } | Kind::LongText) => format!("{plain} COLLATE \"C\""),
        _ => plain,
    }
}

/// The type's name.
pub(crate) fn type_of(dialect: &Dialect, kind: Kind) -> String {
    let (sqlite, postgres) = match kind {
        Kind::Int16 => ("INTEGER", "SMALLINT".to_owned()),
        Kind::Int32 => ("INTEGER", "INTEGER".to_owned()),
        Kind::Int64 => ("INTEGER", "BIGINT".to_owned()),
        Kind::Decimal { precision, scale } => ("NUMERIC", format!("NUMERIC({precision},{scale})")),
        Kind::Real => ("REAL", "DOUBLE PRECISION".to_owned()),
        Kind::Bool => ("INTEGER", "BOOLEAN".to_owned()),
        Kind::Text { max } => ("TEXT", format!("VARCHAR({max})")),
        Kind::LongText => ("TEXT", "TEXT".to_owned()),
        Kind::Date => ("TEXT", "DATE".to_owned()),
        Kind::Timestamp => ("TEXT", "TIMESTAMP".to_owned()),
        Kind::Instant => ("TEXT", "TIMESTAMPTZ".to_owned()),
    };
    if matches!(dialect, Dialect::Sqlite) { sqlite.to_owned() } else { postgres }
}
