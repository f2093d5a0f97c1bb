//! The bed: everything a claim needs, started in a line and taken away at its end.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use engine::Engine;
use http_body_util::BodyExt;
use serde_json::Value as Json;
use simulators::jolpica::{Options, Simulator, start};
use systems::races::{self, Config, Races};
use tower::ServiceExt;

use crate::outside::outside;
use crate::shared::Driver;
pub(crate) use crate::shared::place::admin_client;
pub(crate) use crate::shared::{Base, Place};

pub(crate) const ROOT: &str = "/api/v1/post-race-sync";

pub(crate) struct Bed {
    pub(crate) simulator: Simulator,
    router: Router,
    engine: Engine,
    driver: Driver,
    place: Place,
}

/// An answer: its status, its head, its text.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.status, self.text)
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

impl Bed {
    /// The day before the Austrian Grand Prix of 2025; nothing is stored, nothing at work.
    pub(crate) async fn idle(base: Base) -> Self {
        let place = Place::new(base).await;
        let (store, destination) = place.open().await;
        let simulator = start(Options::on_a_free_port()).await.unwrap();
        let config = Config { upstream_base_url: simulator.base_url(), ..Config::default() };
        let races = Arc::new(Races::new(config.check().unwrap(), destination, store.races()).unwrap());
        races.prepare().await.unwrap();
        let now = "2025-06-28T08:31:25.676021Z".parse().unwrap();
        let engine = Engine::new(store, vec![races.clone()], Arc::new(move || now));
        engine.register(engine.now()).await.unwrap();
        let router = races::contract_routes(engine.clone(), races);
        Self { simulator, router, engine, driver: Driver::default(), place }
    }

    /// The same with a worker.
    pub(crate) async fn start(base: Base) -> Self {
        let mut bed = Self::idle(base).await;
        bed.driver = Driver::all(&bed.engine);
        bed
    }

    /// From now on nobody works: runs stay queued.
    pub(crate) async fn rest(&mut self) {
        std::mem::take(&mut self.driver).stop().await;
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: head.status.as_u16(), head: head.headers, text }
    }

    /// A request of any path, with a body of JSON where there is one.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |text| Body::from(text.to_owned()));
        self.send(request.body(body).unwrap()).await
    }

    /// A documented route.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Answer {
        self.call(method, &format!("{ROOT}{path}"), body).await
    }

    /// A documented route that answers well.
    pub(crate) async fn json(&self, method: &str, path: &str) -> Json {
        let answer = self.ask(method, path, None).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text);
        answer.json()
    }

    /// Runs a statement past the engine.
    pub(crate) async fn outside(&self, sql: &str) {
        outside(&self.place, "state.db", sql).await;
    }
}
