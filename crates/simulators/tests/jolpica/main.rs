//! The Jolpica simulator over HTTP: what it answers, and how it misbehaves when told to.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod answers;
mod faults;
mod http;
mod python_client;
mod recording;
