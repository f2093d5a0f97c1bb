//! Making and extending tables on SQLite.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params_from_iter};

use super::super::ddl;
use super::super::error::TablesError;
use super::super::sql::Dialect;
use super::super::table::Table;
use super::failed;

const DIALECT: Dialect = Dialect::Sqlite;

/// Makes what is missing, all or nothing.
pub(super) fn ensure(connection: &mut Connection, tables: &[&'static Table]) -> Result<(), TablesError> {
    let begin = |error| failed("making tables ready", &error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(begin)?;
    transaction.execute(&ddl::create_fences(&DIALECT), []).map_err(begin)?;
    for table in tables {
        ensure_table(&transaction, table)?;
    }
    transaction.commit().map_err(begin)
}

fn ensure_table(transaction: &Transaction<'_>, table: &'static Table) -> Result<(), TablesError> {
    let failed = |error: rusqlite::Error| failed(&format!("making table `{}` ready", table.name), &error);
    let kind: Option<String> = transaction
        .query_row("SELECT type FROM sqlite_schema WHERE name = ?1", [table.name], |row| row.get(0))
        .optional()
        .map_err(failed)?;
    match kind.as_deref() {
        None => {
            transaction.execute(&ddl::create(&DIALECT, table), []).map_err(failed)?;
        }
        Some("table") => {
            extend(transaction, table).map_err(failed)?;
            if !has_key(transaction, table).map_err(failed)? {
                transaction.execute(&ddl::create_key(&DIALECT, table), []).map_err(|error| {
                    let why = format!("its key cannot be made unique: {error}");
                    TablesError::Shape { table: table.name.to_owned(), why }
                })?;
            }
        }
        Some(other) => {
            let why = format!("there is a {other} of that name");
            return Err(TablesError::Shape { table: table.name.to_owned(), why });
        }
    }
    for index in ddl::create_indexes(&DIALECT, table) {
        transaction.execute(&index, []).map_err(failed)?;
    }
    Ok(())
}

/// Adds the columns that are missing.
fn extend(transaction: &Transaction<'_>, table: &'static Table) -> rusqlite::Result<()> {
    let mut columns = transaction.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let there: Vec<String> = columns.query_map([table.name], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let missing: Vec<_> = table
        .all_columns()
        .into_iter()
        .filter(|column| !there.iter().any(|name| name.eq_ignore_ascii_case(column.name)))
        .collect();
    for column in &missing {
        transaction.execute(&ddl::add_column(&DIALECT, table, column), [])?;
    }
    for column in missing {
        if let Some(backfill) = column.backfill {
            let (text, args) = ddl::fill_column(&DIALECT, table, &column, backfill);
            transaction.execute(&text, params_from_iter(args))?;
        }
    }
    Ok(())
}

/// Whether some unique index is over exactly the key's columns, in any order.
fn has_key(transaction: &Transaction<'_>, table: &'static Table) -> rusqlite::Result<bool> {
    let mut wanted: Vec<String> = table.key.iter().map(|name| (*name).to_owned()).collect();
    wanted.sort();
    let mut primary = transaction.prepare("SELECT name FROM pragma_table_info(?1) WHERE pk > 0")?;
    let mut found: Vec<String> =
        primary.query_map([table.name], |row| row.get(0))?.collect::<Result<_, _>>()?;
    found.sort();
    if found == wanted {
        return Ok(true);
    }
    let mut indexes =
        transaction.prepare("SELECT name FROM pragma_index_list(?1) WHERE \"unique\" = 1 AND partial = 0")?;
    let names: Vec<String> = indexes.query_map([table.name], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut columns = transaction.prepare("SELECT coalesce(name, '') FROM pragma_index_info(?1)")?;
    for name in names {
        let mut found: Vec<String> =
            columns.query_map([&name], |row| row.get(0))?.collect::<Result<_, _>>()?;
        found.sort();
        if found == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}
