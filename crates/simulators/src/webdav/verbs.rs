//! What is asked, and done.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::{path, told};

/// Bytes of one content.
const CONTENT_MAX: usize = 64 << 20;

type Answered = Result<Response, StatusCode>;

pub(super) async fn answer(State(root): State<Arc<PathBuf>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let Some(at) = path::file(&root, head.uri.path()) else { return StatusCode::BAD_REQUEST.into_response() };
    let Ok(body) = to_bytes(body, CONTENT_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let done = tokio::task::spawn_blocking(move || {
        let asked = Asked { root: &root, at: &at, path: head.uri.path(), headers: &head.headers };
        match head.method.as_str() {
            "OPTIONS" => Ok(([("DAV", "1"), ("Allow", VERBS)], "").into_response()),
            "PROPFIND" => asked.tell(),
            "GET" => asked.read(),
            "HEAD" => asked.read().map(|answer| answer.map(|_| Body::empty())),
            "PUT" => asked.write(&body),
            "MKCOL" => asked.make_folder(),
            "DELETE" => asked.remove(),
            "MOVE" => asked.transfer(|from, to| fs::rename(from, to)),
            "COPY" => asked.transfer(copy_all),
            _ => Err(StatusCode::METHOD_NOT_ALLOWED),
        }
    });
    match done.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(status)) => status.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

const VERBS: &str = "OPTIONS, PROPFIND, GET, HEAD, PUT, MKCOL, DELETE, MOVE, COPY";

struct Asked<'r> {
    root: &'r Path,
    at: &'r Path,
    path: &'r str,
    headers: &'r HeaderMap,
}

impl Asked<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    fn tell(&self) -> Answered {
        let found = fs::metadata(self.at).map_err(|error| status(&error))?;
        let base = self.path.trim_end_matches('/');
        let mut entries = vec![(if found.is_dir() { format!("{base}/") } else { base.to_owned() }, found)];
        if entries[0].1.is_dir() && self.header("depth") != Some("0") {
            for entry in fs::read_dir(self.at).map_err(|error| status(&error))? {
                let entry = entry.map_err(|error| status(&error))?;
                let Some(name) = entry.file_name().to_str().map(path::escaped) else { continue };
                // One that went meanwhile is as one that went before.
                let Ok(found) = entry.metadata() else { continue };
                let slash = if found.is_dir() { "/" } else { "" };
                entries.push((format!("{base}/{name}{slash}"), found));
            }
        }
        let kind = [("content-type", "application/xml; charset=utf-8")];
        Ok((StatusCode::MULTI_STATUS, kind, told::all(&entries)).into_response())
    }

    fn read(&self) -> Answered {
        let found = fs::metadata(self.at).map_err(|error| status(&error))?;
        if found.is_dir() {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        let content = fs::read(self.at).map_err(|error| status(&error))?;
        let told = [
            ("content-length", content.len().to_string()),
            ("etag", told::etag(&found)),
            ("last-modified", told::modified(&found)),
        ];
        Ok((told, content).into_response())
    }

    fn write(&self, content: &Bytes) -> Answered {
        let there = self.at.exists();
        if self.at.is_dir() {
            return Err(StatusCode::METHOD_NOT_ALLOWED);
        }
        self.folder_above()?;
        fs::write(self.at, content).map_err(|error| status(&error))?;
        Ok(made(there))
    }

    fn make_folder(&self) -> Answered {
        self.folder_above()?;
        match fs::create_dir(self.at) {
            Ok(()) => Ok(StatusCode::CREATED.into_response()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(StatusCode::METHOD_NOT_ALLOWED),
            Err(error) => Err(status(&error)),
        }
    }

    fn remove(&self) -> Answered {
        if self.at == self.root {
            return Err(StatusCode::FORBIDDEN);
        }
        remove_all(self.at).map_err(|error| status(&error))?;
        Ok(StatusCode::NO_CONTENT.into_response())
    }

    /// Moves or copies to where the header `Destination` says.
    fn transfer(&self, carry: impl Fn(&Path, &Path) -> io::Result<()>) -> Answered {
        let to = self.header("destination").and_then(path::of_address);
        let to = to.and_then(|to| path::file(self.root, to)).ok_or(StatusCode::BAD_REQUEST)?;
        if !self.at.exists() {
            return Err(StatusCode::NOT_FOUND);
        }
        if to.starts_with(self.at) || self.at.starts_with(&to) {
            return Err(StatusCode::FORBIDDEN);
        }
        if !to.parent().is_some_and(Path::is_dir) {
            return Err(StatusCode::CONFLICT);
        }
        let there = to.exists();
        if there && self.header("overwrite") == Some("F") {
            return Err(StatusCode::PRECONDITION_FAILED);
        }
        if to.is_dir() {
            remove_all(&to).map_err(|error| status(&error))?;
        }
        carry(self.at, &to).map_err(|error| status(&error))?;
        Ok(made(there))
    }

    /// Nothing is made where the folder above it is not there.
    fn folder_above(&self) -> Result<(), StatusCode> {
        match self.at.parent().is_some_and(Path::is_dir) && self.at != self.root {
            true => Ok(()),
            false => Err(StatusCode::CONFLICT),
        }
    }
}

fn made(there: bool) -> Response {
    if there { StatusCode::NO_CONTENT } else { StatusCode::CREATED }.into_response()
}

fn remove_all(at: &Path) -> io::Result<()> {
    match fs::symlink_metadata(at)?.is_dir() {
        true => fs::remove_dir_all(at),
        false => fs::remove_file(at),
    }
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, to).map(drop);
    }
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let name = entry?.file_name();
        copy_all(&from.join(&name), &to.join(&name))?;
    }
    Ok(())
}

fn status(error: &io::Error) -> StatusCode {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => StatusCode::NOT_FOUND,
        io::ErrorKind::PermissionDenied => StatusCode::FORBIDDEN,
        io::ErrorKind::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
