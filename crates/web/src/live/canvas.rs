//! A page drawn once for all who look at it. The first look begins a task that draws when something happened; it ends
//! when nobody looks any more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::app::Site;
use crate::metrics;
use crate::pages::Living;

/// After a drawing the next waits this long, so that a burst is drawn once. The first change after a quiet time is
/// drawn at once. With it, a change is on the screen within 300 ms.
const REST: Duration = Duration::from_millis(200);

/// A page is drawn at least this often: times on it go on by themselves.
const REDRAW: Duration = Duration::from_secs(5);

/// What is drawn of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Drawn {
    /// Each fragment's id, and the frame that tells it. A frame that did not change is the same one.
    pub(super) frames: Vec<(&'static str, Arc<str>)>,
    /// How often the events had rung when it was drawn; `None` before the first drawing.
    pub(super) rings: Option<u64>,
}

impl Drawn {
    /// Takes what was drawn anew; what was not stays.
    fn take(&mut self, fragments: Vec<(&'static str, String)>, rings: u64) {
        self.rings = Some(rings);
        for (id, html) in fragments {
            let frame = json!({ "id": id, "html": html }).to_string();
            match self.frames.iter_mut().find(|(known, _)| *known == id) {
                Some((_, known)) if **known == *frame => {}
                Some((_, known)) => *known = frame.into(),
                None => self.frames.push((id, frame.into())),
            }
        }
    }
}

/// The pages somebody looks at, by what they show.
#[derive(Default)]
pub(crate) struct Canvases(Mutex<HashMap<String, Arc<watch::Sender<Drawn>>>>);

impl Canvases {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<watch::Sender<Drawn>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is drawn of a page, now and whenever it changed. Closed when the server goes down.
pub(super) fn look(site: Arc<Site>, living: Living) -> watch::Receiver<Drawn> {
    let shows = living.shows();
    let mut canvases = site.canvases.lock();
    if let Some(canvas) = canvases.get(&shows) {
        return canvas.subscribe();
    }
    let (canvas, drawn) = watch::channel(Drawn::default());
    let canvas = Arc::new(canvas);
    canvases.insert(shows.clone(), Arc::clone(&canvas));
    drop(canvases);
    tokio::spawn(Painter { site, living, shows, canvas }.paint());
    drawn
}

struct Painter {
    site: Arc<Site>,
    living: Living,
    shows: String,
    canvas: Arc<watch::Sender<Drawn>>,
}

impl Painter {
    async fn paint(mut self) {
        let mut ring = self.site.app.engine.rings().events;
        loop {
            let rings = *ring.borrow_and_update();
            let fragments = self.living.fragments(&self.site).await;
            metrics::drawn();
            self.canvas.send_modify(|drawn| drawn.take(fragments, rings));
            let goes_on = tokio::select! {
                goes_on = self.due(&mut ring) => goes_on,
                () = self.canvas.closed() => !self.left(),
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Waits for the time of the next drawing. False: the server goes down.
    async fn due(&self, ring: &mut watch::Receiver<u64>) -> bool {
        let shutdown = &self.site.app.shutdown;
        if timeout(REST, shutdown.cancelled()).await.is_ok() {
            return false;
        }
        tokio::select! {
            () = shutdown.cancelled() => false,
            rang = timeout(REDRAW, ring.changed()) => !matches!(rang, Ok(Err(_))),
        }
    }

    /// Whether nobody looks any more. Who looks after this begins anew.
    fn left(&self) -> bool {
        let mut canvases = self.site.canvases.lock();
        let left = self.canvas.receiver_count() == 0;
        if left {
            canvases.remove(&self.shows);
        }
        left
    }
}

/// However the painting ends, those who look are told and the next look begins anew.
impl Drop for Painter {
    fn drop(&mut self) {
        let mut canvases = self.site.canvases.lock();
        if canvases.get(&self.shows).is_some_and(|canvas| Arc::ptr_eq(canvas, &self.canvas)) {
            canvases.remove(&self.shows);
        }
    }
}
