//! Configs: made, changed, deleted, each with its schedule and its secrets in one transaction.

use std::sync::Arc;

use jiff::Timestamp;
use model::file::{FileConfig, sync_of};
use model::id::RunId;

use super::types::{FileConfigDeleted, FileConfigRow, FileConfigWrite, FileEnd, SecretWrite};
use super::{FileSyncs, baseline, read, rows, schedule, told, upload};
use crate::Seal;
use crate::db::Result;
use crate::request::as_json;
use crate::sql::Sql;
use crate::tx::{Arg, DbError, Tx, args, wrong};

static INSERT: Sql = Sql::new(
    "INSERT INTO file_config (name, enabled, mode, source_service, target_service, config, created_at, updated_at, \
     idempotency_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8) ON CONFLICT DO NOTHING RETURNING id",
);
static KNOWN: Sql = Sql::new("SELECT id FROM file_config WHERE idempotency_key = $1");
static UPDATE: Sql = Sql::new(
    "UPDATE file_config SET name = $1, enabled = $2, mode = $3, source_service = $4, target_service = $5, \
     config = $6, updated_at = $7, schedule_cleared = schedule_cleared AND NOT $9 WHERE id = $8 \
     RETURNING schedule_cleared",
);
static ACTIVE: Sql = Sql::new("SELECT id FROM run WHERE sync = $1 AND state < 10 ORDER BY id LIMIT 1");
static DELETE: Sql = Sql::new("DELETE FROM file_config WHERE id = $1");
static SET_SECRET: Sql = Sql::new(
    "INSERT INTO secret (owner, name, sealed, updated_at) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (owner, name) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at",
);
static DROP_SECRET: Sql = Sql::new("DELETE FROM secret WHERE owner = $1 AND name = $2");
static DROP_SECRETS: Sql = Sql::new("DELETE FROM secret WHERE owner = $1");

impl FileSyncs {
    /// Makes a config; under a key that made one before, that one is answered as it is now.
    ///
    /// # Errors
    /// The store failed.
    pub async fn create_file_config(
        &self,
        write: FileConfigWrite,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<FileConfigRow> {
        let (write, seal, key) = (Arc::new(write), Arc::clone(&self.1), key.map(Arc::<str>::from));
        self.0
            .write_tx("making a config of files", move |tx| {
                let (write, seal, key) = (Arc::clone(&write), Arc::clone(&seal), key.clone());
                Box::pin(async move {
                    if let Some(known) = of_key(tx, key.as_deref()).await? {
                        return Ok(known);
                    }
                    let args = [&columns(&write.config, now)[..], &args![key.as_deref()]].concat();
                    let Some(mut row) = tx.first(&INSERT, &args).await? else {
                        // Of two that came at once the second waited for the first.
                        let known = of_key(tx, key.as_deref()).await?;
                        return known.ok_or_else(|| wrong("the config of a key", "none"));
                    };
                    stored(tx, row.int()?, (&write, false), &seal, now).await
                })
            })
            .await
    }

    /// Makes a config what is given, all of it. `None`: there is no such config.
    ///
    /// # Errors
    /// The store failed.
    pub async fn change_file_config(
        &self,
        id: i64,
        write: FileConfigWrite,
        now: Timestamp,
    ) -> Result<Option<FileConfigRow>> {
        let (write, seal) = (Arc::new(write), Arc::clone(&self.1));
        self.0
            .write_tx("changing a config of files", move |tx| {
                let (write, seal) = (Arc::clone(&write), Arc::clone(&seal));
                Box::pin(async move {
                    let Some(before) = read::config(tx, id).await? else { return Ok(None) };
                    if elsewhere(&before.config, &write.config) {
                        baseline::forget_all(tx, id).await?;
                    }
                    if before.config.target.elsewhere(&write.config.target) {
                        upload::forget_all(tx, id).await?;
                    }
                    let args = [&columns(&write.config, now)[..], &args![id, write.lift]].concat();
                    let Some(mut row) = tx.first(&UPDATE, &args).await? else { return Ok(None) };
                    let cleared = row.bool()?;
                    stored(tx, id, (&write, cleared), &seal, now).await.map(Some)
                })
            })
            .await
    }

    /// Deletes a config, unless a run of it has not ended. What is kept of its runs stays.
    ///
    /// # Errors
    /// The store failed.
    pub async fn delete_file_config(&self, id: i64, now: Timestamp) -> Result<FileConfigDeleted> {
        self.0
            .write_tx("deleting a config of files", move |tx| {
                Box::pin(async move {
                    if let Some(mut row) = tx.first(&ACTIVE, &args![sync_of(id).as_str()]).await? {
                        return Ok(FileConfigDeleted::Active(RunId(row.int()?)));
                    }
                    if tx.run(&DELETE, &args![id]).await? == 0 {
                        return Ok(FileConfigDeleted::Unknown);
                    }
                    for end in [FileEnd::Source, FileEnd::Target] {
                        tx.run(&DROP_SECRETS, &args![rows::owner(id, end)]).await?;
                    }
                    baseline::forget_all(tx, id).await?;
                    upload::forget_all(tx, id).await?;
                    crate::schedule::withdraw(tx, &schedule::name(id), now).await?;
                    told(tx, now).await?;
                    Ok(FileConfigDeleted::Deleted)
                })
            })
            .await
    }
}

/// The config that a key made before.
async fn of_key(tx: &mut Tx<'_>, key: Option<&str>) -> std::result::Result<Option<FileConfigRow>, DbError> {
    let Some(key) = key else { return Ok(None) };
    let Some(mut row) = tx.first(&KNOWN, &args![key]).await? else { return Ok(None) };
    read::config(tx, row.int()?).await
}

/// Whether files have other places from now on: what is remembered of them says nothing about those.
fn elsewhere(before: &FileConfig, now: &FileConfig) -> bool {
    before.source.elsewhere(&now.source)
        || before.target.elsewhere(&now.target)
        || before.rename_rules != now.rename_rules
}

fn columns(config: &FileConfig, now: Timestamp) -> [Arg; 7] {
    args![
        config.name.as_deref(),
        config.enabled,
        config.mode.code(),
        config.source.service.as_str(),
        config.target.service.as_str(),
        as_json(config),
        now
    ]
}

/// What follows from a config as it now stands, and the config read back.
async fn stored(
    tx: &mut Tx<'_>,
    id: i64,
    (write, cleared): (&FileConfigWrite, bool),
    seal: &Seal,
    now: Timestamp,
) -> std::result::Result<FileConfigRow, DbError> {
    for SecretWrite { end, name, secret } in &write.secrets {
        let owner = rows::owner(id, *end);
        match secret {
            Some(secret) => {
                let sealed = seal.seal(&owner, name, secret).map_err(|e| DbError::Failed(e.to_string()))?;
                tx.run(&SET_SECRET, &args![owner, name.as_str(), sealed, now]).await?;
            }
            None => {
                tx.run(&DROP_SECRET, &args![owner, name.as_str()]).await?;
            }
        }
    }
    // Why it has no schedule is asked where it is shown.
    let _ = schedule::follow(tx, id, &write.config, cleared, now).await?;
    told(tx, now).await?;
    read::config(tx, id).await?.ok_or_else(|| wrong("the config just stored", "none"))
}
