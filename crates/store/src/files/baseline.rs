//! What is remembered of a config's files: read a folder at a time, told with the run that saw it.

use std::collections::BTreeMap;

use model::file::baseline::{FileBaseline, FileMark};
use serde_json::{Value, json};

use crate::Reader;
use crate::db::Result;
use crate::sql::Sql;
use crate::tx::{DbError, Row, Tx, args, wrong};

static OF_FOLDER: Sql = Sql::new(
    "SELECT name, src_size, src_mtime_ns, src_etag, dst_size, dst_mtime_ns, dst_etag FROM file_baseline \
     WHERE config_id = $1 AND dir = $2",
);
static PUT: Sql = Sql::new(
    "INSERT INTO file_baseline (config_id, dir, name, src_size, src_mtime_ns, src_etag, dst_size, dst_mtime_ns, dst_etag) \
     SELECT $2, x.of_dir, x.of_name, x.of_size, x.of_time, x.of_etag, x.of_there, x.of_time_there, x.of_etag_there \
     FROM BATCH($1: of_dir TEXT, of_name TEXT, of_size INT, of_time INT, of_etag TEXT, of_there INT, \
     of_time_there INT, of_etag_there TEXT) AS x WHERE TRUE ON CONFLICT (config_id, dir, name) DO UPDATE SET \
     src_size = excluded.src_size, src_mtime_ns = excluded.src_mtime_ns, src_etag = excluded.src_etag, \
     dst_size = excluded.dst_size, dst_mtime_ns = excluded.dst_mtime_ns, dst_etag = excluded.dst_etag",
);
static FORGET: Sql = Sql::new(
    "DELETE FROM file_baseline WHERE config_id = $2 AND (dir, name) IN \
     (SELECT x.of_dir, x.of_name FROM BATCH($1: of_dir TEXT, of_name TEXT) AS x)",
);
static FORGET_ALL: Sql = Sql::new("DELETE FROM file_baseline WHERE config_id = $1");

impl Reader {
    /// What is remembered of the files in a folder of a config's target; empty for its root.
    ///
    /// # Errors
    /// The store failed.
    pub async fn file_baseline(&self, config: i64, folder: &str) -> Result<Vec<FileBaseline>> {
        let folder = folder.to_owned();
        self.read_tx("reading what is remembered of files", move |tx| {
            let folder = folder.clone();
            Box::pin(async move {
                let rows = tx.all(&OF_FOLDER, &args![config, folder.as_str()]).await?;
                rows.into_iter().map(|row| remembered(row, &folder)).collect()
            })
        })
        .await
    }
}

fn remembered(mut row: Row, folder: &str) -> std::result::Result<FileBaseline, DbError> {
    let row = &mut row;
    let (name, source, target) = (row.text()?, mark(row)?, mark(row)?);
    Ok(FileBaseline { folder: folder.to_owned(), name, source, target })
}

fn mark(row: &mut Row) -> std::result::Result<FileMark, DbError> {
    let size = row.int()?;
    let size = u64::try_from(size).map_err(|_| wrong("a size", &size.to_string()))?;
    Ok(FileMark { size, modified_ns: row.int_or_null()?, etag: row.text_or_null()? })
}

/// Remembers files and forgets others, by folder and name.
pub(super) async fn tell(
    tx: &mut Tx<'_>,
    config: i64,
    (remembered, forgotten): (&[FileBaseline], &[(String, String)]),
) -> std::result::Result<(), DbError> {
    // One statement cannot change a row twice: the last word counts.
    let newest: BTreeMap<_, _> = remembered.iter().map(|file| ((&file.folder, &file.name), file)).collect();
    if !newest.is_empty() {
        let rows: Vec<Value> = newest.into_values().map(as_row).collect();
        tx.run(&PUT, &args![Value::from(rows), config]).await?;
    }
    if !forgotten.is_empty() {
        let rows = forgotten.iter().map(|(folder, name)| json!({"of_dir": folder, "of_name": name}));
        tx.run(&FORGET, &args![Value::from(rows.collect::<Vec<_>>()), config]).await?;
    }
    Ok(())
}

fn as_row(file: &FileBaseline) -> Value {
    let (source, target) = (&file.source, &file.target);
    json!({
        "of_dir": file.folder, "of_name": file.name, "of_size": source.size, "of_time": source.modified_ns,
        "of_etag": source.etag, "of_there": target.size, "of_time_there": target.modified_ns,
        "of_etag_there": target.etag,
    })
}

/// Forgets all files of a config.
pub(super) async fn forget_all(tx: &mut Tx<'_>, config: i64) -> std::result::Result<(), DbError> {
    tx.run(&FORGET_ALL, &args![config]).await.map(drop)
}
