//! What all answers of the platform have in common: `{"code":200,"message":"OK","data":…}`.
//!
//! Values stay texts of JSON until somebody knows what they are, so that no number is rounded on the way.

use std::collections::BTreeMap;

use connect::http::{Unread, read_json};
use serde_json::value::RawValue;

use super::{scalar, words};

/// An object of JSON with its values unread; of a key that stands twice the last value counts.
pub(super) type Object = BTreeMap<String, Box<RawValue>>;

/// An answer, whatever it says.
#[derive(Debug)]
pub(super) struct Envelope {
    /// `200` when it is a good one.
    pub code: String,
    /// The platform's words, as they came.
    pub message: Option<String>,
    /// What was asked for.
    pub data: Option<Box<RawValue>>,
}

impl Envelope {
    /// Reads an answer; one without a code is none.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unread> {
        let mut object: Object = read_json(bytes)?;
        let text = |value: Option<&Box<RawValue>>| value.and_then(|value| scalar::text(value));
        let code = text(object.get("code")).ok_or_else(|| Unread::Garbled(words::NO_CODE.to_owned()))?;
        let message = text(object.get("message")).or_else(|| text(object.get("msg")));
        let message = message.filter(|message| !message.trim().is_empty());
        Ok(Self { code, message, data: object.remove("data").filter(|data| data.get() != "null") })
    }

    pub(super) fn is_ok(&self) -> bool {
        self.code == "200"
    }
}

/// A value as an object; `None` when it is something else.
pub(super) fn object(value: &RawValue) -> Option<Object> {
    serde_json::from_str(value.get()).ok()
}

/// A value as a list; `None` when it is something else.
pub(super) fn list(value: &RawValue) -> Option<Vec<Box<RawValue>>> {
    serde_json::from_str(value.get()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_whatever_it_says_but_not_without_a_code() {
        let read = |text: &str| {
            Envelope::read(text.as_bytes()).map(|envelope| {
                (envelope.code, envelope.message, envelope.data.map(|data| data.get().to_owned()))
            })
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            read(r#"{"code":200,"message":"OK","data":[1]}"#),
            Ok(("200".into(), some("OK"), some("[1]")))
        );
        assert_eq!(
            read(r#"{"code":"1000001","msg":"no","data":null}"#),
            Ok(("1000001".into(), some("no"), None))
        );
        assert_eq!(read(r#"{"message":"OK","data":[]}"#), Err(Unread::Garbled(words::NO_CODE.into())));
        assert_eq!(read(r#"{"code":200,"da"#), Err(Unread::CutShort));
        assert!(matches!(read("<html>"), Err(Unread::Garbled(_))));
        assert!(matches!(read("[]"), Err(Unread::Garbled(_))));
    }
}
