//! What the page says beyond the console's own catalogue: a field per message, a literal per language.

use crate::i18n::Language;

/// See the module.
pub(super) struct Words {
    pub filter: &'static str,
    pub system: &'static str,
    pub trigger: &'static str,
    pub any: &'static str,
    pub active: &'static str,
    pub wanting: &'static str,
    pub show: &'static str,
    pub clear: &'static str,

    pub chosen: &'static str,
    pub choose: fn(i64) -> String,
    pub choose_all: &'static str,
    pub none_chosen: &'static str,
    pub retried: &'static str,
    pub cancelled: &'static str,
    pub asked: &'static str,
    pub sent_twice: &'static str,
    pub not_done: &'static str,

    pub range: &'static str,
    pub from_to: fn(&str, &str) -> String,
    pub no_runs: &'static str,
    pub no_match: &'static str,
    pub newest: &'static str,
    pub older: &'static str,
}

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

static ENGLISH: Words = Words {
    filter: "Which runs",
    system: "System",
    trigger: "Asked for",
    any: "any",
    active: "not ended",
    wanting: "ended, not all done",
    show: "Show",
    clear: "Show all",

    chosen: "Chosen runs:",
    choose: |run| format!("Choose run {run}"),
    choose_all: "Choose all on this page",
    none_chosen: "No run was chosen; tick the boxes before the runs first.",
    retried: "Retried:",
    cancelled: "Cancelled, or stopping:",
    asked: "Done:",
    sent_twice: "(sent before, in effect once)",
    not_done: "Not done:",

    range: "Range",
    from_to: |first, last| format!("{first} – {last}"),
    no_runs: "There is no run yet.",
    no_match: "No run is like that.",
    newest: "Newest",
    older: "Older",
};

static CHINESE: Words = Words {
    filter: "筛选运行",
    system: "系统",
    trigger: "发起方式",
    any: "全部",
    active: "未结束",
    wanting: "已结束但未全部完成",
    show: "查询",
    clear: "显示全部",

    chosen: "所选运行：",
    choose: |run| format!("选择运行 {run}"),
    choose_all: "选择本页全部",
    none_chosen: "未选择运行；请先勾选运行前的方框。",
    retried: "已重试：",
    cancelled: "已取消或正在停止：",
    asked: "已执行：",
    sent_twice: "（此前已提交，只生效一次）",
    not_done: "未执行：",

    range: "范围",
    from_to: |first, last| format!("{first} 至 {last}"),
    no_runs: "还没有运行。",
    no_match: "没有符合条件的运行。",
    newest: "最新",
    older: "更早",
};
