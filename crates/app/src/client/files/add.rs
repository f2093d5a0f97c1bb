//! A new config, from flags or from a file. Secrets come from where other users of the machine cannot read them: the
//! list of processes shows every argument.

use std::io::BufRead;
use std::path::Path;

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::super::{Api, text_of};
use super::{CONFIGS, ask};
use crate::arguments::{Mode, NewConfig};
use crate::exit::{Exit, Failure};
use crate::screen::say;
use crate::words::both;

/// Options that are secrets, of all documented storages.
const SECRETS: [&str; 11] = [
    "password",
    "token",
    "secret_access_key",
    "session_token",
    "private_key",
    "access_token",
    "refresh_token",
    "client_secret",
    "access_key_secret",
    "security_token",
    "secret_key",
];

pub(super) async fn add(api: &Api, config: NewConfig) -> Result<Exit, Failure> {
    let body = match &config.file {
        Some(file) => of_file(file)?,
        None => of_flags(config, &mut std::io::stdin().lock())?,
    };
    let Some(made) = ask(api, Method::POST, CONFIGS, Some(&body)).await? else { return Ok(Exit::Done) };
    let mut number = text_of(&made["id"]);
    if let Some(name) = made["name"].as_str().filter(|name| !name.is_empty()) {
        number = format!("{number}: {name}");
    }
    let next = match made["next_run"].as_str() {
        Some(next) => both(format!(" (next run {next})"), format!("（下次执行 {next}）")),
        None => String::new(),
    };
    say(&both(format!("made config {number}{next}"), format!("已创建同步配置 {number}{next}")));
    Ok(Exit::Done)
}

fn of_file(file: &Path) -> Result<Value, Failure> {
    let shown = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| {
        usage(format!("cannot read {shown}: {error}"), format!("无法读取 {shown}：{error}"))
    })?;
    serde_json::from_str(&text)
        .map_err(|error| usage(format!("{shown} is no JSON: {error}"), format!("{shown} 不是 JSON：{error}")))
}

fn of_flags(config: NewConfig, input: &mut impl BufRead) -> Result<Value, Failure> {
    let mut body = Map::new();
    for (end, tree, options, secrets) in [
        ("source", &config.source, &config.source_opt, &config.source_secret),
        ("target", &config.target, &config.target_opt, &config.target_secret),
    ] {
        let tree = tree.as_deref().unwrap_or_default();
        let Some((service, path)) = tree.split_once(':').filter(|(service, _)| !service.is_empty()) else {
            return Err(usage(
                format!("--{end} wants a storage and a path, such as fs:/srv/photos, not `{tree}`"),
                format!("--{end} 应为存储和路径，如 fs:/srv/photos，而不是 `{tree}`"),
            ));
        };
        let mut all = Map::new();
        for option in options {
            let (name, value) = pair(option, &format!("--{end}-opt"))?;
            if SECRETS.contains(&name) {
                return Err(in_the_open(name, end));
            }
            all.insert(name.to_owned(), value.into());
        }
        for secret in secrets {
            let (name, from) = pair(secret, &format!("--{end}-secret"))?;
            all.insert(name.to_owned(), secret_of(name, from, end, input)?.into());
        }
        body.insert(end.to_owned(), json!({ "service": service, "path": path, "options": all }));
    }
    let mode = config.mode.map(|mode| match mode {
        Mode::Incremental => "incremental",
        Mode::Full => "full",
        Mode::Overwrite => "overwrite",
    });
    for (key, value) in [
        ("name", config.name),
        ("mode", mode.map(str::to_owned)),
        ("cron", config.cron),
        ("timezone", config.timezone),
    ] {
        body.extend(value.map(|value| (key.to_owned(), value.into())));
    }
    Ok(Value::Object(body))
}

/// A name and what is behind its `=`. What is wrong with a pair is told without its value: it may be a secret.
fn pair<'a>(text: &'a str, flag: &str) -> Result<(&'a str, &'a str), Failure> {
    text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(|| {
        usage(
            format!("{flag} wants a name and a value with = between them"),
            format!("{flag} 应为以 = 连接的名称和值"),
        )
    })
}

/// Reads a secret from where it is kept.
fn secret_of(name: &str, from: &str, end: &str, input: &mut impl BufRead) -> Result<String, Failure> {
    let found = match from.split_once(':') {
        _ if from == "-" => {
            let mut line = String::new();
            input.read_line(&mut line).map(|_| line).map_err(|error| error.to_string())
        }
        Some(("env", variable)) => std::env::var(variable).map_err(|error| format!("{variable}: {error}")),
        Some(("file", path)) => std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}")),
        _ => return Err(in_the_open(name, end)),
    };
    let secret = found.map_err(|why| {
        usage(format!("the secret {name} cannot be read: {why}"), format!("无法读取密钥 {name}：{why}"))
    })?;
    // An editor ends a file with a new line, and a terminal a line.
    let secret = secret.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(usage(format!("the secret {name} is empty"), format!("密钥 {name} 为空")));
    }
    Ok(secret.to_owned())
}

fn in_the_open(name: &str, end: &str) -> Failure {
    usage(
        format!(
            "secrets are not taken as arguments, other users can read those: say --{end}-secret \
             {name}=env:NAME, {name}=file:PATH or {name}=-"
        ),
        format!(
            "密钥不能直接写在参数中，其他用户可以看到；请用 --{end}-secret {name}=env:NAME、\
             {name}=file:PATH 或 {name}=-"
        ),
    )
}

fn usage(english: String, chinese: String) -> Failure {
    Failure::new(Exit::Usage, both(english, chinese))
}
