//! Reading an object that a person sent: every field with its own mistake, none of them hiding another.

use serde_json::{Map, Value};

use super::wrong::Wrong;

/// An object being read; what is wrong with it is gathered.
pub(super) struct Fields<'a, 'w> {
    /// Before the names of its fields: `target.options.`.
    at: String,
    object: &'a Map<String, Value>,
    known: Vec<&'a str>,
    wrong: &'w mut Vec<Wrong>,
}

impl<'a, 'w> Fields<'a, 'w> {
    pub(super) fn new(at: &str, object: &'a Map<String, Value>, wrong: &'w mut Vec<Wrong>) -> Self {
        Self { at: at.to_owned(), object, known: Vec::new(), wrong }
    }

    /// The value of a field; `None` when it is not there or null.
    pub(super) fn value(&mut self, key: &'a str) -> Option<&'a Value> {
        self.known.push(key);
        self.object.get(key).filter(|value| !value.is_null())
    }

    /// Notes what is wrong with a field.
    pub(super) fn refuse(&mut self, key: &str, message: impl Into<String>, input: Value) {
        self.wrong.push(Wrong::new(format!("{}{key}", self.at), message, input));
    }

    /// A text of at most so many characters.
    pub(super) fn text(&mut self, key: &'a str, most: usize) -> Option<String> {
        match self.value(key)? {
            Value::String(text) if text.chars().count() <= most => Some(text.clone()),
            other => {
                self.refuse(key, format!("应为不超过 {most} 个字符的文本"), other.clone());
                None
            }
        }
    }

    pub(super) fn flag(&mut self, key: &'a str) -> Option<bool> {
        match self.value(key)? {
            Value::Bool(flag) => Some(*flag),
            other => {
                self.refuse(key, "应为 true 或 false", other.clone());
                None
            }
        }
    }

    /// A whole number within bounds.
    pub(super) fn whole(&mut self, key: &'a str, least: i64, most: i64) -> Option<i64> {
        let value = self.value(key)?;
        match value.as_i64().filter(|number| (least..=most).contains(number)) {
            Some(number) => Some(number),
            None => {
                let why = match most {
                    i64::MAX => format!("应为不小于 {least} 的整数"),
                    _ => format!("应为 {least} 到 {most} 之间的整数"),
                };
                self.refuse(key, why, value.clone());
                None
            }
        }
    }

    /// One of the words of a choice.
    pub(super) fn word<T: Copy>(&mut self, key: &'a str, choice: &[(T, &'static str)]) -> Option<T> {
        let value = self.value(key)?;
        let found = choice.iter().find(|(_, word)| Some(*word) == value.as_str());
        if found.is_none() {
            let words: Vec<&str> = choice.iter().map(|(_, word)| *word).collect();
            self.refuse(key, format!("可选值: {}", words.join(", ")), value.clone());
        }
        found.map(|(value, _)| *value)
    }

    pub(super) fn list(&mut self, key: &'a str, most: usize) -> &'a [Value] {
        match self.value(key) {
            None => &[],
            Some(Value::Array(list)) if list.len() <= most => list,
            Some(other) => {
                self.refuse(key, format!("应为不超过 {most} 项的列表"), other.clone());
                &[]
            }
        }
    }

    pub(super) fn object(&mut self, key: &'a str) -> Option<&'a Map<String, Value>> {
        match self.value(key)? {
            Value::Object(object) => Some(object),
            other => {
                self.refuse(key, "应为对象", other.clone());
                None
            }
        }
    }

    /// Takes over what is wrong with an object inside this one.
    pub(super) fn take(&mut self, wrong: Vec<Wrong>) {
        self.wrong.extend(wrong);
    }

    /// Whether the field is there and null.
    pub(super) fn is_null(&self, key: &str) -> bool {
        self.object.get(key).is_some_and(Value::is_null)
    }

    /// Refuses fields that nobody asked for.
    pub(super) fn end(mut self) {
        let unknown = self.object.keys().filter(|key| !self.known.contains(&key.as_str()));
        for key in unknown.cloned().collect::<Vec<_>>() {
            // What stands in a field nobody knows may be a secret under a wrong name.
            self.refuse(&key, "未知字段", Value::Null);
        }
    }
}

/// The words of a coded choice.
macro_rules! words {
    ($kind:ty) => {
        &<$kind>::ALL.iter().map(|value| (*value, value.as_str())).collect::<Vec<_>>()
    };
}
pub(super) use words;
