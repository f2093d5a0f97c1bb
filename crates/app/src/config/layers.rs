//! Values by key from the file, the environment and the flags, each with where it came from.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::BadConfig;
use super::check::without_secret;
use super::keys::{Key, known};
use super::nearest::nearest;
use crate::words::both;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "syncline.toml";

/// Variables that are not keys: the file's name, those of the build and the tests, those Kubernetes sets for a service
/// `syncline`.
const NOT_KEYS: [&str; 5] =
    ["SYNCLINE_CONFIG", "SYNCLINE_COMMIT", "SYNCLINE_TEST_", "SYNCLINE_SERVICE_", "SYNCLINE_PORT"];

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    File(PathBuf),
    Variable(String),
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str(&both("default", "默认值")),
            Self::File(path) => f.write_str(&path.display().to_string()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// Every key with its effective value.
#[derive(Debug)]
pub(crate) struct Layers {
    pub(crate) keys: Vec<Key>,
    values: BTreeMap<String, (Value, Origin)>,
}

/// The variables of the process.
pub(crate) fn environment() -> Vec<(String, String)> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
    };
    std::env::vars_os().filter_map(text).collect()
}

impl Layers {
    /// Gathers the values: flags before environment before file before defaults.
    pub(crate) fn gather(
        file: Option<&Path>,
        environment: &[(String, String)],
        flags: &[(&'static str, String)],
    ) -> Result<Self, BadConfig> {
        let keys = known();
        let defaults = keys.iter().map(|key| (key.name.clone(), (key.default.clone(), Origin::Default)));
        let mut layers = Self { values: defaults.collect(), keys };
        layers.take_file(file)?;
        layers.take_environment(environment)?;
        for (key, value) in flags {
            let flag = format!("--{}", key.replace(['.', '_'], "-"));
            let known = layers.key(key).expect("flags are named after keys").clone();
            let value = from_text(&known, value, &flag)?;
            layers.values.insert(known.name, (value, Origin::Flag(flag)));
        }
        Ok(layers)
    }

    /// The value of a key and where it came from.
    pub(crate) fn value(&self, key: &str) -> &(Value, Origin) {
        self.values.get(key).expect("every known key has a value")
    }

    /// A text; `None` when it is empty.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.value(key).0.as_str().filter(|text| !text.is_empty())
    }

    /// A whole number.
    pub(crate) fn number(&self, key: &str) -> i64 {
        self.value(key).0.as_integer().expect("types were checked when the value was taken")
    }

    /// Says that a key's value is not allowed. A secret in it is not repeated.
    pub(crate) fn refuse(&self, key: &str, english: &str, chinese: &str) -> BadConfig {
        let origin = &self.value(key).1;
        let value = without_secret(self, self.key(key).expect("only known keys are refused"));
        BadConfig(both(
            format!("{key} = {value} ({origin}): expected {english}"),
            format!("{key} = {value}（{origin}）：应为{chinese}"),
        ))
    }

    fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    fn take_file(&mut self, file: Option<&Path>) -> Result<(), BadConfig> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && file.is_none() => return Ok(()),
            Err(error) => {
                return Err(BadConfig(both(
                    format!("cannot read the configuration file {}: {error}", path.display()),
                    format!("无法读取配置文件 {}：{error}", path.display()),
                )));
            }
        };
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            BadConfig(format!("{}:{line}: {}", path.display(), error.message()))
        })?;
        self.take_table("", table, path)
    }

    fn take_table(&mut self, prefix: &str, table: Table, path: &Path) -> Result<(), BadConfig> {
        for (name, value) in table {
            let name = format!("{prefix}{name}");
            let Some(key) = self.key(&name).cloned() else {
                let section = format!("{name}.");
                match value {
                    Value::Table(inner) if self.keys.iter().any(|key| key.name.starts_with(&section)) => {
                        self.take_table(&section, inner, path)?;
                        continue;
                    }
                    _ => return Err(self.unknown(&name, &path.display().to_string())),
                }
            };
            let value = typed(&key, value).map_err(|value| {
                BadConfig(both(
                    format!("{}: {name} = {value}: expected {}", path.display(), key.kind()),
                    format!("{}：{name} = {value}：类型不符", path.display()),
                ))
            })?;
            self.values.insert(name, (value, Origin::File(path.to_owned())));
        }
        Ok(())
    }

    fn take_environment(&mut self, environment: &[(String, String)]) -> Result<(), BadConfig> {
        // First the variables of other names: ours win.
        for key in self.keys.clone() {
            let Some(name) = key.other_variable else { continue };
            let set = environment.iter().find(|(other, text)| other == name && !text.is_empty());
            if let Some((_, text)) = set {
                let value = from_text(&key, text, name)?;
                self.values.insert(key.name, (value, Origin::Variable(name.to_owned())));
            }
        }
        for (name, text) in environment {
            if !name.starts_with("SYNCLINE_") || NOT_KEYS.iter().any(|other| name.starts_with(other)) {
                continue;
            }
            let Some(key) = self.keys.iter().find(|key| key.variable() == *name).cloned() else {
                let variables: Vec<String> = self.keys.iter().map(Key::variable).collect();
                let hint = nearest(name, variables.iter().map(String::as_str));
                return Err(BadConfig(unknown(name, &both("the environment", "环境变量"), hint)));
            };
            let value = from_text(&key, text, name)?;
            self.values.insert(key.name, (value, Origin::Variable(name.clone())));
        }
        Ok(())
    }

    fn unknown(&self, name: &str, place: &str) -> BadConfig {
        BadConfig(unknown(name, place, nearest(name, self.keys.iter().map(|key| key.name.as_str()))))
    }
}

