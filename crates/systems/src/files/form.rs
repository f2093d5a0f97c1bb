//! What people send, read into a config: all that is wrong with it at once, or a config that can be run.

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use jiff::Timestamp;
use model::file::{
    FileCompare, FileConfig, FileExclusion, FileFilters, FileGuard, FileItemType, FileMatchMode, FileMode,
    FileRename, FileRuleTarget, FileSide, paths_meet,
};
use model::schedule::zone;
use serde_json::{Map, Value, json};
use store::{FileConfigRow, FileEnd, SecretWrite};

use super::fields::{Fields, words};
use super::filter::Filter;
use super::labels;
use super::refusal;
use super::rename::Rename;
use super::service::{self, StorageKind};
use super::wrong::Wrong;

/// Rules of a kind that a config may have.
const RULES_MAX: usize = 100;
/// Lines of filters.
const LINES_MAX: usize = 1_000;
/// Characters of a path, of a name, of anything else that is written.
const PATH_MAX: usize = 1_000;
const NAME_MAX: usize = 500;
const TEXT_MAX: usize = 10_000;

/// A config that can be run, and what is to happen to its secrets.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) config: FileConfig,
    pub(super) secrets: Vec<SecretWrite>,
}

/// A side, with the secrets it is reached with.
pub(super) type Reached = (FileSide, Vec<(String, String)>);

/// What a config is to replace.
#[derive(Clone, Copy)]
pub(super) struct Old<'a> {
    pub(super) row: &'a FileConfigRow,
    /// Its secrets, which stay unless something else is said of them. Without them many a storage cannot be opened.
    pub(super) secrets: &'a [SecretWrite],
}

/// Reads a whole config. `old` is what it is to replace; `roots` are the folders of this machine it may name.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn read(
    body: &Map<String, Value>,
    old: Option<Old<'_>>,
    roots: &[PathBuf],
) -> Result<Form, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let mut secrets = Vec::new();
    let mut fields = Fields::new("", body, &mut wrong);
    for shown in READ_ONLY {
        fields.value(shown);
    }
    let mut sides = Sides { old, roots, secrets: &mut secrets };
    let (source, target) =
        (sides.read(&mut fields, FileEnd::Source), sides.read(&mut fields, FileEnd::Target));
    let is_local = target.service == "fs";
    let config = FileConfig {
        name: fields.text("name", NAME_MAX),
        enabled: fields.flag("enabled").unwrap_or(true),
        source,
        target,
        mode: fields.word("mode", words!(FileMode)).unwrap_or(FileMode::Incremental),
        cron: fields.text("cron", TEXT_MAX),
        timezone: fields.text("timezone", NAME_MAX).unwrap_or_else(|| "Asia/Shanghai".to_owned()),
        filters: filters(&mut fields),
        rename_rules: renames(&mut fields),
        compare: fields.word("compare", words!(FileCompare)).unwrap_or(FileCompare::Auto),
        mtime_tolerance_ms: fields.whole("mtime_tolerance_ms", 0, 86_400_000),
        delete_guard: guard(&mut fields),
        backup_dir: backup_dir(&mut fields, if is_local { roots } else { &[] }),
        create_empty_dirs: fields.flag("create_empty_dirs").unwrap_or(true),
        transfers: number(fields.whole("transfers", 1, 64), 8),
        checkers: number(fields.whole("checkers", 1, 64), 8),
        bandwidth_limit: fields.whole("bandwidth_limit", 0, i64::MAX).unwrap_or(0).unsigned_abs(),
        end_time: moment(&mut fields, "end_time"),
        priority: i32::try_from(fields.whole("priority", -100, 100).unwrap_or(0)).unwrap_or(0),
    };
    check(&config, &mut fields);
    fields.end();
    if let Err(more) = Filter::new(&config.filters) {
        wrong.extend(more);
    }
    if let Err(more) = Rename::new(&config.rename_rules) {
        wrong.extend(more);
    }
    if wrong.is_empty() { Ok(Form { config, secrets }) } else { Err(wrong) }
}

/// Reads one side of a config alone, with the secrets it is reached with. `old` is the config it is of.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn side(
    body: &Map<String, Value>,
    end: FileEnd,
    old: Option<Old<'_>>,
    roots: &[PathBuf],
) -> Result<Reached, Vec<Wrong>> {
    let (mut wrong, mut secrets) = (Vec::new(), Vec::new());
    let mut fields = Fields::new("", body, &mut wrong);
    let mut sides = Sides { old, roots, secrets: &mut secrets };
    let side = sides.read(&mut fields, end);
    let secrets = sides.given(end);
    fields.end();
    if wrong.is_empty() { Ok((side, secrets)) } else { Err(wrong) }
}

