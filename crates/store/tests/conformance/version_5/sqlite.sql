
CREATE TABLE file_baseline (
    config_id INTEGER NOT NULL, dir TEXT NOT NULL, name TEXT NOT NULL, src_size INTEGER NOT NULL, src_mtime_ns INTEGER,
    src_etag TEXT, dst_size INTEGER NOT NULL, dst_mtime_ns INTEGER, dst_etag TEXT, PRIMARY KEY (config_id, dir, name)
) STRICT;

CREATE VIEW files_baseline AS
SELECT config_id, dir, name, src_size, src_mtime_ns, src_etag, dst_size, dst_mtime_ns, dst_etag FROM file_baseline;
