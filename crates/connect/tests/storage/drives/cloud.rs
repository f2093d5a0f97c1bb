//! A drive nobody runs: a tree of items by number, which each of the four kinds of words is put to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::CONTENT_RANGE;
use http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use jiff::Timestamp;
use opendal::{Buffer, HttpBody, HttpTransport};
use serde_json::Value;

/// The number of the drive's own folder.
pub(crate) const ROOT: u64 = 0;

/// Entries of a page.
pub(crate) const PAGE: usize = 3;

/// A file or a folder.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) id: u64,
    pub(crate) parent: u64,
    pub(crate) name: String,
    /// Of a file.
    pub(crate) content: Option<Vec<u8>>,
}

impl Item {
    pub(crate) fn is_folder(&self) -> bool {
        self.content.is_none()
    }

    pub(crate) fn size(&self) -> usize {
        self.content.as_ref().map_or(0, Vec::len)
    }

    /// When it was changed: numbers rise, so do times.
    pub(crate) fn changed(&self) -> String {
        Timestamp::from_second(1_760_000_000 + i64::try_from(self.id).unwrap()).unwrap().to_string()
    }
}

/// What is asked of a drive.
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// A value of the query, without its escapes.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        let query = self.uri.query().unwrap_or_default();
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(unescaped(value))
    }

    /// The part of a file that is asked for.
    pub(crate) fn part_of(&self, content: &[u8]) -> Answer {
        let Some(range) = self.headers.get("range") else { return Answer::bytes(200, content) };
        let range = range.to_str().unwrap().strip_prefix("bytes=").unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let from: usize = from.parse().unwrap();
        let last = to.parse().unwrap_or(content.len() - 1).min(content.len() - 1);
        let told = format!("bytes {from}-{last}/{}", content.len());
        Answer { headers: vec![(CONTENT_RANGE, told)], ..Answer::bytes(206, &content[from..=last]) }
    }
}

pub(crate) fn unescaped(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned()
}

/// What the drive says.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn bytes(status: u16, body: &[u8]) -> Self {
        Self { status, headers: Vec::new(), body: body.to_vec() }
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, body.to_string().as_bytes())
    }
}

/// The words of one kind of drive.
pub(crate) type Words = fn(&Cloud, &Asked) -> Answer;

/// What is said instead of them.
pub(crate) type Instead = fn(&Asked) -> Option<Answer>;

/// The folder and the name of what is sent, and what has come of it.
pub(crate) type Upload = (u64, String, Vec<u8>);

/// See the module.
pub(crate) struct Cloud {
    items: Mutex<BTreeMap<u64, Item>>,
    next: Mutex<u64>,
    /// Uploads that have not ended, by their names.
    pub(crate) uploads: Mutex<BTreeMap<String, Upload>>,
    /// Whether capitals and small letters are one.
    folds: bool,
    /// Says something else than the drive would, when it answers.
    pub(crate) instead: Mutex<Option<Instead>>,
    /// Method and address of all that was asked.
    pub(crate) log: Mutex<Vec<String>>,
}

impl Cloud {
    pub(crate) fn new(folds: bool) -> Arc<Self> {
        let root = Item { id: ROOT, parent: ROOT, name: String::new(), content: None };
        Arc::new(Self {
            items: Mutex::new([(ROOT, root)].into()),
            next: Mutex::new(1),
            uploads: Mutex::default(),
            folds,
            instead: Mutex::default(),
            log: Mutex::default(),
        })
    }

    pub(crate) fn item(&self, id: u64) -> Option<Item> {
        self.items.lock().unwrap().get(&id).cloned()
    }

    /// What is in a folder, by name.
    pub(crate) fn children(&self, folder: u64) -> Vec<Item> {
        let items = self.items.lock().unwrap();
        items.values().filter(|item| item.parent == folder && item.id != ROOT).cloned().collect()
    }

