//! Looking into a storage before a config is kept: the first things that lie there, or why nobody can tell.

use connect::storage::{self, Entry, FileFacts, Kind, Place, Trouble};
use jiff::Timestamp;
use model::file::FileSide;
use serde::Serialize;
use serde_json::{Map, Value};
use store::FileEnd;

use super::tree::{Failure, Side};
use super::verbs::FilesError;
use super::wrong::Wrong;
use super::{Files, form, service};

/// Entries that are shown of a folder.
const SHOWN: usize = 20;

/// What a look into one side of a config found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// Its folder is there. A target's that is not is made by the first run, unless it must exist.
    pub exists: bool,
    /// The first things in it: folders, then files, by name.
    pub entries: Vec<SeenEntry>,
    /// How many there are in all.
    pub total: usize,
    /// Why nobody can tell: the type, as of a run that fails so.
    pub error_type: Option<&'static str>,
    /// The same in words.
    pub error: Option<String>,
}

/// One thing in a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenEntry {
    /// Its name.
    pub name: String,
    /// `folder`, `file`, or `other` for what is left alone.
    pub kind: &'static str,
    /// Bytes of a file.
    pub size: Option<u64>,
    /// When a file's content was made, as far as the storage knows.
    pub modified: Option<Timestamp>,
}

impl Files {
    /// Looks into the side that `body` has: `source` or `target`, as in a config. Nothing is kept. Secrets that are
    /// not given are those of the config, unless the side is another place now.
    ///
    /// # Errors
    /// There is no such config, the side cannot be taken, or the state failed. A storage that cannot be reached is an
    /// answer.
    pub async fn peek(
        &self,
        config: Option<i64>,
        body: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<Seen, FilesError> {
        let end = match (body.contains_key("source"), body.contains_key("target")) {
            (true, false) => FileEnd::Source,
            (false, true) => FileEnd::Target,
            _ => {
                let wrong = Wrong::new("source", "source 与 target 应恰有其一", Value::Null);
                return Err(FilesError::Wrong(vec![wrong]));
            }
        };
        let old = match config {
            Some(id) => Some((self.row(id).await?, self.kept_secrets(id).await?)),
            None => None,
        };
        let kept = old.as_ref().map(|(row, secrets)| form::Old { row, secrets });
        let (side, secrets) =
            form::side(body, end, kept, &self.settings.local_roots).map_err(FilesError::Wrong)?;
        Ok(look(&side, &secrets, end, now).await)
    }
}

async fn look(side: &FileSide, secrets: &[(String, String)], end: FileEnd, now: Timestamp) -> Seen {
    let of = if end == FileEnd::Source { Side::Source } else { Side::Target };
    let missing = || match of {
        Side::Source => Failure::SourceMissing(side.path.clone()),
        Side::Target => Failure::TargetMissing(side.path.clone()),
    };
    match entries(side, secrets, now).await {
        Ok(Found::Folder(entries)) => Seen::of(entries),
        Ok(Found::Nothing) if of == Side::Target && !side.must_exist => Seen::default(),
        Ok(Found::Nothing | Found::NoFolder) => Seen::failed(&missing()),
        Err(trouble) if trouble.wrong == storage::Wrong::Missing => Seen::failed(&missing()),
        Err(trouble) => Seen::failed(&Failure::of(&trouble, of)),
    }
}

enum Found {
    Folder(Vec<Entry>),
    /// Something else is there.
    NoFolder,
    Nothing,
}

async fn entries(side: &FileSide, secrets: &[(String, String)], now: Timestamp) -> Result<Found, Trouble> {
    let storage = service::open(side, secrets, now)?;
    let root = Place::root();
    match storage.look(&root).await? {
        Some(Kind::Folder) => Ok(Found::Folder(storage.list(&root).await?)),
        Some(_) => Ok(Found::NoFolder),
        None => Ok(Found::Nothing),
    }
}

impl Seen {
    fn of(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| (a.kind != Kind::Folder, &a.name).cmp(&(b.kind != Kind::Folder, &b.name)));
        let total = entries.len();
        let entries = entries.into_iter().take(SHOWN).map(SeenEntry::from).collect();
        Self { exists: true, entries, total, ..Self::default() }
    }

    fn failed(failure: &Failure) -> Self {
        Self { error_type: Some(failure.error_type()), error: Some(failure.message()), ..Self::default() }
    }
}

impl From<Entry> for SeenEntry {
    fn from(entry: Entry) -> Self {
        let (kind, facts) = match entry.kind {
            Kind::Folder => ("folder", None),
            Kind::File(facts) => ("file", Some(facts)),
            Kind::Odd(_) => ("other", None),
        };
        let modified = facts.as_ref().and_then(|facts: &FileFacts| facts.modified);
        Self { name: entry.name, kind, size: facts.map(|facts| facts.size), modified }
    }
}
