//! The section `[files]` of the configuration: its keys, defaults and allowed values.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The section as written. Every key has its default; [`Config::check`] makes [`Settings`] of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the keys are documented in the manual; Settings says what they mean")]
pub struct Config {
    pub local_roots: Vec<String>,
    pub max_concurrent_runs: i64,
}

impl Default for Config {
    fn default() -> Self {
        Self { local_roots: Vec::new(), max_concurrent_runs: 2 }
    }
}

/// Checked configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folders of this machine that configs may name, and what lies in them; empty: any.
    pub local_roots: Vec<PathBuf>,
    /// Runs at work at once in this process.
    pub max_concurrent_runs: usize,
}

/// A key whose value cannot be taken.
#[derive(Debug, thiserror::Error)]
#[error("files.{key}: {wanted}")]
pub struct BadConfig {
    key: &'static str,
    wanted: &'static str,
}

impl Config {
    /// What it means.
    ///
    /// # Errors
    /// Which value cannot be taken, and what is allowed.
    pub fn check(self) -> Result<Settings, BadConfig> {
        let runs = usize::try_from(self.max_concurrent_runs).ok().filter(|runs| (1..=64).contains(runs));
        let max_concurrent_runs =
            runs.ok_or(BadConfig { key: "max_concurrent_runs", wanted: "must be from 1 to 64" })?;
        let local_roots: Vec<PathBuf> = self.local_roots.into_iter().map(PathBuf::from).collect();
        if local_roots.iter().any(|root| !root.is_absolute()) {
            return Err(BadConfig { key: "local_roots", wanted: "must be absolute paths" });
        }
        Ok(Settings { local_roots, max_concurrent_runs })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { local_roots: Vec::new(), max_concurrent_runs: 2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_allowed_and_what_is_not_is_named() {
        assert!(Config::default().check().is_ok());
        let wrong = |config: Config| config.check().unwrap_err().to_string();
        let none = Config { max_concurrent_runs: 0, ..Config::default() };
        assert!(wrong(none).contains("files.max_concurrent_runs"));
        let relative = Config { local_roots: vec!["data".to_owned()], ..Config::default() };
        assert!(wrong(relative).contains("files.local_roots"));
    }
}
