//! Storages of every kind, each on a server of its own that nobody here wrote: a tree there as a side of a config, and
//! what lies in it. Where a server's trees lie on this machine they are seen there, past the client that is tried.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use connect::http::Secret;
use connect::storage::{
    Below, Body, Entry, FileFacts, Kind, Local, Memory, Place, S3, S3Login, S3Options, Storage,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::bed::Bed;
use crate::ftpd::PYFTPDLIB;
use crate::servers::{MOTO, OPENSSH, PASSWORD, SECRET_KEY, WSGIDAV, free_port, me};

/// A claim of some storages, each on both databases.
macro_rules! of_storages {
    ($claim:ident: $($name:ident $far:ident),*) => {
        mod $claim {$(
            mod $name {
                of_storage!(super::super::$claim, $far, sqlite Sqlite);
                of_storage!(super::super::$claim, $far, postgres Postgres);
            }
        )*}
    };
}

/// A claim of a storage on one database.
macro_rules! of_storage {
    ($claim:path, $far:ident, $name:ident $base:ident) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            $claim(crate::bed::Base::$base, crate::far::Far::$far).await;
        }
    };
}

/// Each claim of every storage.
macro_rules! of_each_storage {
    ($($claim:ident)*) => {$(
        of_storages! {
            $claim: memory Memory, wsgidav Wsgidav, moto Moto, openssh Openssh, pyftpdlib Pyftpdlib
        }
    )*};
}

/// Storages that are not folders of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Far {
    Memory,
    Wsgidav,
    Moto,
    Openssh,
    Pyftpdlib,
}

/// A tree of files in a storage. It is not there yet.
pub(crate) struct Tree {
    /// The side of a config.
    pub(crate) side: Json,
    /// What lies there.
    pub(crate) files: Arc<dyn Storage>,
    /// The folder the tree lies in.
    pub(crate) above: Arc<dyn Storage>,
    /// Folders are there without files in them.
    pub(crate) has_folders: bool,
    /// Where that is on this machine.
    here: Option<PathBuf>,
}

impl Far {
    /// A tree in a folder of its own, whose name is as odd as names of folders are.
    pub(crate) fn tree(self) -> Tree {
        static TREES: AtomicU32 = AtomicU32::new(0);
        let above = format!("/照片 %41 #{}+", TREES.fetch_add(1, Ordering::Relaxed));
        let here = self.folder().map(|folder| folder.join(&above[1..]));
        let storage: Arc<dyn Storage> = match (&here, self) {
            (Some(here), _) => Arc::new(Local::new(here)),
            (None, Self::Memory) => {
                Arc::new(Below::new(Arc::new(Memory::named("far")), Place::parse(&above).unwrap()))
            }
            (None, _) => bucket(&above),
        };
        let options = match self {
            Self::Memory => json!({"name": "far"}),
            Self::Wsgidav => webdav(),
            Self::Moto => s3(),
            Self::Openssh => sftp(),
            Self::Pyftpdlib => ftp(),
        };
        // A session of SFTP sees all of this machine.
        let path = match (self, &here) {
            (Self::Openssh, Some(here)) => here.display().to_string(),
            _ => above,
        };
        let side = json!({"service": self.service(), "options": options, "path": format!("{path}/tree")});
        Tree::of(side, storage, here)
    }

    fn service(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Wsgidav => "webdav",
            Self::Moto => "s3",
            Self::Openssh => "sftp",
            Self::Pyftpdlib => "ftp",
        }
    }

    /// Where its server listens.
    pub(crate) fn port(self) -> u16 {
        match self {
            Self::Memory => panic!("it has no server"),
            Self::Wsgidav => WSGIDAV.port,
            Self::Moto => MOTO.port,
            Self::Openssh => OPENSSH.port,
            Self::Pyftpdlib => PYFTPDLIB.port,
        }
    }

    /// Where its trees lie on this machine, when they do.
    fn folder(self) -> Option<&'static Path> {
        match self {
            Self::Memory | Self::Moto => None,
            Self::Wsgidav => Some(&WSGIDAV.folder),
            Self::Openssh => Some(&OPENSSH.folder),
            Self::Pyftpdlib => Some(&PYFTPDLIB.folder),
        }
    }
}

fn webdav() -> Json {
    json!({"endpoint": format!("http://127.0.0.1:{}", WSGIDAV.port), "username": "user", "password": PASSWORD})
}

fn s3() -> Json {
    json!({
        "bucket": "bucket",
        "endpoint": format!("http://127.0.0.1:{}", MOTO.port),
        "access_key_id": "user",
        "secret_access_key": SECRET_KEY,
    })
}

fn sftp() -> Json {
    json!({
        "endpoint": format!("127.0.0.1:{}", OPENSSH.port),
        "user": me(),
        "private_key": std::fs::read_to_string(OPENSSH.folder.join("user")).unwrap(),
        "known_hosts_strategy": "accept",
    })
}

