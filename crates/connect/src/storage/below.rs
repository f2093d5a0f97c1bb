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

    /// A draft of the storage, told by places as they are from here.
    fn seen(at: &Place, draft: Draft) -> Draft {
        let named = at.folder().join(draft.temporary.name());
        // The storage gave it the name it was told to: that is one.
        let temporary = named.unwrap_or_else(|_| draft.temporary.clone());
        Draft { at: at.clone(), temporary, ..draft }
    }

    /// The same told as the storage knows it.
    fn there(&self, draft: Draft) -> Draft {
        Draft { at: self.of(&draft.at), temporary: self.of(&draft.temporary), ..draft }
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
        let draft = self.storage.draft(&self.of(at), temporary, body, size).await?;
        Ok(Self::seen(at, draft))
    }

    async fn copy(&self, from: &Place, at: &Place, temporary: &str) -> Result<Option<Draft>, Trouble> {
        let draft = self.storage.copy(&self.of(from), &self.of(at), temporary).await?;
        Ok(draft.map(|draft| Self::seen(at, draft)))
    }

    async fn publish(&self, draft: Draft, modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        self.storage.publish(self.there(draft), modified).await
    }

    async fn publish_all(
        &self,
        drafts: Vec<(Draft, Option<Timestamp>)>,
        may: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Result<FileFacts, Trouble>> {
        let there = drafts.into_iter().map(|(draft, modified)| (self.there(draft), modified));
        self.storage.publish_all(there.collect(), may).await
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        self.storage.discard(self.there(draft)).await
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
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::{StreamExt, TryStreamExt, stream};

    use super::*;
    use crate::storage::Memory;

    #[tokio::test]
    async fn a_draft_lies_where_it_says_seen_from_the_folder() {
        let memory = Memory::default();
        let below = Below::new(Arc::new(memory.clone()), Place::parse("a").unwrap());
        let body = Body::Pieces(stream::iter([Ok(Bytes::from_static(b"x"))]).boxed());
        let draft = below.draft(&Place::parse("b/c").unwrap(), ".draft", body, 1).await.unwrap();
        assert_eq!((draft.at.as_str(), draft.temporary.as_str()), ("b/c", "b/.draft"));
        let read = below.read(&draft.temporary).await.unwrap().pieces();
        let read: Vec<Bytes> = read.try_collect().await.unwrap();
        assert_eq!(read, [Bytes::from_static(b"x")]);
        below.publish(draft, None).await.unwrap();
        assert!(memory.look(&Place::parse("a/b/c").unwrap()).await.unwrap().is_some());
    }
}
