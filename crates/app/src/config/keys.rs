//! Every known key, with its default.

use toml::Value;

/// Whether a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrecy {
    /// As it is.
    Open,
    /// Without the password in it.
    Url,
    /// Never.
    Secret,
}

/// A known key.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// `listen`, `stocks.port`.
    pub(crate) name: String,
    /// Its default; its type is the key's type. An empty text means: not set.
    pub(crate) default: Value,
    /// Whether it may be shown.
    pub(crate) secrecy: Secrecy,
}

impl Key {
    /// The environment variable that sets it.
    pub(crate) fn variable(&self) -> String {
        format!("SYNCLINE_{}", self.name.replace('.', "_").to_uppercase())
    }

    /// What its type is called.
    pub(crate) fn kind(&self) -> &'static str {
        match self.default {
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::Array(_) => "a list of texts",
            _ => "a text in quotes",
        }
    }
}

/// All keys in the order they are shown.
pub(crate) fn known() -> Vec<Key> {
    let key = |name: &str, default: Value| Key { name: name.to_owned(), default, secrecy: Secrecy::Open };
    let text = |name: &str, default: &str| key(name, Value::String(default.to_owned()));
    let url = |name: &str| Key { secrecy: Secrecy::Url, ..text(name, "") };
    let roles = ["api", "scheduler", "worker"].map(|role| Value::String(role.to_owned()));
    let mut keys = vec![
        text("listen", "127.0.0.1:8000"),
        key("allowed_origins", Value::Array(Vec::new())),
        text("data_dir", "./syncline-data"),
        text("time_zone", "Asia/Shanghai"),
        url("database_url"),
        url("destination_url"),
        key("roles", Value::Array(roles.to_vec())),
        key("worker_slots", Value::Integer(4)),
        key("runs_kept_days", Value::Integer(90)),
        key("events_kept_days", Value::Integer(7)),
        text("log_format", "human"),
        text("log_level", "info"),
        url("server"),
    ];
    keys.extend(stocks());
    keys.extend(races());
    keys
}

/// The section of the stocks system. Its own type knows the keys and their defaults.
fn stocks() -> Vec<Key> {
    let defaults = toml::Table::try_from(systems::stocks::Config::default())
        .expect("a struct of texts and numbers is a table");
    let key = |(name, default)| Key { name: format!("stocks.{name}"), default, secrecy: Secrecy::Open };
    let mut keys: Vec<Key> = defaults.into_iter().map(key).collect();
    let empty = || Value::String(String::new());
    keys.push(Key { name: "stocks.api_key".to_owned(), default: empty(), secrecy: Secrecy::Secret });
    keys.push(Key { name: "stocks.upstream".to_owned(), default: empty(), secrecy: Secrecy::Open });
    keys
}

/// The section of the races system.
fn races() -> Vec<Key> {
    let defaults = toml::Table::try_from(systems::races::Config::default())
        .expect("a struct of texts and numbers is a table");
    let key = |(name, default)| Key { name: format!("races.{name}"), default, secrecy: Secrecy::Url };
    let mut keys: Vec<Key> = defaults.into_iter().map(key).collect();
    let empty = Value::String(String::new());
    keys.push(Key { name: "races.upstream".to_owned(), default: empty, secrecy: Secrecy::Url });
    keys
}
