//! What people ask of this system. The documented routes, the native ones, the commands and the console ask here.

use std::collections::HashMap;

use engine::{Engine, Refused, RequestError, Requested, StoreError};
use jiff::Timestamp;
use model::file::run::{FileAsked, FileItem, FileRun};
use model::id::RunId;
use model::run::{Run, RunRequest, Trigger};
use model::state::RunState;
use serde_json::{Map, Value};
use store::{
    FileConfigDeleted, FileConfigFilter, FileConfigRow, FileConfigWrite, FileEnd, FileItemFilter,
    FilesRefreshed, Page, Paged, SecretWrite,
};

use super::plan::{Params, Wanted};
use super::service::StorageKind;
use super::shown::{Detail, Listed, RunSummary};
use super::wrong::Wrong;
use super::{Files, form, labels};

/// Why something that was asked for was not done. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// No config has that number.
    #[error("{}", labels::unknown(&.0.to_string()))]
    Unknown(i64),
    /// The config is disabled.
    #[error("{}", labels::disabled(*.0))]
    Disabled(i64),
    /// The config's end has passed.
    #[error("{}", labels::expired(*.0))]
    Expired(i64),
    /// A run of the config has not ended.
    #[error("运行 {0} 尚未结束")]
    Active(RunId),
    /// The config cannot be taken: all that is wrong with it.
    #[error("{}", .0.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message)).collect::<Vec<_>>().join("; "))]
    Wrong(Vec<Wrong>),
    /// The state failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine refused.
    #[error(transparent)]
    Request(RequestError),
}

impl From<RequestError> for FilesError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Store(error) => Self::Store(error),
            other => Self::Request(other),
        }
    }
}

/// A run that was asked for.
#[derive(Clone, Debug)]
pub struct Started {
    /// Its number.
    pub run: RunId,
    /// Its public name.
    pub task_id: String,
}

/// What became of a wish to delete a config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// It is gone.
    Done,
    /// Its run was told to stop; ask again when it has.
    Stopping(RunId),
}

type Result<T> = std::result::Result<T, FilesError>;

