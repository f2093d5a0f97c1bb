//! Big files: sent in parts, two at once, in an upload that somebody else may go on with.
//!
//! Of an upload that was begun before, a part is kept when the store has it in the size and with the MD5 of that piece
//! of the content: the content goes by whole, and only what is missing is sent. A store whose marks of parts are no MD5
//! is sent all of it again.

use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use md5::{Digest as _, Md5};
use tokio::runtime::Handle;
use tokio::task::{JoinError, JoinSet};

use super::S3;
use super::drafts::Open;
use super::requests::{Part, Requests};
use crate::storage::exact::exactly;
use crate::storage::{Body, Draft, FileFacts, Place, Trouble, Wrong};

/// Bytes of a part; files up to this are sent in one piece.
const PART: u64 = 8 << 20;

/// A store takes so many parts of one object.
const PARTS_MAX: u64 = 10_000;

/// Sizes of parts are whole numbers of these.
const PART_STEP: u64 = 1 << 20;

/// Parts of one file on their way.
const AT_ONCE: usize = 2;

/// Whether a file of that size is sent in parts.
pub(super) const fn in_parts(size: u64) -> bool {
    size > PART
}

/// An upload that was begun, and what the store has of it.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its name at the store.
    pub id: String,
    /// Bytes of each part but the last.
    pub part_size: u64,
    /// Bytes of the file.
    pub size: u64,
    there: Vec<Part>,
}

/// An upload all of whose parts are at the store.
pub(super) struct Sent {
    key: String,
    id: String,
    parts: Vec<Part>,
    /// Of one that nobody else knows of.
    own: Option<Own>,
}

/// An upload that only this process knows of. Dropped before it is a file, it is given up at the store, which would keep
/// its parts.
pub(super) struct Own(Option<(Arc<Requests>, String, String)>);

/// Uploads that outlive this process, for whoever keeps their names.
impl S3 {
    /// Begins an upload.
    ///
    /// # Errors
    /// The store does not take it.
    pub async fn begin(&self, at: &Place, size: u64) -> Result<Upload, Trouble> {
        let id = self.requests.begin(&format!("writing {at}"), &self.key(at)).await?;
        Ok(Upload { id, part_size: part_of(size), size, there: Vec::new() })
    }

    /// An upload that was begun before, of a file of so many bytes in parts of so many; `None` when the store does not
    /// know it any more.
    ///
    /// # Errors
    /// The store does not tell.
    pub async fn begun(
        &self,
        at: &Place,
        id: &str,
        (size, part_size): (u64, u64),
    ) -> Result<Option<Upload>, Trouble> {
        let parts = self.requests.parts(&format!("writing {at}"), (&self.key(at), id)).await?;
        Ok(parts.map(|there| Upload { id: id.to_owned(), part_size, size, there }))
    }

    /// Drafts a file in an upload. Whether it succeeds or not, and whatever becomes of the draft before it is published,
    /// the store keeps the upload until it is aborted.
    ///
    /// # Errors
    /// As of any draft.
    pub async fn draft_on(
        &self,
        at: &Place,
        temporary: &str,
        body: Body,
        upload: &Upload,
    ) -> Result<Draft, Trouble> {
        let tried = format!("writing {at}");
        let draft = Draft::beside(&tried, at, temporary, upload.size)?;
        let parts = self.send(&tried, at, body, upload).await?;
        let sent = Sent { key: self.key(at), id: upload.id.clone(), parts, own: None };
        self.drafts.keep(draft.temporary.clone(), Open::Sent(sent));
        Ok(draft)
    }

    /// Has the store throw an upload away; one that it does not know is fine.
    ///
    /// # Errors
    /// The store does not do it.
    pub async fn abort(&self, at: &Place, id: &str) -> Result<(), Trouble> {
        self.requests.abort(&format!("giving up what was written of {at}"), (&self.key(at), id)).await
    }

