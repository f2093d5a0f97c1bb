//! The storages there are: what each is reached by, and how it is opened.

use std::path::Path;
use std::sync::Arc;

use connect::http::Secret;
use connect::storage::{
    BadPlace, Below, Local, Memory, Place, Storage, Trouble, WebDav, WebDavOptions, Wrong,
};
use model::fault::Fault;
use model::file::FileSide;

/// Something a storage is reached by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opt {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    /// It is sealed, and never shown.
    pub(crate) secret: bool,
}

/// A kind of storage.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub(crate) name: &'static str,
    pub(crate) options: &'static [Opt],
}

const fn needed(name: &'static str) -> Opt {
    Opt { name, required: true, secret: false }
}

const fn may(name: &'static str) -> Opt {
    Opt { name, required: false, secret: false }
}

const fn secret(name: &'static str) -> Opt {
    Opt { name, required: false, secret: true }
}

const SERVICES: &[Service] = &[
    Service { name: "fs", options: &[] },
    Service { name: "memory", options: &[needed("name")] },
    Service {
        name: "webdav",
        options: &[needed("endpoint"), may("username"), secret("password"), secret("token")],
    },
];

/// Storages this program could know and was not built with.
const NOT_BUILT: &[&str] =
    &["s3", "sftp", "ftp", "aliyun-drive", "onedrive", "gdrive", "dropbox", "oss", "cos", "obs"];

/// Drives that are reached through a server of another kind.
const BY_WEBDAV: &[&str] = &["baidu", "quark", "115"];

impl Service {
    /// The storage of a word.
    ///
    /// # Errors
    /// Why there is none, in the documented words.
    pub(crate) fn named(name: &str) -> Result<&'static Self, String> {
        if let Some(known) = SERVICES.iter().find(|service| service.name == name) {
            return Ok(known);
        }
        Err(if NOT_BUILT.contains(&name) {
            format!("存储服务 {name} 未包含在此构建中")
        } else if BY_WEBDAV.contains(&name) {
            format!("不支持的存储服务: {name}，请通过 AList/OpenList 的 WebDAV 接入")
        } else {
            let known: Vec<&str> = SERVICES.iter().map(|service| service.name).collect();
            format!("不支持的存储服务: {name}，可用: {}", known.join(", "))
        })
    }

    pub(crate) fn option(&self, name: &str) -> Option<&'static Opt> {
        self.options.iter().find(|option| option.name == name)
    }
}

/// Opens the tree of a side. Nothing is asked of it yet.
///
/// # Errors
/// Its options cannot be used.
pub(crate) fn open(side: &FileSide, secrets: &[(String, String)]) -> Result<Arc<dyn Storage>, Trouble> {
    match side.service.as_str() {
        "fs" => Ok(Arc::new(Local::new(Path::new(&side.path)))),
        "memory" => {
            let whole = Memory::named(side.options.get("name").map_or("", String::as_str));
            let bad =
                |bad: BadPlace| Trouble::new(Wrong::Name, format!("opening {}", side.path), bad.to_string());
            Ok(Arc::new(Below::new(Arc::new(whole), Place::parse(&side.path).map_err(bad)?)))
        }
        "webdav" => {
            let secret = |wanted: &str| {
                let found = secrets.iter().find(|(name, _)| name == wanted);
                found.map(|(_, secret)| Secret::new(secret.as_str()))
            };
            let options = WebDavOptions {
                endpoint: endpoint(side),
                username: side.options.get("username").cloned(),
                password: secret("password"),
                token: secret("token"),
            };
            let opened = WebDav::new(options);
            let bad =
                |fault: Fault| Trouble::new(Wrong::Other, format!("opening {}", side.path), fault.message);
            Ok(Arc::new(opened.map_err(bad)?))
        }
        other => Err(Trouble::new(
            Wrong::Other,
            format!("opening {other}"),
            Service::named(other).err().unwrap_or_default(),
        )),
    }
}

/// The address of a side's tree: where its server is, with the path. Its parts are escaped where they must be.
fn endpoint(side: &FileSide) -> String {
    let server = side.options.get("endpoint").map_or("", |endpoint| endpoint.trim_end_matches('/'));
    let escaped = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
            (byte as char).to_string()
        }
        other => format!("%{other:02X}"),
    };
    let path: String = side.path.bytes().map(escaped).collect();
    format!("{server}{path}")
}

/// Which storage a side is in, and its path there, as far as two sides could meet.
pub(crate) fn location(side: &FileSide) -> (String, String) {
    let option = |name: &str| side.options.get(name).map_or("", String::as_str);
    match side.service.as_str() {
        "memory" => (format!("memory:{}", option("name")), side.path.clone()),
        "webdav" => {
            let (scheme, rest) = option("endpoint").split_once("://").unwrap_or_default();
            let (host, above) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.to_ascii_lowercase();
            let host = match scheme {
                "http" => host.strip_suffix(":80").unwrap_or(&host),
                _ => host.strip_suffix(":443").unwrap_or(&host),
            };
            let above = above.trim_matches('/');
            let between = if above.is_empty() { "" } else { "/" };
            (format!("webdav:{scheme}://{host}"), format!("{between}{above}{}", side.path))
        }
        other => (other.to_owned(), side.path.clone()),
    }
}
