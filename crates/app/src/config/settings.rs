//! Checked configuration.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jiff::tz::TimeZone;
use toml::{Table, Value};

use super::{BadConfig, Layers, shown};
use crate::words::{both, language};

/// The most partitions a worker may have in hand: each may hold a connection and a day's rows.
const SLOTS_MAX: i64 = 64;

/// Ten years.
const DAYS_MAX: i64 = 3_660;

/// What a server is started with.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) listen: SocketAddr,
    /// Pages of other servers that may ask the API.
    pub(crate) allowed_origins: web::Origins,
    pub(crate) data_dir: PathBuf,
    /// That of the console, for those whose own is not known.
    pub(crate) time_zone: TimeZone,
    pub(crate) state: State,
    /// PostgreSQL for the rows; `None`: beside the state.
    pub(crate) destination_url: Option<String>,
    pub(crate) roles: Vec<Role>,
    pub(crate) worker_slots: usize,
    pub(crate) runs_kept: Duration,
    pub(crate) events_kept: Duration,
    pub(crate) log_format: LogFormat,
    pub(crate) log_level: String,
    pub(crate) stocks: systems::stocks::Settings,
    pub(crate) races: systems::races::Settings,
    pub(crate) tasks: systems::tasks::Settings,
    pub(crate) files: systems::files::Settings,
    /// What secrets at rest are sealed with.
    pub(crate) secret_key_file: PathBuf,
    /// All of it as people are told.
    pub(crate) shown: Vec<web::Setting>,
}

/// Where the state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// `state.db` in the data folder.
    Embedded,
    /// PostgreSQL at this address.
    Postgres(String),
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Api,
    Scheduler,
    Worker,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Human,
    Json,
}

impl Settings {
    /// Reads every value; the first that is not allowed is the error.
    pub(crate) fn of(layers: &Layers) -> Result<Self, BadConfig> {
        let state = match url(layers, "database_url")? {
            None => State::Embedded,
            Some(url) => State::Postgres(url),
        };
        let days = |key| {
            let days = whole(layers, key, DAYS_MAX)?;
            Ok(Duration::from_secs(24 * 3600 * days.unsigned_abs()))
        };
        let settings = Self {
            listen: listen(layers)?,
            allowed_origins: allowed_origins(layers)?,
            data_dir: PathBuf::from(layers.text("data_dir").unwrap_or(".")),
            time_zone: time_zone(layers)?,
            state,
            destination_url: url(layers, "destination_url")?,
            roles: roles(layers)?,
            worker_slots: usize::try_from(whole(layers, "worker_slots", SLOTS_MAX)?)
                .expect("it is small and positive"),
            runs_kept: days("runs_kept_days")?,
            events_kept: days("events_kept_days")?,
            log_format: log_format(layers)?,
            log_level: layers.text("log_level").unwrap_or("info").to_owned(),
            stocks: stocks(layers)?,
            races: races(layers)?,
            tasks: tasks(layers)?,
            files: files(layers)?,
            secret_key_file: secret_key_file(layers),
            shown: shown(layers),
        };
        settings.check(layers)?;
        server(layers)?;
        Ok(settings)
    }