fn unknown(name: &str, place: &str, hint: Option<&str>) -> String {
    let english = hint.map(|hint| format!("; did you mean {hint}?")).unwrap_or_default();
    let chinese = hint.map(|hint| format!("；是否应为 {hint}？")).unwrap_or_default();
    both(
        format!("{place}: no configuration key is called {name}{english}"),
        format!("{place}：没有名为 {name} 的配置项{chinese}"),
    )
}

/// The value, when it is of the key's type; a whole number is a number too, a text with commas a list.
fn typed(key: &Key, value: Value) -> Result<Value, Value> {
    match (&key.default, value) {
        (Value::Float(_), Value::Integer(whole)) => {
            i32::try_from(whole).map(|whole| Value::Float(whole.into())).map_err(|_| Value::Integer(whole))
        }
        (Value::Array(_), Value::String(text)) => Ok(list(&text)),
        (Value::Array(_), Value::Array(items)) if items.iter().all(Value::is_str) => Ok(Value::Array(items)),
        (Value::Array(_), Value::Array(items)) => Err(Value::Array(items)),
        (Value::Table(_), Value::Table(pairs)) if !pairs.values().all(Value::is_str) => {
            Err(Value::Table(pairs))
        }
        (default, value) if default.same_type(&value) => Ok(value),
        (_, value) => Err(value),
    }
}

/// A value given as text, in the environment or as a flag.
fn from_text(key: &Key, text: &str, place: &str) -> Result<Value, BadConfig> {
    let read = match key.default {
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        Value::Float(_) => text.parse().ok().map(Value::Float),
        Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
        Value::Array(_) => Some(list(text)),
        Value::Table(_) => pairs(text),
        _ => Some(Value::String(text.to_owned())),
    };
    read.ok_or_else(|| {
        BadConfig(both(
            format!("{} = {text:?} ({place}): expected {}", key.name, key.kind()),
            format!("{} = {text:?}（{place}）：类型不符", key.name),
        ))
    })
}

fn list(text: &str) -> Value {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
}

/// `1=a,2=b`.
fn pairs(text: &str) -> Option<Value> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let pair = |item: &str| {
        let (key, value) = item.split_once('=')?;
        Some((key.trim().to_owned(), Value::String(value.trim().to_owned())))
    };
    items.map(pair).collect::<Option<Table>>().map(Value::Table)
}
