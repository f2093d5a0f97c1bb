//! The content of files on its way.

use bytes::{Buf, Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::limits::PIECE;
use super::pool::Lent;
use super::session::Session;
use super::wire::{Line, heard};
use crate::storage::exact::exactly;
use crate::storage::{Body, Trouble};

/// A file that is being read.
struct Reading {
    session: Lent,
    from: Line,
    tried: String,
}

/// The content of a file of that size. The session is in use until all of it has come.
pub(super) async fn read(
    mut session: Lent,
    path: &str,
    size: u64,
    tried: &str,
) -> Result<BoxStream<'static, Result<Bytes, Trouble>>, Trouble> {
    let from = session.begin(tried, &format!("RETR {path}")).await?;
    let reading = Reading { session, from, tried: tried.to_owned() };
    let pieces = stream::try_unfold(reading, |mut reading| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        if heard(&reading.tried, reading.from.read_buf(&mut piece)).await? > 0 {
            return Ok(Some((piece.freeze(), reading)));
        }
        // That nothing more comes does not say that this was all.
        drop(reading.from);
        reading.session.end(&reading.tried).await?;
        Ok(None)
    });
    Ok(exactly(pieces.boxed(), size, tried.to_owned()))
}

/// Which side a transfer broke on.
enum Broken {
    Here(Trouble),
    There(Trouble),
}

/// Puts the content into a file. What is there after trouble is for the caller to remove.
pub(super) async fn write(
    session: &mut Session,
    path: &str,
    body: Body,
    size: u64,
    tried: &str,
) -> Result<(), Trouble> {
    let mut to = session.begin(tried, &format!("STOR {path}")).await?;
    let sent = send(&mut to, exactly(body.pieces(), size, tried.to_owned()), tried).await;
    // The connection stays until the answer: one that is gone with something unread is broken, and so is the file.
    match sent {
        Ok(()) => session.end(tried).await.map(drop),
        Err(Broken::Here(trouble)) => {
            // To the server this is the end of a file, which is removed then.
            let _ = to.shutdown().await;
            let _ = session.last_word(tried).await;
            Err(trouble)
        }
        Err(Broken::There(trouble)) => Err(session.last_word(tried).await.unwrap_or(trouble)),
    }
}

async fn send(
    to: &mut Line,
    mut pieces: BoxStream<'static, Result<Bytes, Trouble>>,
    tried: &str,
) -> Result<(), Broken> {
    while let Some(piece) = pieces.next().await {
        let mut piece = piece.map_err(Broken::Here)?;
        while !piece.is_empty() {
            let gone = heard(tried, to.write(&piece)).await.map_err(Broken::There)?;
            piece.advance(gone);
        }
    }
    heard(tried, to.shutdown()).await.map_err(Broken::There)
}
