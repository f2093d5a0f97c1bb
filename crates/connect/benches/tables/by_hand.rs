//! The same writing by hand: `psql`, a text file, a temporary table, `ON CONFLICT DO UPDATE`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use connect::tables::{Column, Row};
use tokio_postgres::{Client, NoTls};

use crate::rows::{Bar, Change, Market};

pub(crate) struct ByHand {
    client: Client,
    url: String,
    folder: PathBuf,
    pub(crate) schema: String,
}

impl ByHand {
    /// Makes a schema with the table as it is usually made.
    pub(crate) async fn new(url: &str, folder: &Path) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let schema = format!("bench_{}", std::process::id());
        let table = "id BIGSERIAL PRIMARY KEY, stock_code VARCHAR(10) NOT NULL, exchange VARCHAR(2) NOT NULL, \
                     stock_name VARCHAR(50) NOT NULL, trade_date DATE NOT NULL, open_price DECIMAL(10,2), \
                     high_price DECIMAL(10,2), low_price DECIMAL(10,2), preclose DECIMAL(10,2), \
                     close_price DECIMAL(10,2) NOT NULL, volume BIGINT, amount DECIMAL(20,2), change_pct DECIMAL(10,2), \
                     turnover_rate DECIMAL(10,2), change_amount DECIMAL(10,2), amplitude DECIMAL(10,2), \
                     adjustflag SMALLINT, tradestatus SMALLINT, is_st SMALLINT, \
                     created_at TIMESTAMPTZ DEFAULT now(), updated_at TIMESTAMPTZ DEFAULT now(), \
                     UNIQUE (stock_code, trade_date)";
        client
            .batch_execute(&format!(
                "CREATE SCHEMA {schema}; SET search_path = {schema}; SET client_min_messages = warning; \
                 CREATE TABLE daily_stock_data ({table})"
            ))
            .await
            .unwrap();
        Self { client, url: url.to_owned(), folder: folder.to_owned(), schema }
    }

    /// Writes all days in one transaction; making the file is not counted.
    pub(crate) fn write(&self, market: &Market, change: Change) -> Duration {
        let file = self.folder.join("bars.txt");
        let mut text = String::new();
        for day in 0..market.days {
            for bar in market.day(day, change) {
                bar.write_text(&mut text);
            }
        }
        std::fs::write(&file, text).unwrap();
        let names: Vec<&str> = Bar::TABLE.columns.iter().map(|column: &Column| column.name).collect();
        let sets: Vec<String> = names
            .iter()
            .filter(|name| !Bar::TABLE.key.contains(*name))
            .map(|name| format!("{name} = excluded.{name}"))
            .collect();
        let names = names.join(", ");
        let script = format!(
            "SET search_path = {};\nBEGIN;\n\
             CREATE TEMP TABLE stage ON COMMIT DROP AS SELECT {names} FROM daily_stock_data WITH NO DATA;\n\
             \\copy stage FROM '{}'\n\
             INSERT INTO daily_stock_data ({names}) SELECT {names} FROM stage \
             ON CONFLICT (stock_code, trade_date) DO UPDATE SET {}, updated_at = now();\nCOMMIT;\n",
            self.schema,
            file.display(),
            sets.join(", ")
        );
        let path = self.folder.join("bars.sql");
        std::fs::write(&path, script).unwrap();
        let start = Instant::now();
        let status = Command::new("psql")
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"])
            .arg(&path)
            .arg(&self.url)
            .status()
            .expect("psql is installed");
        assert!(status.success());
        start.elapsed()
    }

    /// Lets the server put away what was written before.
    pub(crate) async fn settle(&self) {
        self.client.batch_execute("CHECKPOINT").await.unwrap();
    }

    /// Lets it clear away replaced rows as well: the next reader would do it, and log it.
    pub(crate) async fn vacuum(&self) {
        self.client.batch_execute("VACUUM daily_stock_data").await.unwrap();
        self.settle().await;
    }

    pub(crate) async fn drop_table(&self) {
        self.client.batch_execute("DROP TABLE daily_stock_data").await.unwrap();
        self.settle().await;
    }

    pub(crate) async fn drop_schema(&self) {
        self.client.batch_execute(&format!("DROP SCHEMA {} CASCADE", self.schema)).await.unwrap();
    }

    pub(crate) async fn log_position(&self) -> String {
        self.client.query_one("SELECT pg_current_wal_insert_lsn()::text", &[]).await.unwrap().get(0)
    }

    pub(crate) async fn log_since(&self, position: String) -> i64 {
        let text = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), $1::text::pg_lsn)::bigint";
        self.client.query_one(text, &[&position]).await.unwrap().get(0)
    }
}
