//! What the pages of the records say: a field per message, a literal per language.

use model::task::{TaskCounters, TaskRecordStatus, TaskSyncType, TaskTrigger};

use crate::i18n::Language;

/// See the module.
pub(super) struct Words {
    pub title: &'static str,
    pub subtitle: &'static str,
    pub sync_type: fn(TaskSyncType) -> &'static str,
    pub trigger: fn(TaskTrigger) -> &'static str,
    pub status: fn(TaskRecordStatus) -> &'static str,
    pub start: fn(TaskSyncType) -> &'static str,
    pub window: fn(TaskSyncType) -> &'static str,
    pub last: &'static str,
    pub next: &'static str,
    pub never: &'static str,
    pub syncing: fn(&str) -> String,
    pub stored: fn(&str, &str) -> String,
    pub fetching: &'static str,
    pub told: fn(&str, &TaskCounters, i64) -> String,
    pub success_rate: &'static str,
    pub match_rate: &'static str,
    pub durations: &'static str,
    pub average: fn(&str) -> String,
    pub rate_said: fn(&str, &str) -> String,
    pub durations_said: fn(usize) -> String,
    pub no_numbers: &'static str,
    pub numbers: &'static str,
    pub day: &'static str,
    pub seconds: fn(i64) -> String,
    pub syncs: fn(&str) -> String,
    pub records: &'static str,
    pub filter: &'static str,
    pub any: &'static str,
    pub sync_word: &'static str,
    pub trigger_word: &'static str,
    pub status_word: &'static str,
    pub unread_only: &'static str,
    pub show: &'static str,
    pub clear: &'static str,
    pub columns: [&'static str; 12],
    pub record: &'static str,
    pub unread: &'static str,
    pub no_records: &'static str,
    pub no_match: &'static str,
    pub and_unread: fn(i64) -> String,
    pub read_one: &'static str,
    pub read_all: &'static str,
    pub window_word: &'static str,
    pub started: &'static str,
    pub ended: &'static str,
    pub took: &'static str,
    pub retries: &'static str,
    pub retries_of: fn(i64, i64) -> String,
    pub holder: &'static str,
    pub run: &'static str,
    pub read_at: &'static str,
    pub counters: [&'static str; 6],
    pub errors: fn(usize, i64) -> String,
    pub error_columns: [&'static str; 3],
    pub no_errors: &'static str,
    pub conflict: fn(&str, &str) -> String,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

static ENGLISH: Words = Words {
    title: "Task sync",
    subtitle: "Fetches the newest tasks of the Guanke platform into the local database",
    sync_type: |sync_type| match sync_type {
        TaskSyncType::Historical => "Past days",
        TaskSyncType::Today => "Today",
    },
    trigger: |trigger| match trigger {
        TaskTrigger::Auto => "by schedule",
        TaskTrigger::Manual => "by hand",
    },
    status: |status| match status {
        TaskRecordStatus::Running => "running",
        TaskRecordStatus::Success => "succeeded",
        TaskRecordStatus::Partial => "partial",
        TaskRecordStatus::Failed => "failed",
    },
    start: |sync_type| match sync_type {
        TaskSyncType::Historical => "📅 Sync past days",
        TaskSyncType::Today => "⚡ Sync today",
    },
    window: |sync_type| match sync_type {
        TaskSyncType::Historical => "three days ago to yesterday",
        TaskSyncType::Today => "0:00 today to now",
    },
    last: "Last: ",
    next: "Next: ",
    never: "never",
    syncing: |holder| if holder.is_empty() { "Syncing…".into() } else { format!("Syncing… on {holder}") },
    stored: |done, total| format!("{done} of {total} tasks stored"),
    fetching: "Reading the list of tasks",
    told: |what, counters, seconds| {
        let TaskCounters { total, new, updated, matched, pending, failed, .. } = counters;
        format!(
            "{what}: {total} tasks, {new} new, {updated} updated, {matched} matched, {pending} pending, {failed} \
             failed, {seconds} s"
        )
    },
    success_rate: "Success rate",
    match_rate: "Match rate",
    durations: "Time taken",
    average: |value| format!("{value} on average"),
    rate_said: |what, value| format!("{what} of the last 30 days: {value} on average"),
    durations_said: |count| format!("Time taken by the last {count} syncs, a line for each kind"),
    no_numbers: "No sync has ended yet.",
    numbers: "The numbers",
    day: "Day",
    seconds: |seconds| format!("{seconds} s"),
    syncs: |count| if count == "1" { "1 sync".into() } else { format!("{count} syncs") },
    records: "Records",
    filter: "Which records",
    any: "any",
    sync_word: "Sync",
    trigger_word: "Started",
    status_word: "Status",
    unread_only: "unread only",
    show: "Show",
    clear: "Clear",
    columns: [
        "Record", "Status", "Started", "Start", "Took", "Tasks", "New", "Updated", "Matched", "Pending",
        "Failed", "Retries",
    ],
    record: "Record",
    unread: "unread",
    no_records: "Nothing has been synced yet. Start a sync above, or wait for the schedule.",
    no_match: "No record is like that.",
    and_unread: |unread| format!(", {unread} unread"),
    read_one: "Mark as read",
    read_all: "Mark all as read",
    window_word: "Covers",
    started: "Start",
    ended: "End",
    took: "Took",
    retries: "Retries",
    retries_of: |count, most| format!("{count} of {most}"),
    holder: "Worker",
    run: "Run",
    read_at: "Read",
    counters: ["Tasks", "New", "Updated", "Matched", "Pending", "Failed"],
    errors: |shown, all| {
        if i64::try_from(shown) == Ok(all) {
            format!("Failed tasks ({all})")
        } else {
            format!("Failed tasks (the first {shown} of {all})")
        }
    },
    error_columns: ["Task id", "Task", "Error"],
    no_errors: "No task failed.",
    conflict: |holder, since| {
        format!("This sync is running; try again later\nHolder: {holder}\nSince: {since}")
    },
};

static CHINESE: Words = Words {
    title: "任务数据同步",
    subtitle: "从冠客系统同步最新的任务数据到本地数据库",
    sync_type: |sync_type| match sync_type {
        TaskSyncType::Historical => "历史数据",
        TaskSyncType::Today => "今日数据",
    },
    trigger: |trigger| match trigger {
        TaskTrigger::Auto => "自动",
        TaskTrigger::Manual => "手动",
    },
    status: |status| match status {
        TaskRecordStatus::Running => "进行中",
        TaskRecordStatus::Success => "成功",
        TaskRecordStatus::Partial => "部分成功",
        TaskRecordStatus::Failed => "失败",
    },
    start: |sync_type| match sync_type {
        TaskSyncType::Historical => "📅 同步历史数据",
        TaskSyncType::Today => "⚡ 同步今日数据",
    },
    window: |sync_type| match sync_type {
        TaskSyncType::Historical => "T-3天至昨日",
        TaskSyncType::Today => "今日0:00至当前",
    },
    last: "上次: ",
    next: "下次: ",
    never: "从未",
    syncing: |holder| {
        if holder.is_empty() { "同步中…".into() } else { format!("同步中… 执行者：{holder}") }
    },
    stored: |done, total| format!("已写入 {done} / {total} 个任务"),
    fetching: "正在读取任务列表",
    told: |what, counters, seconds| {
        let TaskCounters { total, new, updated, matched, pending, failed, .. } = counters;
        format!(
            "{what}：总数 {total}，新增 {new}，更新 {updated}，匹配 {matched}，待匹配 {pending}，失败 {failed}，耗时 {seconds} 秒"
        )
    },
    success_rate: "同步成功率",
    match_rate: "任务匹配率",
    durations: "同步耗时趋势",
    average: |value| format!("平均 {value}"),
    rate_said: |what, value| format!("最近 30 天{what}：平均 {value}"),
    durations_said: |count| format!("最近 {count} 次同步的耗时，每种类型一条线"),
    no_numbers: "还没有已结束的同步。",
    numbers: "具体数字",
    day: "日期",
    seconds: |seconds| format!("{seconds} 秒"),
    syncs: |count| format!("{count} 次同步"),
    records: "同步记录",
    filter: "筛选记录",
    any: "全部",
    sync_word: "类型",
    trigger_word: "触发方式",
    status_word: "状态",
    unread_only: "仅未读",
    show: "查询",
    clear: "清除",
    columns: [
        "记录",
        "状态",
        "触发",
        "开始时间",
        "耗时",
        "总数",
        "新增",
        "更新",
        "匹配",
        "待匹配",
        "失败",
        "重试",
    ],
    record: "记录",
    unread: "未读",
    no_records: "还没有同步记录。可在上方启动同步，或等待定时任务。",
    no_match: "没有符合条件的记录。",
    and_unread: |unread| format!("，未读 {unread}"),
    read_one: "标记为已读",
    read_all: "全部已读",
    window_word: "数据范围",
    started: "开始时间",
    ended: "结束时间",
    took: "耗时",
    retries: "重试",
    retries_of: |count, most| format!("{count} / {most}"),
    holder: "执行者",
    run: "运行",
    read_at: "已读时间",
    counters: ["总数", "新增", "更新", "匹配", "待匹配", "失败"],
    errors: |shown, all| {
        if i64::try_from(shown) == Ok(all) {
            format!("失败任务（{all}）")
        } else {
            format!("失败任务（共 {all} 个，显示前 {shown} 个）")
        }
    },
    error_columns: ["任务ID", "任务名称", "错误"],
    no_errors: "没有失败的任务。",
    conflict: systems::tasks::labels::busy,
};
