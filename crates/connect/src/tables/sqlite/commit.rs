//! One transaction on SQLite. The thread is the only writer, so what was looked up stays true until the commit.

use model::counts::ItemCounts;
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::super::batch::Batch;
use super::super::cell::Cell;
use super::super::ddl;
use super::super::destination::{Committed, Existing, Work, Write};
use super::super::error::TablesError;
use super::super::select::{Filter, Select};
use super::super::sql::{Dialect, Statement, list, quoted};
use super::super::table::Table;
use super::cells::{self, Bound, bind};
use super::failed;

const DIALECT: Dialect = Dialect::Sqlite;

/// Does all of `work` or nothing.
pub(super) fn commit(connection: &mut Connection, work: &Work) -> Result<Committed, TablesError> {
    let tried = |error| failed("committing rows", &error);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(tried)?;
    take_fence(&transaction, work)?;
    let mut committed = Committed::default();
    for write in &work.writes {
        let (table, written) = apply(&transaction, write, work)?;
        committed.push(table, written);
    }
    transaction.commit().map_err(tried)?;
    Ok(committed)
}

fn take_fence(transaction: &Transaction<'_>, work: &Work) -> Result<(), TablesError> {
    let (partition, fence) = (work.partition.0, work.fence.0);
    let noted = (|| {
        let mut statement = transaction.prepare_cached(&ddl::take_fence(&DIALECT))?;
        statement.execute((&*work.state, partition, fence, Bound(Cell::Instant(work.now))))
    })();
    match noted.map_err(|error| failed("noting the fence", &error))? {
        0 => Err(TablesError::Fenced { partition, fence }),
        _ => Ok(()),
    }
}

fn apply(
    transaction: &Transaction<'_>,
    write: &Write,
    work: &Work,
) -> Result<(&'static Table, ItemCounts), TablesError> {
    let table = write.table();
    let failed = |error: rusqlite::Error| failed(&format!("writing `{}`", table.name), &error);
    let written = match write {
        Write::Put(batch, existing) => put(transaction, batch, *existing, work).map_err(failed)?,
        Write::ReplaceSet(batch, scope) => {
            let written = put(transaction, batch, Existing::Change, work).map_err(failed)?;
            let deleted = delete_others(transaction, batch, scope)?;
            ItemCounts { deleted, ..written }
        }
        Write::Delete(table, scope) => {
            ItemCounts { deleted: delete(transaction, table, scope)?, ..ItemCounts::default() }
        }
    };
    Ok((table, written))
}

/// Tries each row as a new one; where its key is there, changes what is different, if it may.
fn put(
    transaction: &Transaction<'_>,
    batch: &Batch,
    existing: Existing,
    work: &Work,
) -> rusqlite::Result<ItemCounts> {
    let table = batch.table;
    let Some(update) = update_text(table, existing) else {
        return insert(transaction, batch, work);
    };
    let mut insert = transaction.prepare_cached(&insert_text(table))?;
    let mut update = transaction.prepare_cached(&update)?;
    bind_stamp(&mut insert, table, work)?;
    bind_stamp(&mut update, table, work)?;
    let mut written = ItemCounts::default();
    for at in 0..batch.len() {
        bind(&mut insert, batch.row(at))?;
        if insert.raw_execute()? > 0 {
            written.new += 1;
            continue;
        }
        bind(&mut update, batch.row(at))?;
        if update.raw_execute()? > 0 {
            written.updated += 1;
        } else {
            written.unchanged += 1;
        }
    }
    Ok(written)
}

fn insert(transaction: &Transaction<'_>, batch: &Batch, work: &Work) -> rusqlite::Result<ItemCounts> {
    let mut insert = transaction.prepare_cached(&insert_text(batch.table))?;
    bind_stamp(&mut insert, batch.table, work)?;
    let mut written = ItemCounts::default();
    for at in 0..batch.len() {
        bind(&mut insert, batch.row(at))?;
        if insert.raw_execute()? > 0 {
            written.new += 1;
        } else {
            written.unchanged += 1;
        }
    }
    Ok(written)
}

