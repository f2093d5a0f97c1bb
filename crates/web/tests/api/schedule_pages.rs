//! The pages of the schedules and their forms, as a browser without JavaScript uses them.

use axum::http::header;
use model::schedule::ScheduleSpec;
use serde_json::json;

use crate::house::{House, shown};
use crate::live::{listen, read_until};

fn has(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words} in {page}");
    }
}

/// Sends a form and follows where it leads.
async fn sent(house: &House, path: &str, fields: &str) -> String {
    let response = house.form(path, fields).await;
    match response.headers().get(header::LOCATION) {
        Some(place) => house.get(place.to_str().unwrap()).await,
        None => shown(response).await,
    }
}

#[tokio::test]
async fn schedules_are_listed_with_their_rule_in_words_and_their_next_times() {
    let house = House::new().await;
    house.put_once("2025-10-18T01:00:00Z").await;
    let page = house.get("/schedules?lang=en").await;
    has(
        &page,
        &[
            "200 OK",
            "<a href=\"/schedules\" aria-current=\"page\">Schedules</a>",
            "every day at 20:00 (Asia/Shanghai)",
            "<code>0 20 * * *</code> · Asia/Shanghai",
            "<code>days.all</code> · nightly",
            "2025-10-18 20:00</time> <span class=\"quiet\">Sat +08:00</span>",
            "2025-10-22 20:00",
            "has not come due yet",
            "once, at 2025-10-18 09:00 (Asia/Shanghai)",
            "aria-label=\"Run now: 每日夜间同步\"",
            "aria-label=\"Pause: 补跑一次\"",
            "aria-label=\"Edit: 每日夜间同步\"",
        ],
    );
    assert!(!page.contains("Edit: 补跑一次"), "a moment has no rule to edit");
    has(
        &house.get("/schedules?lang=zh").await,
        &["每天 20:00（上海）", "下次 ", "周六 +08:00", "一次：2025-10-18 09:00（上海）", "尚未触发过"],
    );
}

#[tokio::test]
async fn the_list_pauses_continues_and_runs() {
    let house = House::new().await;
    let paused = sent(&house, "/schedules?lang=en", "schedule=1&verb=pause").await;
    has(&paused, &["200 OK", "data-state=\"paused\">paused", "value=\"resume\""]);
    assert!(house.get("/api/v1/schedules/1").await.contains("\"paused_at\": \"2025"));
    has(&sent(&house, "/schedules?lang=en", "schedule=1&verb=resume").await, &["value=\"pause\""]);
    assert!(house.get("/api/v1/schedules/1").await.contains("\"paused_at\": null"));
    has(
        &sent(&house, "/schedules?lang=en", "schedule=1&verb=run").await,
        &["Started: <a href=\"/runs/1\">#1</a>"],
    );
    has(
        &sent(&house, "/schedules?lang=zh", "schedule=1&verb=run").await,
        &["409", "该同步项已有运行在进行", "href=\"/runs/1\""],
    );
    has(
        &sent(&house, "/schedules?lang=en", "schedule=9&verb=run").await,
        &["404", "There is no such schedule"],
    );
    has(&sent(&house, "/schedules?lang=en", "schedule=1&verb=dance").await, &["400", "verb=dance"]);
}

#[tokio::test]
async fn each_time_is_told_with_its_decision_and_reason() {
    let house = House::new().await;
    let tick = async || {
        engine::scheduler::tick(&house.engine, house.engine.now()).await.unwrap();
    };
    house.advance(16 * 3_600 + 1);
    tick().await;
    house.advance(86_400);
    tick().await;
    for page in ["/schedules?lang=en", "/schedules/1?lang=en"] {
        has(
            &house.get(page).await,
            &["data-state=\"skipped\">skipped, another run was active", "run 1 holds the lease"],
        );
    }
    has(&house.get("/schedules/1?lang=en").await, &["started</span> <a href=\"/runs/1\">#1</a>"]);
    has(&house.get("/schedules/1?lang=zh").await, &["已启动", "运行 1 正在进行"]);
    house.work().await;
    house.advance(2 * 86_400);
    tick().await;
    has(&house.get("/schedules?lang=zh").await, &["data-state=\"succeeded\">已启动"]);
    has(
        &house.get("/schedules/1?lang=zh").await,
        &["data-state=\"partial\">已错过", "到期时无人处理，策略为不补跑"],
    );
}

