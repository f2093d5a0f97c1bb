//! Schedules of configs: made, moved and taken away with what the configs say.

use jiff::Timestamp;
use model::file::{FileConfig, FileUnscheduled, SCHEDULE_PREFIX};

use super::types::FilesRefreshed;
use super::{FileSyncs, read, rows, told};
use crate::db::Result;
use crate::schedule;
use crate::sql::Sql;
use crate::tx::{DbError, Tx, args};

static CLEAR: Sql = Sql::new("UPDATE file_config SET schedule_cleared = TRUE");
static LIFT: Sql = Sql::new("UPDATE file_config SET schedule_cleared = FALSE WHERE schedule_cleared");
static NAMES: Sql =
    Sql::new("SELECT name FROM schedule WHERE name >= 'sync_config_' AND name < 'sync_config`' ORDER BY id");

impl FileSyncs {
    /// Takes the schedules of all configs away, until each is changed or all are refreshed. Answers how many.
    ///
    /// # Errors
    /// The store failed.
    pub async fn clear_file_schedules(&self, now: Timestamp) -> Result<usize> {
        self.0
            .write_tx("clearing the schedules of files", move |tx| {
                Box::pin(async move {
                    tx.run(&CLEAR, &[]).await?;
                    let mut cleared = 0;
                    for name in names(tx).await? {
                        cleared += usize::from(schedule::withdraw(tx, &name, now).await?);
                    }
                    told(tx, now).await?;
                    Ok(cleared)
                })
            })
            .await
    }

    /// Reads all configs again and makes the schedules what they say, whatever became of them.
    ///
    /// # Errors
    /// The store failed; the schedules are as they were.
    pub async fn refresh_file_schedules(&self, now: Timestamp) -> Result<FilesRefreshed> {
        self.0
            .write_tx("refreshing the schedules of files", move |tx| {
                Box::pin(async move {
                    tx.run(&LIFT, &[]).await?;
                    let mut stray = names(tx).await?;
                    let mut refreshed = FilesRefreshed::default();
                    for row in tx.all(&read::ALL, &[]).await? {
                        let row = rows::config(row)?;
                        refreshed.total += 1;
                        match follow(tx, row.id, &row.config, false, now).await? {
                            Ok(name) => {
                                stray.retain(|known| *known != name);
                                refreshed.scheduled.push(row.id);
                            }
                            Err(FileUnscheduled::CronInvalid) => refreshed.wrong += 1,
                            Err(_) => refreshed.skipped += 1,
                        }
                    }
                    for name in stray {
                        schedule::withdraw(tx, &name, now).await?;
                    }
                    told(tx, now).await?;
                    Ok(refreshed)
                })
            })
            .await
    }
}

/// Makes the schedule what the config says: its name, or why there is none.
pub(super) async fn follow(
    tx: &mut Tx<'_>,
    id: i64,
    config: &FileConfig,
    cleared: bool,
    now: Timestamp,
) -> std::result::Result<std::result::Result<String, FileUnscheduled>, DbError> {
    match config.schedule(id, cleared, now) {
        Ok((spec, next)) => {
            schedule::set(tx, &spec, next, now).await?;
            Ok(Ok(spec.name))
        }
        Err(why) => {
            schedule::withdraw(tx, &name(id), now).await?;
            Ok(Err(why))
        }
    }
}

/// What a config's schedule is called.
pub(super) fn name(config: i64) -> String {
    format!("{SCHEDULE_PREFIX}{config}")
}

async fn names(tx: &mut Tx<'_>) -> std::result::Result<Vec<String>, DbError> {
    tx.all(&NAMES, &args![]).await?.into_iter().map(|mut row| row.text()).collect()
}
