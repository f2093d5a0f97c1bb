//! Acknowledging records.

use jiff::Timestamp;
use store::StoreError;

use super::Tasks;

impl Tasks {
    /// Acknowledges a record. False: there is none.
    ///
    /// # Errors
    /// The state failed.
    pub async fn mark_read(&self, record: i64, now: Timestamp) -> Result<bool, StoreError> {
        self.store.mark_read(record, now).await
    }

    /// Acknowledges every record that has ended.
    ///
    /// # Errors
    /// The state failed.
    pub async fn mark_all_read(&self, now: Timestamp) -> Result<(), StoreError> {
        self.store.mark_all_read(now).await.map(drop)
    }
}
