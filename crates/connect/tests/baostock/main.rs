//! The baostock client against recorded bytes, made-up bytes and a scripted server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod frames;
mod fuzz;
mod losses;
mod paging;
mod records;
mod server;
mod sessions;
