//! What the pages of files say beyond the console's own catalogue: a field per message, a literal per language.

use model::file::run::{FileItemStatus, FileOp};
use model::file::{FileCompare, FileExclusion, FileItemType, FileMatchMode, FileMode, FileRuleTarget};

use crate::i18n::Language;

/// See the module.
pub(super) struct Words {
    pub title: &'static str,
    pub subtitle: &'static str,
    pub welcome: &'static str,
    pub new: &'static str,
    pub back: &'static str,
    pub unnamed: fn(i64) -> String,
    pub pages: [&'static str; 2],
    pub enabled: &'static str,
    pub disabled: &'static str,
    pub enable: &'static str,
    pub disable: &'static str,
    pub dry_run: &'static str,
    pub dry: &'static str,
    pub edit: &'static str,
    pub delete: &'static str,
    pub delete_sure: &'static str,
    pub delete_active: &'static str,
    pub stopping: &'static str,
    pub saved: &'static str,
    pub asked_for: &'static str,
    pub on: fn(&str, &str) -> String,

    pub source: &'static str,
    pub target: &'static str,
    pub to: &'static str,
    pub mode: &'static str,
    pub modes: fn(FileMode) -> (&'static str, &'static str),
    pub when: &'static str,
    pub by_hand: &'static str,
    pub next: fn(&str) -> String,
    pub in_zone: fn(&str, &str) -> String,
    pub unscheduled: fn(&str) -> &'static str,
    pub last: &'static str,
    pub never: &'static str,
    pub not_run: &'static str,
    pub rules: &'static str,
    pub compare: &'static str,
    pub compares: fn(FileCompare) -> &'static str,
    pub guard: &'static str,
    pub guard_said: fn(Option<u64>, Option<u32>) -> String,
    pub none: &'static str,
    pub settings: &'static str,
    pub exclusion: fn(&FileExclusion) -> [String; 2],
    pub cased: &'static str,
    pub uncased: &'static str,
    pub nothing: &'static str,
    pub rename_scope: fn(FileRuleTarget) -> &'static str,

    pub stopped_by_guard: fn(i64, &str, &str) -> String,
    pub stopped_by_empty: fn(i64, &str) -> String,
    pub confirm: fn(&str) -> String,
    pub confirm_sure: fn(&str) -> String,

    pub runs: &'static str,
    pub no_runs: &'static str,
    pub run_columns: [&'static str; 10],
    pub triggers: fn(&str) -> &'static str,

    pub run_title: fn(i64) -> String,
    pub plan_title: fn(i64) -> String,
    pub engine_page: &'static str,
    pub files: &'static str,
    pub bytes: &'static str,
    pub added: &'static str,
    pub updated: &'static str,
    pub deleted: &'static str,
    pub unchanged: &'static str,
    pub skipped: &'static str,
    pub failed: &'static str,
    pub to_add: &'static str,
    pub to_update: &'static str,
    pub to_delete: &'static str,
    pub to_copy: &'static str,
    pub checked: fn(&str) -> String,
    pub speed: fn(&str) -> String,
    pub file_speed: fn(&str) -> String,
    pub eta: fn(&str) -> String,
    pub under_way: &'static str,
    pub try_failed: fn(i64) -> String,
    pub next_try: &'static str,
    pub attempt: fn(i64) -> String,
    pub phases: fn(&str) -> &'static str,
    pub untouched: &'static str,
    pub same: &'static str,
    pub failures: &'static str,
    pub all_failures: fn(&str) -> String,
    pub items: &'static str,
    pub plan_items: &'static str,
    pub no_items: &'static str,
    pub none_yet: &'static str,
    pub none_before_end: &'static str,
    pub none_fits: &'static str,
    pub item_columns: [&'static str; 5],
    pub op: fn(FileOp) -> &'static str,
    pub op_filter: &'static str,
    pub status_filter: &'static str,
    pub status: fn(FileItemStatus) -> &'static str,
    pub why: fn(&str) -> Option<&'static str>,
    pub all: &'static str,
    pub first: &'static str,
    pub more: &'static str,
    pub from: fn(&str) -> String,

    pub form_new: &'static str,
    pub form_edit: fn(&str) -> String,
    pub name: &'static str,
    pub name_hint: &'static str,
    pub state: &'static str,
    pub service: &'static str,
    pub services: fn(&str) -> Option<&'static str>,
    pub option: fn(&str) -> Option<&'static str>,
    /// Of a storage's option.
    pub option_hint: fn(&str, &str) -> &'static str,
    pub option_choice: fn(&str) -> Option<&'static str>,
    pub path: &'static str,
    pub path_hint: &'static str,
    pub must_exist_choices: [&'static str; 2],
    pub remove: &'static str,
    pub set: &'static str,
    pub set_short: &'static str,
    pub test: &'static str,
    pub test_on: fn(&str) -> String,
    pub seen: fn(&str) -> String,
    pub seen_nothing: &'static str,
    pub seen_empty: &'static str,
    pub seen_more: fn(&str) -> String,
    pub other: &'static str,
    pub cron: &'static str,
    pub cron_hint: &'static str,
    pub zone: &'static str,
    pub check: &'static str,
    pub no_cron: &'static str,
    pub next_times: &'static str,
    pub rules_hint: &'static str,
    pub rules_case: &'static str,
    pub cases: [&'static str; 2],
    pub exclusion_rows: &'static str,
    pub exclusion_hint: &'static str,
    pub rename_rows: &'static str,
    pub rename_hint: &'static str,
    pub more_rows: &'static str,
    pub pattern: &'static str,
    pub match_regex: &'static str,
    pub replace_string: &'static str,
    pub rule_target: &'static str,
    pub rule_targets: fn(FileRuleTarget) -> &'static str,
    pub item_type: &'static str,
    pub item_types: fn(FileItemType) -> &'static str,
    pub match_mode: &'static str,
    pub match_modes: fn(FileMatchMode) -> &'static str,
    pub case_counts: &'static str,
    pub guard_files: &'static str,
    pub guard_percent: &'static str,
    pub guard_hint: &'static str,
    pub further: &'static str,
    /// The name of what most leave as it is, and a hint.
    pub further_field: fn(&str) -> [&'static str; 2],
    pub empty_folders: [&'static str; 2],
    pub found_out: &'static str,
    pub save: &'static str,
    pub cancel: &'static str,
    pub not_saved: fn(usize) -> String,
}

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &super::english::WORDS,
        Language::Chinese => &super::chinese::WORDS,
    }
}

#[cfg(test)]
mod tests {
    use systems::files::services;

    use super::*;

    /// What stands of the console's style.
    const STYLE: &str = include_str!("../../assets/style.css");

    #[test]
    fn every_storage_and_all_it_is_reached_by_have_words_in_both_languages() {
        for language in [Language::Chinese, Language::English] {
            let w = words(language);
            for service in services() {
                assert!((w.services)(service.name).is_some(), "{}", service.name);
                for option in service.options {
                    assert!((w.option)(option.name).is_some(), "{}.{}", service.name, option.name);
                    for word in option.choices {
                        assert!((w.option_choice)(word).is_some(), "{}.{}={word}", service.name, option.name);
                    }
                }
            }
        }
    }

    #[test]
    fn what_other_storages_are_reached_by_is_folded_away() {
        for service in services() {
            let chosen = format!("option[value=\"{}\"]:checked) .options", service.name);
            assert!(STYLE.contains(&chosen), "{}", service.name);
        }
    }
}
