//! `config check`: what holds, and why.

use serde_json::json;
use toml::Value;
use web::Setting;

use super::keys::{Key, Secrecy};
use super::{Layers, Origin, Settings};
use crate::client::Reader;
use crate::exit::{Exit, Failure};
use crate::screen;

/// What stands in place of a secret.
const HIDDEN: &str = "***";

/// Prints every key with its value and origin, as a configuration file; then what looks wrong.
pub(crate) fn check(layers: &Layers, reader: Reader) -> Result<Exit, Failure> {
    let settings = Settings::of(layers)?;
    settings.may_listen()?;
    if reader == Reader::Machine {
        let shown = layers.keys.iter().map(|key| {
            let (_, origin) = layers.value(&key.name);
            (key.name.clone(), json!({ "value": without_secret(layers, key), "origin": origin.to_string() }))
        });
        screen::say(&serde_json::Value::Object(shown.collect()).to_string());
    } else {
        let lines: Vec<(String, String)> = layers
            .keys
            .iter()
            .map(|key| {
                (
                    format!("{} = {}", key.name, without_secret(layers, key)),
                    layers.value(&key.name).1.to_string(),
                )
            })
            .collect();
        let wide = lines.iter().map(|(line, _)| line.chars().count()).max().unwrap_or(0).min(60);
        for (line, origin) in lines {
            screen::say(&format!("{line:wide$}  # {origin}"));
        }
    }
    for warning in settings.stocks.warnings() {
        screen::complain(&format!("syncline: {warning}"));
    }
    Ok(Exit::Done)
}

/// What a server with these values tells of them. The address commands look for is none of its own.
pub(crate) fn shown(layers: &Layers) -> Vec<Setting> {
    let keys = layers.keys.iter().filter(|key| key.name != "server");
    let setting = |key: &Key| Setting {
        key: key.name.clone(),
        value: words(&without_secret(layers, key)),
        source: match &layers.value(&key.name).1 {
            Origin::Default => web::Source::Default,
            Origin::File(path) => web::Source::File(path.display().to_string()),
            Origin::Variable(name) => web::Source::Variable(name.clone()),
            Origin::Flag(name) => web::Source::Flag(name.clone()),
        },
    };
    keys.map(setting).collect()
}

/// A value as people read it: a list with commas, a text without quotes.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The effective value without secrets.
pub(super) fn without_secret(layers: &Layers, key: &Key) -> Value {
    let (value, _) = layers.value(&key.name);
    match (key.secrecy, value) {
        (Secrecy::Secret, Value::String(text)) if !text.is_empty() => Value::String(HIDDEN.to_owned()),
        (Secrecy::Url, Value::String(text)) => Value::String(without_password(text)),
        _ => value.clone(),
    }
}

/// The address with its password hidden, whether it stands before the host or among the options.
pub(crate) fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (place, options) =
        rest.split_once('?').map_or((rest, None), |(place, options)| (place, Some(options)));
    let place = match place.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{name}:{HIDDEN}@{host}"),
            None => place.to_owned(),
        },
        None => place.to_owned(),
    };
    let option = |option: &str| match option.split_once('=') {
        Some((name, _)) if name.eq_ignore_ascii_case("password") => format!("{name}={HIDDEN}"),
        _ => option.to_owned(),
    };
    let options = options.map(|options| {
        let shown: Vec<String> = options.split('&').map(option).collect();
        format!("?{}", shown.join("&"))
    });
    let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
    format!("{scheme}{place}{}", options.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_an_address_is_hidden_wherever_it_stands() {
        assert_eq!(without_password("postgres://u:p@h:5432/d"), "postgres://u:***@h:5432/d");
        assert_eq!(without_password("postgres://u:p@ss:w@h/d?sslmode=x"), "postgres://u:***@h/d?sslmode=x");
        assert_eq!(
            without_password("postgres://h/d?user=u&password=p"),
            "postgres://h/d?user=u&password=***"
        );
        assert_eq!(without_password("postgres://u@h/d"), "postgres://u@h/d");
        assert_eq!(without_password(""), "");
    }
}
