//! A transaction on either database, with arguments and rows of our own.

use bytes::BytesMut;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::sql::Sql;
use crate::sqlite::Connection;

/// What an operation's body answers: boxed, because one body is run by two kinds of driver.
pub(crate) type Answer<'a, T> = BoxFuture<'a, Result<T, DbError>>;

/// A driver's error, reduced to what the callers tell apart.
#[derive(Clone, Debug)]
pub(crate) enum DbError {
    /// The connection is gone or could not be had.
    Lost(String),
    /// Another transaction was in the way (deadlock, serialization): the same again may succeed.
    Conflict(String),
    /// Anything else.
    Failed(String),
    /// A value over its bound.
    TooLarge { what: &'static str, size: usize, limit: usize },
}

/// What a transaction touched that somebody may wait for, and what it cost.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Touched {
    pub(crate) work: bool,
    pub(crate) events: bool,
    pub(crate) schedules: bool,
    pub(crate) cost: Cost,
}

/// What an operation asked of its database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Statements run.
    pub statements: u64,
    /// Rows they answered.
    pub rows: u64,
    /// Steps SQLite went: a few for each row it looked at, answered or not. None are known of PostgreSQL.
    pub steps: u64,
}

/// A transaction. On SQLite no await of it ever waits.
pub(crate) struct Tx<'t> {
    on: On<'t>,
    pub(crate) touched: Touched,
}

enum On<'t> {
    Sqlite(&'t mut Connection),
    Postgres(deadpool_postgres::Transaction<'t>),
}

/// An argument of a statement.
#[derive(Clone, Debug)]
pub(crate) enum Arg {
    Null,
    Int(i64),
    Bool(bool),
    Text(String),
}

/// A value of a row.
#[derive(Clone, Debug)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
}

/// A row, read from the first column to the last.
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl<'t> Tx<'t> {
    pub(crate) fn sqlite(connection: &'t mut Connection) -> Self {
        Self { on: On::Sqlite(connection), touched: Touched::default() }
    }

    pub(crate) fn postgres(transaction: deadpool_postgres::Transaction<'t>) -> Self {
        Self { on: On::Postgres(transaction), touched: Touched::default() }
    }

    /// Commits on PostgreSQL; SQLite's writer commits the whole group itself.
    pub(crate) async fn commit(self) -> Result<Touched, DbError> {
        if let On::Postgres(transaction) = self.on {
            transaction.commit().await?;
        }
        Ok(self.touched)
    }

    /// All rows of a statement.
    pub(crate) async fn all(&mut self, sql: &'static Sql, args: &[Arg]) -> Result<Vec<Row>, DbError> {
        let rows: Vec<Row> = match &mut self.on {
            On::Sqlite(connection) => {
                let (rows, steps) = connection.all(sql.sqlite(), args)?;
                self.touched.cost.steps += steps;
                rows
            }
            On::Postgres(transaction) => {
                let statement = transaction.prepare_cached(sql.postgres()).await?;
                let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|arg| arg as _).collect();
                let rows = transaction.query(&statement, &args).await?;
                rows.iter().map(Row::from_postgres).collect::<Result<_, _>>()?
            }
        };
        self.touched.cost.statements += 1;
        self.touched.cost.rows += rows.len() as u64;
        Ok(rows)
    }

    /// The first row, if there is one.
    pub(crate) async fn first(&mut self, sql: &'static Sql, args: &[Arg]) -> Result<Option<Row>, DbError> {
        Ok(self.all(sql, args).await?.into_iter().next())
    }

    /// The first column of the first row; for statements that always have one.
    pub(crate) async fn number(&mut self, sql: &'static Sql, args: &[Arg]) -> Result<i64, DbError> {
        let mut row = self.first(sql, args).await?.ok_or_else(|| DbError::Failed("no row".to_owned()))?;
        row.int()
    }

    /// Rows changed by a statement that returns none.
    pub(crate) async fn run(&mut self, sql: &'static Sql, args: &[Arg]) -> Result<u64, DbError> {
        self.touched.cost.statements += 1;
        match &mut self.on {
            On::Sqlite(connection) => connection.run(sql.sqlite(), args),
            On::Postgres(transaction) => {
                let statement = transaction.prepare_cached(sql.postgres()).await?;
                let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|arg| arg as _).collect();
                Ok(transaction.execute(&statement, &args).await?)
            }
        }
    }
}