    /// Whether this process does that.
    pub(crate) fn does(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Refuses an address that others reach. A process without the role `api` listens nowhere.
    pub(crate) fn may_listen(&self) -> Result<(), BadConfig> {
        if !self.does(Role::Api) {
            return Ok(());
        }
        web::bind::may_listen(self.listen).map_err(|refusal| BadConfig(refusal.text(language()).to_owned()))
    }

    /// What holds between keys.
    fn check(&self, layers: &Layers) -> Result<(), BadConfig> {
        if self.log_level.parse::<tracing_subscriber::EnvFilter>().is_err() {
            let (english, chinese) = (
                "error, warn, info, debug, trace or a filter",
                " error、warn、info、debug、trace 或过滤表达式",
            );
            return Err(layers.refuse("log_level", english, chinese));
        }
        let progress = layers.number("stocks.progress_retention_days");
        if layers.number("runs_kept_days") < progress {
            let english = format!("at least stocks.progress_retention_days, which is {progress}");
            let chinese = format!("不小于 stocks.progress_retention_days（{progress}）的值");
            return Err(layers.refuse("runs_kept_days", &english, &chinese));
        }
        let all = Role::ALL.iter().all(|role| self.does(*role));
        if self.state == State::Embedded && !all {
            let english = "all of api, scheduler, worker while the state is embedded: one process has it; \
                           give --database-url to split roles";
            let chinese =
                " api、scheduler、worker 全部：内置状态库只能由一个进程使用；拆分角色请使用 --database-url";
            return Err(layers.refuse("roles", english, chinese));
        }
        Ok(())
    }
}

fn listen(layers: &Layers) -> Result<SocketAddr, BadConfig> {
    let text = layers.text("listen").unwrap_or_default();
    let named = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    named.as_deref().unwrap_or(text).parse().map_err(|_| {
        layers.refuse(
            "listen",
            "an address and a port, such as 127.0.0.1:8000; port 0 picks a free one",
            "地址和端口，例如 127.0.0.1:8000；端口 0 表示自动选择",
        )
    })
}

fn time_zone(layers: &Layers) -> Result<TimeZone, BadConfig> {
    TimeZone::get(layers.text("time_zone").unwrap_or("UTC")).map_err(|_| {
        layers.refuse(
            "time_zone",
            "a zone of the IANA database, such as Asia/Shanghai",
            " IANA 时区名，例如 Asia/Shanghai",
        )
    })
}

/// Where commands find the server: what `server` says, or else beside them at `listen`. Without a `/` at its end.
pub(crate) fn server(layers: &Layers) -> Result<String, BadConfig> {
    let beside = layers.text("listen").map(|listen| format!("http://{listen}"));
    let base = layers.text("server").or(beside.as_deref()).unwrap_or_default().trim_end_matches('/');
    let known = reqwest::Url::parse(base).is_ok_and(|url| url.scheme() == "http" && url.has_host());
    if known {
        return Ok(base.to_owned());
    }
    // Connections are not encrypted yet, so https would be accepted here and fail at every command.
    Err(layers.refuse("server", "http://host:port", " http://主机:端口"))
}

fn whole(layers: &Layers, key: &str, most: i64) -> Result<i64, BadConfig> {
    let number = layers.number(key);
    if (1..=most).contains(&number) {
        return Ok(number);
    }
    Err(layers.refuse(key, &format!("1 to {most}"), &format!(" 1 到 {most}")))
}

fn url(layers: &Layers, key: &str) -> Result<Option<String>, BadConfig> {
    match layers.text(key) {
        None => Ok(None),
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Ok(Some(url.to_owned()))
        }
        // The value may hold a password and is not repeated.
        Some(_) => Err(BadConfig(both(
            format!("{key} ({}): expected postgres://user@host:port/database", layers.value(key).1),
            format!("{key}（{}）：应为 postgres://用户@主机:端口/数据库", layers.value(key).1),
        ))),
    }
}

fn allowed_origins(layers: &Layers) -> Result<web::Origins, BadConfig> {
    let list = layers.value("allowed_origins").0.as_array().map(Vec::as_slice).unwrap_or_default();
    web::Origins::parse(list.iter().map(|origin| origin.as_str().unwrap_or_default())).map_err(|_| {
        layers.refuse(
            "allowed_origins",
            "http:// or https:// with a host and perhaps a port each, such as https://desk.example:8443",
            "若干 http:// 或 https:// 加主机（可带端口），例如 https://desk.example:8443",
        )
    })
}

fn roles(layers: &Layers) -> Result<Vec<Role>, BadConfig> {
    let refuse = || {
        layers.refuse(
            "roles",
            "one or more of api, scheduler, worker",
            " api、scheduler、worker 中的一个或多个",
        )
    };
    let list = layers.value("roles").0.as_array().map(Vec::as_slice).unwrap_or_default();
    let roles: Option<Vec<Role>> = list.iter().map(|role| role.as_str().and_then(Role::from_word)).collect();
    roles.filter(|roles| !roles.is_empty()).ok_or_else(refuse)
}

impl Role {
    /// Every role.
    pub(crate) const ALL: [Self; 3] = [Self::Api, Self::Scheduler, Self::Worker];

