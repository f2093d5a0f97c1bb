//! Packages of leads: made, changed, deleted, imported, and what follows from their tasks.

use insta::assert_snapshot;
use model::task::TaskSyncType;
use serde_json::{Value, json};

use crate::tasks_bed::Bed;

fn package() -> Value {
    json!({ "external_package_id": 550_099, "name": "禹州20250718高中加购.csv", "region": "禹州", "grade": "高中",
        "valid_leads": 500 })
}

#[tokio::test]
async fn a_package_is_made_with_the_code_that_follows_from_its_name() {
    let bed = Bed::new().await;
    assert_snapshot!(bed.house.post("/api/v1/tasks/packages", &package()).await, @r#"
    201 Created
    {
      "available_leads": null,
      "contact_rate": null,
      "contact_ratio": 0.0,
      "created_at": "2025-10-17T20:00:00Z",
      "current_state": "N",
      "external_package_id": "550099",
      "first_task_prefix": "禹州-0718-高中-500-N",
      "grade": "高中",
      "id": 1,
      "internal_code": "禹州-0718-高中-500",
      "matched_tasks": 0,
      "missing_levels": [],
      "name": "禹州20250718高中加购.csv",
      "package_level": null,
      "package_type": "N",
      "region": "禹州",
      "source": "采买",
      "success_ratio": 0.0,
      "task_count": 0,
      "total_leads": null,
      "updated_at": "2025-10-17T20:00:00Z",
      "valid_leads": 500
    }
    "#);
}

#[tokio::test]
async fn a_package_matches_the_tasks_that_waited_for_it_and_lets_them_go_when_its_code_changes() {
    let bed = Bed::synced().await;
    let made = json!({ "internal_code": "淮安-0913A-高中-3747", "external_package_id": "1", "name": "x",
        "region": "淮安", "grade": "高中" });
    let answer = bed.house.post("/api/v1/tasks/packages", &made).await;
    assert!(answer.starts_with("201") && answer.contains("\"matched_tasks\": 1"), "{answer}");
    let known = bed.json("/api/v1/tasks/packages?q=0913A").await;
    assert_eq!(known["packages"][0]["current_state"], "O11", "the level after the one that was called");
    let id = known["packages"][0]["id"].as_i64().unwrap();
    let changed =
        bed.house.put(&format!("/api/v1/tasks/packages/{id}"), &json!({ "internal_code": "y" })).await;
    assert!(changed.starts_with("200") && changed.contains("\"task_count\": 0"), "{changed}");
    assert!(changed.contains("\"grade\": \"高中\""), "what is not said stays: {changed}");
}

#[tokio::test]
async fn what_follows_from_the_tasks_is_told_with_a_package() {
    let bed = Bed::synced().await;
    let known = bed.json("/api/v1/tasks/packages?q=559336").await;
    let package = &known["packages"][0];
    assert_eq!(package["current_state"], "O4");
    assert_eq!(package["missing_levels"], json!(["N", "O1", "O2"]));
    assert_eq!(package["task_count"], 1);
    assert_eq!((&known["total"], &known["per_page"], &known["pages"]), (&json!(1), &json!(20), &json!(1)));
}

/// Its last digits are lost on the way through JSON.
fn rounded(ratio: f64) -> String {
    format!("{ratio:.9}")
}

#[tokio::test]
async fn what_follows_from_the_tasks_changes_with_the_next_sync_and_nothing_has_to_be_built() {
    let bed = Bed::synced().await;
    let read = async |external: &str| {
        let known = bed.json(&format!("/api/v1/tasks/packages?q={external}")).await;
        let package = known["packages"][0].clone();
        // As the platform counts now: calls answered and won by the leads of the package.
        let valid = package["valid_leads"].as_f64().unwrap();
        let named = format!("{}-", package["internal_code"].as_str().unwrap());
        let ours = bed.platform.tasks().into_iter().filter(|task| task.name.starts_with(&named));
        let (connected, success) =
            ours.fold((0, 0), |(c, s), task| (c + task.connected(), s + task.success()));
        let expected = [connected, success].map(|count| rounded(count as f64 / valid));
        (package, expected)
    };
    let ratios = |package: &Value| {
        ["contact_ratio", "success_ratio"].map(|key| rounded(package[key].as_f64().unwrap()))
    };
    let (called, before) = read("559263").await;
    assert_eq!((&called["current_state"], &called["missing_levels"]), (&json!("O2"), &json!([])));
    assert_eq!(ratios(&called), before);
    let (waiting, _) = read("550003").await;
    assert_eq!((&waiting["current_state"], &waiting["contact_ratio"]), (&json!("N"), &json!(0.0)));
    bed.platform.advance();
    for sync_type in TaskSyncType::ALL {
        bed.sync(*sync_type).await;
    }
    let (called, after) = read("559263").await;
    assert_eq!(ratios(&called), after);
    assert!(after[0] > before[0], "{after:?}");
    let (waiting, after) = read("550003").await;
    assert_eq!((&waiting["current_state"], ratios(&waiting)), (&json!("O8"), after));
    assert_eq!(waiting["missing_levels"], json!(["N", "O1", "O2", "O3", "O4", "O5", "O6"]));
}

#[tokio::test]
async fn wrong_packages_are_refused_by_field() {
    let bed = Bed::new().await;
    let mut wrong = package();
    wrong["valid_leads"] = json!("ten");
    assert_snapshot!(bed.house.post("/api/v1/tasks/packages", &wrong).await, @r#"
    422 Unprocessable Entity
    {
      "code": "invalid_package",
      "detail": "valid_leads 不是非负整数",
      "refused": {
        "code": "invalid_package",
        "detail": {
          "field": "valid_leads",
          "message": "不是非负整数"
        }
      },
      "status": 422,
      "title": "The package is not sound",
      "type": "/api/docs#problem-invalid_package"
    }
    "#);
    bed.house.post("/api/v1/tasks/packages", &package()).await;
    assert_snapshot!(bed.house.post("/api/v1/tasks/packages", &package()).await, @r#"
    409 Conflict
    {
      "code": "duplicate_package",
      "detail": "package 1 has this external id or this prefix",
      "refused": {
        "code": "duplicate_package",
        "detail": {
          "package_id": 1
        }
      },
      "status": 409,
      "title": "The package is there already",
      "type": "/api/docs#problem-duplicate_package"
    }
    "#);
    let unknown = bed.house.put("/api/v1/tasks/packages/99", &json!({})).await;
    assert!(unknown.starts_with("404") && unknown.contains("package_not_found"), "{unknown}");
}

#[tokio::test]
async fn a_package_with_tasks_is_deleted_only_when_it_is_said_what_becomes_of_them() {
    let bed = Bed::synced().await;
    let id = bed.json("/api/v1/tasks/packages?q=559263").await["packages"][0]["id"].as_i64().unwrap();
    let path = format!("/api/v1/tasks/packages/{id}");
    assert_snapshot!(bed.house.delete(&path).await, @r#"
    409 Conflict
    {
      "code": "package_in_use",
      "detail": "2 tasks belong to the package; say tasks=pending or tasks=keep",
      "refused": {
        "code": "package_in_use",
        "detail": {
          "tasks": 2
        }
      },
      "status": 409,
      "title": "The package has tasks",
      "type": "/api/docs#problem-package_in_use"
    }
    "#);
    let odd = bed.house.delete(&format!("{path}?tasks=burn")).await;
    assert!(odd.starts_with("400") && odd.contains("invalid_parameter"), "{odd}");
    assert_snapshot!(bed.house.delete(&format!("{path}?tasks=pending")).await, @r#"
    200 OK
    {
      "deleted": true,
      "tasks": 2
    }
    "#);
    assert!(bed.house.delete(&path).await.starts_with("404"));
    let counts = &bed.json("/api/v1/tasks?state=all").await["counts"];
    assert_eq!(counts["matched"], 2);
}

#[tokio::test]
async fn a_file_is_imported_line_by_line_and_told_twice_it_changes_nothing() {
    let bed = Bed::new().await;
    let csv = "数据包ID,数据包名称,职场,年级,有效数,颜色\n\
               1,禹州20250826.csv,禹州,高中,1000,red\n\
               2,禹州20250908.csv,禹州,高中,many,\n\
               3,禹州20250909.csv,禹州,高中,50,\n";
    let tried =
        bed.house.post_file("/api/v1/tasks/packages/import?dry_run=1", "text/csv", csv.to_owned()).await;
    assert!(bed.json("/api/v1/tasks/packages").await["packages"].as_array().unwrap().is_empty());
    let done = bed.import(csv).await;
    assert_eq!(tried, done);
    assert_snapshot!(done, @r#"
    200 OK
    {
      "created": 2,
      "errors": [
        {
          "column": "valid_leads",
          "line": 3,
          "message": "不是非负整数"
        }
      ],
      "ignored_columns": [
        "颜色"
      ],
      "matched_tasks": 0,
      "unchanged": 0,
      "updated": 0
    }
    "#);
    let again = bed.import(csv).await;
    assert!(again.contains("\"unchanged\": 2") && again.contains("\"created\": 0"), "{again}");
}

#[tokio::test]
async fn a_file_in_a_form_is_read_too() {
    let bed = Bed::new().await;
    let form = "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.csv\"\r\n\r\n\
                external_package_id,name,region,grade,internal_code\n7,a,淮安,高中,c\n\r\n--edge--\r\n";
    let kind = "multipart/form-data; boundary=edge";
    let answer = bed.house.post_file("/api/v1/tasks/packages/import", kind, form).await;
    assert!(answer.starts_with("200") && answer.contains("\"created\": 1"), "{answer}");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_changes_nothing() {
    let bed = Bed::new().await;
    let refused = bed.import("数据包ID,职场\n1,淮安\n").await;
    assert_snapshot!(refused, @r#"
    400 Bad Request
    {
      "code": "invalid_csv",
      "detail": "headers are missing: name, grade",
      "status": 400,
      "title": "The CSV file cannot be read",
      "type": "/api/docs#problem-invalid_csv"
    }
    "#);
    let nothing = bed.import("数据包ID,数据包名称,职场,年级\n1,a,b,c\n").await;
    assert!(nothing.starts_with("422") && nothing.contains("\"line\": 2"), "{nothing}");
    let large = bed.house.post_file("/api/v1/tasks/packages/import", "text/csv", vec![b'a'; 33 << 20]).await;
    assert!(large.starts_with("413") && large.contains("body_too_large"), "{large}");
    let wide = format!("数据包ID,数据包名称,职场,年级,{}\n1,a20250101,b,c\n", "x".repeat(2 << 20));
    assert!(bed.import(&wide).await.starts_with("422"), "a file may be larger than any other body");
}
