//! What the kubelet and Prometheus ask for.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;

/// `/livez`, `/readyz` and `/metrics`.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/livez", get(async || "ok"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics))
        .with_state(app)
}

async fn readyz(State(app): State<Arc<App>>) -> (StatusCode, &'static str) {
    let phase = &app.phase;
    if phase.is_ready() {
        (StatusCode::OK, "ok")
    } else if phase.is_draining() {
        (StatusCode::SERVICE_UNAVAILABLE, "about to end")
    } else {
        let why = "no certificate yet that the published bundle vouches for";
        (StatusCode::SERVICE_UNAVAILABLE, why)
    }
}

async fn metrics(State(app): State<Arc<App>>) -> Response {
    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match app.metrics.text() {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
