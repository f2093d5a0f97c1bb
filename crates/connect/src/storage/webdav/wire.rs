//! One exchange with a WebDAV server: where requests go, with whose name, how long they may take, what a refusal means.
//!
//! Messages hold no host, no header and no word of the other side.

use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use model::fault::Fault;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use tokio::time::timeout;

use super::limits::{LISTING_MAX, REDIRECTS_MAX, UNREAD_MAX};
use crate::http::{Base, Secret};
use crate::storage::http::{SILENCE, client, later, of_sending, silent};
use crate::storage::{Trouble, Wrong};

/// What PROPFIND asks for.
const ALL_PROPERTIES: &str =
    r#"<?xml version="1.0" encoding="utf-8" ?><D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>"#;

/// Who asks.
pub(super) enum Login {
    /// Nobody.
    None,
    /// A name and a password.
    Basic(String, Secret),
    /// A token.
    Bearer(Secret),
}

/// What is asked, but for PUT.
pub(super) enum Verb {
    /// What lies there.
    Look,
    /// What lies there and in it.
    List,
    /// The content.
    Get,
    /// To remove it, with all that lies in it.
    Delete,
    /// To make a folder.
    MakeFolder,
    /// To move it, where nothing is.
    Move(Url),
    /// To move it, over what is there.
    MoveOver(Url),
    /// To copy it.
    Copy(Url),
}

impl Verb {
    fn method(&self) -> Method {
        let name: &[u8] = match self {
            Self::Look | Self::List => b"PROPFIND",
            Self::Get => return Method::GET,
            Self::Delete => return Method::DELETE,
            Self::MakeFolder => b"MKCOL",
            Self::Move(_) | Self::MoveOver(_) => b"MOVE",
            Self::Copy(_) => b"COPY",
        };
        Method::from_bytes(name).expect("letters make a method")
    }

    /// Whether it changes nothing.
    fn is_reading(&self) -> bool {
        matches!(self, Self::Look | Self::List | Self::Get)
    }

    fn complete(&self, request: RequestBuilder, url: &Url) -> RequestBuilder {
        // Where a redirect leads to the server under another address, that is the one it knows itself by.
        let to = |to: &Url| url.join(to.path()).unwrap_or_else(|_| to.clone()).to_string();
        match self {
            Self::Look => look(request, "0"),
            Self::List => look(request, "1"),
            // A content that comes compressed could not be counted.
            Self::Get => request.header("Accept-Encoding", "identity"),
            Self::Delete | Self::MakeFolder => request,
            Self::Move(place) => request.header("Destination", to(place)).header("Overwrite", "F"),
            Self::MoveOver(place) => request.header("Destination", to(place)).header("Overwrite", "T"),
            Self::Copy(place) => {
                request.header("Destination", to(place)).header("Overwrite", "T").header("Depth", "0")
            }
        }
    }
}

fn look(request: RequestBuilder, depth: &'static str) -> RequestBuilder {
    let request = request.header("Depth", depth).header(CONTENT_TYPE, "application/xml; charset=utf-8");
    request.body(ALL_PROPERTIES)
}

/// The connections to one server.
pub(super) struct Wire {
    http: reqwest::Client,
    root: Url,
    /// The root as the server wants it: the same by `https`.
    moved: OnceLock<Url>,
    login: Login,
}

impl Wire {
    /// Opens nothing yet, but reads the system's certificates.
    pub(super) fn new(endpoint: &Base, login: Login) -> Result<Self, Fault> {
        let http = client(endpoint)?;
        Ok(Self { http, root: endpoint.url().clone(), moved: OnceLock::new(), login })
    }

    /// The address below which everything lies.
    pub(super) fn root(&self) -> &Url {
        self.moved.get().unwrap_or(&self.root)
    }

    /// Asks, wherever redirects lead; what comes is a success.
    pub(super) async fn ask(&self, tried: &str, verb: &Verb, url: Url) -> Result<Response, Trouble> {
        let mut url = url;
        for _ in 0..=REDIRECTS_MAX {
            let request = verb.complete(self.request(verb.method(), &url), &url);
            let sent = timeout(SILENCE, request.send()).await;
            let sent = sent.map_err(|_| silent(tried))?;
            let response = sent.map_err(|error| of_sending(tried, &error))?;
            let status = response.status();
            if status.is_success() {
                return Ok(response);
            }
            if !is_redirect(status) {
                return Err(match verb {
                    Verb::Delete => refused(tried, response).await,
                    _ if verb.is_reading() => refused(tried, response).await,
                    _ => refused_making(tried, response).await,
                });
            }
            let to = self
                .elsewhere(&response, &url, verb)
                .map_err(|why| Trouble::new(Wrong::Other, tried, why))?;
            self.remember(&url, &to);
            drop(response);
            url = to;
        }
        Err(Trouble::new(Wrong::Other, tried, "one redirect too many"))
    }

