//! Making and extending tables on PostgreSQL, and learning what they look like.

use std::collections::HashMap;

use deadpool_postgres::{Object, Transaction};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use super::super::ddl;
use super::super::error::TablesError;
use super::super::sql::{Dialect, quoted};
use super::super::table::{Kind, Table};
use super::{failed, is};

/// Held while tables are made, so that processes that start together do it one after the other.
const ENSURE_LOCK: &str = "SELECT pg_advisory_xact_lock(7963274, 1)";

const COLUMNS: &str = "SELECT c.relkind::text, a.attname::text, t.typname::text, format_type(a.atttypid, a.atttypmod), \
     CASE WHEN a.attcollation <> 0 THEN quote_ident(ns.nspname) || '.' || quote_ident(co.collname) END \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
     LEFT JOIN pg_type t ON t.oid = a.atttypid \
     LEFT JOIN pg_collation co ON co.oid = a.attcollation LEFT JOIN pg_namespace ns ON ns.oid = co.collnamespace \
     WHERE n.nspname = $1 AND c.relname = $2";

/// Whether some unique index is over exactly these columns, in any order.
const HAS_KEY: &str = "SELECT EXISTS (SELECT 1 FROM pg_index i \
     WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indisvalid \
     AND (SELECT array_agg(a.attname::text ORDER BY a.attname::text COLLATE \"C\") FROM pg_attribute a \
          WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])) = $2)";

/// What a table looks like in this database.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// Whether every column has exactly the type of its kind, so that rows may be copied straight into it.
    pub(super) exact: bool,
    /// The stage for its rows: `CREATE TEMP TABLE` with this table's collations, so that keys compare.
    pub(super) create_stage: String,
    /// The stage's name.
    pub(super) stage: String,
}

struct Found {
    name: String,
    kind: String,
    full_kind: String,
    collation: Option<String>,
}

/// Makes what is missing, all or nothing, and says what is there now.
pub(super) async fn ensure(
    client: &mut Object,
    dialect: &Dialect,
    schema: &str,
    tables: &[&'static Table],
) -> Result<HashMap<&'static str, Shape>, TablesError> {
    let begin = |error| failed("making tables ready", &error);
    let transaction = client.transaction().await.map_err(begin)?;
    transaction.execute(ENSURE_LOCK, &[]).await.map_err(begin)?;
    let there = transaction
        .query_opt("SELECT 1 FROM pg_namespace WHERE nspname = $1", &[&schema])
        .await
        .map_err(begin)?;
    if there.is_none() {
        transaction.execute(&format!("CREATE SCHEMA {}", quoted(schema)), &[]).await.map_err(begin)?;
    }
    transaction.execute(&ddl::create_fences(dialect), &[]).await.map_err(begin)?;
    let mut shapes = HashMap::new();
    for table in tables {
        shapes.insert(table.name, ensure_table(&transaction, dialect, schema, table).await?);
    }
    transaction.commit().await.map_err(begin)?;
    Ok(shapes)
}

async fn ensure_table(
    transaction: &Transaction<'_>,
    dialect: &Dialect,
    schema: &str,
    table: &'static Table,
) -> Result<Shape, TablesError> {
    let failed =
        |error: tokio_postgres::Error| failed(&format!("making table `{}` ready", table.name), &error);
    let mut found = columns(transaction, schema, table).await?;
    match &found {
        None => {
            transaction.execute(&ddl::create(dialect, table), &[]).await.map_err(failed)?;
        }
        Some(there) => {
            extend(transaction, dialect, table, there).await.map_err(failed)?;
            ensure_key(transaction, dialect, table).await?;
        }
    }
    for index in ddl::create_indexes(dialect, table) {
        transaction.execute(&index, &[]).await.map_err(failed)?;
    }
    if found.is_none() || found.as_ref().is_some_and(|there| there.len() < table.all_columns().len()) {
        found = columns(transaction, schema, table).await?;
    }
    shape(dialect, table, &found.unwrap_or_default())
}

/// The table's columns; `None` when there is no such table.
async fn columns(
    transaction: &Transaction<'_>,
    schema: &str,
    table: &Table,
) -> Result<Option<Vec<Found>>, TablesError> {
    let tried = format!("looking at table `{}`", table.name);
    let rows =
        transaction.query(COLUMNS, &[&schema, &table.name]).await.map_err(|error| failed(&tried, &error))?;
    if rows.is_empty() {
        return Ok(None);
    }
    let relation: String = rows[0].get(0);
    if relation != "r" && relation != "p" {
        let why = "there is something of that name that is no table".to_owned();
        return Err(TablesError::Shape { table: table.name.to_owned(), why });
    }
    let found = rows.iter().filter(|row| row.get::<_, Option<String>>(1).is_some()).map(|row| Found {
        name: row.get(1),
        kind: row.get(2),
        full_kind: row.get(3),
        collation: row.get(4),
    });
    Ok(Some(found.collect()))
}

