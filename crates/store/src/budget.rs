//! Daily budgets of upstreams and systems' small notes: what all processes share.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use crate::db::Result;
use crate::sql::Sql;
use crate::tx::args;
use crate::types::Spent;
use crate::{Reader, Store};

static OPEN: Sql = Sql::new(
    "INSERT INTO budget (upstream, day, used) VALUES ($1, $2, 0) ON CONFLICT (upstream, day) DO NOTHING",
);
static USED_LOCKED: Sql = Sql::new("SELECT used FROM budget WHERE upstream = $1 AND day = $2 FOR UPDATE");
static USE: Sql = Sql::new("UPDATE budget SET used = used + $3 WHERE upstream = $1 AND day = $2");
static USED: Sql = Sql::new("SELECT coalesce(max(used), 0) FROM budget WHERE upstream = $1 AND day = $2");
pub(crate) static PUT_NOTE: Sql = Sql::new(
    "INSERT INTO note (key, value, updated_at) VALUES ($1, $2, $3) \
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
);
static KEEP_NOTE: Sql =
    Sql::new("INSERT INTO note (key, value, updated_at) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING");
static SWAP_NOTE: Sql = Sql::new("UPDATE note SET value = $3, updated_at = $4 WHERE key = $1 AND value = $2");
static DROP_NOTE: Sql = Sql::new("DELETE FROM note WHERE key = $1");
pub(crate) static NOTE: Sql = Sql::new("SELECT value FROM note WHERE key = $1");

impl Store {
    /// Takes up to `wanted` from the upstream's budget of that day.
    ///
    /// # Errors
    /// The store failed.
    #[expect(clippy::too_many_arguments, reason = "each is a plain fact of the statement")]
    pub async fn spend(
        &self,
        upstream: &str,
        day: Date,
        wanted: u32,
        limit: u64,
        _now: Timestamp,
    ) -> Result<Spent> {
        let (upstream, day) = (upstream.to_owned(), day.to_string());
        self.write_tx("spending from a budget", move |tx| {
            let (upstream, day) = (upstream.clone(), day.clone());
            Box::pin(async move {
                let args = args![upstream.as_str(), day.as_str()];
                tx.run(&OPEN, &args).await?;
                let used = u64::try_from(tx.number(&USED_LOCKED, &args).await?).unwrap_or_default();
                let left = u32::try_from(limit.saturating_sub(used)).unwrap_or(u32::MAX);
                let granted = wanted.min(left);
                tx.run(&USE, &args![upstream, day, granted]).await?;
                Ok(Spent { granted, used: used + u64::from(granted) })
            })
        })
        .await
    }

    /// Gives back what was granted and not used.
    ///
    /// # Errors
    /// The store failed.
    pub async fn unspend(&self, upstream: &str, day: Date, unused: u32, _now: Timestamp) -> Result<()> {
        let args = Arc::new(args![upstream, day.to_string(), -i64::from(unused)]);
        self.write_tx("giving back to a budget", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.run(&USE, &*args).await.map(drop) })
        })
        .await
    }

    /// A small note of a system, shared by all processes (`stocks.blacklisted_until`). `None` removes it.
    ///
    /// # Errors
    /// The store failed.
    pub async fn put_note(&self, key: &str, value: Option<&Value>, now: Timestamp) -> Result<()> {
        let (sql, args) = match value {
            Some(value) => (&PUT_NOTE, args![key, value, now].to_vec()),
            None => (&DROP_NOTE, args![key].to_vec()),
        };
        let args = Arc::new(args);
        self.write_tx("keeping a note", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.run(sql, &args).await.map(drop) })
        })
        .await
    }

    /// Puts a note unless one is there, and answers the one that is there then: of several processes that do this at
    /// once, all get the same.
    ///
    /// # Errors
    /// The store failed.
    pub async fn keep_note(&self, key: &str, value: &Value, now: Timestamp) -> Result<Value> {
        let (put, key) = (Arc::new(args![key, value, now].to_vec()), Arc::new(args![key]));
        self.write_tx("keeping a note", move |tx| {
            let (put, key) = (Arc::clone(&put), Arc::clone(&key));
            Box::pin(async move {
                tx.run(&KEEP_NOTE, &put).await?;
                let mut row = tx.first(&NOTE, &*key).await?.expect("it was there or has just been put");
                row.json()
            })
        })
        .await
    }

    /// Puts `new` in the place of `old` (`None`: no note) in one step. False, and nothing done, when something else
    /// stands there by now.
    ///
    /// # Errors
    /// The store failed.
    pub async fn swap_note(
        &self,
        key: &str,
        old: Option<&Value>,
        new: &Value,
        now: Timestamp,
    ) -> Result<bool> {
        let (sql, args) = match old {
            Some(old) => (&SWAP_NOTE, args![key, old, new, now].to_vec()),
            None => (&KEEP_NOTE, args![key, new, now].to_vec()),
        };
        let args = Arc::new(args);
        self.write_tx("swapping a note", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { Ok(tx.run(sql, &args).await? == 1) })
        })
        .await
    }
}

impl Reader {
    /// What was used of a budget that day.
    ///
    /// # Errors
    /// The store failed.
    pub async fn spent(&self, upstream: &str, day: Date) -> Result<u64> {
        let args = Arc::new(args![upstream, day.to_string()]);
        self.read_tx("reading a budget", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { Ok(u64::try_from(tx.number(&USED, &*args).await?).unwrap_or_default()) })
        })
        .await
    }

    /// A system's small note.
    ///
    /// # Errors
    /// The store failed.
    pub async fn note(&self, key: &str) -> Result<Option<Value>> {
        let args = Arc::new(args![key]);
        self.read_tx("reading a note", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move { tx.first(&NOTE, &*args).await?.map(|mut row| row.json()).transpose() })
        })
        .await
    }
}
