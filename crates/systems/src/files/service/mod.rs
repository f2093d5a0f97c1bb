//! The storages there are: what each is reached by, and how it is opened.

mod optional;

use std::path::Path;
use std::sync::Arc;

use connect::http::Secret;
use connect::storage::{
    Authorities, BadPlace, Below, Ftp, FtpOptions, HostKeys, Local, Memory, Place, S3, S3Login, S3Options,
    Sftp, SftpOptions, Storage, Trouble, WebDav, WebDavOptions, Wrong,
};
use jiff::Timestamp;
use model::file::FileSide;

/// Something a storage is reached by.
#[derive(Clone, Copy, Debug)]
pub struct Opt {
    /// The word configs use.
    pub name: &'static str,
    /// There is no storage without it.
    pub required: bool,
    /// It is sealed, and never shown.
    pub secret: bool,
    /// The words it may have, the one it has without being set first; none where any text will do.
    pub choices: &'static [&'static str],
}

/// A kind of storage.
#[derive(Clone, Copy, Debug)]
pub struct StorageKind {
    /// The word configs use.
    pub name: &'static str,
    /// What it is reached by.
    pub options: &'static [Opt],
}

/// The storages of this program.
#[must_use]
pub const fn services() -> &'static [StorageKind] {
    SERVICES
}

const fn needed(name: &'static str) -> Opt {
    Opt { name, required: true, secret: false, choices: &[] }
}

const fn may(name: &'static str) -> Opt {
    Opt { name, required: false, secret: false, choices: &[] }
}

