//! What is told of files and folders: the body of a 207 answer.

use std::fs::Metadata;
use std::time::UNIX_EPOCH;

use jiff::Timestamp;

/// The mark of a content: who changes it changes its size or its time.
pub(super) fn etag(found: &Metadata) -> String {
    let since = found.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("\"{:x}-{:x}\"", found.len(), since.as_nanos())
}

/// A time as HTTP writes it.
pub(super) fn modified(found: &Metadata) -> String {
    let at =
        found.modified().ok().and_then(|at| Timestamp::try_from(at).ok()).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The whole answer, from the entries it tells of: each an escaped path and what lies there.
pub(super) fn all(entries: &[(String, Metadata)]) -> String {
    let told: String = entries.iter().map(|(path, found)| one(path, found)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><D:multistatus xmlns:D=\"DAV:\">{told}</D:multistatus>"
    )
}

fn one(path: &str, found: &Metadata) -> String {
    let properties = match found.is_dir() {
        true => "<D:resourcetype><D:collection/></D:resourcetype>".to_owned(),
        false => format!(
            "<D:resourcetype/><D:getcontentlength>{}</D:getcontentlength><D:getetag>{}</D:getetag>",
            found.len(),
            etag(found).replace('"', "&quot;")
        ),
    };
    let modified = modified(found);
    format!(
        "<D:response><D:href>{path}</D:href><D:propstat><D:prop>{properties}\
         <D:getlastmodified>{modified}</D:getlastmodified></D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>"
    )
}
