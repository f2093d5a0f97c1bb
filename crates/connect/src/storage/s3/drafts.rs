//! What was begun and has no name yet. A store shows nothing of it: it is kept open here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use opendal::Writer;
use tokio::runtime::Handle;

use crate::storage::Place;

/// How a draft becomes a file.
pub(super) enum Open {
    /// All of its content is on its way or sent.
    Written(Sending),
    /// A copy of another file of the store, by key.
    CopyOf(String),
}

/// By where each would lie, were it a file.
#[derive(Default)]
pub(super) struct Drafts(Mutex<HashMap<Place, Open>>);

impl Drafts {
    pub(super) fn keep(&self, temporary: Place, open: Open) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(temporary, open);
    }

    pub(super) fn take(&self, temporary: &Place) -> Option<Open> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(temporary)
    }
}

/// An upload. Dropped before it is a file, it is given up at the store too, which would keep its parts.
pub(super) struct Sending(Option<Box<Writer>>);

impl Sending {
    pub(super) fn new(writer: Writer) -> Self {
        Self(Some(Box::new(writer)))
    }

    pub(super) async fn write(&mut self, piece: Bytes) -> opendal::Result<()> {
        match &mut self.0 {
            Some(writer) => writer.write(piece).await,
            None => Ok(()),
        }
    }

    /// Makes it the file, or gives it up.
    pub(super) async fn close(mut self) -> opendal::Result<()> {
        let Some(writer) = &mut self.0 else { return Ok(()) };
        if let Err(error) = writer.close().await {
            // What went wrong first is what is told.
            let _ = self.give_up().await;
            return Err(error);
        }
        self.0 = None;
        Ok(())
    }

    /// Gives it up: a writer that failed must not be closed, which would publish a part.
    pub(super) async fn give_up(mut self) -> opendal::Result<()> {
        let Some(writer) = &mut self.0 else { return Ok(()) };
        let given_up = writer.abort().await;
        self.0 = None;
        given_up
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let (Some(mut writer), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(async move { writer.abort().await });
        }
    }
}
