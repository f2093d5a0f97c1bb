//! Configuration: one TOML file, the environment, flags; a later one wins. Every key is known, with its default, its
//! type and what is allowed; anything else is refused with the nearest known name.

mod check;
mod keys;
mod layers;
mod nearest;
mod settings;

pub(crate) use check::{check, shown, without_password};
pub(crate) use layers::{Layers, Origin, environment};
pub(crate) use settings::{LogFormat, Role, Settings, State, server};

use crate::exit::{Exit, Failure};

/// A wrong key or value, as one line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadConfig(pub(crate) String);

impl From<BadConfig> for Failure {
    fn from(bad: BadConfig) -> Self {
        Self::new(Exit::Usage, bad.0)
    }
}
