//! Starts as people ask for them: the documented order of checks, then an ordinary request to the engine.

use engine::{Engine, Refused, RequestError, Requested, StoreError};
use jiff::civil::Date;
use model::run::{Reference, Run, RunRequest, Trigger};
use serde::Serialize;
use utoipa::ToSchema;

use super::check::Need;
use super::look::Unreadable;
use super::plan::{self, Days, How, Wish};
use super::progress::task_id;
use super::{Stocks, labels, shanghai, sync_key};

/// What became of a start.
#[derive(Debug)]
pub enum Start {
    /// The run there is now.
    Run(Box<Run>),
    /// This run is in the way.
    Busy(Box<Run>),
    /// Nothing has to be done, in these words.
    Nothing(String),
    /// It was not done, for this reason.
    Refused {
        /// Stable, for machines.
        code: &'static str,
        /// In these words.
        message: String,
    },
}

/// A run there is now, as people are told of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Started {
    /// Its number.
    pub run_id: i64,
    /// Its public name.
    #[schema(example = "2025-09-22_2025-09-30_1760731200")]
    pub task_id: String,
    /// Its days.
    pub total_days: i64,
    /// The documented words.
    pub message: String,
}

impl From<&Run> for Started {
    fn from(run: &Run) -> Self {
        Self {
            run_id: run.id.0,
            task_id: task_id(run),
            total_days: run.partitions_total,
            message: labels::batch_started(run.partitions_total),
        }
    }
}

/// Why a start could not be decided.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something could not be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The engine could not be asked.
    #[error(transparent)]
    Request(#[from] RequestError),
}

/// What a person's wish is to the engine. The system names the run where no name is given.
fn request(label: &str, wish: &Wish, reference: Option<Reference>) -> RunRequest {
    RunRequest {
        sync: sync_key(),
        trigger: if label == "retry_failed" { Trigger::Retry } else { Trigger::Manual },
        label: label.to_owned(),
        params: wish.params(),
        priority: 0,
        reference,
        idempotency_key: None,
        tick: None,
        requested_by: None,
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Unreadable(error.into())
    }
}

impl Stocks {
    /// A batch from the first date to the last, as they were written. A wish that started a run before is answered
    /// with it, before anything is looked at again.
    ///
    /// # Errors
    /// State or destination cannot be reached.
    pub async fn start_batch(
        &self,
        engine: &Engine,
        bounds: (&str, &str),
        how: How,
    ) -> Result<Start, StartError> {
        if let Some(run) = engine.known(&sync_key()).await? {
            return Ok(Start::Run(Box::new(run)));
        }
        if let Some(run) = self.reader.lease_holder(&sync_key()).await? {
            return Ok(Start::Busy(Box::new(run)));
        }
        let dates = (shanghai::parse_date(bounds.0), shanghai::parse_date(bounds.1));
        let (Some(first), Some(last)) = dates else {
            return Ok(Start::Refused { code: "bad_date", message: labels::BAD_DATE.to_owned() });
        };
        if let Err(message) = plan::check_range(first, last, self.settings.max_batch_days) {
            return Ok(Start::Refused { code: "bad_range", message });
        }
        self.ask(engine, "web_batch", Wish { days: Days::Range(first, last), how }, Some(bounds)).await
    }

    /// One day, unless nothing has to be done for it. `text` is the date as it was written. The wish is known again
    /// as that of a batch.
    ///
    /// # Errors
    /// State or destination cannot be reached.
    pub async fn start_day(&self, engine: &Engine, date: Date, text: &str) -> Result<Start, StartError> {
        if let Some(run) = engine.known(&sync_key()).await? {
            return Ok(Start::Run(Box::new(run)));
        }
        if let Some(run) = self.reader.lease_holder(&sync_key()).await? {
            return Ok(Start::Busy(Box::new(run)));
        }
        let check = self.look_at(date, engine.now()).await?;
        if check.need == Need::Nothing {
            return Ok(Start::Nothing(check.reason));
        }
        match self.ask(engine, "web_single", Wish::range(date, date), Some((text, text))).await? {
            Start::Nothing(_) => Ok(Start::Nothing(check.reason)),
            start => Ok(start),
        }
    }

    /// What failed again, of the last weeks unless bounds are given: days as a whole, and failed stocks of the others.
    ///
    /// # Errors
    /// State or destination cannot be reached.
    pub async fn start_retry(
        &self,
        engine: &Engine,
        first: Option<Date>,
        last: Option<Date>,
    ) -> Result<Start, StartError> {
        let wish = Wish { days: Days::Failed(first, last), how: How::default() };
        self.ask(engine, "retry_failed", wish, None).await
    }

    /// Asks for a run, named after the texts of its bounds where they came in as texts.
    pub(crate) async fn ask(
        &self,
        engine: &Engine,
        label: &str,
        wish: Wish,
        bounds: Option<(&str, &str)>,
    ) -> Result<Start, StartError> {
        let now = engine.now();
        let name = bounds
            .map(|(first, last)| Reference { prefix: format!("{first}_{last}_"), number: now.as_second() });
        match engine.request(request(label, &wish, name), now).await {
            Ok(Requested::Started(run) | Requested::Buffered(run) | Requested::Known(run)) => {
                Ok(Start::Run(Box::new(run)))
            }
            Ok(Requested::Busy(run)) => Ok(Start::Busy(Box::new(run))),
            Err(RequestError::Refused(Refused::NothingToDo(words))) => Ok(Start::Nothing(words)),
            Err(RequestError::Refused(Refused::Bad { code, message, .. })) => {
                Ok(Start::Refused { code, message })
            }
            Err(error) => Err(error.into()),
        }
    }
}
