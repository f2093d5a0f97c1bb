//! The destination: one suite over both databases, and what is particular to each.

mod bed;
mod claims;
mod extension;
mod oracle;
mod postgres;
mod reads;
mod sqlite;
