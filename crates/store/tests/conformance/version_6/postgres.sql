
ALTER TABLE file_config ADD COLUMN idempotency_key TEXT;
CREATE UNIQUE INDEX file_config_idempotency ON file_config (idempotency_key) WHERE idempotency_key IS NOT NULL;