fn ftp() -> Json {
    json!({"endpoint": format!("ftp://127.0.0.1:{}", PYFTPDLIB.port), "user": "user", "password": PASSWORD})
}

/// What lies below a path of moto's bucket.
fn bucket(path: &str) -> Arc<dyn Storage> {
    let login = S3Login {
        access_key_id: "user".to_owned(),
        secret_access_key: Secret::new(SECRET_KEY),
        session_token: None,
    };
    let opened = S3::new(&S3Options {
        bucket: "bucket".to_owned(),
        path: path.to_owned(),
        endpoint: Some(format!("http://127.0.0.1:{}", MOTO.port)),
        login: Some(login),
        ..S3Options::default()
    });
    Arc::new(opened.unwrap())
}

impl Tree {
    /// One in a folder of the bed's ground.
    pub(crate) fn near(bed: &Bed, name: &str) -> Self {
        let here = bed.at(name);
        let side = json!({"service": "fs", "path": here.join("tree").display().to_string()});
        Self::of(side, Arc::new(Local::new(&here)), Some(here))
    }

    /// The side of a config whose tree is all that its storage has, where there is no such storage.
    pub(crate) fn nowhere(&self) -> Json {
        let mut side = self.side.clone();
        side["path"] = json!("/");
        let options = &mut side["options"];
        if let Some(endpoint) = options["endpoint"].as_str().filter(|_| options["bucket"].is_null()) {
            options["endpoint"] = json!(format!("{endpoint}/no where"));
        }
        for (option, none) in [("bucket", "nowhere"), ("name", "nobody")] {
            if !options[option].is_null() {
                options[option] = json!(none);
            }
        }
        side
    }

    /// The side of a config where nobody listens.
    pub(crate) fn dead(&self) -> Json {
        self.at(free_port())
    }

    /// Whether it lies in a storage of this kind.
    pub(crate) fn is_on(&self, far: Far) -> bool {
        self.side["service"] == far.service()
    }

    /// The side of a config that goes by another port of this machine.
    pub(crate) fn at(&self, port: u16) -> Json {
        let mut side = self.side.clone();
        let endpoint = side["options"]["endpoint"].as_str().unwrap();
        let (server, _) = endpoint.rsplit_once(':').unwrap();
        side["options"]["endpoint"] = json!(format!("{server}:{port}"));
        side
    }

    fn of(side: Json, above: Arc<dyn Storage>, here: Option<PathBuf>) -> Self {
        let tree = Place::parse("tree").unwrap();
        let files = Arc::new(Below::new(Arc::clone(&above), tree));
        let has_folders = !["memory", "s3"].contains(&side["service"].as_str().unwrap());
        Self { side, files, above, has_folders, here }
    }

    /// Where it lies on this machine, when it does.
    pub(crate) fn here(&self) -> Option<PathBuf> {
        self.here.as_ref().map(|above| above.join("tree"))
    }

    /// Puts a file there, made at that time where files there have any.
    pub(crate) async fn put(&self, path: &str, content: &str, modified: &str) {
        let at = Place::parse(path).unwrap();
        self.files.make_folder(&at.folder()).await.unwrap();
        let piece = Ok(bytes::Bytes::copy_from_slice(content.as_bytes()));
        let body = Body::Pieces(stream::iter([piece]).boxed());
        let draft = self.files.draft(&at, ".draft", body, content.len() as u64).await.unwrap();
        let modified: Timestamp = modified.parse().unwrap();
        self.files.publish(draft, Some(modified)).await.unwrap();
    }

    /// What is told of a file.
    pub(crate) async fn facts(&self, path: &str) -> FileFacts {
        match self.files.look(&Place::parse(path).unwrap()).await.unwrap() {
            Some(Kind::File(facts)) => facts,
            other => panic!("{path} is {other:?}"),
        }
    }

    /// Whether a folder is there.
    pub(crate) async fn has_folder(&self, path: &str) -> bool {
        self.files.look(&Place::parse(path).unwrap()).await.unwrap() == Some(Kind::Folder)
    }

    /// All files, with their content.
    pub(crate) async fn all(&self) -> BTreeMap<String, String> {
        all(&*self.files).await
    }
}

/// All files of a storage, with their content.
pub(crate) async fn all(storage: &dyn Storage) -> BTreeMap<String, String> {
    let (mut found, mut unread) = (BTreeMap::new(), vec![Place::root()]);
    while let Some(folder) = unread.pop() {
        if storage.look(&folder).await.unwrap().is_none() {
            continue;
        }
        for Entry { name, kind } in storage.list(&folder).await.unwrap() {
            let at = folder.join(&name).unwrap();
            match kind {
                Kind::Folder => unread.push(at),
                Kind::File(_) => {
                    let pieces = storage.read(&at).await.unwrap().pieces();
                    let bytes = pieces.map_ok(|piece| piece.to_vec()).try_concat().await.unwrap();
                    found.insert(at.as_str().to_owned(), String::from_utf8(bytes).unwrap());
                }
                Kind::Odd(_) => {}
            }
        }
    }
    found
}
