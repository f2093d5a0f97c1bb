//! What the page says beyond the console's own catalogue: a field per message, a literal per language.

use crate::i18n::Language;

/// See the module.
pub(super) struct Words {
    pub back: &'static str,
    pub files: &'static str,
    pub parameters: &'static str,
    pub ended: &'static str,
    pub asked_by: fn(&str) -> String,
    pub instant: &'static str,

    pub faults: &'static str,
    pub times: fn(&str) -> String,
    pub unnamed: &'static str,

    pub try_failed: fn(&str, u32) -> String,
    pub next_try: &'static str,

    pub tries: &'static str,
    pub tries_newest: fn(usize) -> String,
    pub tries_said: fn(usize, usize, usize) -> String,
    pub no_tries: &'static str,
    pub tries_numbers: &'static str,
    pub try_number: &'static str,
    pub holder: &'static str,
    pub outcome: fn(&str) -> Option<&'static str>,
    pub fault: &'static str,

    pub log: &'static str,
    pub no_lines: &'static str,
    pub older: &'static str,
    pub newest: &'static str,
    pub follow: &'static str,
    pub level: fn(&str) -> Option<&'static str>,
    pub as_json: &'static str,

    pub all: fn(&str) -> String,
    pub only_failed: fn(&str) -> String,
    pub no_partitions: &'static str,
    pub none_failed: &'static str,
    pub key: &'static str,
    pub units: &'static str,
    pub rows: &'static str,
    pub pages: [&'static str; 4],
    pub page: fn(i64, i64) -> String,
}

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

static ENGLISH: Words = Words {
    back: "All runs",
    files: "What became of each file",
    parameters: "Parameters",
    ended: "Ended",
    asked_by: |who| format!("by {who}"),
    instant: "< 1 s",

    faults: "Why partitions failed",
    times: |count| format!("{count} ×"),
    unnamed: "no fault on record",

    try_failed: |key, attempt| format!("Try {attempt} of {key} failed:"),
    next_try: "Next try",

    tries: "Tries",
    tries_newest: |count| format!("the newest {count}"),
    tries_said: |all, good, bad| format!("{all} tries: {good} did their work, {bad} failed"),
    no_tries: "Nothing was tried yet.",
    tries_numbers: "The numbers",
    try_number: "Try",
    holder: "Process",
    outcome: |word| {
        Some(match word {
            "retry" => "failed, to be tried again",
            "released" => "given back",
            "lost" => "its process died",
            _ => return None,
        })
    },
    fault: "Fault",

    log: "Log",
    no_lines: "The log is empty.",
    older: "Older lines",
    newest: "Newest lines",
    follow: "Follow",
    level: |word| {
        Some(match word {
            "warn" => "warning",
            "error" => "error",
            _ => return None,
        })
    },
    as_json: "as JSON",

    all: |count| format!("All {count}"),
    only_failed: |count| format!("Failed {count}"),
    no_partitions: "This run had nothing to do.",
    none_failed: "No partition failed.",
    key: "Partition",
    units: "Units",
    rows: "Rows",
    pages: ["First", "Previous", "Next", "Last"],
    page: |page, pages| format!("Page {page} of {pages}"),
};

static CHINESE: Words = Words {
    back: "全部运行",
    files: "各个文件的结果",
    parameters: "参数",
    ended: "结束",
    asked_by: |who| format!("由 {who} 发起"),
    instant: "< 1秒",

    faults: "分区失败的原因",
    times: |count| format!("{count} 次"),
    unnamed: "没有错误记录",

    try_failed: |key, attempt| format!("{key} 第 {attempt} 次尝试失败："),
    next_try: "下次尝试",

    tries: "尝试",
    tries_newest: |count| format!("最近 {count} 次"),
    tries_said: |all, good, bad| format!("共 {all} 次尝试：{good} 次完成，{bad} 次失败"),
    no_tries: "尚未尝试。",
    tries_numbers: "具体数字",
    try_number: "第几次",
    holder: "进程",
    outcome: |word| {
        Some(match word {
            "retry" => "失败，待重试",
            "released" => "已交还",
            "lost" => "进程中断",
            _ => return None,
        })
    },
    fault: "错误",

    log: "日志",
    no_lines: "暂无日志。",
    older: "更早的日志",
    newest: "最新的日志",
    follow: "跟随",
    level: |word| {
        Some(match word {
            "warn" => "警告",
            "error" => "错误",
            _ => return None,
        })
    },
    as_json: "JSON 格式",

    all: |count| format!("全部 {count}"),
    only_failed: |count| format!("失败 {count}"),
    no_partitions: "该运行无需处理任何分区。",
    none_failed: "没有失败的分区。",
    key: "分区",
    units: "单元",
    rows: "数据",
    pages: ["首页", "上一页", "下一页", "末页"],
    page: |page, pages| format!("第 {page} 页，共 {pages} 页"),
};
