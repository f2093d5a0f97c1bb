
CREATE TABLE file_upload (
    config_id INTEGER NOT NULL, upload TEXT NOT NULL, path TEXT NOT NULL, part_size INTEGER NOT NULL,
    src_size INTEGER NOT NULL, src_mtime_ns INTEGER, src_etag TEXT, begun_at INTEGER NOT NULL,
    PRIMARY KEY (config_id, upload)
) STRICT;
