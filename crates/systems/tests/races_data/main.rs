//! The data half of the races system: a simulated source, a destination, and nothing between them but what is tested.
//! Each claim on both databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

#[macro_use]
#[path = "../shared/both.rs"]
mod both;
#[path = "../shared/outside.rs"]
mod outside;
#[path = "../shared/place.rs"]
#[expect(dead_code, reason = "this half of the system has no state")]
mod place;

mod answers;
mod bed;
mod calendar;
mod corrections;
mod reads;
mod standings;
mod stops;
mod tolerance;
