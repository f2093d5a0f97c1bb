//! The tasks system with its platform, of which only the tasks that are always there are listed.

use axum::body::Body;
use axum::http::Request;
use model::task::TaskSyncType;
use serde_json::{Value, json};
use simulators::guanke::{self, Options, Simulator};

use crate::house::{House, text};

/// A server and the platform it syncs from; on the server's today, eleven tasks there, no package here.
pub(crate) struct Bed {
    pub(crate) house: House,
    pub(crate) platform: Simulator,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        let today = "2025-10-18".parse().unwrap();
        let options = Options { tasks_per_day: 0, ..Options::on_a_free_port(today) };
        let platform = guanke::start(options).await.unwrap();
        Self { house: House::with_tasks(&platform).await, platform }
    }

    /// The same, with the platform's packages imported and both windows synced.
    pub(crate) async fn synced() -> Self {
        let bed = Self::new().await;
        bed.import(&bed.platform.packages_csv()).await;
        for sync_type in TaskSyncType::ALL {
            bed.sync(*sync_type).await;
        }
        bed
    }

    pub(crate) async fn sync(&self, sync_type: TaskSyncType) {
        let wish = json!({ "sync": sync_type.sync().as_str(), "params": {} });
        let answer = self.house.post("/api/v1/runs", &wish).await;
        assert!(answer.starts_with("202"), "{answer}");
        self.house.work().await;
    }

    pub(crate) async fn import(&self, csv: &str) -> String {
        self.house.post_file("/api/v1/tasks/packages/import", "text/csv", csv.to_owned()).await
    }

    /// The body of a GET.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let response = self.house.ask(Request::get(path).body(Body::empty()).unwrap()).await;
        serde_json::from_str(&text(response).await).unwrap()
    }
}
