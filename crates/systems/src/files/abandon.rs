//! Uploads to a target that a config has no more: thrown away there, as far as that can be done now.

use std::time::Duration;

use connect::storage::Place;
use jiff::Timestamp;
use model::file::FileSide;
use model::file::upload::FileUpload;
use store::{FileConfigRow, FileEnd, StoreError};

use super::{Files, service};

/// Nobody waits longer for a store that does not answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Uploads, and how the store they are at is reached.
pub(super) struct Begun {
    uploads: Vec<FileUpload>,
    target: FileSide,
    secrets: Vec<(String, String)>,
}

impl Files {
    /// The uploads to a config's target that were begun and are no files yet, as long as that can be read.
    pub(super) async fn begun(&self, row: &FileConfigRow) -> Result<Begun, StoreError> {
        let uploads = self.store.read().file_uploads(row.id).await?;
        let secrets = match uploads.is_empty() {
            true => Vec::new(),
            // Secrets that cannot be read any more reach no store.
            false => self.store.file_secrets(row.id, FileEnd::Target).await.unwrap_or_default(),
        };
        Ok(Begun { uploads, target: row.config.target.clone(), secrets })
    }
}

impl Begun {
    /// Has the store throw them away. One that cannot be reached keeps their parts.
    pub(super) async fn abandon(self, now: Timestamp) {
        let Ok(target) = service::open(&self.target, &self.secrets, now) else { return };
        let Some(store) = target.in_parts(u64::MAX) else { return };
        let abort = async |upload: &FileUpload| {
            if let Ok(at) = Place::parse(&upload.path) {
                let _ = store.abort(&at, &upload.upload).await;
            }
        };
        let aborted = futures_util::future::join_all(self.uploads.iter().map(abort));
        let _ = tokio::time::timeout(PATIENCE, aborted).await;
    }
}
