//! What happens, as it happens: events for programs, fragments of the page for people.
//!
//! Both read rows; the ring only says when. A reader that cannot keep up slows itself down and nobody else: a stream
//! is read from the state when its socket has room, and holds at most one batch.

mod canvas;

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Sse;
use axum::response::sse::{Event as Frame, KeepAlive};
use futures_util::Stream;
use futures_util::stream::unfold;
use model::event::Event;
use model::limits;
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::api::view::event::EventView;
use crate::app::Site;
use crate::pages::Living;
use crate::problem::Problem;
pub(crate) use canvas::Canvases;
use canvas::Drawn;

/// Events read at once.
const BATCH: u32 = 200;

/// A comment keeps proxies and laptops from closing a quiet connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// A browser that lost the connection comes back after this.
const RETRY: Duration = Duration::from_secs(2);

/// A server-sent stream.
pub(crate) type Frames<S> = Sse<axum::response::sse::KeepAliveStream<S>>;

/// Events after a cursor, of one run or of all.
pub(crate) async fn events(
    site: Arc<Site>,
    after: Option<String>,
    run: Option<i64>,
) -> Result<Frames<impl Stream<Item = Result<Frame, Infallible>>>, Problem> {
    let place = place(&site)?;
    let ring = site.app.engine.rings().events;
    // The first read is part of the answer: a database that is down is a problem, not an empty stream.
    let (events, cursor) = site.app.engine.read().events(after.as_deref(), BATCH).await?;
    let first = Frame::default().id(after.unwrap_or_else(|| cursor.clone())).retry(RETRY);
    let feed = Feed { site, ring, cursor, run, ready: events.into(), first: Some(first), _place: place };
    Ok(streamed(unfold(feed, Feed::next)))
}

/// The page's fragments, each sent again when it changed.
pub(crate) fn fragments(
    site: Arc<Site>,
    living: Living,
) -> Result<Frames<impl Stream<Item = Result<Frame, Infallible>>>, Problem> {
    let place = place(&site)?;
    let ring = site.app.engine.rings().events;
    let drawn = canvas::look(site, living);
    let page =
        Page { ring, drawn, began: false, sent: HashMap::new(), ready: VecDeque::new(), _place: place };
    Ok(streamed(unfold(page, Page::next)))
}

fn place(site: &Site) -> Result<OwnedSemaphorePermit, Problem> {
    Arc::clone(&site.streams).try_acquire_owned().map_err(|_| Problem::Streams)
}

fn streamed<S>(stream: S) -> Frames<S>
where
    S: Stream<Item = Result<Frame, Infallible>> + Send + 'static,
{
    Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT))
}

struct Feed {
    site: Arc<Site>,
    ring: watch::Receiver<u64>,
    cursor: String,
    run: Option<i64>,
    ready: VecDeque<Event>,
    first: Option<Frame>,
    _place: OwnedSemaphorePermit,
}

impl Feed {
    /// The next frame; the stream ends when the server goes down or the state cannot be read (the reader comes back
    /// with the last cursor it saw).
    async fn next(mut self) -> Option<(Result<Frame, Infallible>, Self)> {
        if let Some(first) = self.first.take() {
            return Some((Ok(first), self));
        }
        loop {
            while let Some(event) = self.ready.pop_front() {
                if self.run.is_none() || event.run_id.map(|id| id.0) == self.run {
                    return Some((Ok(frame(event)), self));
                }
            }
            self.ring.borrow_and_update();
            let read = self.site.app.engine.read().events(Some(&self.cursor), BATCH).await;
            let (events, cursor) =
                read.inspect_err(|error| tracing::warn!("a live stream ends: {error}")).ok()?;
            self.cursor = cursor;
            self.ready = events.into();
            if self.ready.is_empty() && !rung(&self.site, &mut self.ring, limits::POLL).await {
                return None;
            }
        }
    }
}

fn frame(event: Event) -> Frame {
    let frame = Frame::default().id(event.cursor.clone()).event(event.kind.as_str());
    frame.json_data(EventView::from(event)).expect("an event is JSON")
}

struct Page {
    ring: watch::Receiver<u64>,
    drawn: watch::Receiver<Drawn>,
    began: bool,
    sent: HashMap<&'static str, Arc<str>>,
    ready: VecDeque<Frame>,
    _place: OwnedSemaphorePermit,
}

impl Page {
    /// The next frame; the stream ends when the server goes down.
    async fn next(mut self) -> Option<(Result<Frame, Infallible>, Self)> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some((Ok(frame), self));
            }
            if self.began {
                self.drawn.changed().await.ok()?;
            } else {
                // It begins with what is so now, not with what somebody else saw a moment ago.
                let rings = *self.ring.borrow();
                self.drawn.wait_for(|drawn| drawn.rings >= Some(rings)).await.ok()?;
                self.began = true;
            }
            for (id, frame) in &self.drawn.borrow_and_update().frames {
                if self.sent.get(id).is_none_or(|sent| !Arc::ptr_eq(sent, frame)) {
                    self.ready.push_back(Frame::default().event("fragment").data(frame));
                    self.sent.insert(id, Arc::clone(frame));
                }
            }
        }
    }
}

/// Waits for a ring, or `longest`. False: the server goes down.
async fn rung(site: &Site, ring: &mut watch::Receiver<u64>, longest: Duration) -> bool {
    tokio::select! {
        () = site.app.shutdown.cancelled() => false,
        changed = tokio::time::timeout(longest, ring.changed()) => !matches!(changed, Ok(Err(_))),
    }
}
