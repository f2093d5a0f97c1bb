//! The language of the terminal: sentences are given in both, the environment chooses.

use web::i18n::Language;

use crate::client::text_of;

/// What `LC_ALL`, `LC_MESSAGES` or `LANG` ask for, the first that is set; English otherwise.
pub(crate) fn language() -> Language {
    let asked = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find(|value| !value.is_empty());
    asked.and_then(|tag| Language::from_tag(tag.split('.').next().unwrap_or_default())).unwrap_or_default()
}

/// What a system keeps in its documented Chinese, in the terminal's language.
pub(crate) fn worded(text: &str) -> String {
    both(systems::in_english(text).unwrap_or_else(|| text.to_owned()), text)
}

/// The same of a text of an answer; an absent one is a dash.
pub(crate) fn worded_of(value: &serde_json::Value) -> String {
    worded(&text_of(value))
}

/// The sentence in the terminal's language.
pub(crate) fn both(english: impl Into<String>, chinese: impl Into<String>) -> String {
    match language() {
        Language::English => english.into(),
        Language::Chinese => chinese.into(),
    }
}