    pub(crate) fn child(&self, folder: u64, name: &str) -> Option<Item> {
        let is_it = |item: &Item| match self.folds {
            true => item.name.to_lowercase() == name.to_lowercase(),
            false => item.name == name,
        };
        self.children(folder).into_iter().find(is_it)
    }

    pub(crate) fn at(&self, path: &str) -> Option<Item> {
        let names = path.split('/').filter(|name| !name.is_empty());
        names.fold(self.item(ROOT), |at, name| self.child(at?.id, name))
    }

    /// Where a path lies, and its name; folders on the way are made.
    pub(crate) fn place(&self, path: &str) -> (u64, String) {
        let (folder, name) = path.trim_end_matches('/').rsplit_once('/').unwrap_or(("", path));
        let names = folder.split('/').filter(|name| !name.is_empty());
        let folder = names.fold(ROOT, |at, name| match self.child(at, name) {
            Some(folder) => folder.id,
            None => self.make(at, name, None).id,
        });
        (folder, name.to_owned())
    }

    pub(crate) fn make(&self, parent: u64, name: &str, content: Option<Vec<u8>>) -> Item {
        let mut next = self.next.lock().unwrap();
        let item = Item { id: *next, parent, name: name.to_owned(), content };
        *next += 1;
        self.items.lock().unwrap().insert(item.id, item.clone());
        item
    }

    /// Another name, another folder or another content.
    pub(crate) fn change(&self, id: u64, change: impl FnOnce(&mut Item)) -> Option<Item> {
        let mut items = self.items.lock().unwrap();
        let item = items.get_mut(&id)?;
        change(item);
        Some(item.clone())
    }

    /// Removes an item and all that is in it.
    pub(crate) fn remove(&self, id: u64) -> Option<Item> {
        for child in self.children(id) {
            self.remove(child.id);
        }
        self.items.lock().unwrap().remove(&id)
    }

    /// A file at a path, in the place of the one that is there.
    pub(crate) fn put(&self, path: &str, content: &[u8]) -> Item {
        let (folder, name) = self.place(path);
        match self.child(folder, &name) {
            Some(item) => self.change(item.id, |item| item.content = Some(content.to_vec())).unwrap(),
            None => self.make(folder, &name, Some(content.to_vec())),
        }
    }

    pub(crate) fn path(&self, item: &Item) -> String {
        match item.id {
            ROOT => String::new(),
            _ => format!("{}/{}", self.path(&self.item(item.parent).unwrap()), item.name),
        }
    }

    /// A page of a folder from a place on, and where the next begins.
    pub(crate) fn page(&self, folder: u64, from: usize) -> (Vec<Item>, Option<usize>) {
        let all = self.children(folder);
        let next = (from + PAGE < all.len()).then_some(from + PAGE);
        (all.into_iter().skip(from).take(PAGE).collect(), next)
    }
}

/// A way to the drive that is no network.
pub(crate) struct Wire {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) words: Words,
}

impl HttpTransport for Wire {
    async fn fetch(&self, request: http::Request<Buffer>) -> opendal::Result<http::Response<HttpBody>> {
        let (parts, body) = request.into_parts();
        let asked =
            Asked { method: parts.method, uri: parts.uri, headers: parts.headers, body: body.to_bytes() };
        self.cloud.log.lock().unwrap().push(format!("{} {}", asked.method, asked.uri));
        let instead = *self.cloud.instead.lock().unwrap();
        let instead = instead.and_then(|says| says(&asked));
        let answer = instead.unwrap_or_else(|| (self.words)(&self.cloud, &asked));
        let mut response = http::Response::new(());
        *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
        for (name, value) in answer.headers {
            response.headers_mut().insert(name, value.parse().unwrap());
        }
        let whole = answer.body.len() as u64;
        let content = futures_util::stream::iter([Ok(Buffer::from(answer.body))]);
        Ok(response.map(|()| HttpBody::new(content, Some(whole))))
    }
}
