//! A storage that does as a [`Script`] tells it to do wrong, around one that does right. Tests only.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use connect::storage::{Body, Draft, Entry, FileFacts, Kind, Nature, Place, Storage, Trouble, Wrong};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::script::{Act, How, Moment, Script};

/// See the module.
pub(super) struct Faulty {
    storage: Arc<dyn Storage>,
    script: Script,
    /// Says that it publishes many files together.
    pub(super) together: bool,
}

impl Faulty {
    pub(super) fn new(storage: Arc<dyn Storage>, script: Script) -> Self {
        Self { storage, script, together: false }
    }

    /// Does it, or not, and answers, or not. What is begun is done, whoever waits for it.
    async fn act<T: Send + 'static, A>(
        &self,
        (act, at): (Act, &Place),
        hows: &[How],
        done: impl FnOnce(Arc<dyn Storage>) -> A,
    ) -> Result<T, Trouble>
    where
        A: Future<Output = Result<T, Trouble>> + Send + 'static,
    {
        let trouble = |wrong| Trouble::new(wrong, format!("{act:?} {at}"), "it was told to");
        for how in hows {
            match how {
                How::Refused(wrong) => return Err(trouble(*wrong)),
                How::Stalls => return self.script.stall().await,
                How::Dies(Moment::Before) => return self.script.die().await,
                _ => {}
            }
        }
        let answer = self.script.begin(done(Arc::clone(&self.storage))).await;
        for how in hows {
            match how {
                How::Unanswered(wrong) => return Err(trouble(*wrong)),
                How::Dies(_) => return self.script.die().await,
                _ => {}
            }
        }
        answer
    }

    async fn plain<T: Send + 'static, A>(
        &self,
        (act, at): (Act, &Place),
        done: impl FnOnce(Arc<dyn Storage>) -> A,
    ) -> Result<T, Trouble>
    where
        A: Future<Output = Result<T, Trouble>> + Send + 'static,
    {
        self.act((act, at), &self.script.meet(act, at), done).await
    }

    /// The file as it was, with more behind it; and so it now is.
    async fn grown(&self, at: &Place) -> Result<Body, Trouble> {
        let mut content = bytes_of(self.storage.read(at).await?).await?;
        content.extend_from_slice(b" more");
        let modified = match self.storage.look(at).await? {
            Some(Kind::File(facts)) => facts.modified.map(|at| at + std::time::Duration::from_secs(1)),
            _ => None,
        };
        let draft = self.storage.draft(at, ".grown", body(&content), content.len() as u64).await?;
        self.storage.publish(draft, modified).await?;
        Ok(body(&content))
    }
}

/// All of a content.
pub(super) async fn bytes_of(body: Body) -> Result<Vec<u8>, Trouble> {
    body.pieces().map_ok(|piece| piece.to_vec()).try_concat().await
}

fn body(content: &[u8]) -> Body {
    Body::Pieces(stream::iter([Ok(Bytes::copy_from_slice(content))]).boxed())
}

/// How much of a content of that size is written, when not all of it is.
fn cut(how: &How, size: u64) -> Option<usize> {
    match how {
        How::Short(size) | How::Broken(size) => Some(*size),
        How::Dies(Moment::Within) => Some(usize::try_from(size).unwrap() / 2),
        _ => None,
    }
}

fn told(facts: FileFacts, hows: &[How]) -> FileFacts {
    hows.iter().fold(facts, |facts, how| match how {
        How::Facts(change) => change(facts),
        _ => facts,
    })
}

fn of_kind(kind: Kind, hows: &[How]) -> Kind {
    match kind {
        Kind::File(facts) => Kind::File(told(facts, hows)),
        kind => kind,
    }
}

#[async_trait]
impl Storage for Faulty {
    fn nature(&self) -> Nature {
        Nature { publishes_together: self.together, ..self.storage.nature() }
    }

    async fn look(&self, at: &Place) -> Result<Option<Kind>, Trouble> {
        let (hows, there) = (self.script.meet(Act::Look, at), at.clone());
        let found = self.act((Act::Look, at), &hows, async move |on| on.look(&there).await).await?;
        let lie = hows.iter().find_map(|how| match how {
            How::Found(kind) => Some(kind.clone()),
            _ => None,
        });
        Ok(lie.or(found).map(|kind| of_kind(kind, &hows)))
    }

    async fn list(&self, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        let (hows, there) = (self.script.meet(Act::List, folder), folder.clone());
        let mut entries = self.act((Act::List, folder), &hows, async move |on| on.list(&there).await).await?;
        for entry in &mut entries {
            entry.kind = of_kind(entry.kind.clone(), &hows);
        }
        for how in &hows {
            match how {
                How::Short(size) => entries.truncate(*size),
                How::Entries(change) => entries = change(folder, entries),
                _ => {}
            }
        }
        Ok(entries)
    }

