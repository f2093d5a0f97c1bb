//! PostgreSQL, the coordinator of several processes: a pool, and one connection that rings and listens.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, QueueMode, RecyclingMethod, Runtime};
use futures_util::future::poll_fn;
use tokio::sync::{mpsc, oneshot};
use tokio_postgres::{AsyncMessage, Config, IsolationLevel, NoTls};

use crate::ring::Bell;
use crate::tx::{Answer, DbError, Touched, Tx};
use crate::{StoreError, schema};

/// Connections of one process: more statements at once than this gain nothing on the machines we aim at.
const CONNECTIONS: usize = 12;

/// An operation that lost against another transaction is tried this often.
const TRIES: u32 = 8;

/// How long a connection may take to be made.
const CONNECT_MAX: Duration = Duration::from_secs(10);

/// A peer that acknowledges nothing for this long is gone: well inside a lease, so that its work can go on.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// How long an operation may take: the largest (a plan of 100,000 partitions on a slow disk) needs a few seconds.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// Rings of other processes are sent at most this often; a notification in each transaction would cap commits.
const RING_EVERY: Duration = Duration::from_millis(50);

/// How often a lost listening connection is made anew. Polls go on meanwhile.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

/// How every connection plans. Each statement is written for an index, and tables grow from nothing to a hundred
/// thousand rows before the server has counted them: planned by such counts, a statement reads the whole table for as
/// long as the connection lives. Planned anew each time, the claim plans longer than it runs.
const PLANNING: &str = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off \
     -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";

const NOTIFY: &str = "NOTIFY syncline";

/// See the module.
#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Pool,
    ring: mpsc::Sender<()>,
}

impl Postgres {
    /// Connects and migrates. Several processes may start at once.
    pub(crate) async fn open(url: &str, bell: Bell) -> Result<Self, StoreError> {
        let mut config: Config = url.parse().map_err(|e: tokio_postgres::Error| StoreError::Failed {
            tried: "reading the database URL",
            reason: e.to_string(),
        })?;
        let options = config.get_options().unwrap_or_default();
        // What is made only where it is missing is no news to a process that finds it.
        let ours = "-c search_path=syncline,public -c client_min_messages=warning";
        config.options(format!("{options} {ours} {PLANNING}").trim());
        if config.get_application_name().is_none() {
            config.application_name("syncline");
        }
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        bound_waits(&mut config);
        let manager = Manager::from_config(config.clone(), NoTls, recycling);
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            // The connection used last knows its statements already.
            .queue_mode(QueueMode::Lifo)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(ANSWER_MAX))
            .create_timeout(Some(CONNECT_MAX))
            .build()
            .map_err(|e| StoreError::Failed { tried: "making the connection pool", reason: e.to_string() })?;
        migrate(&pool).await.map_err(|e| e.into_store("migrating the state"))?;
        // One ring waiting to be sent stands for all that come meanwhile.
        let (ring, rung) = mpsc::channel(1);
        let (open, closed) = oneshot::channel();
        tokio::spawn(send_rings(pool.clone(), rung, open));
        tokio::spawn(listen(config, bell, closed));
        Ok(Self { pool, ring })
    }

    /// Tells other processes soon.
    pub(crate) fn ring(&self) {
        // Full: a ring is on its way already.
        let _ = self.ring.try_send(());
    }

    /// Runs an operation in a transaction, again when another was in its way.
    pub(crate) async fn write<T, F>(&self, operation: F) -> Result<(T, Touched), DbError>
    where
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Answer<'a, T>,
    {
        let mut tries = 0;
        loop {
            tries += 1;
            let once = async {
                let mut client = self.pool.get().await?;
                finished(client.transaction().await?, &operation).await
            };
            match bounded(once).await {
                Err(DbError::Conflict(_)) if tries < TRIES => {}
                result => return result,
            }
        }
    }

    /// Runs a body that only reads: all its statements see the state of one moment, as they do on SQLite.
    pub(crate) async fn read<T, F>(&self, operation: F) -> Result<(T, Touched), DbError>
    where
        F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Answer<'a, T>,
    {
        bounded(async {
            let mut client = self.pool.get().await?;
            let one_moment = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
            finished(one_moment.read_only(true).start().await?, &operation).await
        })
        .await
    }
}

