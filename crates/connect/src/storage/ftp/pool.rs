//! The sessions to one server: a few, lent to one thing at a time, and kept for the next while nothing went wrong.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::limits::{IDLE, READS_MAX, WORDS_MAX, WRITES_MAX};
use super::session::{Server, Session};
use crate::storage::Trouble;

/// What a session is wanted for. Each has its own number of them, so that none waits for another kind: who reads may
/// be waiting for what writes.
#[derive(Clone, Copy)]
pub(super) enum Use {
    Read,
    Write,
    Word,
}

/// See the module.
pub(super) struct Pool {
    server: Arc<Server>,
    free: Mutex<Vec<(Session, Instant)>>,
    rooms: [Arc<Semaphore>; 3],
}

impl Pool {
    pub(super) fn new(server: Server) -> Self {
        let rooms = [READS_MAX, WRITES_MAX, WORDS_MAX].map(|room| Arc::new(Semaphore::new(room)));
        Self { server: Arc::new(server), free: Mutex::default(), rooms }
    }

    /// A session that is free, or a new one.
    pub(super) async fn lend(self: &Arc<Self>, tried: &str, wanted: Use) -> Result<Lent, Trouble> {
        let room = Arc::clone(&self.rooms[wanted as usize]);
        let room = room.acquire_owned().await.expect("the semaphore is never closed");
        let session = match self.kept() {
            Some(session) => session,
            None => Session::open(&self.server).await.map_err(|trouble| Trouble {
                why: format!("{}: {}", trouble.tried, trouble.why),
                tried: tried.to_owned(),
                ..trouble
            })?,
        };
        Ok(Lent { session: Some(session), pool: Arc::clone(self), _room: room })
    }

    fn kept(&self) -> Option<Session> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.retain(|(_, since)| since.elapsed() < IDLE);
        free.pop().map(|(session, _)| session)
    }

    fn take_back(&self, session: Session) {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        match session.is_at_rest() {
            true => free.push((session, Instant::now())),
            // What ended this one may have ended those that lie about, too.
            false => free.clear(),
        }
    }
}

/// A session until it is dropped. One that is in the middle of something then is closed.
pub(super) struct Lent {
    session: Option<Session>,
    pool: Arc<Pool>,
    _room: OwnedSemaphorePermit,
}

impl Deref for Lent {
    type Target = Session;

    fn deref(&self) -> &Session {
        self.session.as_ref().expect("it is there until this is dropped")
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Session {
        self.session.as_mut().expect("it is there until this is dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            self.pool.take_back(session);
        }
    }
}
