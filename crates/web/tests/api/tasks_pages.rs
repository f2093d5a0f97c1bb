//! The pages of the tasks, as a browser without JavaScript uses them.

use axum::body::Body;
use axum::http::{Request, header};
use model::task::TaskSyncType;

use crate::house::{House, shown, text};
use crate::live::{listen, read_until};
use crate::tasks_bed::Bed;

fn has(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words} in {page}");
    }
}

fn lacks(page: &str, all: &[&str]) {
    for words in all {
        assert!(!page.contains(words), "{words} in {page}");
    }
}

#[tokio::test]
async fn a_newcomer_sees_what_can_be_started_and_that_nothing_was() {
    let bed = Bed::new().await;
    has(
        &bed.house.get_chinese("/tasks").await,
        &[
            "任务数据同步",
            "从冠客系统同步最新的任务数据到本地数据库",
            "📅 同步历史数据",
            "⚡ 同步今日数据",
            "T-3天至昨日",
            "今日0:00至当前",
            "上次: 从未",
            "同步成功率",
            "任务匹配率",
            "同步耗时趋势",
            "还没有同步记录",
            "全部已读",
        ],
    );
    has(&bed.house.get("/tasks").await, &["Task sync", "Sync past days", "Nothing has been synced yet"]);
    has(&House::new().await.get("/tasks").await, &["404"]);
}

#[tokio::test]
async fn a_sync_is_started_by_its_button_and_told_to_its_end() {
    let bed = Bed::new().await;
    let started = bed.house.form("/tasks/sync/today", "key=abc").await;
    let to = started.headers()[header::LOCATION].to_str().unwrap().to_owned();
    assert_eq!(to, "/tasks?record=1");
    let again = bed.house.form("/tasks/sync/today", "key=abc").await;
    assert_eq!(again.headers()[header::LOCATION], "/tasks?record=1", "the same form is the same wish");
    has(&bed.house.get_chinese(&to).await, &["id=\"sync-today\" disabled", "同步中…", "进行中"]);
    let refused = shown(bed.house.form("/tasks/sync/today", "key=def").await).await;
    has(&refused, &["409 Conflict", "This sync is running; try again later\nHolder: "]);
    bed.house.work().await;
    has(
        &bed.house.get_chinese(&to).await,
        &[
            "今日数据 成功：总数 4，新增 4，更新 0，匹配 0，待匹配 4，失败 0，耗时",
            "上次: 2025/10/18 04:00:00",
        ],
    );
}

#[tokio::test]
async fn unread_records_are_told_on_every_page_until_they_are_read() {
    let bed = Bed::synced().await;
    for path in ["/", "/tasks", "/runs", "/schedules", "/tables", "/api/docs"] {
        has(&bed.house.get_chinese(path).await, &["class=\"unread-count\"", "2 条未读的任务同步记录"]);
    }
    bed.house.form("/tasks/records/1/read", "").await;
    has(&bed.house.get("/tasks").await, &["1 unread record of a task sync"]);
    bed.house.form("/tasks/read", "").await;
    lacks(&bed.house.get("/runs").await, &["unread-count"]);
}

#[tokio::test]
async fn a_record_is_shown_with_the_tasks_that_failed() {
    let bed = Bed::synced().await;
    bed.platform.set_faults(vec!["bad-rows".parse().unwrap()]);
    bed.sync(TaskSyncType::Today).await;
    has(
        &bed.house.get_chinese("/tasks/records/3").await,
        &["记录 #3", "部分成功", "失败任务（3）", "任务ID缺失", "任务名称缺失", "字段格式错误", "标记为已读"],
    );
    has(&bed.house.get("/tasks?status=partial&type=today").await, &["/tasks/records/3"]);
    lacks(&bed.house.get("/tasks?status=success").await, &["/tasks/records/3\""]);
    has(&bed.house.get("/tasks/records/99").await, &["404"]);
}

#[tokio::test]
async fn chosen_tasks_are_matched_through_the_dialog() {
    let bed = Bed::synced().await;
    let page = bed.house.get_chinese("/tasks/matching").await;
    has(&page, &["任务匹配管理", "待处理", "推荐: <b>541437 禹州-0826-高中-1000</b>", "83 %", "标记为闲散"]);
    let chosen = text(bed.house.form("/tasks/matching/act?lang=zh", "task=7100007&verb=match").await).await;
    has(&chosen, &["匹配任务到数据包", "智能推荐", "83 %", "62 %", "60 %", "确认匹配", "value=\"7100007\""]);
    let none = shown(bed.house.form("/tasks/matching/bind?lang=zh", "task=7100007&other=1").await).await;
    has(&none, &["422", "请选择数据包"]);
    let done = bed.house.form("/tasks/matching/bind?lang=zh", "task=7100007&other=541437").await;
    has(&text(done).await, &["已更新 1  未变 0  失败 0"]);
    has(
        &bed.house.get_chinese("/tasks/matching?state=matched&q=7100007").await,
        &["✅ 已匹配到数据包: 禹州-0826-高中-1000", "手动", "匹配时间"],
    );
}

