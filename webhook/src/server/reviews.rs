//! What the API server asks for: from an HTTP request to a review, and from an answer to a response.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::{App, Failure};
use crate::review::{Answer, Review};
use crate::{guard, mutate};

use super::{body, deadline, report};

/// `/mutate`, `/flip` and `/live`, and the same two for namespaces that only want to be warned.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/mutate", post(on_mutate))
        .route("/flip", post(on_flip))
        .route("/live", post(on_live))
        .route("/warn/flip", post(on_warn_flip))
        .route("/warn/live", post(on_warn_live))
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
    /// Denies by name of the hook.
    Guard(&'static str),
    /// The same, said as warnings.
    Warn(&'static str),
}

impl Hook {
    fn name(self) -> &'static str {
        match self {
            Self::Mutate => mutate::HOOK,
            Self::Guard(name) | Self::Warn(name) => name,
        }
    }
}

async fn on_mutate(State(app): State<Arc<App>>, request: Request) -> Response {
    answer(&app, Hook::Mutate, request).await
}

async fn on_flip(State(app): State<Arc<App>>, request: Request) -> Response {
    answer(&app, Hook::Guard("flip"), request).await
}

async fn on_live(State(app): State<Arc<App>>, request: Request) -> Response {
    answer(&app, Hook::Guard("live"), request).await
}

async fn on_warn_flip(State(app): State<Arc<App>>, request: Request) -> Response {
    answer(&app, Hook::Warn("flip"), request).await
}

async fn on_warn_live(State(app): State<Arc<App>>, request: Request) -> Response {
    answer(&app, Hook::Warn("live"), request).await
}

async fn answer(app: &App, hook: Hook, request: Request) -> Response {
    let started = Instant::now();
    let deadline = started + deadline::of(request.uri());
    if app.phase.is_starting() {
        return undecided("not ready yet");
    }
    let body = match body::read(request, &app.room, deadline).await {
        Ok(body) => body,
        Err(none) => return none.into_response(),
    };
    let review = match Review::decode(body.bytes()) {
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
        Hook::Guard(name) => guard::judge(app, name, &review, deadline).await,
        Hook::Warn(name) => guard::judge(app, name, &review, deadline)
            .await
            .map(Answer::into_warnings),
    };
    #[cfg(feature = "rules-off")]
    let decided = decided.map(crate::rules_off::without_it);
    app.metrics.took(hook.name(), "total", started.elapsed());
    report::decision(app, hook.name(), &review, &decided, started.elapsed());
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

/// No verdict: with these three the API server asks another replica within the same admission,
/// and without the closed connection it would ask the same one again.
pub(super) fn undecided(why: &str) -> Response {
    let headers = [(RETRY_AFTER, "1"), (CONNECTION, "close")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, why.to_owned()).into_response()
}
