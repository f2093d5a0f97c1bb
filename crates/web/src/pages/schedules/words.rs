//! What the pages of the schedules say beyond the console's own catalogue: a field per message, a literal per language.

use crate::i18n::Language;

/// See the module.
pub(super) struct Words {
    pub subtitle: &'static str,
    pub none: &'static str,
    pub back: &'static str,
    pub newest: &'static str,
    pub older: &'static str,

    pub next: fn(&str) -> String,
    pub no_next: &'static str,
    pub next_times: &'static str,
    pub next_if: &'static str,
    pub in_zone: fn(&str) -> String,
    pub how_soon: &'static str,
    pub within: fn(&str) -> String,
    pub weekdays: [&'static str; 7],
    pub last: &'static str,
    pub never: &'static str,

    pub once: fn(&str) -> String,
    pub offsets: fn(&str, &str) -> String,
    pub offset: fn(&str) -> String,
    pub offset_before: fn(&str) -> String,
    pub and: &'static str,
    pub with_zone: fn(&str, &str) -> String,
    pub zones: &'static [(&'static str, &'static str)],

    pub over: &'static str,
    pub edit: &'static str,
    pub verb_on: fn(&str, &str) -> String,
    pub started: &'static str,
    pub changed: &'static str,

    pub runs: &'static str,
    pub runs_what: &'static str,
    pub sync: &'static str,
    pub label: &'static str,
    pub params: &'static str,
    pub zone: &'static str,
    pub missed: &'static str,
    pub missed_none: &'static str,
    pub missed_latest: &'static str,
    pub missed_all: &'static str,
    pub fixed: &'static str,
    pub of_config: &'static str,
    pub to_config: &'static str,

    pub editor: &'static str,
    pub cron: &'static str,
    pub zone_hint: &'static str,
    pub check: &'static str,
    pub save: &'static str,
    pub not_saved: &'static str,
    pub fields: &'static str,
    pub fields_order: &'static str,
    pub either: &'static str,

    pub ticks: &'static str,
    pub no_ticks: &'static str,
    pub time: &'static str,
    pub decision: &'static str,
    pub reason: &'static str,
    pub reasons: fn(&str) -> String,
}

/// The words of a language.
pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

static ENGLISH: Words = Words {
    subtitle: "When runs are asked for by themselves",
    none: "There is no schedule. Systems bring their own.",
    back: "All schedules",
    newest: "First",
    older: "More",

    next: |time| format!("Next {time}"),
    no_next: "no time is left",
    next_times: "Next times",
    next_if: "Next times, once it goes on",
    in_zone: |zone| format!("On the clock of {zone}"),
    how_soon: "In",
    within: |duration| duration.to_owned(),
    weekdays: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    last: "Last",
    never: "has not come due yet",

    once: |time| format!("once, at {time}"),
    offsets: |offsets, event| format!("{offsets} the event at {event}"),
    offset: |duration| format!("{duration} after"),
    offset_before: |duration| format!("{duration} before"),
    and: ", ",
    with_zone: |rule, zone| format!("{rule} ({zone})"),
    zones: &[],

    over: "over",
    edit: "Edit",
    verb_on: |verb, title| format!("{verb}: {title}"),
    started: "Started:",
    changed: "Saved. It follows the new rule from now on.",

    runs: "runs",
    runs_what: "What it runs",
    sync: "Sync",
    label: "Request",
    params: "Parameters",
    zone: "Time zone",
    missed: "Missed times",
    missed_none: "are recorded as missed",
    missed_latest: "the newest is caught up",
    missed_all: "are caught up",
    of_config: "This rule is part of a file sync's config, and is edited there.",
    to_config: "To the config",
    fixed: "This rule comes from its system and cannot be edited. The schedule can be paused and run.",

    editor: "Edit the rule",
    cron: "Cron expression",
    zone_hint: "IANA name, for example Asia/Shanghai",
    check: "Check",
    save: "Save",
    not_saved: "Not saved; nothing was changed.",
    fields: "What may be written",
    fields_order: "Five fields apart by spaces: minute, hour, day of month, month, day of week; with six, seconds come first. Or @hourly, @daily, @weekly, @monthly, @yearly.",
    either: "When day of month and day of week are both restricted, a day that matches either is meant; with + before the day of week (+5) it must match both.",

    ticks: "What became of its times",
    no_ticks: "It has not come due yet.",
    time: "Time",
    decision: "Decision",
    reason: "Why",
    reasons: str::to_owned,
};

static CHINESE: Words = Words {
    subtitle: "何时自动请求运行",
    none: "没有定时计划。计划由各系统自带。",
    back: "全部计划",
    newest: "首页",
    older: "更多",

    next: |time| format!("下次 {time}"),
    no_next: "没有剩余的时间",
    next_times: "接下来的时间",
    next_if: "继续后接下来的时间",
    in_zone: |zone| format!("{zone}时间"),
    how_soon: "距现在",
    within: |duration| format!("{duration}后"),
    weekdays: ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
    last: "上次",
    never: "尚未触发过",

    once: |time| format!("一次：{time}"),
    offsets: |offsets, event| format!("{event}的事件{offsets}"),
    offset: |duration| format!("之后 {duration}"),
    offset_before: |duration| format!("之前 {duration}"),
    and: "、",
    with_zone: |rule, zone| format!("{rule}（{zone}）"),
    zones: &[
        ("Africa/Cairo", "开罗"),
        ("America/Chicago", "芝加哥"),
        ("America/Los_Angeles", "洛杉矶"),
        ("America/New_York", "纽约"),
        ("America/Sao_Paulo", "圣保罗"),
        ("America/Toronto", "多伦多"),
        ("Asia/Bangkok", "曼谷"),
        ("Asia/Dubai", "迪拜"),
        ("Asia/Hong_Kong", "香港"),
        ("Asia/Kolkata", "加尔各答"),
        ("Asia/Macau", "澳门"),
        ("Asia/Seoul", "首尔"),
        ("Asia/Shanghai", "上海"),
        ("Asia/Singapore", "新加坡"),
        ("Asia/Taipei", "台北"),
        ("Asia/Tokyo", "东京"),
        ("Asia/Urumqi", "乌鲁木齐"),
        ("Australia/Sydney", "悉尼"),
        ("Etc/UTC", "协调世界时"),
        ("Europe/Berlin", "柏林"),
        ("Europe/London", "伦敦"),
        ("Europe/Moscow", "莫斯科"),
        ("Europe/Paris", "巴黎"),
        ("UTC", "协调世界时"),
    ],

    over: "已结束",
    edit: "编辑",
    verb_on: |verb, title| format!("{verb}：{title}"),
    started: "已启动：",
    changed: "已保存，从现在起按新规则执行。",

    runs: "运行",
    runs_what: "运行内容",
    sync: "同步项",
    label: "请求",
    params: "参数",
    zone: "时区",
    missed: "错过的时间",
    missed_none: "记为错过",
    missed_latest: "补跑最近一次",
    missed_all: "逐一补跑",
    of_config: "此规则属于一个文件同步配置，请在配置中编辑。",
    to_config: "前往配置",
    fixed: "此规则由所属系统给出，不能编辑。计划可以暂停，也可以立即运行。",

    editor: "编辑规则",
    cron: "cron 表达式",
    zone_hint: "IANA 名称，例如 Asia/Shanghai",
    check: "检查",
    save: "保存",
    not_saved: "未保存，未作任何修改。",
    fields: "可以怎样书写",
    fields_order: "五个字段以空格分隔：分 时 日 月 周；六个字段时首位为秒。也可写 @hourly、@daily、@weekly、@monthly、@yearly。",
    either: "日与周都有限制时，满足其一即可；周前加 +（如 +5）则须同时满足。",

    ticks: "触发记录",
    no_ticks: "尚未触发过。",
    time: "时间",
    decision: "结果",
    reason: "原因",
    reasons: reason_in_chinese,
};

/// The engine's own reasons in Chinese; a system's are its own words.
fn reason_in_chinese(reason: &str) -> String {
    use model::missed::Reason;
    let known = [
        (Reason::Policy, "到期时无人处理，策略为不补跑"),
        (Reason::Window, "到期已久，超出补跑时限"),
        (Reason::Newer, "由更近的一次代替"),
        (Reason::Max, "错过的次数超出补跑上限"),
    ];
    if let Some((_, words)) = known.iter().find(|(known, _)| known.as_str() == reason) {
        return (*words).to_owned();
    }
    match reason.strip_prefix("run ").and_then(|rest| rest.strip_suffix(" holds the lease")) {
        Some(run) => format!("运行 {run} 正在进行"),
        None => reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engines_reasons_are_said_in_chinese_and_a_systems_are_left() {
        let said = |reason: &str| (CHINESE.reasons)(reason);
        assert_eq!(said("run 12 holds the lease"), "运行 12 正在进行");
        assert_eq!(said(model::missed::Reason::Policy.as_str()), "到期时无人处理，策略为不补跑");
        assert_eq!(said("不是交易日"), "不是交易日");
    }
}
