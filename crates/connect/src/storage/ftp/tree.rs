//! What is done with several requests: looking from above at what was refused, ways without links, folders, names.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use super::Ftp;
use super::listing::{entries, facts, lines};
use super::pool::{Lent, Use};
use super::reply::unusable;
use crate::storage::{Draft, Entry, FileFacts, Kind, Odd, Place, Trouble, Wrong, found};

impl Ftp {
    pub(super) async fn lend(&self, tried: &str, wanted: Use) -> Result<Lent, Trouble> {
        self.0.pool.lend(tried, wanted).await
    }

    /// The place on the server. It is also the path: a place is shown with a slash before it.
    pub(super) fn path(&self, at: &Place) -> Place {
        self.0.root.descend(at)
    }

    fn now(&self) -> Timestamp {
        self.0.opened_at.saturating_add(self.0.since.elapsed()).unwrap_or(self.0.opened_at)
    }

    /// Asks for something to be done.
    pub(super) async fn change(&self, tried: &str, line: &str) -> Result<(), Trouble> {
        let mut session = self.lend(tried, Use::Word).await?;
        session.ask(tried, line).await?.settle(tried).map(drop)
    }

    /// All that lies in a folder of the storage that is known to be one, and remembers what may be needed of it.
    pub(super) async fn entries(&self, tried: &str, folder: &Place) -> Result<Vec<Entry>, Trouble> {
        let entries = self.list_path(tried, &self.path(folder)).await?;
        let mut links = self.links();
        for entry in &entries {
            let Ok(at) = folder.join(&entry.name) else { continue };
            match entry.kind {
                Kind::Odd(Odd::Link) => drop(links.insert(at)),
                _ => drop(links.remove(&at)),
            }
            if entry.kind == Kind::Folder
                && let Ok(at) = folder.join(&entry.name)
            {
                let _ = self.0.folders.cell(&at).set(());
            }
        }
        let _ = self.0.listed.cell(folder).set(());
        Ok(entries)
    }

