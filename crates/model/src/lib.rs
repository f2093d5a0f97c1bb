//! Nouns and rules: no I/O, no clock, no async.
