//! The form of a config of files as a browser without JavaScript sends it: rules in rows, secrets that go, and that
//! nothing is lost of what a config says.

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

use crate::house::{House, shown, text};

fn has(page: &str, all: &[&str]) {
    for words in all {
        assert!(page.contains(words), "{words} in {page}");
    }
}

/// The fields of a form for a config in memory, without rules.
const PLAIN: &str = "verb=save&source.service=memory&source.path=/a&source.memory.name=one&target.service=memory&\
    target.path=/b&target.memory.name=two&mode=incremental&compare=auto&timezone=UTC";

/// All that a page's forms say, as a browser sends it: ticked boxes, chosen options, texts.
fn fields_of(page: &str) -> String {
    let form = page.split("id=\"files-form\"").nth(1).unwrap().split("</form>").next().unwrap();
    let mut fields = Vec::new();
    let attribute = |tag: &str, name: &str| {
        Some(
            tag.split(&format!(" {name}=\""))
                .nth(1)?
                .split('"')
                .next()?
                .replace("&quot;", "\"")
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&"),
        )
    };
    for (at, _) in form.match_indices('<') {
        let (tag, rest) = form[at..].split_once('>').unwrap();
        let Some(name) = attribute(tag, "name") else { continue };
        let value = match tag.split(' ').next() {
            Some("<select") => {
                let all = rest.split("</select>").next().unwrap();
                let chosen = all.split("<option").find(|option| option.contains(" selected"));
                attribute(chosen.or(all.split("<option").nth(1)).unwrap(), "value")
            }
            Some("<textarea") => {
                rest.split("</textarea>").next().map(|text| text.trim_start_matches('\n').to_owned())
            }
            Some("<input") if tag.contains("checkbox") || tag.contains("radio") => {
                tag.contains(" checked").then(|| attribute(tag, "value").unwrap())
            }
            Some("<input") => attribute(tag, "value").or(Some(String::new())),
            _ => None,
        };
        fields.extend(value.map(|value| (name, value)));
    }
    let escaped = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let fields = fields.iter().map(|(name, value)| format!("{name}={}", escaped(value)));
    fields.collect::<Vec<_>>().join("&")
}

/// The config, as the API shows it.
async fn said_of(house: &House) -> Value {
    let asked = Request::get("/api/v1/files/configs/1").body(Body::empty()).unwrap();
    serde_json::from_str(&text(house.ask(asked).await).await).unwrap()
}

/// Saves what a page of the form says, with more fields.
async fn save(house: &House, page: &str, more: &str) -> Value {
    let kept = house.form("/files/configs/1/edit", &format!("{}&verb=save{more}", fields_of(page))).await;
    assert_eq!(kept.headers().get(header::LOCATION).unwrap(), "/files/configs/1?told=saved");
    said_of(house).await
}

#[tokio::test]
async fn rules_are_made_in_rows_and_mistakes_stand_by_their_fields() {
    let house = House::with_files().await;
    has(&house.get("/files/new").await, &["filters.exclusions.1.pattern", "rename_rules.1.replace_string"]);
    let rules = "filters.exclusions.0.pattern=&filters.exclusions.0.mode=exact&filters.exclusions.3.pattern=%5B&\
        filters.exclusions.3.target=path&filters.exclusions.3.item_type=folder&filters.exclusions.3.mode=regex&\
        filters.exclusions.3.case_sensitive=true&rename_rules.0.match_regex=(&rename_rules.0.replace_string=x&\
        rename_rules.0.target_scope=name";
    let said = shown(house.form("/files/new", &format!("{PLAIN}&{rules}")).await).await;
    let row =
        "id=\"filters-exclusions-0-pattern\" type=\"text\" name=\"filters.exclusions.0.pattern\" value=\"[\"";
    has(
        &said,
        &["422", "Not saved: 2 things", row, "Exclusion #1", "Rename rule #1", "value=\"folder\" selected"],
    );
    has(&said, &["name=\"filters.exclusions.0.case_sensitive\" value=\"true\" checked"]);
    assert!(!said.contains("<code>rename_rules") && !said.contains("<code>filters."), "{said}");

    let more = shown(house.form("/files/new", &format!("{PLAIN}&{rules}&verb=more-renames")).await).await;
    has(&more, &["200 OK", "rename_rules.6.match_regex"]);

    let good = rules.replace("%5B", "%5Etmp").replace("=(&", "=%5EIMG_(%5Cd)&");
    let made = house.form("/files/new", &format!("{PLAIN}&{good}")).await;
    assert_eq!(made.headers()[header::LOCATION], "/files/configs/1?told=saved");
    let made = said_of(&house).await;
    let exclusion = json!({ "pattern": "^tmp", "target": "path", "item_type": "folder", "mode": "regex", "case_sensitive": true });
    let rename = json!({ "match_regex": "^IMG_(\\d)", "replace_string": "x", "target_scope": "name", "case_sensitive": false });
    assert_eq!(made["filters"]["exclusions"], json!([exclusion]));
    assert_eq!(made["rename_rules"], json!([rename]));
}

