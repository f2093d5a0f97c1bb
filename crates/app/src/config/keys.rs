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
    /// A variable of another program's name that sets it where its own does not.
    pub(crate) other_variable: Option<&'static str>,
}

impl Key {
    fn new(name: &str, default: Value, secrecy: Secrecy) -> Self {
        Self { name: name.to_owned(), default, secrecy, other_variable: None }
    }

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
            Value::Table(_) => "a table of texts",
            _ => "a text in quotes",
        }
    }
}

/// All keys in the order they are shown.
pub(crate) fn known() -> Vec<Key> {
    let key = |name: &str, default: Value| Key::new(name, default, Secrecy::Open);
    let text = |name: &str, default: &str| key(name, Value::String(default.to_owned()));
    let url = |name: &str| Key { secrecy: Secrecy::Url, ..text(name, "") };
    let roles = ["api", "scheduler", "worker"].map(|role| Value::String(role.to_owned()));
    let mut keys = vec![
        text("listen", "127.0.0.1:8000"),
        key("allowed_origins", Value::Array(Vec::new())),
        text("data_dir", "./syncline-data"),
        text("secret_key_file", ""),
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
    keys.extend(tasks());
    keys.extend(files());
    keys
}

/// The section of the stocks system. Its own type knows the keys and their defaults.
fn stocks() -> Vec<Key> {
    let defaults = toml::Table::try_from(systems::stocks::Config::default())
        .expect("a struct of texts and numbers is a table");
    let key = |(name, default)| Key::new(&format!("stocks.{name}"), default, Secrecy::Open);
    let mut keys: Vec<Key> = defaults.into_iter().map(key).collect();
    let empty = || Value::String(String::new());
    keys.push(Key::new("stocks.api_key", empty(), Secrecy::Secret));
    keys.push(Key::new("stocks.upstream", empty(), Secrecy::Open));
    keys
}

/// The section of the races system.
fn races() -> Vec<Key> {
    let defaults = toml::Table::try_from(systems::races::Config::default())
        .expect("a struct of texts and numbers is a table");
    let key = |(name, default)| Key::new(&format!("races.{name}"), default, Secrecy::Url);
    let mut keys: Vec<Key> = defaults.into_iter().map(key).collect();
    let empty = Value::String(String::new());
    keys.push(Key::new("races.upstream", empty, Secrecy::Url));
    keys
}

/// The section of the files system.
fn files() -> Vec<Key> {
    let defaults = toml::Table::try_from(systems::files::Config::default())
        .expect("a struct of texts and numbers is a table");
    let key = |(name, default)| Key::new(&format!("files.{name}"), default, Secrecy::Open);
    defaults.into_iter().map(key).collect()
}

/// The section of the tasks system, with its inner sections. What its platform wants to see is also taken from the
/// variables that the older system read.
fn tasks() -> Vec<Key> {
    let defaults = toml::Table::try_from(systems::tasks::Config::default())
        .expect("a struct of texts, numbers and sections is a table");
    let mut keys = Vec::new();
    for (name, default) in defaults {
        match default {
            // A section has keys of its own; a table that is empty is a value.
            Value::Table(inner) if !inner.is_empty() => {
                let inner = inner.into_iter().map(|(key, default)| guanke(&format!("{name}.{key}"), default));
                keys.extend(inner);
            }
            default => keys.push(guanke(&name, default)),
        }
    }
    let empty = Value::String(String::new());
    keys.push(Key::new("tasks.upstream", empty, Secrecy::Url));
    keys
}

fn guanke(name: &str, default: Value) -> Key {
    let (secrecy, other_variable) = match name {
        "guanke.base_url" => (Secrecy::Url, Some("GUANKE_BASE_URL")),
        "guanke.username" => (Secrecy::Open, Some("GUANKE_USERNAME")),
        "guanke.password" => (Secrecy::Secret, Some("GUANKE_PASSWORD")),
        "guanke.api_secret" => (Secrecy::Secret, Some("GUANKE_API_SECRET")),
        _ => (Secrecy::Open, None),
    };
    Key { other_variable, ..Key::new(&format!("tasks.{name}"), default, secrecy) }
}
