//! Reading configs, their secrets, what is kept of their runs, and items.

use std::collections::HashMap;
use std::sync::Arc;

use model::file::run::{FileItem, FileItemStatus, FileOp, FileRun};
use model::file::{FileConfig, FileMode};
use model::id::RunId;
use model::state::RunState;
use serde_json::Value;

use super::types::{FileConfigFilter, FileConfigRow, FileEnd, FileItemFilter};
use super::{FileSyncs, rows};
use crate::db::Result;
use crate::request;
use crate::sql::Sql;
use crate::tasks::{Page, Paged};
use crate::tx::{DbError, Row, Tx, args};
use crate::{Reader, StoreError, like};

static BY_ID: Sql =
    Sql::new(concat!("SELECT ", rows::config_columns!(), rows::configs!(), " WHERE c.id = $1"));
/// What the filter's parts that are not asked for compare is the column itself.
macro_rules! filter {
    () => {
        " WHERE c.enabled = coalesce(CAST($1 AS BOOLEAN), c.enabled) AND c.mode = coalesce(CAST($2 AS BIGINT), c.mode) \
         AND (CAST($3 AS TEXT) IS NULL OR c.source_service = CAST($3 AS TEXT) OR c.target_service = CAST($3 AS TEXT)) \
         AND (CAST($4 AS TEXT) IS NULL OR lower(coalesce(c.name, '')) LIKE CAST($4 AS TEXT) ESCAPE '\\')"
    };
}
static COUNT: Sql = Sql::new(concat!("SELECT count(*) FROM file_config c", filter!()));
static LIST: Sql = Sql::new(concat!(
    "SELECT ",
    rows::config_columns!(),
    rows::configs!(),
    filter!(),
    " ORDER BY c.id DESC LIMIT $5 OFFSET $6"
));
static SECRETS: Sql = Sql::new("SELECT name, sealed FROM secret WHERE owner = $1 ORDER BY name");
static SECRET_NAMES: Sql =
    Sql::new("SELECT owner, name FROM secret WHERE owner IN LIST_TEXT($1) ORDER BY owner, name");
static KEPT: Sql = Sql::new(concat!(
    "SELECT f.run_id, ",
    rows::file_run_columns!(),
    rows::file_runs!(),
    " WHERE f.run_id IN LIST_INT($1)"
));
static RUN_OF_TASK: Sql = Sql::new("SELECT run_id FROM file_run WHERE task_id = $1");
macro_rules! runs {
    () => {
        " FROM file_run f JOIN run r ON r.id = f.run_id WHERE f.config_id = $1 \
         AND (CAST($2 AS BIGINT) = 0 OR r.state IN LIST_INT($3))"
    };
}
static RUN_COUNT: Sql = Sql::new(concat!("SELECT count(*)", runs!()));
static RUNS: Sql =
    Sql::new(concat!("SELECT f.run_id", runs!(), " ORDER BY f.run_id DESC LIMIT $4 OFFSET $5"));
static NEWEST: Sql =
    Sql::new("SELECT max(run_id) FROM file_run WHERE config_id IN LIST_INT($1) GROUP BY config_id");
static BEGUN_WITH: Sql = Sql::new("SELECT config FROM file_run WHERE run_id = $1");
static OF_BATCH: Sql = Sql::new("SELECT run_id FROM file_run WHERE batch_id = $1 ORDER BY config_id, run_id");
static ITEMS: Sql = Sql::new(
    "SELECT seq, op, src_path, dst_path, size, reason, status, error_type, error FROM file_item WHERE run_id = $1 \
     AND seq > $2 AND status = coalesce(CAST($3 AS BIGINT), status) AND op = coalesce(CAST($4 AS BIGINT), op) \
     ORDER BY seq LIMIT $5",
);
pub(super) static ALL: Sql =
    Sql::new(concat!("SELECT ", rows::config_columns!(), rows::configs!(), " ORDER BY c.id"));

