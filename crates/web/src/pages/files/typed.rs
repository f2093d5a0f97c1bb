//! What stands in the form of a config, and the config it says. Pure.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use systems::files::{Detail, Side, services};

use super::rows::Rows;

/// The form's fields by their names, which are the paths of a config's fields. An option's has the storage it is of:
/// `source.webdav.endpoint`.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Typed(BTreeMap<String, String>);

/// Numbers that are left to their defaults when nothing is written.
pub(super) const NUMBERS: [&str; 5] =
    ["transfers", "checkers", "bandwidth_limit", "priority", "mtime_tolerance_ms"];

/// What the name of a secret's field ends with where the secret is to go.
pub(super) const REMOVED: &str = "remove";

/// Texts that may be left empty.
const TEXTS: [&str; 4] = ["name", "cron", "backup_dir", "end_time"];

impl Typed {
    /// A config that nobody wrote anything of yet.
    pub(super) fn blank() -> Self {
        let mut typed = Self::default();
        for (name, value) in [
            ("enabled", "true"),
            ("source.service", "fs"),
            ("target.service", "fs"),
            ("target.must_exist", "false"),
            ("filters.case_sensitive", "true"),
            ("mode", "incremental"),
            ("timezone", "Asia/Shanghai"),
            ("compare", "auto"),
            ("delete_guard.max_files", "100"),
            ("delete_guard.max_percent", "10"),
            ("transfers", "8"),
            ("checkers", "8"),
            ("bandwidth_limit", "0"),
            ("priority", "0"),
            ("create_empty_dirs", "true"),
        ] {
            typed.put(name, value);
        }
        typed
    }

    /// A config as it stands.
    pub(super) fn of(config: &Detail) -> Self {
        let mut typed = Self::blank();
        typed.put("enabled", config.enabled);
        for (end, side) in [("source", &config.source), ("target", &config.target.side)] {
            typed.put_side(end, side);
        }
        typed.put("target.must_exist", config.target.must_exist);
        let case = config.target.case_insensitive;
        typed.put("target.case_insensitive", case.map(|case| case.to_string()).unwrap_or_default());
        typed.put("mode", config.mode);
        typed.put("timezone", &config.timezone);
        typed.put("filters.rules", config.filters.rules.join("\n"));
        typed.put("filters.case_sensitive", config.filters.case_sensitive);
        typed.put_rows(Rows::Exclusions, &config.filters.exclusions);
        typed.put_rows(Rows::Renames, &config.rename_rules);
        typed.put("compare", config.compare);
        let some = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let guard = config.delete_guard;
        typed.put("delete_guard.max_files", some(guard.max_files.and_then(|most| i64::try_from(most).ok())));
        typed.put("delete_guard.max_percent", some(guard.max_percent.map(i64::from)));
        typed.put("transfers", config.transfers);
        typed.put("checkers", config.checkers);
        typed.put("bandwidth_limit", config.bandwidth_limit);
        typed.put("priority", config.priority);
        typed.put("mtime_tolerance_ms", some(config.mtime_tolerance_ms));
        typed.put("create_empty_dirs", config.create_empty_dirs);
        let texts = [&config.name, &config.cron, &config.backup_dir, &config.end_time];
        for (name, text) in TEXTS.iter().zip(texts) {
            typed.put(name, text.as_deref().unwrap_or_default());
        }
        typed
    }

    fn put_side(&mut self, end: &str, side: &Side) {
        self.put(&format!("{end}.service"), &side.service);
        self.put(&format!("{end}.path"), &side.path);
        for (name, value) in &side.options {
            self.put(&format!("{end}.{}.{name}", side.service), value);
        }
    }

    #[expect(clippy::needless_pass_by_value, reason = "texts, numbers and flags are put alike")]
    pub(super) fn put(&mut self, name: &str, value: impl ToString) {
        self.0.insert(name.to_owned(), value.to_string());
    }

