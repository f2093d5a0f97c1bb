//! Decimals exactly: to a column's scale, to and from PostgreSQL's binary `numeric`, to and from SQLite's `NUMERIC`.
