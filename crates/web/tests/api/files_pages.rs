//! The pages of files, as a browser without JavaScript uses them, and the route that looks into a storage.

use std::fs;

use axum::http::header;
use serde_json::json;

use crate::house::{House, shown};

fn has(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words} in {page}");
    }
}

#[tokio::test]
async fn a_newcomer_reads_what_this_is_and_finds_the_button() {
    let house = House::with_files().await;
    has(&house.get("/files").await, &["200 OK", "There is none yet.", "href=\"/files/new\""]);
    has(&house.get_chinese("/files").await, &["还没有配置。", "新建配置"]);
    has(&House::new().await.get("/files").await, &["404"]);
}

#[tokio::test]
async fn every_mistake_stands_beside_its_field_and_nothing_that_was_typed_is_lost_but_secrets() {
    let house = House::with_files().await;
    let fields = "verb=save&name=mine&source.service=fs&source.path=&target.service=webdav&target.path=%2Fb&\
        target.webdav.password=hunter2&mode=full&compare=auto&timezone=Mars&cron=61+*+*+*+*&transfers=many&filters.rules=*.tmp";
    let said = shown(house.form("/files/new", fields).await).await;
    has(
        &said,
        &[
            "422",
            "Not saved: 5 things are to be mended.",
            "The path is needed",
            "This is needed",
            "There is no time zone Mars",
            "outside 0 to 59",
            "A whole number from 1 to 64 is needed",
            "value=\"mine\"",
            "value=\"many\"",
            "*.tmp</textarea>",
            "value=\"full\" checked",
        ],
    );
    assert!(!said.contains("hunter2"), "{said}");
    has(&house.get("/api/v1/files/configs").await, &["\"total\": 0"]);
}

#[tokio::test]
async fn a_config_is_made_run_turned_off_and_deleted_by_forms() {
    let house = House::with_files().await;
    let ground = tempfile::tempdir().unwrap();
    let (source, target) = (ground.path().join("a"), ground.path().join("b"));
    fs::create_dir(&source).unwrap();
    fs::write(source.join("one.txt"), "one").unwrap();
    let fields = format!(
        "verb=save&name=mine&source.service=fs&source.path={}&target.service=fs&target.path={}&mode=incremental&\
         compare=auto&timezone=Asia/Shanghai&cron=0+2+*+*+*",
        source.display(),
        target.display()
    );
    let made = house.form("/files/new", &fields).await;
    assert_eq!(made.headers()[header::LOCATION], "/files/configs/1?told=saved");
    has(&house.get("/files/configs/1").await, &["every day at 02:00", "It has not run yet."]);

    let looked = house.form("/files/configs/1", "verb=dry-run").await;
    assert_eq!(looked.headers()[header::LOCATION], "/files/runs/1");
    house.work().await;
    has(&house.get("/files/runs/1").await, &["The target was not touched.", "one.txt", "not in the target"]);
    assert!(!target.exists());

    let asked = house.form("/files", "config=1&verb=run").await;
    assert_eq!(asked.headers()[header::LOCATION], "/files?run=2");
    house.work().await;
    has(&house.get("/files/runs/2").await, &["succeeded", "one.txt", "href=\"/runs/2\""]);
    has(&house.get("/runs/2").await, &["href=\"/files/runs/2\""]);
    assert_eq!(fs::read_to_string(target.join("one.txt")).unwrap(), "one");

    house.form("/files", "config=1&verb=disable").await;
    let refused = shown(house.form("/files/configs/1", "verb=run").await).await;
    has(&refused, &["409", "config 1 is disabled"]);
    let gone = house.form("/files/configs/1", "verb=delete").await;
    assert_eq!(gone.headers()[header::LOCATION], "/files");
    has(&house.get("/files/configs/1").await, &["404"]);
}

#[tokio::test]
async fn a_form_that_is_edited_keeps_what_it_does_not_show() {
    let house = House::with_files().await;
    let config = json!({
        "source": { "service": "memory", "path": "/a", "options": { "name": "one" } },
        "target": { "service": "memory", "path": "/b", "options": { "name": "two" } },
        "filters": { "rules": ["*.tmp"], "exclusions": [{ "pattern": "x" }] },
        "rename_rules": [{ "match_regex": "^IMG_" }],
    });
    house.post("/api/v1/files/configs", &config).await;
    has(&house.get("/files/configs/1/edit").await, &["value=\"one\"", "*.tmp</textarea>"]);
    let fields = "verb=save&name=other&source.service=memory&source.path=/a&source.memory.name=one&\
        target.service=memory&target.path=/b&target.memory.name=two&mode=incremental&compare=auto&timezone=UTC&\
        filters.rules=*.bak";
    let kept = house.form("/files/configs/1/edit", fields).await;
    assert_eq!(kept.headers()[header::LOCATION], "/files/configs/1?told=saved");
    let shown = house.get("/api/v1/files/configs/1").await;
    has(&shown, &["\"other\"", "*.bak", "\"pattern\": \"x\"", "^IMG_", "\"UTC\""]);
}