const fn one_of(name: &'static str, choices: &'static [&'static str]) -> Opt {
    Opt { choices, ..may(name) }
}

/// A flag that is down unless it is set.
const fn flag(name: &'static str) -> Opt {
    one_of(name, &["false", "true"])
}

const fn secret(name: &'static str) -> Opt {
    Opt { name, required: false, secret: true, choices: &[] }
}

const SERVICES: &[StorageKind] = &[
    StorageKind { name: "fs", options: &[] },
    StorageKind { name: "memory", options: &[needed("name")] },
    StorageKind {
        name: "webdav",
        options: &[needed("endpoint"), may("username"), secret("password"), secret("token")],
    },
    StorageKind {
        name: "sftp",
        options: &[
            needed("endpoint"),
            needed("user"),
            may("key_path"),
            secret("private_key"),
            one_of("known_hosts_strategy", &["strict", "add", "accept"]),
        ],
    },
    StorageKind {
        name: "s3",
        options: &[
            needed("bucket"),
            may("endpoint"),
            may("region"),
            may("access_key_id"),
            secret("secret_access_key"),
            secret("session_token"),
            flag("enable_virtual_host_style"),
            flag("skip_signature"),
            may("server_side_encryption"),
            may("default_storage_class"),
            flag("disable_list_objects_v2"),
        ],
    },
    StorageKind { name: "ftp", options: &[needed("endpoint"), may("user"), secret("password")] },
    #[cfg(feature = "oss")]
    StorageKind {
        name: "oss",
        options: &[
            needed("bucket"),
            needed("endpoint"),
            needed("access_key_id"),
            secret("access_key_secret"),
            secret("security_token"),
        ],
    },
    #[cfg(feature = "cos")]
    StorageKind {
        name: "cos",
        options: &[
            needed("bucket"),
            needed("endpoint"),
            needed("secret_id"),
            secret("secret_key"),
            secret("security_token"),
        ],
    },
    #[cfg(feature = "obs")]
    StorageKind {
        name: "obs",
        options: &[
            needed("bucket"),
            needed("endpoint"),
            needed("access_key_id"),
            secret("secret_access_key"),
        ],
    },
    #[cfg(feature = "aliyun-drive")]
    StorageKind {
        name: "aliyun-drive",
        options: &[
            one_of("drive_type", &["default", "backup", "resource"]),
            may("client_id"),
            secret("access_token"),
            secret("refresh_token"),
            secret("client_secret"),
        ],
    },
    #[cfg(feature = "onedrive")]
    StorageKind { name: "onedrive", options: OAUTH },
    #[cfg(feature = "gdrive")]
    StorageKind { name: "gdrive", options: OAUTH },
    #[cfg(feature = "dropbox")]
    StorageKind { name: "dropbox", options: OAUTH },
];

/// A token, or what new ones are asked for with.
#[cfg(any(feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
const OAUTH: &[Opt] =
    &[may("client_id"), secret("access_token"), secret("refresh_token"), secret("client_secret")];

/// Storages this program could know and was not built with.
const NOT_BUILT: &[&str] = &["aliyun-drive", "onedrive", "gdrive", "dropbox", "oss", "cos", "obs"];

/// Drives that are reached through a server of another kind.
const BY_WEBDAV: &[&str] = &["baidu", "quark", "115"];

impl StorageKind {
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

/// Opens the tree of a side. Nothing is asked of it yet; what it tells is told as of `now`.
///
/// # Errors
/// Its options cannot be used.
pub(crate) fn open(
    side: &FileSide,
    secrets: &[(String, String)],
    now: Timestamp,
) -> Result<Arc<dyn Storage>, Trouble> {
    let secret = |wanted: &str| {
        let found = secrets.iter().find(|(name, _)| name == wanted);
        found.map(|(_, secret)| Secret::new(secret.as_str()))
    };
    let option = |name: &str| side.options.get(name);
    let bad = |why: String| Trouble::new(Wrong::Other, format!("opening {}", side.path), why);
    match side.service.as_str() {
        "fs" => Ok(Arc::new(Local::new(Path::new(&side.path)))),
        "memory" => {
            let whole = Memory::named(option("name").map_or("", String::as_str));
            let at = Place::parse(&side.path).map_err(|why: BadPlace| bad(why.to_string()))?;
            Ok(Arc::new(Below::new(Arc::new(whole), at)))
        }
        "webdav" => {
            let opened = WebDav::new(WebDavOptions {
                endpoint: endpoint(side),
                username: option("username").cloned(),
                password: secret("password"),
                token: secret("token"),
            });
            Ok(Arc::new(opened.map_err(|fault| bad(fault.message))?))
        }
        "sftp" => {
            let opened = Sftp::new(SftpOptions {
                endpoint: format!("{}{}", server(side), side.path),
                user: option("user").cloned().unwrap_or_default(),
                private_key: match secret("private_key") {
                    Some(key) => key,
                    None => key_of(option("key_path")).map_err(bad)?,
                },
                host_keys: host_keys(option("known_hosts_strategy")).map_err(bad)?,
            });
            Ok(Arc::new(opened.map_err(|fault| bad(fault.message))?))
        }
        "s3" => {
            let opened = S3::new(&s3_options(side, secret).map_err(bad)?);
            Ok(Arc::new(opened.map_err(|fault| bad(fault.message))?))
        }
        "ftp" => {
            let opened = Ftp::new(FtpOptions {
                endpoint: format!("{}{}", server(side), side.path),
                user: option("user").cloned(),
                password: secret("password"),
                authorities: Authorities::System,
                now,
            });
            Ok(Arc::new(opened.map_err(|fault| bad(fault.message))?))
        }
        other => match optional::open(side, &secret) {
            Some(opened) => opened.map_err(bad),
            None => Err(bad(StorageKind::named(other).err().unwrap_or_default())),
        },
    }
}

fn s3_options(side: &FileSide, secret: impl Fn(&str) -> Option<Secret>) -> Result<S3Options, String> {
    let option = |name: &str| side.options.get(name).cloned();
    let says = |name: &str| match option(name).as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(format!("{name}={other}: 可选值为 true, false")),
    };
    let login = match (says("skip_signature")?, option("access_key_id"), secret("secret_access_key")) {
        (true, ..) => None,
        (false, Some(access_key_id), Some(secret_access_key)) => {
            Some(S3Login { access_key_id, secret_access_key, session_token: secret("session_token") })
        }
        _ => return Err("需要 access_key_id 与 secret_access_key，或 skip_signature=true".to_owned()),
    };
    Ok(S3Options {
        bucket: option("bucket").unwrap_or_default(),
        path: side.path.clone(),
        endpoint: option("endpoint"),
        region: option("region"),
        login,
        virtual_host_style: says("enable_virtual_host_style")?,
        server_side_encryption: option("server_side_encryption"),
        storage_class: option("default_storage_class"),
        old_listing: says("disable_list_objects_v2")?,
    })
}

/// The key in a file of this machine.
fn key_of(path: Option<&String>) -> Result<Secret, String> {
    let path = path.ok_or_else(|| "需要 key_path 或 private_key".to_owned())?;
    let key = std::fs::read_to_string(path).map_err(|error| format!("无法读取密钥文件 {path}: {error}"))?;
    Ok(Secret::new(key.as_str()))
}

/// What is believed of a server's key; what is known lies where OpenSSH keeps it.
fn host_keys(strategy: Option<&String>) -> Result<HostKeys, String> {
    let known = std::env::home_dir().unwrap_or_default().join(".ssh/known_hosts");
    match strategy.map_or("strict", String::as_str) {
        "strict" => Ok(HostKeys::Strict(known)),
        "add" => Ok(HostKeys::Add(known)),
        "accept" => Ok(HostKeys::Accept),
        other => Err(format!("known_hosts_strategy={other}: 可选值为 strict, add, accept")),
    }
}

/// The address of a side's tree: where its server is, with the path. Its parts are escaped where they must be.
fn endpoint(side: &FileSide) -> String {
    let escaped = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
            (byte as char).to_string()
        }
        other => format!("%{other:02X}"),
    };
    let path: String = side.path.bytes().map(escaped).collect();
    format!("{}{path}", server(side))
}