#[tokio::test]
async fn a_config_whose_form_is_saved_as_it_stands_stays_what_it_is() {
    let house = House::with_files().await;
    let exclusion = |pattern: &str, mode: &str| json!({ "pattern": pattern, "target": "extension", "item_type": "file", "mode": mode, "case_sensitive": true });
    let config = json!({
        "name": "a & \"b\"",
        "enabled": false,
        "source": { "service": "memory", "path": "/a", "options": { "name": "one" } },
        "target": {
            "service": "webdav", "path": "/b", "must_exist": true, "case_insensitive": true,
            "options": { "endpoint": "http://127.0.0.1:9/dav", "username": "u", "password": "hunter2" },
        },
        "mode": "full",
        "cron": "0 2 * * *",
        "timezone": "UTC",
        "filters": {
            "rules": ["*.tmp", "!keep.tmp"],
            "exclusions": [exclusion("a b ", "exact"), exclusion("\\d+", "regex"), exclusion("*.x", "wildcard")],
            "case_sensitive": false,
        },
        "rename_rules": [
            { "match_regex": "^IMG_(\\d+)", "replace_string": "\\1 ", "target_scope": "path", "case_sensitive": true },
            { "match_regex": "x", "replace_string": "", "target_scope": "name", "case_sensitive": false },
        ],
        "compare": "size",
        "mtime_tolerance_ms": 2000,
        "delete_guard": { "max_files": null, "max_percent": 5 },
        "backup_dir": "/kept",
        "create_empty_dirs": false,
        "transfers": 3,
        "checkers": 4,
        "bandwidth_limit": 1000,
        "end_time": "2099-01-01T00:00:00+00:00",
        "priority": 7,
    });
    house.post("/api/v1/files/configs", &config).await;
    let mut before = said_of(&house).await;
    for (key, value) in config.as_object().unwrap() {
        if key != "target" && key != "source" {
            assert_eq!(&before[key], value, "{key}");
        }
    }
    let mut after = save(&house, &house.get("/files/configs/1/edit").await, "").await;
    for shown in [&mut before, &mut after] {
        shown["updated_at"] = json!(null);
    }
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_secret_is_removed_by_its_box_alone() {
    let house = House::with_files().await;
    let source = json!({ "service": "memory", "path": "/a", "options": { "name": "one" } });
    let options = json!({ "endpoint": "http://127.0.0.1:9/dav", "username": "u", "password": "hunter2" });
    let target = json!({ "service": "webdav", "path": "/b", "options": options });
    house.post("/api/v1/files/configs", &json!({ "source": source, "target": target })).await;
    let page = house.get("/files/configs/1/edit").await;
    has(&page, &["name=\"target.webdav.password.remove\"", "aria-label=\"Remove: Password\""]);
    assert!(!page.contains("source.webdav.password.remove"), "only what is set can be removed");
    has(&house.get_chinese("/files/configs/1/edit").await, &["移除"]);

    let set = async |more: &str| save(&house, &page, more).await["target"]["secrets_set"].clone();
    assert_eq!(set("").await, json!(["password"]));
    assert_eq!(set("&target.webdav.password.remove=false").await, json!(["password"]));
    assert_eq!(set("&target.webdav.password.remove=true").await, json!([]));
}

#[tokio::test]
async fn a_secret_that_is_needed_need_not_be_written_again() {
    let house = House::with_files().await;
    let source = json!({ "service": "memory", "path": "/a", "options": { "name": "one" } });
    let options = json!({ "bucket": "b", "access_key_id": "id", "secret_access_key": "hunter2" });
    let target = json!({ "service": "s3", "path": "/b", "options": options });
    has(&house.post("/api/v1/files/configs", &json!({ "source": source, "target": target })).await, &["201"]);
    let page = house.get("/files/configs/1/edit").await;
    assert_eq!(save(&house, &page, "").await["target"]["secrets_set"], json!(["secret_access_key"]));
}
