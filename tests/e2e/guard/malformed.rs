//! Requests that no API server would send: each gets the right status, and the guard goes on.

use http::{Method, Request};
use kube::Client;

use super::{patch, to, verdict, web};
use crate::fixture::guard;
use crate::shop::deployment;

const SERVICE: &str =
    "/api/v1/namespaces/bluegreen-system/services/https:bluegreen-webhook:443/proxy";
const JSON: &str = "application/json";

/// The status of the webhook's answer, by way of the API server's proxy.
async fn ask(client: &Client, method: Method, path: &str, kind: &str, body: Vec<u8>) -> u16 {
    let request = Request::builder()
        .method(method)
        .uri(format!("{SERVICE}{path}"))
        .header("content-type", kind)
        .body(body)
        .unwrap();
    match client.request_text(request).await {
        Ok(_) => 200,
        Err(kube::Error::Api(status)) => status.code,
        Err(error) => panic!("{path}: {error}"),
    }
}

/// The API server's proxy says 503 where the answer comes, and the connection ends, while it is still sending.
const ATTEMPTS: usize = 5;

#[tokio::test]
async fn a_malformed_request_gets_its_status_and_harms_nobody() {
    let _guard = guard::standing().await;
    let shop = web("malformed", deployment("green", 0)).await;
    let review = |request: &str| {
        format!(r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"{request}}}"#)
    };
    let unknown = r#"{"apiVersion":"v1","kind":"Pod","metadata":{}}"#;
    let huge = format!("\"{}\"", "x".repeat(8 * 1024 * 1024));
    for (case, path, kind, body, status) in [
        ("empty", "/flip", JSON, String::new(), 400),
        ("not JSON", "/flip", JSON, "hello".to_owned(), 400),
        (
            "cut off",
            "/flip",
            JSON,
            r#"{"apiVersion":"#.to_owned(),
            400,
        ),
        ("another type", "/flip", "text/plain", review(""), 415),
        ("unknown kind", "/flip", JSON, unknown.to_owned(), 400),
        ("unknown kind", "/mutate", JSON, unknown.to_owned(), 400),
        ("no request", "/flip", JSON, review(""), 400),
        ("no uid", "/flip", JSON, review(r#","request":{}"#), 400),
        ("8 MiB", "/flip", JSON, huge, 413),
        ("wrong path", "/flop", JSON, review(""), 404),
    ] {
        let client = &shop.namespace.client;
        let body = body.into_bytes();
        let mut told = ask(client, Method::POST, path, kind, body.clone()).await;
        for _ in 0..ATTEMPTS {
            if told != 503 {
                break;
            }
            told = ask(client, Method::POST, path, kind, body.clone()).await;
        }
        assert_eq!(told, status, "{case} to {path}");
    }
    let get = ask(
        &shop.namespace.client,
        Method::GET,
        "/flip",
        JSON,
        Vec::new(),
    )
    .await;
    assert_eq!(get, 405);

    let refused = patch(&shop, &to("green")).await;
    assert!(verdict(&refused).contains("ScaledToZero: "), "{refused:?}");
}
