
ALTER TABLE file_run ADD COLUMN kept_path TEXT;
