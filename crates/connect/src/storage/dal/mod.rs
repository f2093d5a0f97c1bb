//! OpenDAL, by which object stores and drives are asked: how it goes out to the network, and what its answers are here.

mod line;
mod refusal;
#[cfg(any(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
mod road;

use jiff::Timestamp;
use model::fault::Fault;
use opendal::{HttpTransport, HttpTransporter, Metadata, OperationContext, Operator};

use super::{Entry, FileFacts, Kind, Odd, Place, Trouble, Wrong};
pub(super) use line::Line;
pub(super) use refusal::trouble;
#[cfg(any(feature = "aliyun-drive", feature = "dropbox", feature = "gdrive", feature = "onedrive"))]
pub(super) use road::Road;

/// A store of the library that is asked by `line`.
pub(super) fn opened(store: opendal::Result<Operator>, line: impl HttpTransport) -> Result<Operator, Fault> {
    let store = store.map_err(|error| Fault::never("config", format!("the store: {}", error.kind())))?;
    Ok(store.with_context(OperationContext::new().with_http_transport(HttpTransporter::new(line))))
}

pub(super) fn facts(found: &Metadata) -> FileFacts {
    let modified = found.last_modified().map(|at| at.into_inner().as_nanosecond());
    FileFacts {
        size: found.content_length(),
        modified: modified.and_then(|ns| Timestamp::from_nanosecond(ns).ok()),
        etag: found.etag().map(|etag| etag.trim_start_matches("W/").trim_matches('"').to_owned()),
    }
}

/// An entry of a folder's listing by its key; `None` for the folder's own marker.
pub(super) fn entry(folder: &str, key: &str, found: &Metadata) -> Option<Entry> {
    let below = key.trim_start_matches('/').strip_prefix(folder.trim_start_matches('/'))?;
    let name = below.strip_suffix('/').unwrap_or(below);
    let kind = match Place::root().join(name) {
        Err(_) => Kind::Odd(Odd::Name),
        Ok(_) if below.ends_with('/') => Kind::Folder,
        Ok(_) => Kind::File(facts(found)),
    };
    (!below.is_empty()).then(|| Entry { name: name.to_owned(), kind })
}

/// The library wraps its own errors on this way.
pub(super) fn of_reading(tried: &str, error: &std::io::Error) -> Trouble {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<opendal::Error>());
    match (inner, error.kind()) {
        (Some(error), _) => trouble(tried, error),
        (None, std::io::ErrorKind::NotFound) => Trouble::new(Wrong::Missing, tried, "nothing is there"),
        (None, std::io::ErrorKind::PermissionDenied) => {
            Trouble::new(Wrong::Permission, tried, "the store refused it")
        }
        (None, _) => Trouble::new(Wrong::Network, tried, "the answer was cut short"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_entries_of_a_folder_and_its_marker_is_none() {
        let found = opendal::MetadataBuilder::file(3).build();
        let named = |folder: &str, key: &str| entry(folder, key, &found);
        assert_eq!(named("a/", "a/"), None);
        assert_eq!(named("/", "/"), None);
        assert_eq!(named("a/", "a/b.txt").unwrap().name, "b.txt");
        assert!(matches!(named("/", "b/").unwrap(), Entry { name, kind: Kind::Folder } if name == "b"));
        assert_eq!(named("a/", "a//").unwrap().kind, Kind::Odd(Odd::Name));
        assert_eq!(named("a/", "a/..").unwrap().kind, Kind::Odd(Odd::Name));
    }
}
