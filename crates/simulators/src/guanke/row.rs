//! JSON objects as the platform writes them: members in a given order, under names that faults may change.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// An object.
#[derive(Clone, Debug)]
pub(super) struct Row(pub(super) Vec<(&'static str, Value)>);

impl Row {
    pub(super) fn new<const N: usize>(members: [(&'static str, Value); N]) -> Self {
        Self(members.into())
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        if let Some((_, old)) = self.0.iter_mut().find(|(own, _)| *own == name) {
            *old = value;
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(own, _)| *own != name);
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// The platform's envelope around what it answers.
#[derive(Serialize)]
pub(super) struct Envelope<T> {
    code: i64,
    message: String,
    data: Option<T>,
}

impl<T: Serialize> Envelope<T> {
    pub(super) fn ok(data: T) -> Vec<u8> {
        Self { code: 200, message: "OK".to_owned(), data: Some(data) }.bytes()
    }

    fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and numbers are JSON")
    }
}

/// An answer without data.
pub(super) fn without_data(code: i64, message: &str) -> Vec<u8> {
    Envelope::<()> { code, message: message.to_owned(), data: None }.bytes()
}