#[tokio::test]
async fn a_run_that_waits_says_why_its_try_failed_and_when_the_next_comes() {
    let house = House::with_files().await;
    let ground = tempfile::tempdir().unwrap();
    let path = |name: &str| ground.path().join(name).display().to_string();
    fs::create_dir_all(ground.path().join("b/one.txt")).unwrap();
    fs::create_dir(ground.path().join("a")).unwrap();
    fs::write(ground.path().join("a/one.txt"), "one").unwrap();
    let side = |name: &str| json!({ "service": "fs", "path": path(name) });
    house.post("/api/v1/files/configs", &json!({ "source": side("a"), "target": side("b") })).await;
    house.post("/api/v1/files/configs/1/execute", &json!({})).await;
    house.work().await;
    let why = "files that could not be synced: 1";
    has(&house.get("/files/runs/1").await, &["Try 1 failed:", why, "Next try <b><time"]);
    has(&house.get("/files").await, &["waiting", why, "Next try <time"]);
    has(&house.get("/runs/1").await, &["Try 1 of tree failed:", why, "Next try <b><time"]);
    has(&house.get_chinese("/runs/1").await, &["tree 第 1 次尝试失败：", "1 个文件同步失败", "下次尝试"]);
    let next = ["\"next_try\": {", "\"attempt\": 1", "\"code\": \"items_failed\"", "\"at\": \"20"];
    has(&house.get("/api/v1/runs/1").await, &next);
    has(&house.get("/api/v1/files/configs").await, &["\"newest_run\": {", "\"next_try_at\": \"20"]);
}

#[tokio::test]
async fn the_page_of_a_config_says_its_rules_in_both_languages() {
    let house = House::with_files().await;
    let config = json!({
        "source": { "service": "memory", "path": "/a", "options": { "name": "one" } },
        "target": { "service": "memory", "path": "/b", "options": { "name": "two" } },
        "filters": { "exclusions": [
            { "pattern": "cache", "item_type": "folder" },
            { "pattern": "*/raw/*", "target": "path", "mode": "wildcard", "case_sensitive": true },
        ] },
        "rename_rules": [{ "match_regex": "^IMG_", "replace_string": "photo_" }, { "match_regex": " +$" }],
    });
    house.post("/api/v1/files/configs", &config).await;
    let said = house.get("/files/configs/1").await;
    has(
        &said,
        &[
            "Folders whose name contains <code>cache</code>",
            "<code>*/raw/*</code>  <small>(case counts)</small>",
        ],
    );
    has(&said, &["<code>^IMG_</code>", "<code>photo_</code>", "nothing", "in the name"]);
    let said = house.get_chinese("/files/configs/1").await;
    has(
        &said,
        &[
            "名称包含 <code>cache</code> 的文件夹",
            "路径符合通配符 <code>*/raw/*</code>",
            "（区分大小写）",
            "空",
        ],
    );
}

