//! Uploads in parts that were begun: kept before their first part is sent, until they are files or are thrown away.

use std::sync::Arc;

use jiff::Timestamp;
use model::file::baseline::FileMark;
use model::file::upload::FileUpload;

use super::FileSyncs;
use crate::Reader;
use crate::claim::held;
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, Row, Tx, args, wrong};
use crate::types::Right;

static OF_CONFIG: Sql = Sql::new(
    "SELECT path, upload, part_size, src_size, src_mtime_ns, src_etag FROM file_upload WHERE config_id = $1 \
     ORDER BY begun_at, upload",
);
static BEGIN: Sql = Sql::new(
    "INSERT INTO file_upload (config_id, upload, path, part_size, src_size, src_mtime_ns, src_etag, begun_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);
static END: Sql = Sql::new("DELETE FROM file_upload WHERE config_id = $1 AND upload = $2");
static END_ALL: Sql = Sql::new("DELETE FROM file_upload WHERE config_id = $1");

impl Reader {
    /// The uploads to a config's target that were begun and are no files yet, the oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_uploads(&self, config: i64) -> Result<Vec<FileUpload>> {
        self.read_tx("reading uploads", move |tx| {
            Box::pin(
                async move { tx.all(&OF_CONFIG, &args![config]).await?.into_iter().map(upload).collect() },
            )
        })
        .await
    }
}

impl FileSyncs {
    /// Keeps an upload that was begun. False: the fence is old.
    ///
    /// # Errors
    /// The store failed.
    pub async fn begin_file_upload(
        &self,
        right: Right,
        config: i64,
        upload: FileUpload,
        now: Timestamp,
    ) -> Result<bool> {
        let FileUpload { path, upload, source, part_size } = upload;
        let (part_size, size) = (whole(part_size), whole(source.size));
        let args = Arc::new(args![
            config,
            upload.as_str(),
            path.as_str(),
            part_size,
            size,
            source.modified_ns,
            source.etag.as_deref(),
            now
        ]);
        self.0
            .write_tx("keeping an upload", move |tx| {
                let args = Arc::clone(&args);
                Box::pin(async move {
                    let holds = held(tx, right).await?;
                    if holds {
                        tx.run(&BEGIN, &*args).await?;
                    }
                    Ok(holds)
                })
            })
            .await
    }

    /// An upload is a file now, or was thrown away.
    ///
    /// # Errors
    /// The store failed.
    pub async fn end_file_upload(&self, config: i64, upload: &str) -> Result<()> {
        let upload: Arc<str> = upload.into();
        self.0
            .write_tx("forgetting an upload", move |tx| {
                let upload = Arc::clone(&upload);
                Box::pin(async move { tx.run(&END, &args![config, &*upload]).await.map(drop) })
            })
            .await
    }
}

fn upload(mut row: Row) -> std::result::Result<FileUpload, DbError> {
    let row = &mut row;
    let (path, upload, part_size) = (row.text()?, row.text()?, size(row)?);
    let source = FileMark { size: size(row)?, modified_ns: row.int_or_null()?, etag: row.text_or_null()? };
    Ok(FileUpload { path, upload, source, part_size })
}

fn size(row: &mut Row) -> std::result::Result<u64, DbError> {
    let size = row.int()?;
    u64::try_from(size).map_err(|_| wrong("a size", &size.to_string()))
}

fn whole(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

/// Forgets all uploads of a config.
pub(super) async fn forget_all(tx: &mut Tx<'_>, config: i64) -> std::result::Result<(), DbError> {
    tx.run(&END_ALL, &args![config]).await.map(drop)
}
