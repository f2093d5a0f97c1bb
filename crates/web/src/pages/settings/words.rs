//! What the page says: a field per message, a literal per language.

use model::policy::Overlap;

use crate::choice::Theme;
use crate::i18n::Language;

/// See the module.
pub(super) struct Words {
    pub title: &'static str,
    pub yours: &'static str,
    pub yours_kept: &'static str,
    pub saved: &'static str,
    pub language: &'static str,
    pub theme: &'static str,
    pub theme_words: fn(Theme) -> &'static str,
    pub zone: &'static str,
    pub zone_browser: &'static str,
    pub zone_server: &'static str,
    pub zone_named: &'static str,
    pub zone_name: &'static str,
    pub unknown_zone: &'static str,
    pub no_zone: fn(&str) -> String,
    pub now: fn(&str) -> String,
    pub save: &'static str,
    pub server: &'static str,
    pub server_kept: &'static str,
    pub system: &'static str,
    pub columns: [&'static str; 3],
    pub unset: &'static str,
    pub policies: &'static str,
    pub policy_columns: [&'static str; 5],
    pub overlap: fn(Overlap) -> &'static str,
    pub no_limit: &'static str,
    pub never: &'static str,
    pub faults: fn(u32) -> String,
    pub pauses: fn(&str, u32, &str) -> String,
}

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

static ENGLISH: Words = Words {
    title: "Settings",
    yours: "For you",
    yours_kept: "kept in this browser",
    saved: "Saved. Every page follows your choice from now on.",
    language: "Language",
    theme: "Appearance",
    theme_words: |theme| match theme {
        Theme::Auto => "As the system",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
    },
    zone: "Times in",
    zone_browser: "this browser's zone",
    zone_server: "the server's zone",
    zone_named: "another zone",
    zone_name: "Name of another zone",
    unknown_zone: "not known without JavaScript; the server's until then",
    no_zone: |name| {
        format!("No zone is called “{name}”; names are those of the IANA database, such as Asia/Tokyo.")
    },
    now: |full| format!("It is {full} there."),
    save: "Save",
    server: "The server",
    server_kept: "what it runs with, and where that was set",
    system: "The system",
    columns: ["Key", "Value", "Set by"],
    unset: "not set",
    policies: "Policies of the syncs",
    policy_columns: ["Sync", "Asked again while it runs", "Partitions at once", "Tries", "Gives up"],
    overlap: |overlap| match overlap {
        Overlap::Reject => "is refused",
        Overlap::Skip => "is skipped",
        Overlap::BufferOne => "one request waits",
        Overlap::BufferAll => "every request waits",
        Overlap::CancelOther => "cancels the run",
        Overlap::Allow => "runs beside it",
    },
    no_limit: "no limit",
    never: "never",
    faults: |most| format!("after {most} faults of the source in a row"),
    pauses: |base, factor, cap| format!("pauses from {base}, ×{factor}, at most {cap}"),
};

static CHINESE: Words = Words {
    title: "设置",
    yours: "个人设置",
    yours_kept: "保存在此浏览器中",
    saved: "已保存，所有页面即刻生效。",
    language: "语言",
    theme: "外观",
    theme_words: |theme| match theme {
        Theme::Auto => "跟随系统",
        Theme::Light => "浅色",
        Theme::Dark => "深色",
    },
    zone: "时间显示",
    zone_browser: "浏览器时区",
    zone_server: "服务器时区",
    zone_named: "其他时区",
    zone_name: "其他时区的名称",
    unknown_zone: "未启用 JavaScript 时无法获知，暂用服务器时区",
    no_zone: |name| format!("没有名为“{name}”的时区；请使用 IANA 时区名，例如 Asia/Tokyo。"),
    now: |full| format!("该时区现在是 {full}。"),
    save: "保存",
    server: "服务器",
    server_kept: "当前生效的配置及其来源",
    system: "系统",
    columns: ["配置项", "值", "来源"],
    unset: "未设置",
    policies: "同步项策略",
    policy_columns: ["同步项", "运行中再次请求", "同时处理的分区", "尝试次数", "放弃条件"],
    overlap: |overlap| match overlap {
        Overlap::Reject => "拒绝",
        Overlap::Skip => "跳过",
        Overlap::BufferOne => "一个请求排队等待",
        Overlap::BufferAll => "所有请求排队等待",
        Overlap::CancelOther => "取消当前运行",
        Overlap::Allow => "同时运行",
    },
    no_limit: "不限",
    never: "不放弃",
    faults: |most| format!("数据源连续出错 {most} 次后"),
    pauses: |base, factor, cap| format!("间隔从 {base} 起，每次 ×{factor}，最长 {cap}"),
};
