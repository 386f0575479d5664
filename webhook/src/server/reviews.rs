//! What the API server asks for: from an HTTP request to a review, and from an answer to a response.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http_body_util::LengthLimitError;
use tokio::time::{Instant, timeout_at};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::{App, Failure};
use crate::review::{Answer, Review};
use crate::{flip, mutate};

use super::deadline;

/// A review carries two objects of 3 MiB at most each.
const LARGEST: usize = 7 * 1024 * 1024;

/// `/mutate` and `/flip`.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/mutate", post(on_mutate))
        .route("/flip", post(on_flip))
        .layer(CatchPanicLayer::custom(|_| {
            (
                StatusCode::INTERNAL_SERVER_ERROR,
                "a bug: the handler panicked",
            )
                .into_response()
        }))
        .with_state(app)
}

#[derive(Clone, Copy)]
enum Hook {
    Mutate,
    Flip,
}

impl Hook {
    fn name(self) -> &'static str {
        match self {
            Self::Mutate => mutate::HOOK,
            Self::Flip => flip::HOOK,
        }
    }
}

async fn on_mutate(State(app): State<Arc<App>>, request: Request) -> Response {
    answer(&app, Hook::Mutate, request).await
}

async fn on_flip(State(app): State<Arc<App>>, request: Request) -> Response {
    answer(&app, Hook::Flip, request).await
}

async fn answer(app: &App, hook: Hook, request: Request) -> Response {
    let started = Instant::now();
    let deadline = started + deadline::of(request.uri());
    if app.phase.is_starting() {
        return undecided("not ready yet");
    }
    let body = match body(request, deadline).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let review = match Review::decode(&body) {
        Ok(review) => review,
        Err(malformed) => {
            app.metrics.decided(hook.name(), "malformed", false);
            tracing::warn!(hook = hook.name(), "{malformed}");
            return (StatusCode::BAD_REQUEST, malformed.to_string()).into_response();
        }
    };
    app.metrics.took(hook.name(), "receive", started.elapsed());
    let decided = match hook {
        Hook::Mutate => Ok(mutate::complete(app, &review, deadline).await),
        Hook::Flip => flip::judge(app, &review, deadline).await,
    };
    app.metrics.took(hook.name(), "total", started.elapsed());
    report(app, hook, &review, &decided, started.elapsed());
    match decided {
        Ok(answer) => match review.encode(&answer) {
            Ok(json) => ([(CONTENT_TYPE, "application/json")], json).into_response(),
            Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
        },
        Err(Failure::Malformed(malformed)) => {
            (StatusCode::BAD_REQUEST, malformed.to_string()).into_response()
        }
        Err(Failure::CannotLook(why)) => undecided(&format!("CannotLook: {why}")),
    }
}

/// The body, or the response that says why there is none.
async fn body(request: Request, deadline: Instant) -> Result<Bytes, Response> {
    let too_large = || {
        let why = "the review is larger than 7 MiB";
        // What is still on its way is not read, so the connection is of no use any more.
        (StatusCode::PAYLOAD_TOO_LARGE, [(CONNECTION, "close")], why).into_response()
    };
    if !is_json(request.headers()) {
        let why = "the content type of a review is application/json";
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, why).into_response());
    }
    if length(request.headers()).is_some_and(|length| length > LARGEST) {
        return Err(too_large());
    }
    let body: Body = request.into_body();
    match timeout_at(deadline, to_bytes(body, LARGEST)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error))
            if error
                .source()
                .is_some_and(<dyn Error>::is::<LengthLimitError>) =>
        {
            Err(too_large())
        }
        Ok(Err(error)) => {
            let why = format!("the body could not be read: {error}");
            Err((StatusCode::BAD_REQUEST, why).into_response())
        }
        Err(_) => {
            let why = "the body did not come in time";
            Err((StatusCode::REQUEST_TIMEOUT, [(CONNECTION, "close")], why).into_response())
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

fn length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// No verdict: with these three the API server asks another replica within the same admission,
/// and without the closed connection it would ask the same one again.
fn undecided(why: &str) -> Response {
    let headers = [(RETRY_AFTER, "1"), (CONNECTION, "close")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, why.to_owned()).into_response()
}

/// One line and one count for each decision; never an object.
fn report(
    app: &App,
    hook: Hook,
    review: &Review<'_>,
    decided: &Result<Answer, Failure>,
    took: Duration,
) {
    let (decision, why) = match decided {
        Ok(Answer::Allow { patch, warnings }) if patch.is_empty() => ("allow", warnings.join("; ")),
        Ok(Answer::Allow { warnings, .. }) => ("patch", warnings.join("; ")),
        Ok(Answer::Deny(refusals)) => {
            let codes: Vec<&str> = refusals.iter().map(|one| one.code.as_str()).collect();
            ("deny", codes.join(","))
        }
        Err(Failure::Malformed(malformed)) => ("malformed", malformed.to_string()),
        Err(Failure::CannotLook(why)) => ("undecided", why.to_string()),
    };
    app.metrics
        .decided(hook.name(), decision, review.is_dry_run());
    tracing::info!(
        hook = hook.name(),
        decision,
        why,
        uid = review.uid(),
        user = review.user(),
        kind = review.kind().1,
        namespace = review.namespace(),
        name = review.name(),
        dry_run = review.is_dry_run(),
        ms = took.as_secs_f64() * 1000.0,
        "decided"
    );
}