    /// Drafts a file in an upload of its own, which goes with the draft.
    pub(super) async fn draft_alone(&self, at: &Place, body: Body, draft: &Draft) -> Result<Sent, Trouble> {
        let upload = self.begin(at, draft.size).await?;
        let key = self.key(at);
        let own = Own(Some((Arc::clone(&self.requests), key.clone(), upload.id.clone())));
        match self.send(&format!("writing {at}"), at, body, &upload).await {
            Ok(parts) => Ok(Sent { key, id: upload.id, parts, own: Some(own) }),
            Err(trouble) => {
                // What went wrong first is what is told.
                let _ = own.give_up().await;
                Err(trouble)
            }
        }
    }

    /// Makes what was sent the file.
    pub(super) async fn finish(&self, tried: &str, sent: Sent) -> Result<FileFacts, Trouble> {
        let Sent { key, id, parts, own } = sent;
        let trouble = match self.requests.complete(tried, (&key, &id), &parts).await {
            Ok(()) => {
                own.into_iter().for_each(Own::done);
                return self.file_at(tried, &key).await;
            }
            Err(trouble) => trouble,
        };
        // It may have been made, and only the answer was lost.
        if trouble.wrong.may_pass()
            && let Some(whole) = whole(&parts)
            && let Ok(facts) = self.file_at(tried, &key).await
            && facts.etag.as_ref().is_some_and(|etag| etag.eq_ignore_ascii_case(&whole))
        {
            // Of a file that was like this before, the upload is still there.
            let _ = self.requests.abort(tried, (&key, &id)).await;
            own.into_iter().for_each(Own::done);
            return Ok(facts);
        }
        if let Some(own) = own {
            let _ = own.give_up().await;
        }
        Err(trouble)
    }

    /// Sends what the store does not have yet. Answers all parts.
    async fn send(&self, tried: &str, at: &Place, body: Body, upload: &Upload) -> Result<Vec<Part>, Trouble> {
        let pieces = exactly(body.pieces(), upload.size, tried.to_owned());
        let mut cut = Cut { pieces, rest: Bytes::new(), size: upload.part_size };
        let (mut going, mut parts) = (JoinSet::new(), Vec::new());
        let mut number = 0;
        while let Some(content) = cut.next().await? {
            number += 1;
            if going.len() >= AT_ONCE
                && let Some(done) = going.join_next().await
            {
                parts.push(joined(tried, done)?);
            }
            let part = One {
                requests: Arc::clone(&self.requests),
                tried: tried.to_owned(),
                key: self.key(at),
                id: upload.id.clone(),
                there: upload.there.iter().find(|part| part.number == number).cloned(),
            };
            going.spawn(part.be_there(number, content));
        }
        while let Some(done) = going.join_next().await {
            parts.push(joined(tried, done)?);
        }
        parts.sort_by_key(|part| part.number);
        Ok(parts)
    }
}

impl Sent {
    /// Lets go of it: one that nobody else knows of is given up at the store.
    pub(super) async fn let_go(self) -> Result<(), Trouble> {
        match self.own {
            Some(own) => own.give_up().await,
            None => Ok(()),
        }
    }
}

impl Own {
    /// It is a file, or somebody threw it away.
    fn done(mut self) {
        self.0 = None;
    }

    async fn give_up(mut self) -> Result<(), Trouble> {
        let Some((requests, key, id)) = self.0.as_ref() else { return Ok(()) };
        let given_up = requests.abort("giving up what was written", (key, id)).await;
        self.0 = None;
        given_up
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let (Some((requests, key, id)), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(async move { requests.abort("giving up what was written", (&key, &id)).await });
        }
    }
}

/// A part that is to be at the store.
struct One {
    requests: Arc<Requests>,
    tried: String,
    key: String,
    id: String,
    /// What the store has under its number.
    there: Option<Part>,
}

impl One {
    async fn be_there(self, number: u32, content: Vec<Bytes>) -> Result<Part, Trouble> {
        let size: u64 = content.iter().map(|piece| piece.len() as u64).sum();
        if let Some(there) = self.there.filter(|part| part.size == size) {
            let seen = content.clone();
            let sum = tokio::task::spawn_blocking(move || md5_of(&seen)).await;
            if sum.is_ok_and(|sum| there.etag.eq_ignore_ascii_case(&sum)) {
                return Ok(there);
            }
        }
        self.requests.part(&self.tried, (&self.key, &self.id), number, content).await
    }
}