async fn extend(
    transaction: &Transaction<'_>,
    dialect: &Dialect,
    table: &'static Table,
    there: &[Found],
) -> Result<(), tokio_postgres::Error> {
    let columns = table.all_columns();
    let missing: Vec<_> =
        columns.iter().filter(|column| !there.iter().any(|found| found.name == column.name)).collect();
    for column in &missing {
        transaction.execute(&ddl::add_column(dialect, table, column), &[]).await?;
    }
    for column in missing {
        if let Some(backfill) = column.backfill {
            let (text, args) = ddl::fill_column(dialect, table, column, backfill);
            let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|arg| arg as &(dyn ToSql + Sync)).collect();
            transaction.execute(&text, &args).await?;
        }
    }
    Ok(())
}

async fn ensure_key(
    transaction: &Transaction<'_>,
    dialect: &Dialect,
    table: &'static Table,
) -> Result<(), TablesError> {
    let tried = format!("looking at the key of `{}`", table.name);
    let mut wanted = table.key.to_vec();
    wanted.sort_unstable();
    let has_key: bool = transaction
        .query_one(HAS_KEY, &[&dialect.table(table.name), &wanted])
        .await
        .map_err(|error| failed(&tried, &error))?
        .get(0);
    if has_key {
        return Ok(());
    }
    transaction.execute(&ddl::create_key(dialect, table), &[]).await.map(drop).map_err(|error| {
        if is(&error, &SqlState::UNIQUE_VIOLATION) {
            let why = format!("several rows have the same {}", table.key.join(", "));
            TablesError::Shape { table: table.name.to_owned(), why }
        } else {
            failed(&tried, &error)
        }
    })
}

/// Whether the columns can hold such rows, and the stage that goes with them.
fn shape(dialect: &Dialect, table: &'static Table, found: &[Found]) -> Result<Shape, TablesError> {
    let mut exact = true;
    let mut stage_columns = Vec::new();
    for column in table.all_columns() {
        let Some(there) = found.iter().find(|found| found.name == column.name) else {
            let why = format!("the column `{}` is missing", column.name);
            return Err(TablesError::Shape { table: table.name.to_owned(), why });
        };
        let (same, alike) = types(column.kind);
        exact &= there.kind == same;
        if !alike.contains(&there.kind.as_str()) {
            let why = format!("the column `{}` is {}, not {:?}", column.name, there.full_kind, column.kind);
            return Err(TablesError::Shape { table: table.name.to_owned(), why });
        }
        if table.columns.iter().any(|own| own.name == column.name) {
            let collation =
                there.collation.as_ref().map_or_else(String::new, |name| format!(" COLLATE {name}"));
            let kind = ddl::type_of(dialect, column.kind);
            stage_columns.push(format!("{} {kind}{collation}", quoted(column.name)));
        }
    }
    let stage = format!("pg_temp.{}", quoted(&format!("_stage_{}", table.name)));
    let create_stage = format!(
        "CREATE TEMP TABLE IF NOT EXISTS {} ({}) ON COMMIT DELETE ROWS",
        quoted(&format!("_stage_{}", table.name)),
        stage_columns.join(", ")
    );
    Ok(Shape { exact, create_stage, stage })
}

/// PostgreSQL's name for a kind, and of the types that take its values by assignment and compare with it.
fn types(kind: Kind) -> (&'static str, &'static [&'static str]) {
    match kind {
        Kind::Int16 => ("int2", &["int2", "int4", "int8", "numeric"]),
        Kind::Int32 => ("int4", &["int2", "int4", "int8", "numeric"]),
        Kind::Int64 => ("int8", &["int2", "int4", "int8", "numeric"]),
        Kind::Decimal { .. } => ("numeric", &["numeric"]),
        Kind::Real => ("float8", &["float4", "float8"]),
        Kind::Bool => ("bool", &["bool"]),
        Kind::Text { .. } => ("varchar", &["varchar", "text", "bpchar"]),
        Kind::LongText => ("text", &["varchar", "text", "bpchar"]),
        Kind::Date => ("date", &["date"]),
        Kind::Timestamp => ("timestamp", &["timestamp", "timestamptz"]),
        Kind::Instant => ("timestamptz", &["timestamp", "timestamptz"]),
    }
}
