//! The doors of the house: native API, live feed, console, and each system's contract routes.
//!
//! What must not enter: SQL, anything about one system outside its console folder, a way to start work other than
//! [`engine::Engine::request`]. Contract routes come in as ready routers; a system's own page is
//! its folder below `pages`, over what that system shows.

mod api;
mod app;
mod assets;
pub mod bind;
mod choice;
mod components;
mod docs;
mod extract;
mod guard;
pub mod i18n;
mod live;
pub mod metrics;
mod once;
mod origins;
mod pages;
pub mod problem;
mod progress;
mod routes;
mod serve;
mod settings;
mod viewer;

pub use app::{App, Hosts, Range, Refusal, SystemRoutes, Version, router};
pub use docs::openapi;
pub use origins::Origins;
pub use serve::serve;
pub use settings::{Setting, Source};
