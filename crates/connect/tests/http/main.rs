//! The HTTP client against a scripted server and a clock set by hand; its budget and its paging against oracles.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bed;
mod bodies;
mod budget;
mod credential;
mod paging;
mod purse;
mod redirects;
mod secrets;
mod sending;
mod server;
mod tries;
