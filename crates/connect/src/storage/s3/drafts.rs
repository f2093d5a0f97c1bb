//! What was begun and has no name yet. A store shows nothing of it: it is kept open here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use opendal::Writer;
use tokio::runtime::Handle;

use crate::storage::Place;

/// How a draft becomes a file.
pub(super) enum Open {
    /// All of its content is on its way or sent; closing it makes it the file.
    Written(Box<Writer>),
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

/// An upload that is being sent. Dropped before it is kept, it is given up at the store too, which would keep its parts.
pub(super) struct Sending(Option<Writer>);

impl Sending {
    pub(super) fn new(writer: Writer) -> Self {
        Self(Some(writer))
    }

    pub(super) async fn write(&mut self, piece: Bytes) -> opendal::Result<()> {
        match &mut self.0 {
            Some(writer) => writer.write(piece).await,
            None => Ok(()),
        }
    }

    /// All of it is sent.
    pub(super) fn kept(mut self) -> Option<Writer> {
        self.0.take()
    }

    /// Gives it up: a writer that failed must not be closed, which would publish a part.
    pub(super) async fn give_up(mut self) {
        if let Some(mut writer) = self.0.take() {
            // What went wrong first is what is told.
            let _ = writer.abort().await;
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let (Some(mut writer), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(async move { writer.abort().await });
        }
    }
}