#[tokio::test]
async fn a_whole_group_is_marked_as_idle_and_taken_back() {
    let bed = Bed::synced().await;
    let group = "group=%E7%A6%B9%E5%B7%9E-0826-%E9%AB%98%E4%B8%AD-721&verb=idle";
    has(&text(bed.house.form("/tasks/matching/act", group).await).await, &["1 changed"]);
    has(&bed.house.get_chinese("/tasks/matching?state=idle").await, &["7100007", "标记时间"]);
    let back =
        bed.house.form("/tasks/matching/act?state=idle", "task=7100007&task=1&verb=rematch&auto=1").await;
    has(&text(back).await, &["1 changed, 0 unchanged, 1 failed", "there is no such task"]);
    let none = shown(bed.house.form("/tasks/matching/act", "verb=idle").await).await;
    has(&none, &["422", "No task was chosen."]);
}

#[tokio::test]
async fn the_packages_live_while_tasks_come_and_others_write() {
    let bed = Bed::new().await;
    bed.import(&bed.platform.packages_csv()).await;
    let mut body = listen(&bed.house, "/tasks/packages/live?lang=zh&edit=8", None).await;
    let read = read_until(&mut body, "559336").await;
    has(&read, &["packages-list", "aria-current=\\\"true\\\""]);
    lacks(&read, &["数据包顺序异常", "packages-editor"]);
    bed.sync(TaskSyncType::Today).await;
    read_until(&mut body, "数据包顺序异常").await;
    let fields = "external_package_id=4711&name=a20250101&region=x&grade=y&valid_leads=5";
    bed.house.form("/tasks/packages/new", fields).await;
    read_until(&mut body, "4711").await;
}

#[tokio::test]
async fn what_a_system_says_is_said_in_the_language_of_the_page() {
    let bed = Bed::new().await;
    bed.platform.set_faults(vec!["bad-credentials".parse().unwrap()]);
    bed.sync(TaskSyncType::Today).await;
    for path in ["/tasks", "/tasks/records/1", "/runs/1", "/runs", "/"] {
        has(&bed.house.get(path).await, &["No token was given: "]);
        has(&bed.house.get_chinese(path).await, &["Token 获取失败: "]);
    }
    has(&bed.house.get("/schedules").await, &["Sync of past days", "Run now: Sync of today"]);
    has(&bed.house.get_chinese("/schedules").await, &["历史数据同步", "立即运行：今日数据同步"]);
}

#[tokio::test]
async fn packages_are_written_imported_exported_and_deleted_by_plain_forms() {
    let bed = Bed::synced().await;
    let fields =
        "external_package_id=1&name=a20250101&region=%E6%B7%AE%E5%AE%89&grade=x&source=%E9%87%87%E4%B9%B0";
    let wrong = shown(bed.house.form("/tasks/packages/new", &format!("{fields}&valid_leads=x")).await).await;
    has(&wrong, &["422", "Valid", "it is no whole number from 0 on", "value=\"a20250101\""]);
    let made = text(bed.house.form("/tasks/packages/new", &format!("{fields}&valid_leads=5")).await).await;
    has(&made, &["Package 1 is saved; pending tasks matched with it: 0.", "淮安-0101-x-5"]);
    let page = bed.house.get_chinese("/tasks/packages?q=559336").await;
    has(&page, &["⚠️ 数据包顺序异常", "缺失层级: N, O1, O2", "建议：检查是否有任务被错误匹配", "O4"]);
    let used = shown(bed.house.form("/tasks/packages/8/delete?lang=zh", "").await).await;
    has(&used, &["409", "下仍有 2 个任务", "删除，任务转为待处理"]);
    has(&text(bed.house.form("/tasks/packages/8/delete", "tasks=keep").await).await, &["tasks it had: 2"]);
    let request = Request::get("/tasks/packages/export?lang=zh").body(Body::empty()).unwrap();
    let file = text(bed.house.ask(request).await).await;
    assert!(file.starts_with("\u{feff}数据包ID,数据包名称"), "{file}");
    assert!(bed.import(&file).await.contains("\"unchanged\": 9"), "what goes out comes in again");
}