/// What a config shows and nobody sets.
const READ_ONLY: [&str; 7] =
    ["id", "scheduled", "schedule_reason", "last_sync", "next_run", "created_at", "updated_at"];

/// What is wrong with a config as a whole.
fn check(config: &FileConfig, fields: &mut Fields<'_, '_>) {
    if let Some(cron) = config.cron.as_deref().filter(|cron| !cron.trim().is_empty())
        && let Err(bad) = model::file::cron::canonical(cron)
    {
        fields.refuse("cron", bad.message(), json!(cron));
    }
    if zone(&config.timezone).is_err() {
        fields.refuse("timezone", format!("未知时区 {}", config.timezone), json!(config.timezone));
    }
    if config.backup_dir.as_ref() == Some(&config.target.path) {
        fields.refuse("backup_dir", "备份目录不能是目标目录本身", json!(config.backup_dir));
    }
    if overlap(config) {
        fields.refuse("target.path", labels::OVERLAP, json!(config.target.path));
    }
}

/// Whether one of the two trees lies in the other, as links are now.
pub(super) fn overlap(config: &FileConfig) -> bool {
    let ((here, from), (there, to)) = (service::location(&config.source), service::location(&config.target));
    here == there && paths_meet(&from, &to)
}

/// What both sides of a config are read with.
struct Sides<'a> {
    old: Option<Old<'a>>,
    roots: &'a [PathBuf],
    secrets: &'a mut Vec<SecretWrite>,
}

impl Sides<'_> {
    fn read(&mut self, config: &mut Fields<'_, '_>, end: FileEnd) -> FileSide {
        let mut side = FileSide {
            service: String::new(),
            options: BTreeMap::new(),
            path: String::new(),
            must_exist: false,
            case_insensitive: None,
        };
        let Some(object) = config.object(end.as_str()) else {
            config.refuse(end.as_str(), "字段为必填项", Value::Null);
            return side;
        };
        let mut wrong = Vec::new();
        let mut fields = Fields::new(&format!("{}.", end.as_str()), object, &mut wrong);
        fields.value("secrets_set");
        side.service = fields.text("service", NAME_MAX).unwrap_or_default();
        side.path = self.path(&mut fields, &side.service);
        if end == FileEnd::Target {
            side.must_exist = fields.flag("must_exist").unwrap_or(false);
            side.case_insensitive = fields.flag("case_insensitive");
        }
        let empty = Map::new();
        let options = fields.object("options").unwrap_or(&empty);
        match StorageKind::named(&side.service) {
            Ok(service) => {
                let at = format!("{}.options.", end.as_str());
                let mut known = Vec::new();
                side.options = self.options(service, Fields::new(&at, options, &mut known), end);
                fields.end();
                // Nothing is asked of it, whatever the time is.
                if known.is_empty()
                    && let Err(trouble) = service::open(&side, &self.given(end), Timestamp::UNIX_EPOCH)
                {
                    known.push(match refusal::about(&trouble.why) {
                        Some((option, why)) => {
                            Wrong::new(format!("{at}{option}"), why, json!(side.options.get(option)))
                        }
                        None => Wrong::new(at.trim_end_matches('.'), trouble.why, json!(side.options)),
                    });
                }
                wrong.extend(known);
                wrong.extend(self.left_behind(&side, end));
            }
            Err(why) => {
                fields.refuse("service", why, json!(side.service));
                fields.end();
            }
        }
        config.take(wrong);
        side
    }

    fn options(
        &mut self,
        service: &'static StorageKind,
        mut fields: Fields<'_, '_>,
        end: FileEnd,
    ) -> BTreeMap<String, String> {
        let mut options = BTreeMap::new();
        if service.name == "sftp" && fields.value("password").is_some() {
            fields.refuse("password", "sftp 仅支持密钥登录", Value::Null);
        }
        for option in service.options {
            let removed = fields.is_null(option.name);
            let text = fields.text(option.name, TEXT_MAX);
            if option.secret {
                if text.is_some() || removed {
                    self.secrets.push(SecretWrite { end, name: option.name.to_owned(), secret: text });
                }
                continue;
            }
            match text.filter(|text| !text.trim().is_empty()) {
                Some(text) => drop(options.insert(option.name.to_owned(), text)),
                None if option.required => fields.refuse(option.name, "字段为必填项", Value::Null),
                None => {}
            }
        }
        fields.end();
        options
    }

    fn path(&self, fields: &mut Fields<'_, '_>, service: &str) -> String {
        let sent = fields.text("path", PATH_MAX).unwrap_or_default();
        match normal(&sent) {
            Ok(path) if service != "fs" || allowed(&path, self.roots) => path,
            Ok(_) => {
                fields.refuse("path", outside(self.roots), json!(sent));
                String::new()
            }
            Err(why) => {
                fields.refuse("path", why, json!(sent));
                String::new()
            }
        }
    }

    /// The secrets of an end: those that came, and those that stay.
    fn given(&self, end: FileEnd) -> Vec<(String, String)> {
        let came = |kept: &SecretWrite| {
            self.secrets.iter().any(|secret| (secret.end, &secret.name) == (kept.end, &kept.name))
        };
        let kept = self.old.iter().flat_map(|old| old.secrets).filter(|kept| !came(kept));
        let of_end = kept.chain(&*self.secrets).filter(|secret| secret.end == end);
        of_end.filter_map(|secret| Some((secret.name.clone(), secret.secret.clone()?))).collect()
    }

    /// Secrets that were given for another place: they go, and must be given again if they are wanted.
    fn left_behind(&mut self, side: &FileSide, end: FileEnd) -> Vec<Wrong> {
        let Some(Old { row: old, .. }) = self.old else { return Vec::new() };
        let was = if end == FileEnd::Source { &old.config.source } else { &old.config.target };
        let place = |side: &FileSide| {
            let option = |name: &str| side.options.get(name).cloned();
            (side.service.clone(), option("endpoint"), option("bucket"))
        };
        if place(side) == place(was) {
            return Vec::new();
        }
        let service = StorageKind::named(&side.service).ok();
        let mut wrong = Vec::new();
        for (_, name) in old.secrets.iter().filter(|(of, _)| *of == end) {
            if self.secrets.iter().any(|secret| secret.end == end && secret.name == *name) {
                continue;
            }
            if service.and_then(|service| service.option(name)).is_some() {
                let field = format!("{}.options.{name}", end.as_str());
                wrong.push(Wrong::new(field, "存储位置已更改，需要重新提供", Value::Null));
            }
            self.secrets.push(SecretWrite { end, name: name.clone(), secret: None });
        }
        wrong
    }
}

