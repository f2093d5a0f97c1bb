//! One exchange with an upstream: a request as bytes, a head, a bounded body.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use model::fault::Fault;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Response, StatusCode, Url, redirect, retry};

use super::config::{Config, Policy};
use super::pause::Pause;
use super::request::{Method, Request};
use super::retry_after;
use super::tls;
use super::trouble::Trouble;

const USER_AGENT: &str = concat!("Syncline/", env!("CARGO_PKG_VERSION"));

/// What came back.
pub(super) enum Reply {
    /// A success, whole.
    Body(Bytes),
    /// To be asked for elsewhere.
    Elsewhere(Url),
}

/// The connections of an upstream. Nothing is followed, tried again or remembered by the library.
pub(super) fn connections(config: &Config) -> Result<reqwest::Client, Fault> {
    let mut accept = reqwest::header::HeaderMap::new();
    accept.insert(ACCEPT, HeaderValue::from_static("application/json"));
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls::config_for(&config.base)?)
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .user_agent(USER_AGENT)
        .default_headers(accept)
        .connect_timeout(config.policy.connect_timeout)
        .build()
        .map_err(|_| Fault::never("config", format!("no HTTP client for {}", config.upstream)))
}

/// Sends the request once and reads what comes.
pub(super) async fn exchange(
    http: &reqwest::Client,
    url: &Url,
    request: &Request,
    policy: &Policy,
    pause: &dyn Pause,
) -> Result<Reply, Trouble> {
    let mut asked = match request.method {
        Method::Get => http.get(url.clone()),
        Method::Post => http.post(url.clone()),
    };
    if let Some(secret) = &request.authorization {
        let mut value = HeaderValue::from_str(secret.expose())
            .map_err(|_| Trouble::Request("the authorization does not fit into a header"))?;
        value.set_sensitive(true);
        asked = asked.header(AUTHORIZATION, value);
    }
    if let Some(body) = &request.body {
        asked = asked.json(body);
    }
    let response = asked.send().await.map_err(|error| Trouble::of_sending(&error, policy))?;
    let status = response.status();
    if status.is_success() {
        return body(response, policy.body_max).await.map(Reply::Body);
    }
    if is_redirect(status) {
        return elsewhere(&response, url, request).map(Reply::Elsewhere);
    }
    let retry_after = said(&response, pause);
    Err(match status {
        StatusCode::TOO_MANY_REQUESTS => Trouble::Throttled { retry_after },
        _ => Trouble::Status { status: status.as_u16(), retry_after },
    })
}

/// By chunks, so that what is too long is not read to its end.
async fn body(mut response: Response, max: usize) -> Result<Bytes, Trouble> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    if announced.is_some_and(|length| length > max) {
        return Err(Trouble::TooLong { max });
    }
    // What is announced is not believed further than one ordinary answer.
    let mut body = BytesMut::with_capacity(announced.unwrap_or_default().min(64 << 10));
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body.freeze()),
            Ok(Some(chunk)) if body.len() + chunk.len() > max => return Err(Trouble::TooLong { max }),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(_) => return Err(Trouble::CutShort { received: body.len() }),
        }
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads: to the same host, and not from `https` back to `http`. Another port is another host.
fn elsewhere(response: &Response, from: &Url, request: &Request) -> Result<Url, Trouble> {
    if request.method != Method::Get {
        return Err(Trouble::Redirect("a redirect of a request that has a body"));
    }
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let to = location
        .and_then(|location| from.join(location).ok())
        .ok_or(Trouble::Redirect("a redirect to nowhere"))?;
    let is_upgrade = (from.scheme(), to.scheme()) == ("http", "https");
    let is_near = to.scheme() == from.scheme() && to.port_or_known_default() == from.port_or_known_default();
    if to.host() != from.host() || !(is_near || is_upgrade) {
        return Err(Trouble::Redirect("a redirect to another host"));
    }
    Ok(to)
}

fn said(response: &Response, pause: &dyn Pause) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    retry_after::parse(text, pause.now())
}
