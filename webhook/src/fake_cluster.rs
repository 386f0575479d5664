//! An API server that answers what a test says, below the wire.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode};
use clap::Parser;
use kube::Client;
use serde_json::{Value, json};

use crate::app::App;
use crate::args::Args;
use crate::lookup::Lookup;
use crate::metrics::Metrics;
use crate::phase::Phase;
use crate::server::Room;

/// A client of it.
pub(crate) fn client<F>(
    answer: impl Fn(Method, String, Vec<u8>) -> F + Send + Sync + 'static,
) -> Client
where
    F: Future<Output = (StatusCode, Value)> + Send,
{
    let answer = Arc::new(answer);
    let service = tower::service_fn(move |request: Request<kube::client::Body>| {
        let answer = answer.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect_bytes().await.unwrap_or_default();
            let (status, json) = answer(parts.method, parts.uri.to_string(), body.to_vec()).await;
            let response = Response::builder()
                .status(status)
                .body(Body::from(json.to_string()));
            Ok::<_, Infallible>(response.unwrap())
        }
    });
    Client::new(service, "default")
}

/// One that has nothing in it.
pub(crate) fn empty() -> Client {
    client(async |_, path, _| {
        if path.contains("/namespaces/shop/") {
            (StatusCode::OK, json!({ "metadata": {}, "items": [] }))
        } else {
            (StatusCode::OK, json!({ "metadata": { "name": "shop" } }))
        }
    })
}

/// One that never answers.
pub(crate) fn silent() -> Client {
    client(async |_, _, _| std::future::pending().await)
}

/// One that answers nothing but this error.
pub(crate) fn failing(status: StatusCode) -> Client {
    client(move |_, _, _| async move {
        let failure = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": "no", "reason": "Forbidden", "code": status.as_u16(),
        });
        (status, failure)
    })
}

/// A webhook that is ready and reads from there.
pub(crate) fn app(client: Client) -> Arc<App> {
    let metrics = Arc::new(Metrics::new());
    let app = App {
        lookup: Lookup::new(client.clone(), 4, metrics.clone()),
        mutate_lookup: Lookup::new(client, 4, metrics.clone()),
        delivery_tools: vec!["argocd-controller".to_owned()],
        room: Room::new(args(&[]).server.body_timeout),
        metrics,
        phase: Arc::new(Phase::default()),
    };
    app.phase.become_ready();
    Arc::new(app)
}

/// The command line, on ports that are free.
pub(crate) fn args(more: &[&str]) -> Args {
    let ours = [
        "bluegreen-webhook",
        "--listen=127.0.0.1:0",
        "--listen-probes=127.0.0.1:0",
    ];
    Args::parse_from([&ours, more].concat())
}
