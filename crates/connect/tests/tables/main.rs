//! The destination, on both databases.

mod quick;