#[tokio::test]
async fn a_rule_is_explained_before_it_is_saved() {
    let house = House::new().await;
    let page = house.get("/schedules/1?lang=en&cron=*/15+9-17+*+*+1-5&time_zone=Europe/London").await;
    has(
        &page,
        &[
            "value=\"*/15 9-17 * * 1-5\"",
            "every 15 minutes from 09:00 to 17:45, Monday to Friday (Europe/London)",
            "On the clock of Asia/Shanghai",
            "every day at 20:00 (Asia/Shanghai)",
        ],
    );
    let typed = "cron=30+2+*+*+*&time_zone=America/New_York";
    has(
        &house.get(&format!("/schedules/explained?lang=zh&{typed}")).await,
        &[
            "200 OK\n<div id=\"cron-said\"",
            "data-wrong=\"\"",
            "每天 02:30（纽约）",
            "纽约时间",
            "2025-10-18 02:30",
            "-04:00",
        ],
    );
    let wrong = "cron=61+*+*+*+*&time_zone=Mars";
    has(
        &house.get(&format!("/schedules/explained?lang=zh&{wrong}")).await,
        &[
            "data-wrong=\"cron time_zone\"",
            "分“61”有误；允许 0–59、<code>*</code>",
            "没有名为“Mars”的时区；应为 IANA 名称",
        ],
    );
    has(&house.get("/schedules/explained?lang=en").await, &["has 0 fields", "no time zone is called"]);
    assert!(house.get("/api/v1/schedules/1").await.contains("\"version\": 1"), "nothing was changed");
}

#[tokio::test]
async fn a_saved_rule_holds_and_outlives_a_restart() {
    let house = House::new().await;
    let saved =
        sent(&house, "/schedules/1?lang=en", "verb=change&cron=+15+6+*+*+1-5+&time_zone=europe/london").await;
    has(&saved, &["200 OK", "Saved.", "Monday to Friday at 06:15 (Europe/London)", "value=\"15 6 * * 1-5\""]);
    house.engine.register(house.engine.now()).await.unwrap();
    has(&house.get("/schedules?lang=zh").await, &["每周一至周五 06:15（伦敦）"]);
}

#[tokio::test]
async fn a_wrong_rule_is_refused_with_its_field_and_changes_nothing() {
    let house = House::new().await;
    let refused =
        sent(&house, "/schedules/1?lang=en", "verb=change&cron=0+25+*+*+*&time_zone=Asia/Shanghai").await;
    has(
        &refused,
        &[
            "422",
            "Not saved; nothing was changed.",
            "hour <code>25</code> is wrong; allowed are 0–23",
            "value=\"0 25 * * *\"",
            "aria-invalid=\"true\"",
        ],
    );
    has(&refused, &["every day at 20:00 (Asia/Shanghai)"]);
    let refused = sent(&house, "/schedules/1?lang=zh", "verb=change&cron=0+9+*+*+*&time_zone=Shanghai").await;
    has(&refused, &["422", "未保存，未作任何修改。", "没有名为“Shanghai”的时区"]);
    let id = house.put_once("2025-10-18T01:00:00Z").await;
    let fixed =
        sent(&house, &format!("/schedules/{id}?lang=en"), "verb=change&cron=0+9+*+*+*&time_zone=UTC").await;
    has(&fixed, &["422", "it has no cron expression or zone to change", "cannot be edited"]);
    assert!(house.get("/api/v1/schedules/1").await.contains("\"version\": 1"));
}

#[tokio::test]
async fn an_address_of_no_schedule_is_told_in_words() {
    let house = House::new().await;
    has(&house.get("/schedules/9?lang=zh").await, &["404", "计划不存在", "全部计划"]);
    has(&house.get("/schedules/nightly").await, &["404", "There is nothing at this address"]);
    has(&sent(&house, "/schedules/9?lang=en", "verb=pause").await, &["404", "There is no such schedule"]);
}

#[tokio::test]
async fn many_schedules_are_on_pages() {
    let house = House::new().await;
    let base = house.engine.read().schedules().await.unwrap().remove(0).spec;
    for number in 0..80 {
        let spec = ScheduleSpec { name: format!("days.n{number:03}"), ..base.clone() };
        house.engine.put_schedule(&spec, house.engine.now()).await.unwrap();
    }
    let first = house.get("/schedules?lang=en").await;
    has(&first, &["days.n049", "href=\"/schedules?page=2\""]);
    assert!(!first.contains("days.n050") && first.len() < 300 << 10, "{} bytes", first.len());
    let second = house.get("/schedules?lang=en&page=2").await;
    has(&second, &["days.n050", "days.nightly"]);
    assert!(!second.contains("page=3"));
}

#[tokio::test]
async fn both_pages_live() {
    let house = House::new().await;
    let mut list = listen(&house, "/schedules/live?lang=en", None).await;
    let mut one = listen(&house, "/schedules/1/live?lang=zh", None).await;
    read_until(&mut list, "every day at 20:00").await;
    read_until(&mut one, "每天 20:00（上海）").await;
    house.patch("/api/v1/schedules/1", &json!({ "cron": "0 21 * * *", "paused": true })).await;
    read_until(&mut list, "every day at 21:00").await;
    read_until(&mut one, "每天 21:00（上海）").await;
}
