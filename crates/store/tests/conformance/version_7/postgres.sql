
CREATE TABLE file_upload (
    config_id BIGINT NOT NULL, upload TEXT NOT NULL, path TEXT NOT NULL, part_size BIGINT NOT NULL,
    src_size BIGINT NOT NULL, src_mtime_ns BIGINT, src_etag TEXT, begun_at BIGINT NOT NULL,
    PRIMARY KEY (config_id, upload)
);