/// Where replaced files are kept, as a path is kept.
fn backup_dir(fields: &mut Fields<'_, '_>, roots: &[PathBuf]) -> Option<String> {
    let sent = fields.text("backup_dir", PATH_MAX)?;
    match normal(&sent) {
        Ok(path) if allowed(&path, roots) => Some(path),
        Ok(_) => {
            fields.refuse("backup_dir", outside(roots), json!(sent));
            None
        }
        Err(why) => {
            fields.refuse("backup_dir", why, json!(sent));
            None
        }
    }
}

/// A path as it is kept: with a slash before it, none behind it, none twice.
fn normal(sent: &str) -> Result<String, &'static str> {
    match sent.trim() {
        "" => Err("路径不能为空"),
        text if text.contains('\0') => Err("路径不能包含 NUL"),
        text if text.split('/').any(|part| matches!(part, "." | "..")) => Err("路径不能包含 . 或 .."),
        text => {
            let names: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
            Ok(format!("/{}", names.join("/")))
        }
    }
}

fn outside(roots: &[PathBuf]) -> String {
    let roots: Vec<String> = roots.iter().map(|root| root.display().to_string()).collect();
    format!("本地路径必须位于 {} 之下", roots.join(", "))
}

/// Whether a path of this machine lies in one of the folders, its links followed.
pub(super) fn allowed(path: &str, roots: &[PathBuf]) -> bool {
    let real = connect::storage::Local::new(Path::new(path));
    let plain = real.path().components().all(|part| !matches!(part, Component::ParentDir));
    let real_root = |root: &PathBuf| connect::storage::Local::new(root).path().to_owned();
    plain && (roots.is_empty() || roots.iter().any(|root| real.path().starts_with(real_root(root))))
}

fn number(found: Option<i64>, default: u32) -> u32 {
    found.and_then(|number| u32::try_from(number).ok()).unwrap_or(default)
}