    /// The same by a path of the server, of which nothing is remembered.
    fn list_path<'a>(
        &'a self,
        tried: &'a str,
        path: &'a Place,
    ) -> BoxFuture<'a, Result<Vec<Entry>, Trouble>> {
        async move {
            let mut session = self.lend(tried, Use::Word).await?;
            // Many list a folder that is not there as an empty one. A path would be taken for options or patterns.
            let enter = format!("CWD {path}");
            let entered = session.ask(tried, &enter).await?.settle(tried);
            let entries = match entered {
                Ok(_) => self.list_here(tried, &mut session).await?,
                Err(trouble) => {
                    drop(session);
                    return Err(self.refused(tried, path, trouble, &Kind::Folder).await);
                }
            };
            // One that was removed meanwhile lists nothing, which is not the same as being empty.
            if entries.is_empty() && !session.ask(tried, &enter).await?.is_good() {
                return Err(Trouble::new(Wrong::Missing, tried, format!("{path} is not there any more")));
            }
            Ok(entries)
        }
        .boxed()
    }

    async fn list_here(&self, tried: &str, session: &mut Lent) -> Result<Vec<Entry>, Trouble> {
        let now = self.now();
        if !session.features.facts {
            let told = all_lines(tried, session).await?;
            return entries(tried, &told, |line| lines::entry(line, now));
        }
        let told = session.lines(tried, "MLSD").await?;
        let mut found = entries(tried, &told, facts::entry)?;
        // Most tell there of what a link leads to, and not at all of one that leads nowhere.
        let told = match all_lines(tried, session).await {
            Err(trouble) if is_refusal(&trouble) => Vec::new(),
            told => told?,
        };
        let links = told.iter().filter(|line| line.starts_with('l'));
        for (name, kind) in links.filter_map(|line| lines::entry(line, now).ok()?) {
            match found.iter_mut().find(|entry| entry.name == name) {
                Some(entry) => entry.kind = kind,
                None if Place::root().join(name).is_ok() => found.push(Entry { name: name.to_owned(), kind }),
                None => {}
            }
        }
        Ok(found)
    }

    /// What a refusal of `wanted` at a path means: that nothing is there or something else, or that it is forbidden.
    pub(super) async fn refused(
        &self,
        tried: &str,
        path: &Place,
        trouble: Trouble,
        wanted: &Kind,
    ) -> Trouble {
        if trouble.wrong != Wrong::Permission || path.is_root() {
            return trouble;
        }
        match (self.seen_from_above(tried, path).await, wanted) {
            (Ok(None), _) => Trouble::new(Wrong::Missing, tried, "nothing is there"),
            (Ok(Some(Kind::File(_) | Kind::Odd(_))), Kind::Folder) => {
                Trouble::new(Wrong::NotFolder, tried, format!("{path} is no folder"))
            }
            (Ok(Some(Kind::Folder)), Kind::File(_)) => Trouble::new(Wrong::NotFile, tried, "it is a folder"),
            // Until it can be looked up, it is not known what it means.
            (Err(other), _) if other.wrong.may_pass() => other,
            _ => trouble,
        }
    }

    /// What lies at a path of the server, by what is listed above it.
    pub(super) async fn seen_from_above(&self, tried: &str, path: &Place) -> Result<Option<Kind>, Trouble> {
        match self.list_path(tried, &path.folder()).await {
            Ok(entries) => Ok(named(entries, path.name())),
            Err(trouble) if matches!(trouble.wrong, Wrong::Missing | Wrong::NotFolder) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// What lies in a folder under a name, looked at anew.
    pub(super) async fn anew(&self, tried: &str, at: &Place) -> Result<Option<Kind>, Trouble> {
        match self.entries(tried, &at.folder()).await {
            Ok(entries) => Ok(named(entries, at.name())),
            Err(trouble) if matches!(trouble.wrong, Wrong::Missing | Wrong::NotFolder) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// What lies there itself, the way there being known. Links in the root's own path are followed.
    pub(super) async fn glance(&self, tried: &str, at: &Place) -> Result<Option<Kind>, Trouble> {
        if at.is_root() {
            let path = self.path(at);
            return match self.change(tried, &format!("CWD {path}")).await {
                Ok(()) => Ok(Some(Kind::Folder)),
                Err(trouble) if trouble.wrong != Wrong::Permission || path.is_root() => Err(trouble),
                Err(trouble) => match self.seen_from_above(tried, &path).await? {
                    Some(Kind::Folder) => Err(trouble),
                    other => Ok(other),
                },
            };
        }
        // Only a listing tells links from what they lead to. One is enough for all in a folder.
        if !self.0.listed.cell(&at.folder()).initialized() {
            return self.anew(tried, at).await;
        }
        if self.links().contains(at) {
            return Ok(Some(Kind::Odd(Odd::Link)));
        }
        match self.told(tried, at).await? {
            Some(kind) => Ok(Some(kind)),
            None => self.anew(tried, at).await,
        }
    }

    /// What the server tells of the thing alone, in the form of its listings; `None` where that says nothing.
    async fn told(&self, tried: &str, at: &Place) -> Result<Option<Kind>, Trouble> {
        let (path, now) = (self.path(at), self.now());
        let mut session = self.lend(tried, Use::Word).await?;
        if session.features.facts {
            let reply = session.ask(tried, &format!("MLST {path}")).await?;
            let line = reply.lines.iter().filter(|_| reply.is_good()).find_map(|line| line.strip_prefix(' '));
            let Some(line) = line else { return Ok(None) };
            return Ok(facts::entry(line).map_err(|why| unusable(tried, why))?.map(|(_, kind)| kind));
        }
        if !session.features.size {
            return Ok(None);
        }
        // A folder has no size; of one, what lies in it would be listed.
        let reply = session.ask(tried, &format!("SIZE {path}")).await?;
        let size = reply.lines.first().filter(|_| reply.is_good()).map(|size| size.trim().parse::<u64>());
        let Some(Ok(size)) = size else { return Ok(None) };
        let told = match session.lines(tried, &format!("LIST {path}")).await {
            Err(trouble) if is_refusal(&trouble) => return Ok(None),
            told => told?,
        };
        let [line] = &told[..] else { return Ok(None) };
        let found = lines::entry(line, now).ok().flatten();
        let found = found.filter(|(name, _)| *name == at.name() || *name == path.to_string());
        Ok(found.map(|(_, kind)| kind).filter(|kind| match kind {
            Kind::File(facts) => facts.size == size,
            other => matches!(other, Kind::Odd(_)),
        }))
    }

    /// Makes sure that the way to the folder, and itself, is of folders.
    pub(super) async fn reach(&self, tried: &str, folder: &Place) -> Result<(), Trouble> {
        self.0
            .folders
            .each(folder, folder.way(), |step| async move { self.expect_folder(tried, &step).await })
            .await
    }

    async fn expect_folder(&self, tried: &str, at: &Place) -> Result<(), Trouble> {
        found::folder(tried, at, self.glance(tried, at).await?.as_ref())
    }

    /// Looks at a file, the way there included.
    pub(super) async fn file_at(&self, tried: &str, at: &Place) -> Result<FileFacts, Trouble> {
        self.reach(tried, &at.folder()).await?;
        found::file(tried, self.glance(tried, at).await?)
    }

    /// Makes a folder in one that is there.
    pub(super) async fn make(&self, tried: &str, at: &Place) -> Result<(), Trouble> {
        if at.is_root() {
            return self.make_root(tried).await;
        }
        let made = self.change(tried, &format!("MKD {}", self.path(at))).await;
        match made {
            Err(trouble) if is_refusal(&trouble) => match self.anew(tried, at).await? {
                Some(Kind::Folder) => Ok(()),
                Some(_) => Err(Trouble::new(Wrong::NotFolder, tried, format!("{at} is no folder"))),
                None => Err(trouble),
            },
            made => made,
        }
    }

    /// The root's own way is nobody's to look at.
    async fn make_root(&self, tried: &str) -> Result<(), Trouble> {
        let enter = format!("CWD {}", self.0.root);
        match self.change(tried, &enter).await {
            Err(trouble) if trouble.wrong == Wrong::Permission => {}
            entered => return entered,
        }
        let mut made = Ok(());
        for path in self.0.root.way() {
            made = match self.change(tried, &format!("MKD {path}")).await {
                Err(trouble) if !is_refusal(&trouble) => return Err(trouble),
                made => made,
            };
        }
        let entered = self.change(tried, &enter).await;
        made.and(entered)
    }

    /// Puts a draft in its place, over a file that is there.
    pub(super) async fn name(&self, tried: &str, draft: &Draft) -> Result<(), Trouble> {
        if self.links().contains(&draft.at) {
            return Err(Trouble::new(Wrong::NotFile, tried, "it is a link"));
        }
        let (from, to) = (self.path(&draft.temporary), self.path(&draft.at));
        let trouble = match self.rename(tried, &from, &to).await {
            Err(trouble) if is_refusal(&trouble) => trouble,
            done => return done,
        };
        match self.anew(tried, &draft.at).await? {
            None => return Err(trouble),
            Some(Kind::File(_)) => {}
            Some(_) => return Err(Trouble::new(Wrong::NotFile, tried, "it is no file")),
        }
        // This server puts no file in the place of another. The old one makes room, and comes back when the new one does
        // not get there; for a moment there is none under the name.
        let old = Place::root().join(&format!("{}.old", draft.temporary.name()));
        let old = old.map_err(|bad| Trouble::new(Wrong::Name, tried, bad.to_string()))?;
        let old = to.folder().descend(&old);
        self.rename(tried, &to, &old).await?;
        if let Err(trouble) = self.rename(tried, &from, &to).await {
            let told = |_| Trouble::new(Wrong::Other, tried, format!("what was there before is now {old}"));
            self.rename(tried, &old, &to).await.map_err(told)?;
            return Err(trouble);
        }
        self.change(tried, &format!("DELE {old}")).await
    }

    /// Gives something another name.
    pub(super) async fn rename(&self, tried: &str, from: &Place, to: &Place) -> Result<(), Trouble> {
        let mut session = self.lend(tried, Use::Word).await?;
        let reply = session.ask(tried, &format!("RNFR {from}")).await?;
        if reply.code != 350 {
            drop(session);
            let any = Kind::Odd(Odd::Name);
            return Err(self.refused(tried, from, reply.trouble(tried), &any).await);
        }
        session.ask(tried, &format!("RNTO {to}")).await?.settle(tried).map(drop)
    }

    /// Remembers nothing of folders where one was missing.
    pub(super) fn doubt<T>(&self, done: Result<T, Trouble>) -> Result<T, Trouble> {
        done.inspect_err(|trouble| {
            if trouble.wrong == Wrong::Missing {
                self.0.folders.forget_all();
            }
        })
    }
}

/// All lines of LIST, of names with a dot before them too: some hide those, and show them to who says `-a`, which others
/// take for a name.
async fn all_lines(tried: &str, session: &mut Lent) -> Result<Vec<String>, Trouble> {
    if session.lists_all != Some(false) {
        match session.lines(tried, "LIST -a").await {
            Ok(lines) if !lines.is_empty() => {
                session.lists_all = Some(true);
                return Ok(lines);
            }
            Err(trouble) if !is_refusal(&trouble) => return Err(trouble),
            _ => {}
        }
    }
    let lines = session.lines(tried, "LIST").await?;
    if session.lists_all.is_none() && !lines.is_empty() {
        session.lists_all = Some(false);
    }
    Ok(lines)
}

/// Whether the server said no, and would say it again.
fn is_refusal(trouble: &Trouble) -> bool {
    matches!(trouble.wrong, Wrong::Permission | Wrong::Name | Wrong::Other)
}

fn named(entries: Vec<Entry>, name: &str) -> Option<Kind> {
    entries.into_iter().find(|entry| entry.name == name).map(|entry| entry.kind)
}
