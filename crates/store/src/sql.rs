//! One SQL text for two databases: what differs between the dialects is written as a few marks and translated here.
//!
//! | mark | SQLite | PostgreSQL |
//! |---|---|---|
//! | `$1` | `?1` | `$1` |
//! | `FOR UPDATE`, `FOR UPDATE SKIP LOCKED` | nothing (one writer) | itself |
//! | `BATCH($1: id INT, name TEXT, on BOOL)` | rows out of a JSON array by `json_each` | by `jsonb_to_recordset` |
//! | `IN LIST_INT($1)`, `IN LIST_TEXT($1)` | the values of a JSON array | the same, as a typed array |
//!
//! A statement that needs more than that is written twice, with [`Sql::two`]; a test counts those.

use std::sync::OnceLock;

/// A statement, translated once for each database that runs it.
pub(crate) struct Sql {
    sqlite: &'static str,
    postgres: &'static str,
    sqlite_text: OnceLock<String>,
    postgres_text: OnceLock<String>,
}

impl Sql {
    /// One text with marks.
    pub(crate) const fn new(text: &'static str) -> Self {
        Self::two(text, text)
    }

    /// A text for each, where the marks do not reach.
    pub(crate) const fn two(sqlite: &'static str, postgres: &'static str) -> Self {
        Self { sqlite, postgres, sqlite_text: OnceLock::new(), postgres_text: OnceLock::new() }
    }

    pub(crate) fn sqlite(&self) -> &str {
        self.sqlite_text.get_or_init(|| {
            let text = self.sqlite.replace("FOR UPDATE SKIP LOCKED", "").replace("FOR UPDATE", "");
            expand(&text, Dialect::Sqlite).replace('$', "?")
        })
    }

    pub(crate) fn postgres(&self) -> &str {
        self.postgres_text.get_or_init(|| expand(self.postgres, Dialect::Postgres))
    }
}

#[derive(Clone, Copy)]
enum Dialect {
    Sqlite,
    Postgres,
}

fn expand(text: &str, dialect: Dialect) -> String {
    let text = expand_mark(text, "BATCH(", |inside| batch(inside, dialect));
    let list = |argument: &str, kind: &str| match dialect {
        Dialect::Sqlite => format!("IN (SELECT value FROM json_each({argument}))"),
        // An array is made once and looked up in an index; a subquery may be joined in any way.
        Dialect::Postgres => {
            format!(
                "= ANY (ARRAY(SELECT value::{kind} FROM jsonb_array_elements_text({argument}::text::jsonb)))"
            )
        }
    };
    let text = expand_mark(&text, "IN LIST_INT(", |argument| list(argument, "bigint"));
    expand_mark(&text, "IN LIST_TEXT(", |argument| list(argument, "text"))
}

fn expand_mark(text: &str, mark: &str, translate: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(mark) {
        let (inside, behind) = after.split_once(')').expect("a mark in a statement of ours is closed");
        out.push_str(before);
        out.push_str(&translate(inside));
        rest = behind;
    }
    out.push_str(rest);
    out
}

fn batch(inside: &str, dialect: Dialect) -> String {
    let (argument, columns) = inside.split_once(':').expect("a batch of ours names its columns");
    let columns = columns
        .split(',')
        .map(|column| column.trim().split_once(' ').expect("a column of a batch of ours has a type"));
    match dialect {
        Dialect::Sqlite => {
            let columns: Vec<String> =
                columns.map(|(name, _)| format!("value ->> '{name}' AS {name}")).collect();
            format!("(SELECT {} FROM json_each({argument}))", columns.join(", "))
        }
        Dialect::Postgres => {
            let first = columns.clone().next().expect("a batch of ours has a column").0;
            let columns: Vec<String> = columns
                .map(|(name, kind)| {
                    let kind = if kind == "INT" { "BIGINT" } else { kind };
                    format!("{name} {kind}")
                })
                .collect();
            // The condition always holds. The planner reckons with one row in two hundred, so that the batch drives
            // its join by lookups, whatever is known of the size of the table on the other side.
            format!(
                "(SELECT * FROM jsonb_to_recordset({argument}::text::jsonb) AS recordset({}) \
                 WHERE {first} IS NOT DISTINCT FROM {first})",
                columns.join(", ")
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sql;

    #[test]
    fn one_text_serves_both() {
        let sql = Sql::new(
            "UPDATE t SET a = x.a FROM BATCH($1: id INT, a TEXT) AS x WHERE t.id = x.id AND b IN LIST_INT($2) FOR UPDATE",
        );
        assert_eq!(
            sql.sqlite(),
            "UPDATE t SET a = x.a FROM (SELECT value ->> 'id' AS id, value ->> 'a' AS a FROM json_each(?1)) AS x \
             WHERE t.id = x.id AND b IN (SELECT value FROM json_each(?2)) "
        );
        assert_eq!(
            sql.postgres(),
            "UPDATE t SET a = x.a FROM (SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS recordset(id BIGINT, a TEXT) \
             WHERE id IS NOT DISTINCT FROM id) AS x WHERE t.id = x.id AND b = ANY (ARRAY(SELECT value::bigint FROM \
             jsonb_array_elements_text($2::text::jsonb))) FOR UPDATE"
        );
    }
}
