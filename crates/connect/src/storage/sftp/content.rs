//! The content of files on its way, several pieces at once.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt, stream};
use russh_sftp::client::error::Error;
use russh_sftp::protocol::{FileAttributes, OpenFlags, StatusCode};
use tokio::sync::OwnedSemaphorePermit;

use super::limits::{PIECE, PIECES_MAX};
use super::session::Session;
use crate::storage::exact::{exactly, of_another_size};
use crate::storage::{Body, Trouble};

/// A file that is open on the server, and closed there when nobody needs it any more.
struct Open {
    session: Arc<Session>,
    handle: Option<String>,
    room: Option<OwnedSemaphorePermit>,
    tried: String,
}

impl Open {
    async fn new(session: Arc<Session>, path: &str, flags: OpenFlags, tried: &str) -> Result<Self, Trouble> {
        let room = Some(session.room().await);
        let opened = session.raw.open(path, flags, FileAttributes::default()).await;
        let handle = Some(session.handle(tried, opened)?);
        Ok(Self { session, handle, room, tried: tried.to_owned() })
    }

    fn handle(&self) -> String {
        self.handle.clone().unwrap_or_default()
    }

    /// What is there from `at` on, up to `size` bytes; the file must have that many.
    async fn read(&self, at: u64, size: usize) -> Result<Bytes, Trouble> {
        let mut piece = Vec::new();
        while piece.len() < size {
            let (from, rest) = (at + piece.len() as u64, size - piece.len());
            let answer =
                self.session.raw.read(self.handle(), from, u32::try_from(rest).unwrap_or(u32::MAX)).await;
            match answer {
                Ok(read) if !read.data.is_empty() && piece.is_empty() => piece = read.data,
                Ok(read) if !read.data.is_empty() => piece.extend(read.data),
                Err(Error::Status(status)) if status.status_code == StatusCode::Eof => {
                    return Err(of_another_size(&self.tried, from, at + size as u64));
                }
                Ok(_) => return Err(of_another_size(&self.tried, from, at + size as u64)),
                Err(error) => return self.session.settle(&self.tried, Err(error)),
            }
        }
        Ok(piece.into())
    }

    async fn write(&self, at: u64, piece: Bytes) -> Result<(), Trouble> {
        let written = self.session.raw.write(self.handle(), at, piece.into()).await;
        self.session.settle(&self.tried, written).map(drop)
    }

    async fn close(mut self) -> Result<(), Trouble> {
        let Some(handle) = self.handle.take() else { return Ok(()) };
        let closed = self.session.raw.close(handle).await;
        self.session.settle(&self.tried, closed).map(drop)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let (Some(handle), Ok(runtime)) = (self.handle.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let (session, room) = (Arc::clone(&self.session), self.room.take());
        // Nobody is there any more who could be told that it did not work.
        runtime.spawn(async move {
            let _ = session.raw.close(handle).await;
            drop(room);
        });
    }
}

/// The content of a file of that size.
pub(super) async fn read(
    session: Arc<Session>,
    path: &str,
    size: u64,
    tried: &str,
) -> Result<BoxStream<'static, Result<Bytes, Trouble>>, Trouble> {
    let file = Arc::new(Open::new(session, path, OpenFlags::READ, tried).await?);
    let piece = PIECE as u64;
    let reads = stream::iter(0..size.div_ceil(piece)).map(move |number| {
        let (file, at) = (Arc::clone(&file), number * piece);
        async move { file.read(at, usize::try_from(piece.min(size - at)).unwrap_or(PIECE)).await }
    });
    Ok(reads.buffered(PIECES_MAX).boxed())
}

/// Puts the content into a new file. What is there after trouble is for the caller to remove.
pub(super) async fn write(
    session: Arc<Session>,
    path: &str,
    body: Body,
    size: u64,
    tried: &str,
) -> Result<(), Trouble> {
    let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::EXCLUDE;
    let file = Open::new(session, path, flags, tried).await?;
    let mut at = 0;
    exactly(body.pieces(), size, tried.to_owned())
        .map_ok(|piece| stream::iter(parts(piece)).map(Ok))
        .try_flatten()
        .map_ok(|part| {
            let from = at;
            at += part.len() as u64;
            file.write(from, part)
        })
        .try_buffer_unordered(PIECES_MAX)
        .try_for_each(|()| async { Ok(()) })
        .await?;
    file.close().await
}

/// Parts that can be sent.
fn parts(piece: Bytes) -> impl Iterator<Item = Bytes> + Send {
    (0..piece.len()).step_by(PIECE).map(move |at| piece.slice(at..piece.len().min(at + PIECE)))
}