fn moment(fields: &mut Fields<'_, '_>, key: &'static str) -> Option<Timestamp> {
    let text = fields.text(key, NAME_MAX)?;
    match text.parse() {
        Ok(at) => Some(at),
        Err(_) => {
            fields.refuse(key, "应为带时区偏移的 RFC 3339 时间", json!(text));
            None
        }
    }
}

fn guard(fields: &mut Fields<'_, '_>) -> FileGuard {
    let mut guard = FileGuard::default();
    let Some(object) = fields.object("delete_guard") else { return guard };
    let mut wrong = Vec::new();
    let mut inner = Fields::new("delete_guard.", object, &mut wrong);
    if let Some(most) = inner.whole("max_files", 0, i64::MAX) {
        guard.max_files = Some(most.unsigned_abs());
    } else if inner.is_null("max_files") {
        guard.max_files = None;
    }
    if let Some(most) = inner.whole("max_percent", 0, 100) {
        guard.max_percent = u32::try_from(most).ok();
    } else if inner.is_null("max_percent") {
        guard.max_percent = None;
    }
    inner.end();
    fields.take(wrong);
    guard
}

fn filters(fields: &mut Fields<'_, '_>) -> FileFilters {
    let mut filters = FileFilters { case_sensitive: true, ..FileFilters::default() };
    let Some(object) = fields.object("filters") else { return filters };
    let mut wrong = Vec::new();
    let mut inner = Fields::new("filters.", object, &mut wrong);
    filters.case_sensitive = inner.flag("case_sensitive").unwrap_or(true);
    for (at, line) in inner.list("rules", LINES_MAX).iter().enumerate() {
        match line {
            Value::String(line) => filters.rules.push(line.clone()),
            other => inner.refuse(&format!("rules.{at}"), "应为文本", other.clone()),
        }
    }
    let exclusions = inner.list("exclusions", LINES_MAX);
    inner.end();
    for (at, exclusion) in exclusions.iter().enumerate() {
        filters.exclusions.extend(exclusion_of(at, exclusion, &mut wrong));
    }
    fields.take(wrong);
    filters
}

fn exclusion_of(at: usize, sent: &Value, wrong: &mut Vec<Wrong>) -> Option<FileExclusion> {
    let place = format!("filters.exclusions.{at}");
    let Value::Object(object) = sent else {
        wrong.push(Wrong::new(place, "应为对象", sent.clone()));
        return None;
    };
    let mut fields = Fields::new(&format!("{place}."), object, wrong);
    let pattern = fields.text("pattern", PATH_MAX).filter(|pattern| !pattern.is_empty());
    let exclusion = FileExclusion {
        pattern: pattern.clone().unwrap_or_default(),
        target: fields.word("target", words!(FileRuleTarget)).unwrap_or(FileRuleTarget::Name),
        item_type: fields.word("item_type", words!(FileItemType)).unwrap_or(FileItemType::Any),
        mode: fields.word("mode", words!(FileMatchMode)).unwrap_or(FileMatchMode::Contains),
        case_sensitive: fields.flag("case_sensitive").unwrap_or(false),
    };
    if pattern.is_none() {
        fields.refuse("pattern", "字段为必填项", Value::Null);
    }
    fields.end();
    Some(exclusion)
}

fn renames(fields: &mut Fields<'_, '_>) -> Vec<FileRename> {
    let mut rules = Vec::new();
    let mut wrong = Vec::new();
    for (at, sent) in fields.list("rename_rules", RULES_MAX).iter().enumerate() {
        let place = format!("rename_rules.{at}");
        let Value::Object(object) = sent else {
            wrong.push(Wrong::new(place, "应为对象", sent.clone()));
            continue;
        };
        let mut inner = Fields::new(&format!("{place}."), object, &mut wrong);
        let match_regex = inner.text("match_regex", PATH_MAX).unwrap_or_default();
        if match_regex.is_empty() {
            inner.refuse("match_regex", "字段为必填项", Value::Null);
        }
        let scopes = [(FileRuleTarget::Name, "name"), (FileRuleTarget::Path, "path")];
        rules.push(FileRename {
            match_regex,
            replace_string: inner.text("replace_string", PATH_MAX).unwrap_or_default(),
            target_scope: inner.word("target_scope", &scopes).unwrap_or(FileRuleTarget::Name),
            case_sensitive: inner.flag("case_sensitive").unwrap_or(false),
        });
        inner.end();
    }
    fields.take(wrong);
    rules
}
