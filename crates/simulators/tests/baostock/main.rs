//! The baostock simulator over its wire: what it answers, what it refuses, how it misbehaves when told to,
//! and that the official clients work against it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod answers;
mod control;
mod faults;
mod python_clients;
mod refusals;
mod wire;
