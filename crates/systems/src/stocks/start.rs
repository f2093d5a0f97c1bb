//! Starts as people ask for them: the documented order of checks, then an ordinary request to the engine.

use engine::{Engine, Refused, RequestError, Requested, StoreError};
use jiff::civil::Date;
use model::run::{Reference, Run, RunRequest, Trigger};

use super::check::Need;
use super::look::Unreadable;
use super::plan::{self, Days, How, Wish};
use super::{Stocks, labels, shanghai, sync_key};

/// Who is asked for a run.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The engine.
    pub engine: &'a Engine,
    /// The request's idempotency key: what it made before is answered before anything is checked again.
    pub key: Option<&'a str>,
}

impl<'a> From<&'a Engine> for Asking<'a> {
    fn from(engine: &'a Engine) -> Self {
        Self { engine, key: None }
    }
}

impl Asking<'_> {
    async fn known(&self) -> Result<Option<Start>, StartError> {
        let run = self.engine.known(&sync_key(), self.key).await?;
        Ok(run.map(|run| Start::Known(Box::new(run))))
    }
}

/// What became of a start.
#[derive(Debug)]
pub enum Start {
    /// The run there is now.
    Run(Box<Run>),
    /// This run was made by the same key before.
    Known(Box<Run>),
    /// This run is in the way.
    Busy(Box<Run>),
    /// Nothing has to be done, in these words.
    Nothing(String),
    /// It was not done, in these words.
    Refused(String),
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
pub(crate) fn request(label: &str, wish: &Wish, reference: Option<Reference>) -> RunRequest {
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
    /// A batch from the first date to the last, as they were written.
    ///
    /// # Errors
    /// State or destination cannot be reached.
    pub async fn start_batch(
        &self,
        asking: Asking<'_>,
        bounds: (&str, &str),
        how: How,
    ) -> Result<Start, StartError> {
        if let Some(known) = asking.known().await? {
            return Ok(known);
        }
        if let Some(run) = self.reader.lease_holder(&sync_key()).await? {
            return Ok(Start::Busy(Box::new(run)));
        }
        let dates = (shanghai::parse_date(bounds.0), shanghai::parse_date(bounds.1));
        let (Some(first), Some(last)) = dates else { return Ok(Start::Refused(labels::BAD_DATE.to_owned())) };
        if let Err(message) = plan::check_range(first, last, self.settings.max_batch_days) {
            return Ok(Start::Refused(message));
        }
        self.ask(asking, "web_batch", Wish { days: Days::Range(first, last), how }, bounds).await
    }

    /// One day, unless nothing has to be done for it. `text` is the date as it was written.
    ///
    /// # Errors
    /// State or destination cannot be reached.
    pub async fn start_day(&self, asking: Asking<'_>, date: Date, text: &str) -> Result<Start, StartError> {
        if let Some(known) = asking.known().await? {
            return Ok(known);
        }
        if let Some(run) = self.reader.lease_holder(&sync_key()).await? {
            return Ok(Start::Busy(Box::new(run)));
        }
        let check = self.look_at(date, asking.engine.now()).await?;
        if check.need == Need::Nothing {
            return Ok(Start::Nothing(check.reason));
        }
        match self.ask(asking, "web_single", Wish::range(date, date), (text, text)).await? {
            Start::Nothing(_) => Ok(Start::Nothing(check.reason)),
            start => Ok(start),
        }
    }

    /// What failed of a day again: all of it, or its failed stocks.
    ///
    /// # Errors
    /// State or destination cannot be reached.
    pub async fn start_retry(&self, asking: Asking<'_>, date: Date) -> Result<Start, StartError> {
        let wish = Wish { days: Days::Failed(Some(date), Some(date)), how: How::default() };
        let text = date.to_string();
        self.ask(asking, "retry_failed", wish, (&text, &text)).await
    }

    /// Asks for a run named after the texts of its bounds, as they came in.
    pub(crate) async fn ask(
        &self,
        asking: Asking<'_>,
        label: &str,
        wish: Wish,
        bounds: (&str, &str),
    ) -> Result<Start, StartError> {
        let now = asking.engine.now();
        let name = Reference { prefix: format!("{}_{}_", bounds.0, bounds.1), number: now.as_second() };
        let key = asking.key.map(str::to_owned);
        let request = RunRequest { idempotency_key: key, ..request(label, &wish, Some(name)) };
        match asking.engine.request(request, now).await {
            Ok(Requested::Started(run) | Requested::Buffered(run)) => Ok(Start::Run(Box::new(run))),
            Ok(Requested::Known(run)) => Ok(Start::Known(Box::new(run))),
            Ok(Requested::Busy(run)) => Ok(Start::Busy(Box::new(run))),
            Err(RequestError::Refused(Refused::NothingToDo(words))) => Ok(Start::Nothing(words)),
            Err(error) => Err(error.into()),
        }
    }
}
