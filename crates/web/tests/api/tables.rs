//! Looking into the synced tables and taking them along.

use insta::assert_snapshot;

use crate::house::House;

#[tokio::test]
async fn a_table_says_what_it_is() {
    let house = House::new().await;
    assert_snapshot!(house.get("/api/v1/tables/quote").await, @r#"
200 OK
{
  "columns": [
    {
      "kind": "date",
      "name": "day",
      "required": true
    },
    {
      "kind": "text",
      "name": "code",
      "required": true
    },
    {
      "kind": "text",
      "name": "name",
      "required": false
    },
    {
      "kind": "decimal",
      "name": "price",
      "required": true
    }
  ],
  "key": [
    "day",
    "code"
  ],
  "name": "quote",
  "rows_total": 3
}
"#);
    assert!(house.get("/api/v1/tables").await.contains("\"name\": \"quote\""));
    assert!(house.get("/api/v1/tables/sqlite_schema").await.starts_with("404"));
}

#[tokio::test]
async fn rows_are_paged_by_the_key() {
    let house = House::new().await;
    assert_snapshot!(house.get("/api/v1/tables/quote/rows?limit=2").await, @r#"
200 OK
{
  "next": "[\"2025-10-09\",\"000001\"]",
  "rows": [
    {
      "code": "600000",
      "day": "2025-10-08",
      "name": "浦发银行",
      "price": 11.9
    },
    {
      "code": "000001",
      "day": "2025-10-09",
      "name": "Ping \"An\", Bank",
      "price": 11.5
    }
  ]
}
"#);
    let next = "[%222025-10-09%22,%22000001%22]";
    assert_snapshot!(house.get(&format!("/api/v1/tables/quote/rows?limit=2&cursor={next}")).await, @r#"
200 OK
{
  "next": null,
  "rows": [
    {
      "code": "600000",
      "day": "2025-10-09",
      "name": null,
      "price": 12.05
    }
  ]
}
"#);
}

#[tokio::test]
async fn rows_are_filtered_and_ordered() {
    let house = House::new().await;
    let codes =
        |page: String| page.lines().filter(|line| line.contains("code")).collect::<Vec<_>>().join(" ");
    let ask = |query: &'static str| house.get(query);
    let rows = "/api/v1/tables/quote/rows?columns=code";
    assert_snapshot!(codes(ask("/api/v1/tables/quote/rows?columns=code&where=day:from:2025-10-09&where=price:above:12").await), @r#"      "code": "600000""#);
    assert_snapshot!(codes(ask("/api/v1/tables/quote/rows?columns=code,price&order=-price&limit=2").await), @r#"      "code": "600000",       "code": "600000","#);
    assert_snapshot!(codes(ask("/api/v1/tables/quote/rows?columns=code&where=name:null").await), @r#"      "code": "600000""#);
    assert_snapshot!(codes(ask("/api/v1/tables/quote/rows?columns=code&where=name:contains:银行").await), @r#"      "code": "600000""#);
    assert!(house.get(rows).await.starts_with("200"));
}

#[tokio::test]
async fn a_wrong_question_is_refused_and_no_text_of_it_becomes_a_statement() {
    let house = House::new().await;
    for wrong in [
        "where=day:from:soon",
        "where=day:like:2025",
        "where=colour:eq:red",
        "where=code%22%3D1%3B--:eq:1",
        "columns=day,code%3Bdrop",
        "order=price%20desc",
        "limit=0",
        "colour=red",
        "cursor=zzz",
    ] {
        let answer = house.get(&format!("/api/v1/tables/quote/rows?{wrong}")).await;
        assert!(answer.starts_with("400") && answer.contains("bad_parameter"), "{wrong}: {answer}");
    }
    let quoted = house.get("/api/v1/tables/quote/rows?where=code:eq:'%20OR%20''%3D'").await;
    assert!(quoted.starts_with("200") && quoted.contains("\"rows\": []"), "{quoted}");
}

#[tokio::test]
async fn a_table_is_exported_as_csv_and_as_json_lines() {
    let house = House::new().await;
    assert_snapshot!(house.get("/api/v1/tables/quote/export?format=csv").await, @r#"
200 OK
day,code,name,price
2025-10-08,600000,浦发银行,11.90
2025-10-09,000001,"Ping ""An"", Bank",11.50
2025-10-09,600000,,12.05
"#);
    assert_snapshot!(house.get("/api/v1/tables/quote/export?format=jsonl&where=day:eq:2025-10-09&columns=code,price").await, @r#"
200 OK
{"code":"000001","price":11.50}
{"code":"600000","price":12.05}
"#);
    assert!(house.get("/api/v1/tables/quote/export?format=xlsx").await.starts_with("400"));
    assert!(house.get("/api/v1/tables/quote/export?format=csv&limit=1").await.starts_with("400"));
}