impl Row {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    fn from_postgres(row: &tokio_postgres::Row) -> Result<Self, DbError> {
        let cells = (0..row.len()).map(|at| row.try_get::<_, Cell>(at)).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::new(cells))
    }

    fn cell(&mut self) -> Result<Cell, DbError> {
        self.0.next().ok_or_else(|| DbError::Failed("a row has fewer columns than are read".to_owned()))
    }

    pub(crate) fn int_or_null(&mut self) -> Result<Option<i64>, DbError> {
        match self.cell()? {
            Cell::Null => Ok(None),
            Cell::Int(value) => Ok(Some(value)),
            Cell::Text(text) => Err(wrong("a number", &text)),
        }
    }

    pub(crate) fn int(&mut self) -> Result<i64, DbError> {
        self.int_or_null()?.ok_or_else(|| wrong("a number", "NULL"))
    }

    pub(crate) fn bool(&mut self) -> Result<bool, DbError> {
        Ok(self.int()? != 0)
    }

    pub(crate) fn text_or_null(&mut self) -> Result<Option<String>, DbError> {
        match self.cell()? {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text)),
            Cell::Int(value) => Err(wrong("a text", &value.to_string())),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, DbError> {
        self.text_or_null()?.ok_or_else(|| wrong("a text", "NULL"))
    }

    pub(crate) fn instant_or_null(&mut self) -> Result<Option<Timestamp>, DbError> {
        let micros = self.int_or_null()?;
        micros
            .map(|micros| {
                Timestamp::from_microsecond(micros).map_err(|_| wrong("an instant", &micros.to_string()))
            })
            .transpose()
    }

    pub(crate) fn instant(&mut self) -> Result<Timestamp, DbError> {
        self.instant_or_null()?.ok_or_else(|| wrong("an instant", "NULL"))
    }

    pub(crate) fn json_or_null<T: DeserializeOwned>(&mut self) -> Result<Option<T>, DbError> {
        self.text_or_null()?
            .map(|text| serde_json::from_str(&text).map_err(|e| wrong(&format!("JSON ({e})"), &text)))
            .transpose()
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Result<T, DbError> {
        self.json_or_null()?.ok_or_else(|| wrong("JSON", "NULL"))
    }

    /// A stored code of a closed set.
    pub(crate) fn code<T>(&mut self, from_code: impl Fn(i16) -> Option<T>) -> Result<T, DbError> {
        let number = self.int()?;
        i16::try_from(number)
            .ok()
            .and_then(from_code)
            .ok_or_else(|| wrong("a known code", &number.to_string()))
    }
}

/// A stored value that this program would not have written.
pub(crate) fn wrong(expected: &str, found: &str) -> DbError {
    DbError::Failed(format!("expected {expected}, found `{found}`"))
}

impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<i16> for Arg {
    fn from(value: i16) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<u32> for Arg {
    fn from(value: u32) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<bool> for Arg {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Arg {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Timestamp> for Arg {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_microsecond())
    }
}

impl From<&Value> for Arg {
    fn from(value: &Value) -> Self {
        Self::Text(value.to_string())
    }
}

impl From<Value> for Arg {
    fn from(value: Value) -> Self {
        Self::from(&value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Arg {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Arguments of any kinds, in a line.
macro_rules! args {
    ($($arg:expr),* $(,)?) => { [$($crate::tx::Arg::from($arg)),*] };
}
pub(crate) use args;

impl ToSql for Arg {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql(kind, out),
            Self::Bool(value) => value.to_sql(kind, out),
            Self::Text(value) => value.to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::BOOL | Type::TEXT)
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        match *kind {
            Type::INT8 => i64::from_sql(kind, raw).map(Self::Int),
            Type::INT4 => i32::from_sql(kind, raw).map(|value| Self::Int(value.into())),
            Type::BOOL => bool::from_sql(kind, raw).map(|value| Self::Int(value.into())),
            _ => String::from_sql(kind, raw).map(Self::Text),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4 | Type::BOOL | Type::TEXT | Type::VARCHAR)
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(e: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(server) = e.as_db_error() else {
            return Self::Lost(chain(&e));
        };
        let reason = format!("{} ({})", server.message(), server.code().code());
        match *server.code() {
            SqlState::T_R_DEADLOCK_DETECTED
            | SqlState::T_R_SERIALIZATION_FAILURE
            | SqlState::UNIQUE_VIOLATION => Self::Conflict(reason),
            SqlState::ADMIN_SHUTDOWN
            | SqlState::CRASH_SHUTDOWN
            | SqlState::CANNOT_CONNECT_NOW
            | SqlState::TOO_MANY_CONNECTIONS
            | SqlState::IDLE_SESSION_TIMEOUT => Self::Lost(reason),
            _ => Self::Failed(reason),
        }
    }
}

impl From<deadpool_postgres::PoolError> for DbError {
    fn from(e: deadpool_postgres::PoolError) -> Self {
        match e {
            deadpool_postgres::PoolError::Backend(e) => Self::from(e),
            other => Self::Lost(other.to_string()),
        }
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(e: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match e.sqlite_error_code() {
            // A backup or a person's shell holds the file: the same again may succeed.
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Lost(e.to_string()),
            _ => Self::Failed(e.to_string()),
        }
    }
}

/// An error with its causes; the driver's own words name the host, never the credentials.
fn chain(e: &tokio_postgres::Error) -> String {
    let mut text = e.to_string();
    let mut cause = std::error::Error::source(e);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
