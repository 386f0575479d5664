//! The body of a request: its kind, its size, and how long it may take to come.

use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::header::{CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use super::reviews::undecided;
use super::room::{Held, Room};

/// A review carries two objects of 3 MiB at most each.
pub(super) const LARGEST: usize = 7 * 1024 * 1024;

/// Why there is no body to be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoBody {
    #[error("the content type of a review is application/json")]
    NotJson,
    #[error("the review is larger than 7 MiB")]
    TooLarge,
    #[error("the body did not come in time")]
    TooLate,
    #[error("too many large reviews are under way")]
    NoRoom,
    #[error("the body could not be read: {0}")]
    Broken(axum::Error),
}

/// The whole body.
pub(super) async fn read(request: Request, room: &Room, deadline: Instant) -> Result<Held, NoBody> {
    if !is_json(request.headers()) {
        return Err(NoBody::NotJson);
    }
    let mut body = request.into_body();
    // What is announced is believed only where it is too much.
    if body.size_hint().lower() > LARGEST as u64 {
        return Err(NoBody::TooLarge);
    }
    let end = deadline.min(Instant::now() + room.patience());
    let mut held = room.enter();
    loop {
        let frame = timeout_at(end, body.frame()).await;
        let Some(frame) = frame.map_err(|_| NoBody::TooLate)? else {
            return Ok(held);
        };
        if let Ok(chunk) = frame.map_err(NoBody::Broken)?.into_data() {
            held.push(&chunk, end).await?;
        }
    }
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
            Self::NoRoom => return undecided(&self.to_string()),
            Self::Broken(_) => StatusCode::BAD_REQUEST,
        };
        // What is still on its way is not read, so the connection is of no use any more.
        (status, [(CONNECTION, "close")], self.to_string()).into_response()
    }
}