/// Binds the time, which stays bound for all rows.
fn bind_stamp(statement: &mut rusqlite::Statement<'_>, table: &Table, work: &Work) -> rusqlite::Result<()> {
    if table.stamp_names().is_empty() {
        return Ok(());
    }
    statement.raw_bind_parameter(table.columns.len() + 1, Bound(Cell::Instant(work.now)))
}

fn delete(
    transaction: &Transaction<'_>,
    table: &'static Table,
    scope: &[Filter],
) -> Result<i64, TablesError> {
    let mut statement = Statement { text: format!("DELETE FROM {}", quoted(table.name)), args: Vec::new() };
    DIALECT.conditions(&mut statement, table, scope)?;
    let deleted = (|| {
        let mut prepared = transaction.prepare(&statement.text)?;
        bind(&mut prepared, statement.args.iter().map(super::super::sql::Arg::cell))?;
        prepared.raw_execute()
    })();
    deleted
        .map(|rows| rows as i64)
        .map_err(|error| failed(&format!("deleting from `{}`", table.name), &error))
}

/// Deletes the rows within `scope` that are not in the batch.
fn delete_others(transaction: &Transaction<'_>, batch: &Batch, scope: &[Filter]) -> Result<i64, TablesError> {
    let table = batch.table;
    let mut select = Select::from(table).columns(table.key);
    select.filters = scope.to_vec();
    let there = cells::query(transaction, table.name, &DIALECT.select(&select)?)?;
    let failed = |error: rusqlite::Error| failed(&format!("deleting from `{}`", table.name), &error);
    let places: Vec<String> =
        table.key.iter().enumerate().map(|(at, name)| format!("{} = ?{}", quoted(name), at + 1)).collect();
    let text = format!("DELETE FROM {} WHERE {}", quoted(table.name), places.join(" AND "));
    let mut statement = transaction.prepare_cached(&text).map_err(failed)?;
    let mut deleted = 0;
    for key in there.iter().filter(|key| batch.find(key).is_none()) {
        bind(&mut statement, key.iter().map(Cell::from)).map_err(failed)?;
        deleted += statement.raw_execute().map_err(failed)? as i64;
    }
    Ok(deleted)
}

/// A row, its cells bound in order and the time after them; nothing where the key is there.
fn insert_text(table: &Table) -> String {
    let names: Vec<&str> =
        table.columns.iter().map(|column| column.name).chain(table.stamp_names().iter().copied()).collect();
    let width = table.columns.len();
    let places: Vec<String> = (1..=names.len()).map(|n| format!("?{}", n.min(width + 1))).collect();
    format!(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO NOTHING",
        quoted(table.name),
        list(&names),
        places.join(", "),
        list(table.key)
    )
}

/// Changes the row of that key where a value is different, bound as for [`insert_text`]. `None` when it stays, or
/// there is nothing but the key.
fn update_text(table: &Table, existing: Existing) -> Option<String> {
    let rest = table.rest_positions();
    if rest.is_empty() || existing == Existing::Keep {
        return None;
    }
    let each = |positions: &[usize], word: &str, between: &str| {
        let terms: Vec<String> = positions
            .iter()
            .map(|at| {
                let (name, n) = (quoted(table.columns[*at].name), at + 1);
                if existing == Existing::Complete && rest.contains(at) {
                    format!("{name} {word} coalesce(?{n}, {name})")
                } else {
                    format!("{name} {word} ?{n}")
                }
            })
            .collect();
        terms.join(between)
    };
    let stamp = if table.stamp_names().is_empty() {
        String::new()
    } else {
        format!(", \"updated_at\" = ?{}", table.columns.len() + 1)
    };
    Some(format!(
        "UPDATE {} SET {}{stamp} WHERE {} AND ({})",
        quoted(table.name),
        each(&rest, "=", ", "),
        each(&table.key_positions(), "=", " AND "),
        each(&rest, "IS NOT", " OR ")
    ))
}