impl FileSyncs {
    /// The secrets of one end of a config, by name, opened.
    ///
    /// # Errors
    /// The store failed, or another key sealed one of them.
    pub async fn file_secrets(&self, config: i64, end: FileEnd) -> Result<Vec<(String, String)>> {
        let tried = "reading secrets";
        let read = self.read();
        let sealed = read.read_tx(tried, move |tx| {
            Box::pin(async move {
                let rows = tx.all(&SECRETS, &args![rows::owner(config, end)]).await?;
                let pairs = rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?)));
                pairs.collect::<std::result::Result<Vec<(String, String)>, DbError>>()
            })
        });
        let owner = rows::owner(config, end);
        let open = |(name, sealed): (String, String)| match self.1.open(&owner, &name, &sealed) {
            Ok(secret) => Ok((name, secret)),
            Err(error) => Err(StoreError::Failed { tried, reason: error.to_string() }),
        };
        sealed.await?.into_iter().map(open).collect()
    }
}

impl Reader {
    /// A config by number.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_config(&self, id: i64) -> Result<Option<FileConfigRow>> {
        self.read_tx("reading a config of files", move |tx| Box::pin(config(tx, id))).await
    }

    /// Configs, the newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_configs(&self, filter: &FileConfigFilter, page: Page) -> Result<Paged<FileConfigRow>> {
        let filter = args![
            filter.enabled,
            filter.mode.map(FileMode::code),
            filter.service.as_deref(),
            like::pattern(filter.name.as_deref())
        ];
        let paged = Arc::new([&filter[..], &args![page.limit, page.offset]].concat());
        self.read_tx("listing configs of files", move |tx| {
            let paged = Arc::clone(&paged);
            Box::pin(async move {
                let total = tx.number(&COUNT, &paged[..4]).await?;
                let rows = tx.all(&LIST, &paged).await?;
                Ok(Paged { rows: with_secrets(tx, rows).await?, total })
            })
        })
        .await
    }

    /// All configs, ascending, without the names of their secrets: there are as many as people made.
    ///
    /// # Errors
    /// The store failed.
    pub async fn all_file_configs(&self) -> Result<Vec<FileConfigRow>> {
        self.read_tx("listing configs of files", |tx| {
            Box::pin(async move { tx.all(&ALL, &[]).await?.into_iter().map(rows::config).collect() })
        })
        .await
    }

    /// What is kept of a run.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_run(&self, run: RunId) -> Result<Option<FileRun>> {
        self.read_tx("reading a run of files", move |tx| {
            Box::pin(async move { Ok(runs_by_id(tx, vec![run.0]).await?.pop()) })
        })
        .await
    }

    /// The config a run goes by in all its tries: what it was at the first of them. `None` before that.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_config_of_run(&self, run: RunId) -> Result<Option<FileConfig>> {
        self.read_tx("reading the config of a run of files", move |tx| {
            Box::pin(async move {
                let row = tx.first(&BEGUN_WITH, &args![run.0]).await?;
                row.map_or(Ok(None), |mut row| row.json_or_null())
            })
        })
        .await
    }

    /// The same by the run's public name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_run_of_task(&self, task: &str) -> Result<Option<FileRun>> {
        let args = Arc::new(args![task]);
        self.read_tx("reading a run of files by its task", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                match tx.first(&RUN_OF_TASK, &*args).await? {
                    Some(row) => Ok(file_runs(tx, vec![row]).await?.pop()),
                    None => Ok(None),
                }
            })
        })
        .await
    }

    /// Runs of a config in one of these states (all, when none is named), the newest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_runs(&self, config: i64, states: &[RunState], page: Page) -> Result<Paged<FileRun>> {
        let codes: Vec<i16> = states.iter().map(|state| state.code()).collect();
        let filter = args![config, i64::try_from(codes.len()).unwrap_or(i64::MAX), Value::from(codes)];
        let paged = Arc::new([&filter[..], &args![page.limit, page.offset]].concat());
        self.read_tx("listing runs of files", move |tx| {
            let paged = Arc::clone(&paged);
            Box::pin(async move {
                let total = tx.number(&RUN_COUNT, &paged[..3]).await?;
                let rows = tx.all(&RUNS, &paged).await?;
                Ok(Paged { rows: file_runs(tx, rows).await?, total })
            })
        })
        .await
    }

    /// The newest run of each of these configs that has one.
    ///
    /// # Errors
    /// The store failed.
    pub async fn newest_file_runs(&self, configs: &[i64]) -> Result<Vec<FileRun>> {
        let args = Arc::new(args![Value::from(configs)]);
        self.read_tx("reading the newest runs of configs", move |tx| {
            let args = Arc::clone(&args);
            Box::pin(async move {
                let rows = tx.all(&NEWEST, &*args).await?;
                file_runs(tx, rows).await
            })
        })
        .await
    }

    /// The runs a batch asked for, by their configs.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_runs_of_batch(&self, batch: RunId) -> Result<Vec<FileRun>> {
        self.read_tx("listing the runs of a batch", move |tx| {
            Box::pin(async move {
                let rows = tx.all(&OF_BATCH, &args![batch.0]).await?;
                file_runs(tx, rows).await
            })
        })
        .await
    }

    /// Items of a run with their numbers, after the item of a number, in the order they were told.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_items(
        &self,
        run: RunId,
        filter: FileItemFilter,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, FileItem)>> {
        let (status, op) = (filter.status.map(FileItemStatus::code), filter.op.map(FileOp::code));
        self.read_tx("listing items of a run", move |tx| {
            Box::pin(async move {
                let rows = tx.all(&ITEMS, &args![run.0, after, status, op, limit]).await?;
                rows.into_iter().map(rows::item).collect()
            })
        })
        .await
    }
}

