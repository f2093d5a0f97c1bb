//! Extractors whose refusals are problem details.

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::i18n::Language;
use crate::once::{Once, Sent};
use crate::problem::Problem;

/// Parameters of the path.
pub(crate) struct Path<T>(pub(crate) T);

/// Parameters of the query.
pub(crate) struct Asked<T>(pub(crate) T);

/// A JSON body.
pub(crate) struct Json<T>(pub(crate) T);

/// A form of the console, and what makes it known when it is sent again.
pub(crate) struct Form<T>(pub(crate) T, pub(crate) Once);

/// A form that is a button and nothing else.
#[derive(Debug, Deserialize)]
pub(crate) struct Button {}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let axum::extract::Path(value) = axum::extract::Path::from_request_parts(parts, state).await?;
        Ok(Self(value))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let axum::extract::Query(value) = axum::extract::Query::from_request_parts(parts, state).await?;
        Ok(Self(value))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let axum::Json(value) = <axum::Json<T> as FromRequest<S>>::from_request(request, state).await?;
        Ok(Self(value))
    }
}

/// `None` where no kind of body is declared.
impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        let body = <axum::Json<T> as OptionalFromRequest<S>>::from_request(request, state).await?;
        Ok(body.map(|axum::Json(value)| Self(value)))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let fields = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await?;
        let sent: Sent = read(&parts, &fields, state).await?;
        let once = Once::of(sent, parts.uri.path(), &fields);
        Ok(Self(read(&parts, &fields, state).await?, once))
    }
}

async fn read<T: DeserializeOwned, S: Send + Sync>(
    parts: &Parts,
    fields: &Bytes,
    state: &S,
) -> Result<T, Problem> {
    let request = Request::from_parts(parts.clone(), Body::from(fields.clone()));
    match axum::Form::from_request(request, state).await {
        Ok(axum::Form(value)) => Ok(value),
        Err(rejection) => Err(Problem::Body(rejection.body_text())),
    }
}

/// The language of the request, as the guard `speak` found it.
impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().copied().unwrap_or_default())
    }
}
