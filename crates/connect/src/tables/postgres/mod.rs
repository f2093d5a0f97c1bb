//! The destination on PostgreSQL: a small pool, COPY into a stage, and as little written as there is to change.

mod cells;
mod commit;
mod copy;
mod ensure;

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, QueueMode, RecyclingMethod, Runtime,
};
use jiff::Timestamp;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

use self::cells::Bound;
use self::ensure::Shape;
use super::cell::Cell;
use super::ddl;
use super::error::TablesError;
use super::select::Select;
use super::sql::Dialect;
use super::table::Table;
use super::value::Value;

/// Connections: one for each partition written at the same time, and a few for reading.
const CONNECTIONS: usize = 8;

/// How long to wait for a free connection; longer means that something is stuck.
const WAIT: Duration = Duration::from_secs(30);

/// How long a server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(10);

/// How long a connection may be silent, with something unanswered, before it counts as cut.
const SILENCE: Duration = Duration::from_secs(30);

/// Plans are made per execution, because the stage is another one each time; a lock somebody forgot must not
/// hold a partition for ever; times are written and read in UTC.
const OPTIONS: &str = "-c plan_cache_mode=force_custom_plan -c jit=off -c lock_timeout=60s -c timezone=UTC \
                       -c client_min_messages=warning";

pub(crate) struct Postgres {
    pool: Pool,
    dialect: Dialect,
    schema: String,
    shapes: RwLock<HashMap<&'static str, Shape>>,
}

impl Postgres {
    pub(crate) async fn connect(url: &str, schema: &str) -> Result<Self, TablesError> {
        // The driver's own words about a bad address quote it, with its password.
        let mut config: Config = url.parse().map_err(|_| TablesError::Refused {
            tried: "reading the destination's address".to_owned(),
            why: "it is not of the form postgres://user:password@host:port/database".to_owned(),
        })?;
        let options = [config.get_options().unwrap_or_default(), OPTIONS].join(" ");
        config.options(options.trim());
        if config.get_application_name().is_none() {
            config.application_name("syncline");
        }
        config.connect_timeout(CONNECT).keepalives_idle(SILENCE).tcp_user_timeout(SILENCE);
        // A connection that was cut while idle is found out here and not by a partition: one round trip a use.
        let recycling_method = RecyclingMethod::Verified;
        let manager = Manager::from_config(config, NoTls, ManagerConfig { recycling_method });
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            // The connection used last knows its statements already.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(CONNECT))
            .build()
            .expect("a pool with a runtime can wait");
        let dialect = Dialect::Postgres { schema: schema.to_owned() };
        let postgres = Self { pool, dialect, schema: schema.to_owned(), shapes: RwLock::default() };
        postgres.ping().await?;
        Ok(postgres)
    }

    pub(crate) async fn ensure(&self, tables: &[&'static Table]) -> Result<(), TablesError> {
        let mut client = self.client("making tables ready").await?;
        let shapes = ensure::ensure(&mut client, &self.dialect, &self.schema, tables).await?;
        self.shapes.write().unwrap_or_else(PoisonError::into_inner).extend(shapes);
        Ok(())
    }

    pub(crate) async fn rows(&self, select: &Select) -> Result<Vec<Vec<Value>>, TablesError> {
        let tried = format!("reading `{}`", select.table.name);
        let query = self.dialect.select(select)?;
        let client = self.client(&tried).await?;
        cells::query(&client, &query).await.map_err(|error| failed(&tried, &error))
    }

    pub(crate) async fn holds(&self, table: &'static Table) -> Result<bool, TablesError> {
        let tried = "looking for a table";
        let client = self.client(tried).await?;
        let found = client
            .query_opt(
                "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')",
                &[&self.schema, &table.name],
            )
            .await;
        found.map(|row| row.is_some()).map_err(|error| failed(tried, &error))
    }

    pub(crate) async fn ping(&self) -> Result<(), TablesError> {
        let tried = "asking for an answer";
        let client = self.client(tried).await?;
        client.simple_query("SELECT 1").await.map(drop).map_err(|error| failed(tried, &error))
    }

    pub(crate) async fn forget_fences(&self, before: Timestamp) -> Result<u64, TablesError> {
        let tried = "forgetting old fences";
        let client = self.client(tried).await?;
        let before = Bound(Cell::Instant(before));
        client
            .execute(&ddl::forget_fences(&self.dialect), &[&before])
            .await
            .map_err(|error| failed(tried, &error))
    }

    async fn client(&self, tried: &str) -> Result<Object, TablesError> {
        self.pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => failed(tried, &error),
            PoolError::Timeout(_) => TablesError::Busy {
                tried: tried.to_owned(),
                why: "no connection became free in time".to_owned(),
            },
            error => TablesError::Lost { tried: tried.to_owned(), why: error.to_string() },
        })
    }

    /// What the table looks like in this database.
    fn shape(&self, table: &Table) -> Result<Shape, TablesError> {
        let shapes = self.shapes.read().unwrap_or_else(PoisonError::into_inner);
        shapes.get(table.name).cloned().ok_or_else(|| TablesError::Shape {
            table: table.name.to_owned(),
            why: "it was not made ready before it was written".to_owned(),
        })
    }
}

/// The error in this room's terms. Details are left out: they quote rows.
fn failed(tried: &str, error: &tokio_postgres::Error) -> TablesError {
    let tried = tried.to_owned();
    let Some(told) = error.as_db_error() else {
        let why = std::error::Error::source(error)
            .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
        // Values of ours that do not fit a statement of ours: no connection is to blame.
        if error.to_string().starts_with("error serializing")
            || error.to_string().starts_with("error deserializing")
        {
            return TablesError::Refused { tried, why };
        }
        return TablesError::Lost { tried, why };
    };
    let why = format!("{} ({})", told.message(), told.code().code());
    match told.code().code() {
        "53100" => TablesError::Full { tried, why },
        code if code.starts_with("08") || code.starts_with("57P") => TablesError::Lost { tried, why },
        code if code.starts_with("53")
            || code.starts_with("40")
            || ["55P03", "57014", "25006"].contains(&code) =>
        {
            TablesError::Busy { tried, why }
        }
        _ => TablesError::Refused { tried, why },
    }
}

fn is(error: &tokio_postgres::Error, state: &SqlState) -> bool {
    error.code() == Some(state)
}
