//! A storage that finds a name in whichever of its forms, as some systems do, and tells names in a form of its own.
//! Tests only.

use super::*;
use connect::storage::{Draft, FileFacts, Nature};

/// See the module.
pub(super) struct Spelled {
    pub(super) storage: Arc<dyn Storage>,
    /// What the forms of one name have in common.
    pub(super) key: fn(&str) -> String,
    /// How a name is told.
    pub(super) told: fn(&str) -> String,
}

impl Spelled {
    /// The place as the names on the way are kept, as far as they are there.
    async fn kept(&self, at: &Place) -> Place {
        let mut kept = Place::root();
        for name in at.as_str().split('/').filter(|name| !name.is_empty()) {
            let entries = self.storage.list(&kept).await.unwrap_or_default();
            let known = entries.into_iter().find(|entry| (self.key)(&entry.name) == (self.key)(name));
            kept = kept.join(&known.map_or_else(|| name.to_owned(), |entry| entry.name)).unwrap();
        }
        kept
    }
}

#[async_trait]
impl Storage for Spelled {
    fn nature(&self) -> Nature {
        self.storage.nature()
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        self.storage.look(&self.kept(at).await).await
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        let entries = self.storage.list(&self.kept(folder).await).await?;
        Ok(entries.into_iter().map(|entry| Entry { name: (self.told)(&entry.name), ..entry }).collect())
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        self.storage.read(&self.kept(at).await).await
    }

    async fn draft(&self, at: &Place, temporary: &str, body: Body, size: u64) -> Result<Draft, Trouble> {
        self.storage.draft(&self.kept(at).await, temporary, body, size).await
    }

    async fn publish(&self, draft: Draft, modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        self.storage.publish(draft, modified).await
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        self.storage.discard(draft).await
    }

    async fn make_folder(&self, at: &Place) -> Result<(), Trouble> {
        self.storage.make_folder(&self.kept(at).await).await
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        self.storage.move_file(&self.kept(from).await, &self.kept(to).await).await
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        self.storage.remove_file(&self.kept(at).await).await
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        self.storage.remove_folder(&self.kept(at).await).await
    }
}