    /// Its word in the configuration.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Scheduler => "scheduler",
            Self::Worker => "worker",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

fn log_format(layers: &Layers) -> Result<LogFormat, BadConfig> {
    match layers.text("log_format") {
        Some("human") => Ok(LogFormat::Human),
        Some("json") => Ok(LogFormat::Json),
        _ => Err(layers.refuse("log_format", "human or json", " human 或 json")),
    }
}

/// The section of the races system; `upstream` wins over `upstream_base_url`.
fn races(layers: &Layers) -> Result<systems::races::Settings, BadConfig> {
    let mut section = Table::new();
    for key in &layers.keys {
        if let Some(name) = key.name.strip_prefix("races.")
            && name != "upstream"
        {
            section.insert(name.to_owned(), layers.value(&key.name).0.clone());
        }
    }
    if let Some(upstream) = layers.text("races.upstream").filter(|text| !text.is_empty()) {
        section.insert("upstream_base_url".to_owned(), Value::String(upstream.to_owned()));
    }
    let config: systems::races::Config = section
        .try_into()
        .map_err(|error: toml::de::Error| BadConfig(format!("races: {}", error.message())))?;
    config.check().map_err(|bad| BadConfig(bad.to_string()))
}

/// The section of the tasks system, with its inner sections; `upstream` wins over `guanke.base_url`.
fn tasks(layers: &Layers) -> Result<systems::tasks::Settings, BadConfig> {
    let mut section = Table::new();
    for key in &layers.keys {
        let Some(name) = key.name.strip_prefix("tasks.").filter(|name| *name != "upstream") else { continue };
        let value = layers.value(&key.name).0.clone();
        match name.split_once('.') {
            Some((inner, name)) => {
                let inner = section.entry(inner).or_insert_with(|| Value::Table(Table::new()));
                let inner = inner.as_table_mut().expect("a name with a dot is of a section");
                inner.insert(name.to_owned(), value);
            }
            None => {
                section.insert(name.to_owned(), value);
            }
        }
    }
    // What is wrong with the section is told without its values: some are secrets.
    let mut config: systems::tasks::Config = section.try_into().map_err(|_: toml::de::Error| {
        BadConfig(both("tasks: a value is not of its key's type", "tasks：有配置项的类型不符"))
    })?;
    if let Some(upstream) = layers.text("tasks.upstream") {
        upstream.clone_into(&mut config.guanke.base_url);
    }
    config.check().map_err(|bad| BadConfig(bad.to_string()))
}

/// The section of the files system.
fn files(layers: &Layers) -> Result<systems::files::Settings, BadConfig> {
    let mut section = Table::new();
    for key in &layers.keys {
        if let Some(name) = key.name.strip_prefix("files.") {
            section.insert(name.to_owned(), layers.value(&key.name).0.clone());
        }
    }
    let config: systems::files::Config = section
        .try_into()
        .map_err(|error: toml::de::Error| BadConfig(format!("files: {}", error.message())))?;
    config.check().map_err(|bad| BadConfig(bad.to_string()))
}

/// Beside the embedded database, unless told otherwise.
fn secret_key_file(layers: &Layers) -> PathBuf {
    match layers.text("secret_key_file").filter(|file| !file.is_empty()) {
        Some(file) => PathBuf::from(file),
        None => PathBuf::from(layers.text("data_dir").unwrap_or(".")).join("secret.key"),
    }
}

/// The section of the stocks system, with `upstream` taken apart into host and port.
fn stocks(layers: &Layers) -> Result<systems::stocks::Settings, BadConfig> {
    let mut section = Table::new();
    for key in &layers.keys {
        let Some(name) = key.name.strip_prefix("stocks.") else { continue };
        let value = layers.value(&key.name).0.clone();
        if name != "upstream" && !(name == "api_key" && value.as_str() == Some("")) {
            section.insert(name.to_owned(), value);
        }
    }
    if let Some(upstream) = layers.text("stocks.upstream") {
        let parts =
            upstream.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
        let Some((host, port)) = parts.filter(|(host, port)| !host.is_empty() && *port > 0) else {
            return Err(layers.refuse("stocks.upstream", "host:port", "主机:端口"));
        };
        section.insert("host".to_owned(), Value::String(host.trim_matches(['[', ']']).to_owned()));
        section.insert("port".to_owned(), Value::Integer(port.into()));
    }
    let config: systems::stocks::Config = section
        .try_into()
        .map_err(|error: toml::de::Error| BadConfig(format!("stocks: {}", error.message())))?;
    config.check().map_err(|bad| BadConfig(bad.to_string()))
}
