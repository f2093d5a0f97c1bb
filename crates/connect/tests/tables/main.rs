//! The destination: one suite over both databases, and what is particular to each.

#![expect(clippy::unwrap_used, reason = "what cannot be arranged fails the test on the spot")]

mod bed;
mod claims;
mod extension;
mod fuzz;
mod kinds;
mod oracle;
mod postgres;
mod reads;
mod sqlite;
