//! What every request passes: who may ask, how long it may take, in which language and under which headers it is
//! answered.

use std::any::Any;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, Uri, header, uri::Authority};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::{Hosts, Refusal, Site};
use crate::components::trouble;
use crate::i18n::{COOKIE, Language};
use crate::origins::{Origins, answer_in_advance, asks_in_advance};
use crate::problem::Problem;
use crate::viewer::Viewer;
use crate::{choice, metrics, viewer};

/// Until the answer begins; streams go on after it. Longer than any lawful answer, shorter than a person's patience.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// Nothing from elsewhere, nothing inline. `same-origin` rather than `no-referrer`: the latter makes browsers send
/// `Origin: null` with the console's own forms.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Finds the language, measures, says problems again in that language, to a person as a page, sets the headers.
pub(crate) async fn speak(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let language = Language::of(request.uri(), request.headers());
    // Fragments name the language and the zone of the page they belong to; a language alone is a person's click.
    let choice = Language::asked(request.uri()).filter(|_| viewer::zone_asked(request.uri()).is_none());
    request.extensions_mut().insert(language);
    let (request, viewer) = viewed(request, &site).await;
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().cloned();
    let began = Instant::now();

    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        note(&method, &problem);
        response = match &viewer {
            Some(viewer) => trouble::anywhere(&problem, viewer),
            None => problem.answer(language),
        };
    }
    site.app.metrics.answered(&metrics::Answered {
        method: &method,
        path: path.as_ref().map_or("other", MatchedPath::as_str),
        status: response.status(),
        took: began.elapsed(),
    });
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers.append(header::VARY, HeaderValue::from_static("accept, accept-language, cookie"));
    if let Some(choice) = choice {
        headers.append(header::SET_COOKIE, choice::keep(COOKIE, choice.tag()));
    }
    response
}

/// Problems of ours are the log's too.
fn note(method: &Method, problem: &Problem) {
    if problem.status().is_server_error() {
        tracing::error!(code = problem.body(Language::English).code, "{method} failed: {problem:?}");
    }
}

/// Says problems at the documented routes of a system in their own form: their clients know no other.
pub(crate) async fn refuse_as_documented(
    State(refusal): State<Refusal>,
    request: Request,
    next: Next,
) -> Response {
    let language = request.extensions().get::<Language>().copied().unwrap_or_default();
    let (method, asked) = (request.method().clone(), request.headers().clone());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    note(&method, &problem);
    refusal(&asked, problem.status(), &problem.body(language).detail)
}

/// The request, and who looks at the answer when a browser wants to show it. Below `/api` a problem is for programs,
/// whoever asks.
async fn viewed(request: Request, site: &Arc<Site>) -> (Request, Option<Viewer>) {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let shown = accepted.is_some_and(|kinds| kinds.contains("text/html"));
    if !shown || request.uri().path().starts_with("/api/") {
        return (request, None);
    }
    let (mut parts, body) = request.into_parts();
    let Ok(viewer) = Viewer::from_request_parts(&mut parts, site).await;
    (Request::from_parts(parts, body), Some(viewer))
}

/// Who may ask at some routes.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) hosts: Hosts,
    pub(crate) origins: Arc<Origins>,
}

