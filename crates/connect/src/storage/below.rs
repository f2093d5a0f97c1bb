//! A storage seen from one of its folders.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble};

/// See the module.
pub struct Below {
    storage: Arc<dyn Storage>,
    folder: Place,
}

impl Below {
    /// What lies in that folder of the storage.
    pub fn new(storage: Arc<dyn Storage>, folder: Place) -> Self {
        Self { storage, folder }
    }

    fn of(&self, at: &Place) -> Place {
        self.folder.descend(at)
    }
}

#[async_trait]
impl Storage for Below {
    fn nature(&self) -> Nature {
        self.storage.nature()
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        self.storage.look(&self.of(at)).await
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        self.storage.list(&self.of(folder)).await
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        self.storage.read(&self.of(at)).await
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        self.storage.draft(&self.of(at), temporary, body, size).await
    }

    async fn copy(&self, from: &Place, at: &Place, temporary: &str) -> Result<Option<Draft>, Trouble> {
        self.storage.copy(&self.of(from), &self.of(at), temporary).await
    }

    async fn publish(&self, draft: Draft, modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        self.storage.publish(draft, modified).await
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        self.storage.discard(draft).await
    }

    async fn make_folder(&self, at: &Place) -> Result<(), Trouble> {
        self.storage.make_folder(&self.of(at)).await
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        self.storage.move_file(&self.of(from), &self.of(to)).await
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        self.storage.remove_file(&self.of(at)).await
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        self.storage.remove_folder(&self.of(at)).await
    }

    async fn set_modified(&self, at: &Place, modified: Timestamp) -> Result<(), Trouble> {
        self.storage.set_modified(&self.of(at), modified).await
    }
}