impl Files {
    /// Configs with their newest runs, the newest config first.
    ///
    /// # Errors
    /// The state failed.
    pub async fn configs(
        &self,
        filter: &FileConfigFilter,
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<Listed>> {
        let found = self.store.read().file_configs(filter, page).await?;
        let ids: Vec<i64> = found.rows.iter().map(|row| row.id).collect();
        let newest = self.store.read().newest_file_runs(&ids).await?;
        let mut newest: HashMap<_, _> =
            newest.into_iter().map(|kept| (kept.params.config, RunSummary::of(kept, now))).collect();
        let listed = |row: FileConfigRow| {
            let newest_run = newest.remove(&Some(row.id));
            Listed { config: Detail::of(row, now), newest_run }
        };
        Ok(Paged { rows: found.rows.into_iter().map(listed).collect(), total: found.total })
    }

    /// A config.
    ///
    /// # Errors
    /// There is none, or the state failed.
    pub async fn config(&self, id: i64, now: Timestamp) -> Result<Detail> {
        Ok(Detail::of(self.row(id).await?, now))
    }

    /// Makes a config and its schedule. A wish is known by its key, if it has one: what it made before is answered.
    ///
    /// # Errors
    /// It cannot be taken, or the state failed.
    pub async fn create(
        &self,
        body: &Map<String, Value>,
        key: Option<&str>,
        now: Timestamp,
    ) -> Result<Detail> {
        let form = form::read(body, None, &self.settings.local_roots).map_err(FilesError::Wrong)?;
        let write = FileConfigWrite { config: form.config, secrets: form.secrets, lift: true };
        let row = self.store.create_file_config(write, key, now).await?;
        log_schedule(&row);
        Ok(Detail::of(row, now))
    }

    /// Makes a config what is given, all of it; secrets that are not given stay.
    ///
    /// # Errors
    /// There is none, what is given cannot be taken, or the state failed.
    pub async fn replace(&self, id: i64, body: &Map<String, Value>, now: Timestamp) -> Result<Detail> {
        let old = self.row(id).await?;
        self.write(&old, body, lifts(body), now).await
    }

    /// Changes what is given of a config, as a JSON merge patch (RFC 7396).
    ///
    /// # Errors
    /// There is none, what comes of it cannot be taken, or the state failed.
    pub async fn change(&self, id: i64, patch: &Map<String, Value>, now: Timestamp) -> Result<Detail> {
        let old = self.row(id).await?;
        let shown = serde_json::to_value(Detail::of(old.clone(), now)).unwrap_or_default();
        let Value::Object(mut whole) = shown else { return Err(FilesError::Unknown(id)) };
        merge(&mut whole, patch);
        // A merge takes nulls away: a secret that is to go and a bound that is to be lifted are told by theirs.
        if let Some(bounds) = patch.get("delete_guard").and_then(Value::as_object) {
            for (name, value) in bounds.iter().filter(|(_, value)| value.is_null()) {
                whole["delete_guard"][name] = value.clone();
            }
        }
        for side in ["source", "target"] {
            let sent = patch.get(side).and_then(|side| side.get("options")).and_then(Value::as_object);
            let Some(side) = whole.get_mut(side) else { continue };
            let kind =
                side.get("service").and_then(Value::as_str).and_then(|name| StorageKind::named(name).ok());
            let secret =
                |name: &str| kind.and_then(|kind| kind.option(name)).is_some_and(|option| option.secret);
            for (name, value) in
                sent.into_iter().flatten().filter(|(name, value)| value.is_null() && secret(name))
            {
                side["options"][name] = value.clone();
            }
        }
        self.write(&old, &whole, lifts(patch), now).await
    }

    async fn write(
        &self,
        old: &FileConfigRow,
        body: &Map<String, Value>,
        lift: bool,
        now: Timestamp,
    ) -> Result<Detail> {
        let secrets = self.kept_secrets(old.id).await?;
        let kept = form::Old { row: old, secrets: &secrets };
        let form = form::read(body, Some(kept), &self.settings.local_roots).map_err(FilesError::Wrong)?;
        let write = FileConfigWrite { config: form.config, secrets: form.secrets, lift };
        let begun = self.begun(old).await?;
        let row = self.store.change_file_config(old.id, write, now).await?;
        let row = row.ok_or(FilesError::Unknown(old.id))?;
        if row.config.target.elsewhere(&old.config.target) {
            begun.abandon(now).await;
        }
        log_schedule(&row);
        Ok(Detail::of(row, now))
    }

    /// The secrets of a config. Those that cannot be read any more are none: they must come anew.
    pub(super) async fn kept_secrets(&self, id: i64) -> Result<Vec<SecretWrite>> {
        let mut all = Vec::new();
        for end in [FileEnd::Source, FileEnd::Target] {
            let kept = match self.store.file_secrets(id, end).await {
                Err(StoreError::Failed { .. }) => Vec::new(),
                kept => kept?,
            };
            let write = |(name, secret)| SecretWrite { end, name, secret: Some(secret) };
            all.extend(kept.into_iter().map(write));
        }
        Ok(all)
    }

    /// Deletes a config. With `cancel` a run that has not ended is told to stop first.
    ///
    /// # Errors
    /// There is none, its run has not ended, or the state failed.
    pub async fn delete(&self, engine: &Engine, id: i64, cancel: bool) -> Result<Deleted> {
        let begun = self.begun(&self.row(id).await?).await?;
        match self.store.delete_file_config(id, engine.now()).await? {
            FileConfigDeleted::Deleted => {
                begun.abandon(engine.now()).await;
                tracing::info!(target: labels::TARGET, "{}", labels::log_removed(id));
                Ok(Deleted::Done)
            }
            FileConfigDeleted::Unknown => Err(FilesError::Unknown(id)),
            FileConfigDeleted::Active(run) if cancel => {
                engine.cancel(run, engine.now()).await?;
                match self.store.delete_file_config(id, engine.now()).await? {
                    FileConfigDeleted::Active(run) => Ok(Deleted::Stopping(run)),
                    _ => {
                        begun.abandon(engine.now()).await;
                        Ok(Deleted::Done)
                    }
                }
            }
            FileConfigDeleted::Active(run) => Err(FilesError::Active(run)),
        }
    }

    /// A run of a config now. One that was asked for alike and has not begun is answered instead of a second one.
    ///
    /// # Errors
    /// There is no such config, it may not be run, or the state failed.
    pub async fn execute(&self, engine: &Engine, id: i64, asked: FileAsked) -> Result<Started> {
        let now = engine.now();
        let row = self.row(id).await?;
        if !asked.dry_run && !row.config.enabled {
            return Err(FilesError::Disabled(id));
        }
        if !asked.dry_run && row.config.expired(now) {
            return Err(FilesError::Expired(id));
        }
        let page = Page { limit: 20, offset: 0 };
        let waiting = self.store.read().file_runs(id, &[RunState::Queued], page).await?;
        let alike = waiting.rows.into_iter().find(|run| {
            run.run.trigger == Trigger::Manual && run.params.batch.is_none() && run.params.asked == asked
        });
        if let Some(FileRun { run, params, .. }) = alike {
            return Ok(Started { run: run.id, task_id: params.task_id });
        }
        let wanted = if asked.dry_run { Wanted::DryRun(id) } else { Wanted::Sync(id) };
        let request = request(wanted, row.config.label(id), Params { asked, batch: None });
        started(engine.request(request, now).await?)
    }

    /// A run of each config that is enabled.
    ///
    /// # Errors
    /// The state failed.
    pub async fn execute_all(&self, engine: &Engine) -> Result<Started> {
        let request = request(Wanted::Batch, labels::BATCH.to_owned(), Params::default());
        started(engine.request(request, engine.now()).await?)
    }

    /// Runs of a config, the newest first.
    ///
    /// # Errors
    /// There is no such config, or the state failed.
    pub async fn runs(
        &self,
        id: i64,
        states: &[RunState],
        page: Page,
        now: Timestamp,
    ) -> Result<Paged<RunSummary>> {
        self.row(id).await?;
        let found = self.store.read().file_runs(id, states, page).await?;
        let rows = found.rows.into_iter().map(|run| RunSummary::of(run, now)).collect();
        Ok(Paged { rows, total: found.total })
    }

    /// What is kept of a run.
    ///
    /// # Errors
    /// The state failed.
    pub async fn run(&self, run: RunId, now: Timestamp) -> Result<Option<RunSummary>> {
        Ok(self.store.read().file_run(run).await?.map(|kept| RunSummary::of(kept, now)))
    }

    /// Items of a run with their numbers, after the item of a number.
    ///
    /// # Errors
    /// The state failed.
    pub async fn items(
        &self,
        run: RunId,
        filter: FileItemFilter,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, FileItem)>> {
        Ok(self.store.read().file_items(run, filter, after, limit).await?)
    }

    /// Reads all configs again and makes the schedules what they say.
    ///
    /// # Errors
    /// The state failed.
    pub async fn refresh(&self, now: Timestamp) -> Result<FilesRefreshed> {
        let refreshed = self.store.refresh_file_schedules(now).await?;
        let FilesRefreshed { scheduled, skipped, wrong, .. } = &refreshed;
        tracing::info!(target: labels::TARGET, "{}", labels::refreshed(scheduled.len(), *skipped, *wrong));
        Ok(refreshed)
    }

    /// Takes the schedules of all configs away.
    ///
    /// # Errors
    /// The state failed.
    pub async fn clear(&self, now: Timestamp) -> Result<usize> {
        let cleared = self.store.clear_file_schedules(now).await?;
        tracing::info!(target: labels::TARGET, "{}", labels::log_cleared(cleared));
        Ok(cleared)
    }

    /// The configs that have a schedule, ascending.
    ///
    /// # Errors
    /// The state failed.
    pub async fn scheduled(&self, now: Timestamp) -> Result<Vec<i64>> {
        let all = self.store.read().all_file_configs().await?;
        Ok(all
            .into_iter()
            .filter(|row| row.scheduled && !row.config.expired(now))
            .map(|row| row.id)
            .collect())
    }

    pub(super) async fn row(&self, id: i64) -> Result<FileConfigRow> {
        self.store.read().file_config(id).await?.ok_or(FilesError::Unknown(id))
    }
}

/// Whether a change brings a schedule back that was cleared.
fn lifts(body: &Map<String, Value>) -> bool {
    ["cron", "timezone", "enabled"].iter().any(|key| body.contains_key(*key))
}

/// A merge patch (RFC 7396).
fn merge(whole: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, value) in patch {
        match value {
            Value::Null => drop(whole.remove(key)),
            Value::Object(inner) => {
                let slot = whole.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
                match slot {
                    Value::Object(slot) => merge(slot, inner),
                    other => *other = value.clone(),
                }
            }
            value => drop(whole.insert(key.clone(), value.clone())),
        }
    }
}

fn log_schedule(row: &FileConfigRow) {
    let line = match &row.config.cron {
        Some(cron) if row.scheduled => {
            labels::log_added(row.id, cron, row.config.name.as_deref().unwrap_or_default())
        }
        _ => labels::log_skipped(row.id),
    };
    tracing::info!(target: labels::TARGET, "{line}");
}

fn request(wanted: Wanted, label: String, params: Params) -> RunRequest {
    RunRequest {
        sync: wanted.sync(),
        trigger: Trigger::Manual,
        label,
        params: params.sent(),
        priority: 0,
        reference: None,
        idempotency_key: None,
        tick: None,
        requested_by: None,
    }
}

fn started(requested: Requested) -> Result<Started> {
    let run: Run = match requested {
        Requested::Started(run) | Requested::Buffered(run) | Requested::Known(run) => run,
        Requested::Busy(run) => return Err(FilesError::Active(run.id)),
    };
    let kept = super::system::kept(&run)
        .map_err(|fault| FilesError::Request(RequestError::Refused(Refused::Unavailable(fault.message))))?;
    Ok(Started { run: run.id, task_id: kept.task_id })
}
