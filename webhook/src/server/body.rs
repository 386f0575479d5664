//! The body of a request: its kind, its size, and how long it may take to come.

use std::error::Error;

use axum::body::{Bytes, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use tokio::time::{Instant, timeout_at};

/// A review carries two objects of 3 MiB at most each.
const LARGEST: usize = 7 * 1024 * 1024;

/// Why there is no body to be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoBody {
    #[error("the content type of a review is application/json")]
    NotJson,
    #[error("the review is larger than 7 MiB")]
    TooLarge,
    #[error("the body did not come in time")]
    TooLate,
    #[error("the body could not be read: {0}")]
    Broken(axum::Error),
}

/// KiB that the body may take, as far as that is known before it is read.
pub(super) fn size(request: &Request) -> Result<u32, NoBody> {
    if !is_json(request.headers()) {
        return Err(NoBody::NotJson);
    }
    let length = match request.body().size_hint().exact() {
        Some(length) => usize::try_from(length).unwrap_or(usize::MAX),
        None => LARGEST,
    };
    if length > LARGEST {
        return Err(NoBody::TooLarge);
    }
    u32::try_from(length.div_ceil(1024)).map_err(|_| NoBody::TooLarge)
}

/// The whole body.
pub(super) async fn read(request: Request, deadline: Instant) -> Result<Bytes, NoBody> {
    let whole = timeout_at(deadline, to_bytes(request.into_body(), LARGEST)).await;
    let whole = whole.map_err(|_| NoBody::TooLate)?;
    whole.map_err(|error| {
        let is_limit = error
            .source()
            .is_some_and(<dyn Error>::is::<LengthLimitError>);
        if is_limit {
            NoBody::TooLarge
        } else {
            NoBody::Broken(error)
        }
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let media = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    media
        .and_then(|media| media.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

impl IntoResponse for NoBody {
    fn into_response(self) -> Response {
        let status = match self {
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooLate => StatusCode::REQUEST_TIMEOUT,
            Self::Broken(_) => StatusCode::BAD_REQUEST,
        };
        // What is still on its way is not read, so the connection is of no use any more.
        (status, [(CONNECTION, "close")], self.to_string()).into_response()
    }
}
