//! What the page of the packages says: a field per message, a literal per language.

use systems::tasks::packages::Imported;

use crate::i18n::Language;

/// See the module.
pub(super) struct Words {
    pub title: &'static str,
    pub subtitle: &'static str,
    pub region: &'static str,
    pub search: &'static str,
    pub search_hint: &'static str,
    pub show: &'static str,
    pub clear: &'static str,
    pub new: &'static str,
    pub export: &'static str,
    pub columns: [&'static str; 9],
    pub edit: &'static str,
    pub edit_this: fn(&str) -> String,
    pub delete: &'static str,
    pub delete_this: fn(&str) -> String,
    pub confirm_delete: fn(&str) -> String,
    pub disorder: &'static str,
    pub missing: fn(&str) -> String,
    pub advice: &'static str,
    pub nothing: &'static str,
    pub no_match: &'static str,
    pub import: &'static str,
    pub import_hint: &'static str,
    pub file: &'static str,
    pub try_only: &'static str,
    pub do_import: &'static str,
    pub imported: fn(&Imported) -> String,
    pub tried: &'static str,
    pub ignored: fn(&str) -> String,
    pub error_columns: [&'static str; 3],
    pub make: &'static str,
    pub change: fn(&str) -> String,
    pub save: &'static str,
    pub cancel: &'static str,
    pub fields: [&'static str; 11],
    pub derived: &'static str,
    pub saved: fn(&str, u64) -> String,
    pub deleted: fn(u64) -> String,
    pub in_use: fn(&str, u64) -> String,
    pub to_pending: &'static str,
    pub keep: &'static str,
    pub bad_file: &'static str,
    /// A documented reason, as it is said here.
    pub reason: fn(&str) -> String,
}

pub(super) fn words(language: Language) -> &'static Words {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

static ENGLISH: Words = Words {
    title: "Packages of leads",
    subtitle: "Tasks find their package by its prefix; its state follows from their calls",
    region: "Region",
    search: "Package",
    search_hint: "part of an id, a name or a prefix",
    show: "Search",
    clear: "Clear",
    new: "New package",
    export: "Export CSV",
    columns: ["Package", "Region", "Prefix", "State", "Tasks", "Valid", "Available", "Answered", "Won"],
    edit: "Edit",
    edit_this: |package| format!("Edit package {package}"),
    delete: "Delete",
    delete_this: |package| format!("Delete package {package}"),
    confirm_delete: |package| format!("Delete package {package}?"),
    disorder: "⚠️ Levels are out of order",
    missing: |levels| format!("Missing levels: {levels}"),
    advice: "Look whether tasks were matched wrongly, or add the missing ones on the Guanke platform",
    nothing: "There is no package yet. Import a CSV file, or write one by hand.",
    no_match: "No package is like that.",
    import: "Import a CSV file",
    import_hint: "UTF-8 or GB18030, with English or Chinese headers. Known packages are changed, new ones are made.",
    file: "File",
    try_only: "only say what would come of it",
    do_import: "Import",
    imported: |done| {
        let Imported { created, updated, unchanged, matched_tasks, errors, .. } = done;
        format!(
            "{created} new, {updated} changed, {unchanged} unchanged, {matched_tasks} tasks matched by the rule, {} errors",
            errors.len()
        )
    },
    tried: "Nothing was changed. It would be:",
    ignored: |columns| format!("Columns nobody knows: {columns}"),
    error_columns: ["Line", "Column", "What is wrong"],
    make: "New package",
    change: |package| format!("Package {package}"),
    save: "Save",
    cancel: "Cancel",
    fields: [
        "Package id",
        "Name",
        "Region",
        "Grade",
        "Source",
        "Leads",
        "Valid",
        "Available",
        "Prefix",
        "Level",
        "Contact rate",
    ],
    derived: "derived when empty",
    saved: |package, matched| {
        format!("Package {package} is saved; pending tasks matched with it: {matched}.")
    },
    deleted: |tasks| format!("The package is deleted; tasks it had: {tasks}."),
    in_use: |package, tasks| format!("Package {package} has tasks ({tasks}). What becomes of them?"),
    to_pending: "Delete it, tasks become pending",
    keep: "Delete it, tasks stay with it",
    bad_file: "Choose a file.",
    reason: in_english,
};

static CHINESE: Words = Words {
    title: "数据包",
    subtitle: "任务按前缀找到所属数据包；数据包状态由任务的拨打情况得出",
    region: "职场",
    search: "数据包",
    search_hint: "ID、名称或前缀的一部分",
    show: "搜索",
    clear: "清除",
    new: "新增数据包",
    export: "导出 CSV",
    columns: [
        "数据包",
        "职场",
        "数据包前缀",
        "当前数据状态",
        "任务数",
        "有效数",
        "可用数",
        "总接通率",
        "成功单析出率",
    ],
    edit: "编辑",
    edit_this: |package| format!("编辑数据包 {package}"),
    delete: "删除",
    delete_this: |package| format!("删除数据包 {package}"),
    confirm_delete: |package| format!("确定要删除数据包 {package} 吗？"),
    disorder: "⚠️ 数据包顺序异常",
    missing: |levels| format!("缺失层级: {levels}"),
    advice: "建议：检查是否有任务被错误匹配，或从冠客平台补充缺失的任务",
    nothing: "还没有数据包。可导入 CSV 文件，或手工新增。",
    no_match: "没有符合条件的数据包。",
    import: "导入 CSV 文件",
    import_hint: "UTF-8 或 GB18030 编码，中文或英文表头。已有的数据包会更新，没有的会新增。",
    file: "文件",
    try_only: "只预览，不导入",
    do_import: "导入",
    imported: |done| {
        let Imported { created, updated, unchanged, matched_tasks, errors, .. } = done;
        format!(
            "新增 {created}  更新 {updated}  未变 {unchanged}  自动匹配 {matched_tasks}  错误 {}",
            errors.len()
        )
    },
    tried: "未作任何改动，导入后将为：",
    ignored: |columns| format!("未识别的列：{columns}"),
    error_columns: ["行", "列", "错误"],
    make: "新增数据包",
    change: |package| format!("数据包 {package}"),
    save: "保存",
    cancel: "取消",
    fields: [
        "数据包ID",
        "数据包名称",
        "职场",
        "年级",
        "来源",
        "总数",
        "有效数",
        "可用数",
        "数据包前缀",
        "层级",
        "接通率",
    ],
    derived: "留空则自动得出",
    saved: |package, matched| format!("数据包 {package} 已保存，自动匹配了 {matched} 个待处理任务。"),
    deleted: |tasks| format!("数据包已删除，其下原有 {tasks} 个任务。"),
    in_use: |package, tasks| format!("数据包 {package} 下仍有 {tasks} 个任务，如何处理？"),
    to_pending: "删除，任务转为待处理",
    keep: "删除，任务仍保留在该数据包",
    bad_file: "请选择文件。",
    reason: str::to_owned,
};

/// The documented reasons are Chinese; these are all of them.
fn in_english(reason: &str) -> String {
    let fixed = [
        ("不能为空", "it must not be empty"),
        ("不是文本", "it is no text"),
        ("不是非负整数", "it is no whole number from 0 on"),
        ("不是非负数", "it is no number from 0 on"),
        ("不能含有控制字符", "it has control characters"),
        ("只能是 采买 或 练习", "it must be 采买 (bought) or 练习 (practice)"),
        ("只能是 N、O1–O99 或 P1–P99", "it must be N, O1–O99 or P1–P99"),
        ("未填写，且无法由数据包名称和有效数得出", "it is empty, and name and valid leads do not say it"),
    ];
    let with_number = [
        ("不能超过 ", " 个字符", "it has more than ", " characters"),
        ("与第 ", " 行重复", "it is the same as on line ", ""),
        ("与编号 ", " 的数据包重复", "package ", " has it already"),
        ("列数多于表头的 ", " 列", "there are more fields than the ", " headers"),
    ];
    let said = fixed.iter().find(|(chinese, _)| *chinese == reason).map(|(_, english)| (*english).to_owned());
    let numbered = || {
        with_number.iter().find_map(|(before, after, left, right)| {
            let number = reason.strip_prefix(before)?.strip_suffix(after)?;
            Some(format!("{left}{number}{right}"))
        })
    };
    said.or_else(numbered).unwrap_or_else(|| reason.to_owned())
}

#[cfg(test)]
mod tests {
    use model::task::package::{PackageDraft, read_count, read_rate};
    use systems::tasks::packages;

    use super::*;

    #[test]
    fn every_reason_a_line_may_have_is_also_said_in_english() {
        let head = "数据包ID,数据包名称,职场,年级,来源,总数,层级,接通率\n";
        let long = "长".repeat(256);
        let lines = [
            ",a20250101,x,y",
            "1,,x,y",
            "2,a,x,y,借用",
            "3,a,x,y,,-1",
            "4,a,x,y,,,Q1",
            "5,a,x,y,,,,x",
            &format!("6,{long},x,y"),
            "7,a,x,y",
            "8,\"a\tb\",x,y",
            "9,a,x,y,,,,,z",
        ];
        let sheet = packages::read(format!("{head}{}", lines.join("\n")).as_bytes()).unwrap();
        let mut reasons: Vec<String> = sheet.errors.into_iter().map(|fault| fault.message).collect();
        assert!(reasons.len() >= lines.len(), "{reasons:?}");
        reasons.extend([read_count("x", "y").unwrap_err().message, read_rate("y").unwrap_err().message]);
        reasons.push(PackageDraft::default().check().unwrap_err().message);
        for reason in reasons {
            let english = (words(Language::English).reason)(&reason);
            assert_ne!(english, reason);
        }
    }
}