#[tokio::test]
async fn the_page_of_a_config_says_whatever_was_set_and_nothing_of_the_rest() {
    let house = House::with_files().await;
    let side = |name: &str| json!({ "service": "memory", "path": "/a", "options": { "name": name } });
    house.post("/api/v1/files/configs", &json!({ "source": side("one"), "target": side("two") })).await;
    let said = house.get("/files/configs/1").await;
    for unset in
        ["Backup folder", "Bandwidth limit", "Ends", "Priority", "Folders listed", "tolerance", "Case of"]
    {
        assert!(!said.contains(unset), "{unset}");
    }
    let s3 = json!({
        "bucket": "b", "endpoint": "http://127.0.0.1:9", "region": "eu", "skip_signature": "true", "default_storage_class": "STANDARD_IA",
    });
    let config = json!({
        "source": { "service": "s3", "path": "/a", "options": s3 },
        "target": { "service": "memory", "path": "/b", "options": { "name": "two" }, "must_exist": true, "case_insensitive": true },
        "cron": "0 2 * * *", "timezone": "Europe/Berlin", "end_time": "2099-12-31T00:00:00Z",
        "mtime_tolerance_ms": 1500, "backup_dir": "/old", "create_empty_dirs": false, "transfers": 2, "checkers": 3,
        "bandwidth_limit": 1_572_864, "priority": -5,
    });
    house.post("/api/v1/files/configs", &config).await;
    let said = house.get("/files/configs/2").await;
    has(&said, &["Address of the server: http://127.0.0.1:9", "Region: eu", "requests are not signed: yes"]);
    has(
        &said,
        &[
            "Storage class: STANDARD_IA",
            "<dt>Time zone</dt><dd>Europe/Berlin</dd>",
            "<dt>Ends</dt>",
            "2099-12-31",
        ],
    );
    has(&said, &["<dt>Missing target folder</dt><dd>it is an error</dd>", "<dd>does not count</dd>"]);
    has(&said, &["<dd>1500 ms</dd>", "<code>/old</code>", "<dt>Empty folders</dt><dd>are left out</dd>"]);
    has(&said, &["<dt>Files copied at once</dt><dd>2</dd>", "<dt>Folders listed at once</dt><dd>3</dd>"]);
    has(&said, &["<dt>Bandwidth limit</dt><dd>1.5 MiB/s</dd>", "<dt>Priority</dt><dd>-5</dd>"]);
    let said = house.get_chinese("/files/configs/2").await;
    has(
        &said,
        &[
            "<dt>带宽上限</dt><dd>1.5 MiB/秒</dd>",
            "<dt>备份目录</dt>",
            "<dt>结束时间</dt>",
            "<dd>视为错误</dd>",
        ],
    );
    has(
        &said,
        &["<dt>优先级</dt><dd>-5</dd>", "<dt>时区</dt><dd>Europe/Berlin</dd>", "匿名访问（不签名）：是"],
    );
}

#[tokio::test]
async fn a_look_into_a_storage_tells_its_first_entries_or_why_not() {
    let house = House::with_files().await;
    let ground = tempfile::tempdir().unwrap();
    fs::create_dir(ground.path().join("folder")).unwrap();
    for number in 0..25 {
        fs::write(ground.path().join(format!("{number:02}.txt")), "12345").unwrap();
    }
    let side = |path: &str| json!({ "service": "fs", "path": path });
    let path = ground.path().display().to_string();
    let seen = house.post("/api/v1/files/test", &json!({ "source": side(&path) })).await;
    has(&seen, &["200 OK", "\"exists\": true", "\"total\": 26", "\"name\": \"folder\"", "\"size\": 5"]);
    assert!(seen.contains("18.txt") && !seen.contains("19.txt"), "{seen}");
    let nowhere = side(&format!("{path}/nowhere"));
    let seen = house.post("/api/v1/files/test", &json!({ "source": nowhere })).await;
    has(&seen, &["200 OK", "\"error_type\": \"source_missing\""]);
    let seen = house.post("/api/v1/files/test", &json!({ "target": nowhere })).await;
    has(&seen, &["200 OK", "\"exists\": false", "\"error\": null"]);
    has(&house.post("/api/v1/files/test", &json!({ "source": side("") })).await, &["422", "source.path"]);
    has(&house.post("/api/v1/files/test", &json!({})).await, &["422", "invalid_config"]);
    let of_none = json!({ "source": side(&path), "config_id": 9 });
    has(&house.post("/api/v1/files/test", &of_none).await, &["404", "config_not_found"]);
}

#[tokio::test]
async fn secrets_of_a_config_are_not_taken_to_another_place() {
    let house = House::with_files().await;
    let side = |endpoint: &str| json!({ "service": "webdav", "path": "/b", "options": { "endpoint": endpoint, "username": "u" } });
    let mut target = side("http://127.0.0.1:9/dav");
    target["options"]["password"] = json!("hunter2");
    let source = json!({ "service": "memory", "path": "/a", "options": { "name": "one" } });
    house.post("/api/v1/files/configs", &json!({ "source": source, "target": target })).await;
    let elsewhere = json!({ "config_id": 1, "target": side("http://127.0.0.1:10/dav") });
    has(&house.post("/api/v1/files/test", &elsewhere).await, &["422", "target.options.password"]);
    let there = json!({ "config_id": 1, "target": side("http://127.0.0.1:9/dav") });
    has(&house.post("/api/v1/files/test", &there).await, &["200 OK", "\"error_type\": \"unreachable\""]);
}