/// Where a side's server is, without a slash behind it.
fn server(side: &FileSide) -> &str {
    side.options.get("endpoint").map_or("", |endpoint| endpoint.trim_end_matches('/'))
}

/// Which storage a side is in, and its path there, as far as two sides could meet.
pub(crate) fn location(side: &FileSide) -> (String, String) {
    let option = |name: &str| side.options.get(name).map_or("", String::as_str);
    match side.service.as_str() {
        "memory" => (format!("memory:{}", option("name")), side.path.clone()),
        "webdav" => {
            let (scheme, rest) = server(side).split_once("://").unwrap_or_default();
            let (host, path) = at_server(rest, &side.path, if scheme == "http" { ":80" } else { ":443" });
            (format!("webdav:{scheme}://{host}"), path)
        }
        "sftp" => {
            let address = server(side);
            let address = address.strip_prefix("sftp://").unwrap_or(address);
            let (host, path) = at_server(address, &side.path, ":22");
            (format!("sftp:{host}"), path)
        }
        "s3" => {
            let server = match server(side) {
                "" => "https://s3.amazonaws.com",
                given => given,
            };
            let (scheme, rest) = server.split_once("://").unwrap_or(("https", server));
            let (host, above) = at_server(rest, "", if scheme == "http" { ":80" } else { ":443" });
            (format!("s3:{scheme}://{host}{above}/{}", option("bucket")), side.path.clone())
        }
        "ftp" => {
            // One server, whether its sessions are secret or not.
            let (scheme, address) = server(side).split_once("://").unwrap_or_default();
            let (host, path) = at_server(address, &side.path, ":21");
            let host = host.strip_suffix(":990").filter(|_| scheme == "ftps").unwrap_or(&host);
            (format!("ftp:{host}"), path)
        }
        "oss" | "cos" | "obs" => {
            let (host, above) = at_server(server(side).trim_start_matches("https://"), "", ":443");
            (format!("{}:{host}{above}/{}", side.service, option("bucket")), side.path.clone())
        }
        // Two drives of one service are one here: who asks is sealed.
        "aliyun-drive" | "dropbox" | "gdrive" | "onedrive" => {
            (format!("{}:{}", side.service, option("drive_type")), side.path.clone())
        }
        // Links on the way there lead to one place, whatever they are called.
        other => (other.to_owned(), Local::new(Path::new(&side.path)).path().display().to_string()),
    }
}

/// A server's name without its usual port, and the whole path there.
fn at_server(address: &str, path: &str, usual: &str) -> (String, String) {
    let (host, above) = address.split_once('/').unwrap_or((address, ""));
    let host = host.to_ascii_lowercase();
    let between = if above.is_empty() { "" } else { "/" };
    (host.strip_suffix(usual).unwrap_or(&host).to_owned(), format!("{between}{above}{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(service: &str, endpoint: &str, path: &str) -> FileSide {
        FileSide {
            service: service.to_owned(),
            options: [("endpoint".to_owned(), endpoint.to_owned())].into(),
            path: path.to_owned(),
            must_exist: false,
            case_insensitive: None,
        }
    }

    #[test]
    fn two_ways_to_write_one_place_are_one_place() {
        let place = |service: &str, endpoint: &str, path: &str| location(&side(service, endpoint, path));
        let dav = ("webdav:http://nas".to_owned(), "/dav/a".to_owned());
        assert_eq!(place("webdav", "http://NAS:80/dav/", "/a"), dav);
        assert_eq!(place("webdav", "http://nas", "/dav/a"), dav);
        assert_ne!(place("webdav", "http://nas:8080", "/dav/a"), dav);
        assert_eq!(place("s3", "", "/a"), place("s3", "https://S3.amazonaws.com:443/", "/a"));
        assert_eq!(place("sftp", "Host:22", "/a"), ("sftp:host".to_owned(), "/a".to_owned()));
        assert_eq!(place("sftp", "sftp://host", "/a"), ("sftp:host".to_owned(), "/a".to_owned()));
        assert_eq!(place("sftp", "host/x", "/a"), ("sftp:host".to_owned(), "/x/a".to_owned()));
        let ftp = ("ftp:host".to_owned(), "/x/a".to_owned());
        assert_eq!(place("ftp", "ftp://HOST:21/x/", "/a"), ftp);
        assert_eq!(place("ftp", "ftps://host/x", "/a"), ftp);
        assert_eq!(place("ftp", "ftps://host:990", "/x/a"), ftp);
        assert_ne!(place("ftp", "ftp://host:2121", "/x/a"), ftp);
    }

    #[test]
    fn a_path_is_escaped_in_an_address() {
        let at = endpoint(&side("webdav", "http://nas/dav/", "/照 片/a?b#c%"));
        assert_eq!(at, "http://nas/dav/%E7%85%A7%20%E7%89%87/a%3Fb%23c%25");
    }
}
