//! The router in process, then the whole server on loopback.

mod body;
mod drain;
mod malformed;
mod probes;
mod senders;
mod tls;
mod undecided;
mod verdict;

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::app::App;

/// A review of a Service's update.
fn flip(before: &Value, after: &Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "7f0b2891-\u{e9}-\"1\"",
            "kind": { "group": "", "version": "v1", "kind": "Service" },
            "resource": { "group": "", "version": "v1", "resource": "services" },
            "name": "web",
            "namespace": "shop",
            "operation": "UPDATE",
            "userInfo": { "username": "jane", "groups": ["system:authenticated"] },
            "object": after,
            "oldObject": before,
            "dryRun": false,
            "options": null,
        },
    })
}

/// A Service that selects a role.
fn service(role: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": { "name": "web", "namespace": "shop" },
        "spec": { "selector": { "app": "web", "role": role }, "ports": [{ "port": 80 }] },
    })
}

/// A review of a Deployment's creation.
fn creation(object: &Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "2",
            "kind": { "group": "apps", "version": "v1", "kind": "Deployment" },
            "name": "web-blue",
            "namespace": "shop",
            "operation": "CREATE",
            "userInfo": { "username": "jane" },
            "object": object,
        },
    })
}

fn request(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}

async fn send(app: &std::sync::Arc<App>, request: Request<Body>) -> (StatusCode, Value) {
    let response = respond(app, request).await;
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    let said = serde_json::from_slice(&body)
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&body).into_owned()));
    (status, said)
}

async fn respond(app: &std::sync::Arc<App>, request: Request<Body>) -> Response<Body> {
    super::reviews::router(app.clone())
        .oneshot(request)
        .await
        .unwrap()
}
