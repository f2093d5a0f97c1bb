//! What was begun and has no name yet. A store shows nothing of it: it is kept open here.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use opendal::Buffer;

use super::uploads::Sent;
use crate::storage::Place;

/// How a draft becomes a file.
pub(super) enum Open {
    /// Its content is still here.
    Whole(Buffer),
    /// Its content is at the store in parts.
    Sent(Sent),
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