pub(super) async fn config(tx: &mut Tx<'_>, id: i64) -> std::result::Result<Option<FileConfigRow>, DbError> {
    let row = tx.first(&BY_ID, &args![id]).await?;
    Ok(with_secrets(tx, row.into_iter().collect()).await?.pop())
}

/// Configs with the names of their secrets, all of those in one statement.
async fn with_secrets(tx: &mut Tx<'_>, rows: Vec<Row>) -> std::result::Result<Vec<FileConfigRow>, DbError> {
    let mut configs = rows.into_iter().map(rows::config).collect::<std::result::Result<Vec<_>, _>>()?;
    let ends = [FileEnd::Source, FileEnd::Target];
    let owners = configs.iter().flat_map(|config| ends.map(|end| rows::owner(config.id, end)));
    let owners: Vec<String> = owners.collect();
    let mut names: HashMap<String, Vec<String>> = HashMap::new();
    for mut row in tx.all(&SECRET_NAMES, &args![Value::from(owners)]).await? {
        names.entry(row.text()?).or_default().push(row.text()?);
    }
    for config in &mut configs {
        for end in ends {
            let of_end = names.remove(&rows::owner(config.id, end)).unwrap_or_default();
            config.secrets.extend(of_end.into_iter().map(|name| (end, name)));
        }
    }
    Ok(configs)
}

/// Runs by rows that begin with their numbers, in that order.
async fn file_runs(tx: &mut Tx<'_>, rows: Vec<Row>) -> std::result::Result<Vec<FileRun>, DbError> {
    let ids = rows.into_iter().map(|mut row| row.int()).collect::<std::result::Result<Vec<i64>, _>>()?;
    runs_by_id(tx, ids).await
}

/// Runs by their numbers, in that order, in two statements.
async fn runs_by_id(tx: &mut Tx<'_>, ids: Vec<i64>) -> std::result::Result<Vec<FileRun>, DbError> {
    let wanted = args![Value::from(ids.clone())];
    let mut kept = HashMap::new();
    for mut row in tx.all(&KEPT, &wanted).await? {
        kept.insert(row.int()?, row);
    }
    let mut runs = HashMap::new();
    for row in tx.all(&request::BY_IDS, &wanted).await? {
        let run = crate::rows::run(row)?;
        runs.insert(run.id.0, run);
    }
    let both = ids.iter().filter_map(|id| kept.remove(id).zip(runs.remove(id)));
    both.map(|(row, run)| rows::file_run(row, run)).collect()
}