    async fn read(&self, at: &Place) -> Result<Body, Trouble> {
        let (hows, there) = (self.script.meet(Act::Read, at), at.clone());
        let found = self.act((Act::Read, at), &hows, async move |on| on.read(&there).await).await?;
        for how in &hows {
            match how {
                How::Changed => return self.grown(at).await,
                How::Broken(size) => {
                    let begin = bytes_of(found).await?.into_iter().take(*size).collect::<Vec<_>>();
                    let trouble = Trouble::new(Wrong::Network, format!("reading {at}"), "it was told to");
                    let pieces = stream::iter([Ok(Bytes::from(begin)), Err(trouble)]);
                    return Ok(Body::Pieces(pieces.boxed()));
                }
                How::Short(size) => {
                    let begin = bytes_of(found).await?.into_iter().take(*size).collect::<Vec<_>>();
                    return Ok(body(&begin));
                }
                // Who holds the file itself could ask it, and be told otherwise.
                How::Facts(_) => return Ok(Body::Pieces(found.pieces())),
                _ => {}
            }
        }
        Ok(found)
    }

    async fn draft(&self, at: &Place, temporary: &str, content: Body, size: u64) -> Result<Draft, Trouble> {
        let (hows, there) = (self.script.meet(Act::Draft, at), at.clone());
        let (named, whole) = (temporary.to_owned(), size);
        let cut = hows.iter().find_map(|how| cut(how, size));
        let broken = hows.iter().any(|how| matches!(how, How::Broken(_)));
        let drafted = self.act((Act::Draft, at), &hows, async move |on| {
            let Some(cut) = cut else { return on.draft(&there, &named, content, size).await };
            let begin = bytes_of(content).await?.into_iter().take(cut).collect::<Vec<_>>();
            let short = on.draft(&there, &named, body(&begin), begin.len() as u64).await?;
            if !broken {
                // It says that all of it was written.
                return Ok(Draft { size: whole, ..short });
            }
            on.discard(short).await?;
            Err(Trouble::new(Wrong::Network, format!("writing {there}"), "it was told to"))
        });
        drafted.await
    }

    /// It copies by itself, as some servers do.
    async fn copy(&self, from: &Place, at: &Place, temporary: &str) -> Result<Option<Draft>, Trouble> {
        let (hows, from, there) = (self.script.meet(Act::Copy, at), from.clone(), at.clone());
        let named = temporary.to_owned();
        let ways = hows.clone();
        let copied = self.act((Act::Copy, at), &hows, async move |on| {
            let content = bytes_of(on.read(&from).await?).await?;
            let size = content.len() as u64;
            let begin = &content[..ways.iter().find_map(|how| cut(how, size)).unwrap_or(content.len())];
            let draft = on.draft(&there, &named, body(begin), begin.len() as u64).await?;
            // It says that all of it was copied.
            Ok(Some(Draft { size, ..draft }))
        });
        copied.await
    }

    async fn publish(&self, draft: Draft, modified: Option<Timestamp>) -> Result<FileFacts, Trouble> {
        let (hows, at) = (self.script.meet(Act::Publish, &draft.at), draft.at.clone());
        let named = self.act((Act::Publish, &at), &hows, async move |on| on.publish(draft, modified).await);
        named.await.map(|facts| told(facts, &hows))
    }

    async fn discard(&self, draft: Draft) -> Result<(), Trouble> {
        let at = draft.at.clone();
        self.plain((Act::Discard, &at), async move |on| on.discard(draft).await).await
    }

    async fn make_folder(&self, at: &Place) -> Result<(), Trouble> {
        let there = at.clone();
        self.plain((Act::MakeFolder, at), async move |on| on.make_folder(&there).await).await
    }

    async fn move_file(&self, from: &Place, to: &Place) -> Result<(), Trouble> {
        let (from, to) = (from.clone(), to.clone());
        self.plain((Act::Move, &from.clone()), async move |on| on.move_file(&from, &to).await).await
    }

    async fn remove_file(&self, at: &Place) -> Result<(), Trouble> {
        let there = at.clone();
        self.plain((Act::RemoveFile, at), async move |on| on.remove_file(&there).await).await
    }

    async fn remove_folder(&self, at: &Place) -> Result<(), Trouble> {
        let there = at.clone();
        self.plain((Act::RemoveFolder, at), async move |on| on.remove_folder(&there).await).await
    }
}