/// Without a bound a server that stopped answering would stop its callers for good.
async fn bounded<T>(work: impl Future<Output = Result<T, DbError>>) -> Result<T, DbError> {
    match tokio::time::timeout(ANSWER_MAX, work).await {
        Ok(result) => result,
        Err(_) => Err(DbError::Lost(format!("no answer within {} seconds", ANSWER_MAX.as_secs()))),
    }
}

async fn finished<T, F>(
    transaction: deadpool_postgres::Transaction<'_>,
    operation: &F,
) -> Result<(T, Touched), DbError>
where
    F: for<'a, 't> Fn(&'a mut Tx<'t>) -> Answer<'a, T>,
{
    let mut tx = Tx::postgres(transaction);
    let value = operation(&mut tx).await?;
    Ok((value, tx.commit().await?))
}

/// A network that was cut says nothing: without these a connection would wait for it as long as the system likes.
fn bound_waits(config: &mut Config) {
    config.keepalives_idle(SILENCE_MAX).keepalives_interval(SILENCE_MAX / 4).keepalives_retries(4);
    config.tcp_user_timeout(SILENCE_MAX);
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_MAX);
    }
}

async fn migrate(pool: &Pool) -> Result<(), DbError> {
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    // One at a time; the others find it done.
    tx.batch_execute("SELECT pg_advisory_xact_lock(7308332045)").await?;
    tx.batch_execute(
        "CREATE SCHEMA IF NOT EXISTS syncline; CREATE TABLE IF NOT EXISTS syncline.migration (version BIGINT PRIMARY KEY)",
    )
    .await?;
    let row = tx.query_one("SELECT coalesce(max(version), 0) FROM syncline.migration", &[]).await?;
    let version: i64 = row.get(0);
    let steps = schema::postgres(version)?;
    if version < schema::newest() {
        tx.batch_execute(&steps).await?;
        tx.execute("INSERT INTO syncline.migration VALUES ($1)", &[&schema::newest()]).await?;
    }
    Ok(tx.commit().await?)
}

/// Tells other processes that something was touched. Ends with the store.
async fn send_rings(pool: Pool, mut rung: mpsc::Receiver<()>, _open: oneshot::Sender<()>) {
    let mut pace = tokio::time::interval(RING_EVERY);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while rung.recv().await.is_some() {
        pace.tick().await;
        let sent = async {
            let client = pool.get().await?;
            client.batch_execute(NOTIFY).await?;
            Ok::<_, DbError>(())
        };
        if let Err(e) = sent.await {
            tracing::debug!("other processes were not rung: {}", e.into_store("ringing"));
        }
    }
}

/// Hears the rings of other processes. Ends with the store.
async fn listen(config: Config, bell: Bell, mut closed: oneshot::Receiver<()>) {
    let mut again = tokio::time::interval(LISTEN_AGAIN);
    again.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        again.tick().await;
        tokio::select! {
            _ = &mut closed => return,
            heard = listen_once(&config, &bell) => if let Err(e) = heard {
                tracing::debug!("the listening connection was lost, polls go on: {e}");
            }
        }
    }
}

async fn listen_once(config: &Config, bell: &Bell) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = config.connect(NoTls).await?;
    let subscribe = client.batch_execute("LISTEN syncline");
    let hear = async {
        loop {
            match poll_fn(|cx| connection.poll_message(cx)).await {
                Some(Ok(AsyncMessage::Notification(_))) => bell.ring(Touched::all()),
                Some(Ok(_)) => {}
                Some(Err(e)) => return Err(e),
                None => return Ok(()),
            }
        }
    };
    let (subscribed, heard) = futures_util::future::join(subscribe, hear).await;
    subscribed.and(heard)
}
