//! What every system's HTTP client is lent by the engine: a request budget kept in the state store, shared by all
//! processes and outliving them, and time that stops when the work must.

use async_trait::async_trait;
use connect::http::{Budget, Keeper, Pause, Stopped};
use engine::{Context, store_fault};
use jiff::Timestamp;
use model::fault::Fault;
use serde_json::Value;

/// A budget kept as a note of the state store.
pub(crate) struct Note {
    /// The note's name: `races.budget`.
    pub key: &'static str,
    /// The work it is asked for.
    pub ctx: Context,
}

impl Note {
    async fn value(&self) -> Result<Option<Value>, Fault> {
        let read = self.ctx.read().note(self.key).await;
        read.map_err(|error| store_fault("reading the budget of an upstream", &error))
    }
}

#[async_trait]
impl Keeper for Note {
    async fn load(&self) -> Result<Budget, Fault> {
        // A note of another shape was left by another version: counting starts anew.
        Ok(self.value().await?.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
    }

    async fn swap(&self, old: &Budget, new: &Budget) -> Result<bool, Fault> {
        let known = self.value().await?;
        let stands: Budget =
            known.clone().and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
        if stands != *old {
            return Ok(false);
        }
        let new = serde_json::to_value(new).expect("a budget is plain data");
        self.ctx.swap_note(self.key, known.as_ref(), &new).await
    }
}

/// Time as the work's engine tells it.
pub(crate) struct WorkTime(pub Context);

#[async_trait]
impl Pause for WorkTime {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn until(&self, at: Timestamp) -> Result<(), Stopped> {
        self.0.wait_until(at).await.map_err(|_| Stopped)
    }
}