fn joined(tried: &str, done: Result<Result<Part, Trouble>, JoinError>) -> Result<Part, Trouble> {
    done.unwrap_or_else(|_| Err(Trouble::new(Wrong::Other, tried, "it was given up within")))
}

/// Content cut into parts.
struct Cut {
    pieces: BoxStream<'static, Result<Bytes, Trouble>>,
    rest: Bytes,
    size: u64,
}

impl Cut {
    /// The next part in pieces; `None` after the last.
    async fn next(&mut self) -> Result<Option<Vec<Bytes>>, Trouble> {
        let (mut part, mut room) = (Vec::new(), usize::try_from(self.size).unwrap_or(usize::MAX));
        while room > 0 {
            if self.rest.is_empty() {
                match self.pieces.try_next().await? {
                    Some(piece) => self.rest = piece,
                    None => break,
                }
            }
            let piece = self.rest.split_to(room.min(self.rest.len()));
            room -= piece.len();
            part.push(piece);
        }
        Ok((!part.is_empty()).then_some(part))
    }
}

/// How large the parts of a file are.
fn part_of(size: u64) -> u64 {
    PART.max(size.div_ceil(PARTS_MAX).div_ceil(PART_STEP) * PART_STEP)
}

fn md5_of(content: &[Bytes]) -> String {
    let mut sum = Md5::new();
    content.iter().for_each(|piece| sum.update(piece));
    hex(&sum.finalize())
}

/// The mark of a whole object by those of its parts; `None` where they are no MD5.
fn whole(parts: &[Part]) -> Option<String> {
    let mut sum = Md5::new();
    for Part { etag, .. } in parts {
        let byte = |at| u8::from_str_radix(etag.get(at..at + 2)?, 16).ok();
        let bytes: Option<Vec<u8>> = (0..etag.len()).step_by(2).map(byte).collect();
        sum.update(bytes.filter(|bytes| bytes.len() == 16)?);
    }
    Some(format!("{}-{}", hex(&sum.finalize()), parts.len()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt, stream};

    use super::*;

    #[test]
    fn parts_grow_with_the_file_so_that_there_are_never_too_many() {
        assert_eq!(part_of(0), 8 << 20);
        assert_eq!(part_of(80_000 << 20), 8 << 20, "ten thousand of them exactly");
        assert_eq!(part_of((80_000 << 20) + 1), 9 << 20);
        assert!(part_of(5 << 40) * PARTS_MAX >= 5 << 40);
    }

    /// The documented vector: five mebibytes of nothing, and `abc`.
    #[test]
    fn marks_of_parts_and_of_the_whole_are_the_documented_ones() {
        let contents = [vec![Bytes::from(vec![0; 5 << 20])], vec![Bytes::from("a"), Bytes::from("bc")]];
        let part = |(at, content): (usize, &Vec<Bytes>)| Part {
            number: u32::try_from(at).unwrap() + 1,
            etag: md5_of(content),
            size: 0,
        };
        let parts: Vec<Part> = contents.iter().enumerate().map(part).collect();
        assert_eq!(parts[0].etag, "5f363e0e58a95f06cbe9bbc662c5dfb6");
        assert_eq!(parts[1].etag, "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(whole(&parts).unwrap(), "6f6da174a7cb6de11e28d4dd2f9bcfe9-2");
        let odd = Part { etag: "0x8D".to_owned(), ..parts[0].clone() };
        assert_eq!(whole(&[odd]), None);
    }

    #[tokio::test]
    async fn content_is_cut_at_every_part_and_nowhere_else() {
        let pieces = [&b"abcde"[..], b"f", b"", b"ghi"].map(|piece| Ok(Bytes::from(piece)));
        let mut cut = Cut { pieces: stream::iter(pieces).boxed(), rest: Bytes::new(), size: 4 };
        let mut parts = Vec::new();
        while let Some(part) = cut.next().await.unwrap() {
            parts.push(part.concat());
        }
        assert_eq!(parts, [&b"abcd"[..], b"efgh", b"i"]);
    }
}
