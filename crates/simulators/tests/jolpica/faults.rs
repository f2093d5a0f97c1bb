//! What goes wrong when it is told to, and for how long; and the request log.

use simulators::jolpica::{Fault, Options, Simulator, Trouble, start};

use super::http::{data, fetch, raw};

const RESULTS: &str = "/2025/11/results.json?limit=100&offset=0";

async fn with(faults: Vec<Fault>) -> Simulator {
    let simulator = start(Options::on_a_free_port()).await.unwrap();
    simulator.set_faults(faults);
    simulator
}

#[tokio::test]
async fn a_counted_fault_ends_and_concerns_its_path_alone() {
    let throttled = Trouble::Status { code: 429, retry_after: Some("7".to_owned()) };
    let simulator = with(vec![Fault::times("/2025/11/results", 1, throttled)]).await;
    assert_eq!(fetch(&simulator, "/2025/11/qualifying.json").await.0, 200);
    let text = raw(&simulator, "GET", RESULTS, "").await;
    assert!(text.starts_with("HTTP/1.1 429 ") && text.contains("retry-after: 7\r\n"), "{text}");
    assert!(text.ends_with(r#"{"detail":"Request was throttled."}"#), "{text}");
    assert_eq!(fetch(&simulator, RESULTS).await.0, 200);
    assert!(simulator.faults().is_empty());
}

#[tokio::test]
async fn connections_drop_before_the_headers_after_them_and_in_the_body() {
    let simulator = with(vec![Fault::always("*", Trouble::DropBeforeHeaders)]).await;
    assert_eq!(raw(&simulator, "GET", RESULTS, "").await, "");
    simulator.set_faults(vec![Fault::always("*", Trouble::DropAfterHeaders)]);
    assert!(raw(&simulator, "GET", RESULTS, "").await.ends_with("\r\n\r\n"));
    simulator.set_faults(vec![Fault::always("*", Trouble::TruncatedBody)]);
    let (_, half) = fetch(&simulator, RESULTS).await;
    simulator.set_faults(Vec::new());
    let (_, whole) = fetch(&simulator, RESULTS).await;
    assert_eq!(half, whole[..whole.len() / 2]);
}

#[tokio::test]
async fn pages_go_wrong_as_told() {
    let later = "/2025/11/results.json?limit=7&offset=7";
    let number = |page: &serde_json::Value, row: usize| {
        page["RaceTable"]["Races"][0]["Results"][row]["number"].clone()
    };
    let simulator = with(vec![Fault::always("results", Trouble::PageCap { rows: 7 })]).await;
    let page = data(&simulator, RESULTS).await;
    assert_eq!((&page["limit"], number(&page, 7)), (&"7".into(), serde_json::Value::Null));
    simulator.set_faults(vec![Fault::always("results", Trouble::DuplicateRow)]);
    assert_eq!(number(&data(&simulator, later).await, 0), number(&page, 6));
    simulator.set_faults(vec![Fault::always("results", Trouble::TotalChanges)]);
    assert_eq!(data(&simulator, later).await["total"], "21");
    simulator.set_faults(vec![Fault::always("results", Trouble::EmptyPage)]);
    let page = data(&simulator, later).await;
    assert_eq!((&page["total"], &page["RaceTable"]["Races"]), (&"20".into(), &serde_json::json!([])));
}

#[tokio::test]
async fn standings_of_the_round_before_and_without_the_race() {
    let simulator = with(Vec::new()).await;
    let target = "/2025/13/constructorStandings.json";
    let points = |page: &serde_json::Value| {
        let rows = page["StandingsTable"]["StandingsLists"][0]["ConstructorStandings"].as_array().unwrap();
        rows.iter().map(|row| row["points"].as_str().unwrap().parse::<u32>().unwrap()).sum::<u32>()
    };
    let before = points(&data(&simulator, "/2025/12/constructorStandings.json").await);
    simulator.set_faults(vec![Fault::always(target.trim_end_matches(".json"), Trouble::EarlierStandings)]);
    let page = data(&simulator, target).await;
    assert_eq!((points(&page), &page["StandingsTable"]["round"]), (before, &"12".into()));
    simulator.set_faults(vec![Fault::always("*", Trouble::SprintOnlyStandings)]);
    let page = data(&simulator, target).await;
    assert_eq!((points(&page), &page["StandingsTable"]["round"]), (before + 36, &"13".into()));
}

#[tokio::test]
async fn faults_time_and_requests_are_reached_over_http() {
    let simulator = with(Vec::new()).await;
    let faults = r#"[{"path":"results","kind":"null","row":0,"field":"Driver.code"},{"path":"races","times":1,"kind":"one-third"}]"#;
    assert!(raw(&simulator, "PUT", "/-/faults", faults).await.starts_with("HTTP/1.1 200 "));
    let row = data(&simulator, RESULTS).await["RaceTable"]["Races"][0]["Results"][0].take();
    assert!(row["Driver"].as_object().unwrap()["code"].is_null());
    assert_eq!(data(&simulator, "/2025/races.json").await["total"], "8");
    assert_eq!(data(&simulator, "/2025/races.json").await["total"], "24");
    assert!(raw(&simulator, "PUT", "/-/faults", r#"[{"path":"*","kind":"gremlin"}]"#).await.contains("400"));
    raw(&simulator, "DELETE", "/-/faults", "").await;
    raw(&simulator, "PUT", "/-/time", r#""2025-01-01T00:00:00Z""#).await;
    assert!(raw(&simulator, "GET", "/-/time", "").await.ends_with("\r\n\r\n\"2025-01-01T00:00:00Z\""));
    assert_eq!(data(&simulator, RESULTS).await["total"], "0");
    let requests = simulator.requests();
    let first = &requests[0];
    assert_eq!((first.path.as_str(), first.query.as_str()), ("/2025/11/results.json", "limit=100&offset=0"));
    assert_eq!((requests.len(), first.header("host")), (4, Some("f1.test")));
}