    /// A request to be sent, authorized where it goes to the server that was named.
    pub(super) fn request(&self, method: Method, url: &Url) -> RequestBuilder {
        let request = self.http.request(method, url.clone());
        match &self.login {
            _ if !self.is_near(url) => request,
            Login::None => request,
            Login::Basic(name, password) => request.basic_auth(name, Some(password.expose())),
            Login::Bearer(token) => request.bearer_auth(token.expose()),
        }
    }

    /// Whether it is the server that was named: another port is another server, `https` in the place of `http` is not.
    fn is_near(&self, url: &Url) -> bool {
        let is_upgrade = (self.root.scheme(), url.scheme()) == ("http", "https");
        let is_same = self.root.scheme() == url.scheme()
            && self.root.port_or_known_default() == url.port_or_known_default();
        self.root.host() == url.host() && (is_same || is_upgrade)
    }

    fn elsewhere(&self, response: &Response, from: &Url, verb: &Verb) -> Result<Url, &'static str> {
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let mut to = location.and_then(|location| from.join(location).ok()).ok_or("a redirect to nowhere")?;
        if !matches!(to.scheme(), "http" | "https") || (from.scheme(), to.scheme()) == ("https", "http") {
            return Err("a redirect away from HTTPS");
        }
        if response.status() == StatusCode::SEE_OTHER && !matches!(verb, Verb::Get) {
            return Err("a redirect to another kind of request");
        }
        if !verb.is_reading() && !self.is_near(&to) {
            return Err("a redirect to another host, where nothing is changed");
        }
        // A name in it would be sent along.
        let _ = (to.set_username(""), to.set_password(None));
        Ok(to)
    }

    /// A server that wants `https` wants it for everything, and content can only be sent where no redirect follows.
    fn remember(&self, from: &Url, to: &Url) {
        if from.scheme() == "http" && to.scheme() == "https" && from.path() == to.path() && self.is_near(to) {
            let mut root = to.clone();
            root.set_path(self.root.path());
            root.set_query(None);
            let _ = self.moved.set(root);
        }
    }
}

/// The body of an answer.
pub(super) fn pieces(
    tried: String,
    response: Response,
) -> impl Stream<Item = Result<Bytes, Trouble>> + Send + 'static {
    stream::try_unfold((tried, response, 0u64), |(tried, mut response, came)| async move {
        match timeout(SILENCE, response.chunk()).await {
            Ok(Ok(Some(piece))) => {
                let came = came + piece.len() as u64;
                Ok(Some((piece, (tried, response, came))))
            }
            Ok(Ok(None)) => Ok(None),
            Ok(Err(_)) => Err(Trouble::new(
                Wrong::Network,
                tried,
                format!("the answer was cut short after {came} bytes"),
            )),
            Err(_) => Err(silent(&tried)),
        }
    })
}

/// The body of a listing, as long as it is not too long.
pub(super) fn listing(
    tried: &str,
    response: Response,
) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + 'static {
    let (name, mut came) = (tried.to_owned(), 0);
    let mut counted = move |piece: Bytes| {
        came += piece.len() as u64;
        match came > LISTING_MAX {
            true => Err(Trouble::new(
                Wrong::Other,
                &name,
                format!("the answer is longer than {LISTING_MAX} bytes"),
            )),
            false => Ok(piece),
        }
    };
    pieces(tried.to_owned(), response)
        .map(move |piece| piece.and_then(&mut counted).map_err(std::io::Error::other))
}

/// Takes in what nobody reads, so that the connection is free for the next request.
pub(super) async fn pass_over(mut response: Response) {
    let mut left = UNREAD_MAX;
    while let Ok(Ok(Some(piece))) = timeout(SILENCE, response.chunk()).await {
        match left.checked_sub(piece.len() as u64) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// What an answer that is no success amounts to.
async fn refused(tried: &str, response: Response) -> Trouble {
    let trouble = of_status(tried, response.status().as_u16(), later(response.headers()));
    pass_over(response).await;
    trouble
}

/// The same of something that was to be made: a conflict says that the folder above it is missing.
pub(super) async fn refused_making(tried: &str, response: Response) -> Trouble {
    let wrong = (response.status() == StatusCode::CONFLICT).then_some(Wrong::Missing);
    let trouble = refused(tried, response).await;
    Trouble { wrong: wrong.unwrap_or(trouble.wrong), ..trouble }
}

/// What a status that is no success amounts to.
pub(super) fn of_status(tried: &str, status: u16, later: Option<Duration>) -> Trouble {
    let wrong = match status {
        401 | 407 => Wrong::Auth,
        403 => Wrong::Permission,
        404 | 410 => Wrong::Missing,
        414 => Wrong::Name,
        507 => Wrong::NoSpace,
        408 | 423 | 425 | 429 | 500 | 502..=504 => Wrong::Busy(later),
        _ => Wrong::Other,
    };
    let words = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let words = words.map(|words| format!(" {words}")).unwrap_or_default();
    Trouble::new(wrong, tried, format!("the answer was {status}{words}"))
}

/// Whether what comes has been changed on its way, so that its bytes are not the file's.
pub(super) fn is_encoded(response: &Response) -> bool {
    let encoding = response.headers().get(CONTENT_ENCODING);
    encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}