    /// The names of its fields.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// What stands in a field.
    pub(super) fn value(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The button that was pressed.
    pub(super) fn verb(&self) -> &str {
        self.value("verb")
    }

    /// The config it says, as it would be sent to the API. What the form does not show stays as it was.
    pub(super) fn body(&self, old: Option<&Detail>) -> Map<String, Value> {
        let old = old.and_then(|old| serde_json::to_value(old).ok());
        let mut body = match old {
            Some(Value::Object(old)) => old,
            _ => Map::new(),
        };
        for end in ["source", "target"] {
            body.insert(end.to_owned(), self.side(end));
        }
        for name in TEXTS {
            body.insert(name.to_owned(), filled(self.value(name)));
        }
        for name in NUMBERS {
            body.insert(name.to_owned(), number(self.value(name)));
        }
        for name in ["enabled", "create_empty_dirs"] {
            body.insert(name.to_owned(), flag(self.value(name)));
        }
        for name in ["mode", "compare"] {
            body.insert(name.to_owned(), json!(self.value(name)));
        }
        body.insert("timezone".to_owned(), json!(self.value("timezone").trim()));
        let lines: Vec<&str> =
            self.value("filters.rules").lines().filter(|line| !line.trim().is_empty()).collect();
        let mut filters = body.get("filters").and_then(Value::as_object).cloned().unwrap_or_default();
        filters.insert("rules".to_owned(), json!(lines));
        filters.insert("case_sensitive".to_owned(), flag(self.value("filters.case_sensitive")));
        filters.extend(self.rules(Rows::Exclusions).map(|rules| ("exclusions".to_owned(), rules)));
        body.insert("filters".to_owned(), Value::Object(filters));
        body.extend(self.rules(Rows::Renames).map(|rules| ("rename_rules".to_owned(), rules)));
        let guard = |name: &str| number(self.value(&format!("delete_guard.{name}")));
        let guard = json!({ "max_files": guard("max_files"), "max_percent": guard("max_percent") });
        body.insert("delete_guard".to_owned(), guard);
        body
    }

    fn side(&self, end: &str) -> Value {
        let value = |name: &str| self.value(&format!("{end}.{name}"));
        let service = value("service");
        let known = services().iter().find(|known| known.name == service);
        let mut options = Map::new();
        for option in known.map(|known| known.options).unwrap_or_default() {
            let name = format!("{service}.{}", option.name);
            let text = value(&name);
            // A secret nobody writes anew stays, unless it is to go.
            if !text.trim().is_empty() {
                options.insert(option.name.to_owned(), json!(text));
            } else if option.secret && value(&format!("{name}.{REMOVED}")) == "true" {
                options.insert(option.name.to_owned(), Value::Null);
            }
        }
        let mut side = json!({ "service": service, "path": value("path"), "options": options });
        if end == "target" {
            side["must_exist"] = flag(value("must_exist"));
            side["case_insensitive"] = flag(value("case_insensitive"));
        }
        side
    }
}

fn filled(text: &str) -> Value {
    if text.trim().is_empty() { Value::Null } else { json!(text.trim()) }
}

/// What is no number is left for the system to refuse, in its words.
fn number(text: &str) -> Value {
    match text.trim() {
        "" => Value::Null,
        text => text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)),
    }
}

fn flag(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => text.parse::<bool>().map_or_else(|_| json!(text), |flag| json!(flag)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_the_config_that_the_api_takes() {
        let mut typed = Typed::blank();
        typed.put("source.path", "/data/a");
        typed.put("target.service", "webdav");
        typed.put("target.path", "/b");
        typed.put("target.webdav.endpoint", "http://127.0.0.1:1/dav");
        typed.put("target.webdav.password", "");
        typed.put("target.memory.name", "left over of another storage");
        typed.put("filters.rules", "*.tmp\r\n\r\n/cache/");
        typed.put("delete_guard.max_files", "");
        typed.put("delete_guard.max_percent", "ten");
        let body = typed.body(None);
        assert_eq!(body["source"], json!({ "service": "fs", "path": "/data/a", "options": {} }));
        assert_eq!(body["target"]["options"], json!({ "endpoint": "http://127.0.0.1:1/dav" }));
        assert_eq!(body["target"]["must_exist"], json!(false));
        assert_eq!(body["filters"], json!({ "rules": ["*.tmp", "/cache/"], "case_sensitive": true }));
        assert_eq!(body["delete_guard"], json!({ "max_files": null, "max_percent": "ten" }));
        assert_eq!((&body["cron"], &body["transfers"]), (&Value::Null, &json!(8)));
    }
}