/// Refuses requests that a foreign page or a rebound name brought here, and tells the pages on the allow list that
/// they may ask.
pub(crate) async fn admit(State(door): State<Door>, request: Request, next: Next) -> Response {
    let admitted = door.origins.admitted(&request);
    let mut response = match may_ask(&door, &request) {
        Err(problem) => problem.into_response(),
        Ok(()) if admitted.is_some() && asks_in_advance(&request) => answer_in_advance(),
        Ok(()) => next.run(request).await,
    };
    let headers = response.headers_mut();
    if !door.origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = admitted {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

/// A browser always names the host it believes to talk to; a rebound name is not ours. A write from a page names
/// that page's origin, which must be the host itself, or on the allow list. Programs send no `Origin` and pass.
///
/// Where any host may be named, a page under a rebound name can read, and still not write: its origin is the host it
/// names, but none of ours.
fn may_ask(door: &Door, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?"));
    let host = request.uri().authority().map(Authority::as_str).or_else(|| text(header::HOST));
    if let Some(host) = host
        && door.hosts == Hosts::Ours
        && !is_ours(host)
    {
        return Err(Problem::Host(host.to_owned()));
    }
    if request.method().is_safe() || door.origins.admitted(request).is_some() {
        return Ok(());
    }
    match text(header::ORIGIN) {
        Some(origin) => {
            let of_page = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
            if of_page.is_some_and(is_ours) && of_page == host {
                Ok(())
            } else {
                Err(Problem::Origin(origin.to_owned()))
            }
        }
        None => match text(HeaderName::from_static("sec-fetch-site")) {
            None | Some("same-origin" | "none") => Ok(()),
            Some(site) => Err(Problem::Origin(site.to_owned())),
        },
    }
}

/// Loopback by number or by its one reserved name: all that may be listened on (see [`crate::bind`]).
fn is_ours(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    if host.contains('@') {
        return false;
    }
    let name = authority.host();
    let number = name.trim_start_matches('[').trim_end_matches(']');
    let loopback = number.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback());
    loopback || name.eq_ignore_ascii_case("localhost")
}

/// Gives up on answers that do not begin in time, but for those that wait for the end of what they started.
pub(crate) async fn in_time(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    if path.is_some_and(|path| site.slow.contains(&path.as_str())) {
        return next.run(request).await;
    }
    match tokio::time::timeout(ANSWER_TIME_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::TimedOut.into_response(),
    }
}

/// A panic of a handler is that request's problem.
#[expect(clippy::needless_pass_by_value, reason = "the signature tower-http asks for")]
pub(crate) fn caught(panic: Box<dyn Any + Send>) -> Response {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words");
    tracing::error!("a handler panicked: {words}");
    Problem::Bug.into_response()
}

/// No route of that path.
pub(crate) async fn no_route(uri: Uri) -> Problem {
    Problem::NoRoute(uri.path().to_owned())
}

/// The path exists, with other methods.
pub(crate) async fn wrong_method(uri: Uri) -> Problem {
    Problem::Method(uri.path().to_owned())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn ask_at(hosts: Hosts, method: &Method, pairs: &[(&'static str, &str)]) -> Result<(), Problem> {
        let mut request = Request::builder().method(method).uri("/api/v1/x").body(Body::empty()).unwrap();
        for (name, value) in pairs {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let origins = Arc::new(Origins::parse(["https://desk.example"]).unwrap());
        may_ask(&Door { hosts, origins }, &request)
    }

    fn ask(method: &Method, pairs: &[(&'static str, &str)]) -> Result<(), Problem> {
        ask_at(Hosts::Ours, method, pairs)
    }

    #[test]
    fn a_rebound_name_is_refused_even_for_reading() {
        for host in ["evil.example", "evil.example:8000", "10.0.0.1", "localhost.evil.example", "@127.0.0.1"]
        {
            assert!(matches!(ask(&Method::GET, &[("host", host)]), Err(Problem::Host(_))), "{host}");
        }
        for host in ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"] {
            assert_eq!(ask(&Method::GET, &[("host", host)]), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_write_from_a_foreign_page_is_refused() {
        let host = ("host", "127.0.0.1:8000");
        let foreign = ["http://evil.example", "null", "http://127.0.0.1:9000", "127.0.0.1:8000"];
        for origin in foreign {
            let asked = ask(&Method::POST, &[host, ("origin", origin)]);
            assert!(matches!(asked, Err(Problem::Origin(_))), "{origin}");
        }
        let asked = ask(&Method::POST, &[host, ("sec-fetch-site", "cross-site")]);
        assert!(matches!(asked, Err(Problem::Origin(_))));
        assert_eq!(ask(&Method::GET, &[host, ("origin", "http://evil.example")]), Ok(()));
    }

    #[test]
    fn a_write_from_an_own_page_a_listed_one_or_a_program_passes() {
        let host = ("host", "127.0.0.1:8000");
        assert_eq!(ask(&Method::POST, &[host, ("origin", "http://127.0.0.1:8000")]), Ok(()));
        assert_eq!(ask(&Method::POST, &[host, ("origin", "https://desk.example")]), Ok(()));
        assert_eq!(ask(&Method::POST, &[host, ("sec-fetch-site", "same-origin")]), Ok(()));
        assert_eq!(ask(&Method::POST, &[host]), Ok(()));
    }

    #[test]
    fn where_any_host_may_be_named_a_rebound_page_still_does_not_write() {
        let rebound = ("host", "evil.example:8000");
        let ask = |method: &Method, more: &[(&'static str, &str)]| {
            ask_at(Hosts::Any, method, &[&[rebound], more].concat())
        };
        assert_eq!(ask(&Method::GET, &[]), Ok(()));
        assert_eq!(ask(&Method::POST, &[]), Ok(()), "a program");
        for method in [Method::POST, Method::DELETE] {
            let asked = ask(&method, &[("origin", "http://evil.example:8000")]);
            assert!(matches!(asked, Err(Problem::Origin(_))));
        }
    }
}
