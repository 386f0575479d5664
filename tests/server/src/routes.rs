//! What is answered on which path.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::{Query, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use serde::Deserialize;

use crate::{Behaviour, Settings};

const X_VERSION: HeaderName = HeaderName::from_static("x-version");

#[derive(Clone)]
struct Front {
    behaviour: Arc<Behaviour>,
    version: HeaderValue,
    body: Bytes,
}

/// A misspelt name is an error: a fault that was never staged would let a test pass for nothing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Control {
    status: Option<u16>,
    ready: Option<bool>,
    crash: Option<u8>,
}

/// All paths of the server.
pub fn router(settings: &Settings, behaviour: Arc<Behaviour>) -> Router {
    let body = format!("version {} pod {}\n", settings.version, settings.hostname);
    let front = Front {
        behaviour,
        version: HeaderValue::try_from(&settings.version)
            .unwrap_or(HeaderValue::from_static("unprintable")),
        body: body.into(),
    };
    Router::new()
        .route("/", any(answer))
        .route("/healthz", get(healthz))
        .route("/count", get(count))
        .route("/control", post(control))
        .with_state(front)
}

async fn answer(State(front): State<Front>) -> Response {
    front.behaviour.count();
    let headers = [
        (X_VERSION, front.version),
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        ),
    ];
    (front.behaviour.status(), headers, front.body).into_response()
}

async fn healthz(State(front): State<Front>) -> (StatusCode, &'static str) {
    if front.behaviour.ready() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

async fn count(State(front): State<Front>) -> String {
    format!("{}\n", front.behaviour.served())
}

async fn control(
    State(front): State<Front>,
    Query(control): Query<Control>,
) -> (StatusCode, String) {
    let behaviour = &front.behaviour;
    if let Some(number) = control.status {
        // Below 200 an answer is no answer yet, and a client would wait for ever.
        match StatusCode::from_u16(number) {
            Ok(status) if number >= 200 => behaviour.set_status(status),
            _ => {
                return (
                    StatusCode::BAD_REQUEST,
                    format!("status={number} is not the status of an answer\n"),
                );
            }
        }
    }
    if let Some(ready) = control.ready {
        behaviour.set_ready(ready);
    }
    if let Some(code) = control.crash {
        behaviour.crash(code);
    }
    let now = format!(
        "status {} ready {}\n",
        behaviour.status().as_u16(),
        behaviour.ready()
    );
    (StatusCode::OK, now)
}

#[cfg(test)]
mod tests {
    use axum::{
        body::{Body, to_bytes},
        http::Request,
    };
    use tower::ServiceExt;

    use super::*;

    struct Server(Router, Arc<Behaviour>);

    impl Server {
        fn new(variables: &[(&str, &str)]) -> Self {
            let settings = Settings::read(|wanted| {
                variables
                    .iter()
                    .find(|(name, _)| *name == wanted)
                    .map(|(_, value)| (*value).to_owned())
            })
            .unwrap();
            let behaviour = Arc::new(Behaviour::new(&settings));
            Self(router(&settings, Arc::clone(&behaviour)), behaviour)
        }

        async fn ask(&self, method: &str, uri: &str) -> (u16, String) {
            let request = Request::builder()
                .method(method)
                .uri(uri)
                .body(Body::empty())
                .unwrap();
            let response = self.0.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let body = to_bytes(response.into_body(), 1024).await.unwrap();
            (status, String::from_utf8(body.to_vec()).unwrap())
        }
    }

    #[tokio::test]
    async fn answers_with_its_version_and_pod_and_counts() {
        let server = Server::new(&[("VERSION", "2"), ("HOSTNAME", "web-1")]);
        let expected = (200, "version 2 pod web-1\n".to_owned());
        assert_eq!(server.ask("GET", "/").await, expected);
        assert_eq!(server.ask("GET", "/").await, expected);
        assert_eq!(server.ask("GET", "/healthz").await.0, 200);
        assert_eq!(server.ask("GET", "/elsewhere").await.0, 404);
        assert_eq!(server.ask("GET", "/count").await.1, "2\n");
    }

    #[tokio::test]
    async fn names_its_version_in_a_header() {
        let server = Server::new(&[("VERSION", "3")]);
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = server.0.oneshot(request).await.unwrap();
        assert_eq!(response.headers()["x-version"], "3");
    }

    #[tokio::test]
    async fn control_changes_status_and_readiness() {
        let server = Server::new(&[("FAIL_PROBE", "true"), ("STATUS", "500")]);
        assert_eq!(server.ask("GET", "/").await.0, 500);
        assert_eq!(server.ask("GET", "/healthz").await.0, 503);
        let answer = server.ask("POST", "/control?status=201&ready=true").await;
        assert_eq!(answer, (200, "status 201 ready true\n".to_owned()));
        assert_eq!(server.ask("GET", "/").await.0, 201);
        assert_eq!(server.ask("GET", "/healthz").await.0, 200);
    }

    #[tokio::test]
    async fn control_refuses_what_it_does_not_understand() {
        let server = Server::new(&[]);
        for query in ["redy=false", "status=100", "status=4000", "crash=-1"] {
            let answer = server.ask("POST", &format!("/control?{query}")).await;
            assert_eq!(answer.0, 400, "{query}: {answer:?}");
        }
        assert_eq!(server.ask("GET", "/control?ready=false").await.0, 405);
        assert_eq!(server.ask("GET", "/healthz").await.0, 200);
    }

    #[tokio::test]
    async fn control_asks_for_a_crash() {
        let server = Server::new(&[]);
        assert_eq!(server.ask("POST", "/control?crash=3").await.0, 200);
        assert_eq!(server.1.crashed().await, 3);
    }
}
