//! How large a body may be, and how slow.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures::stream;
use tokio::time::{Duration, Instant, timeout};

use crate::fake_cluster::{app, empty};

use super::{flip, request, respond, send, service};

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn eight_mebibytes_are_too_many_whether_announced_or_not() {
    let app = app(empty());
    let response = respond(&app, request("/flip", vec![b' '; 8 * MIB])).await;
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(response.headers()["connection"], "close");
    let chunks =
        stream::iter((0..8).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b' '; MIB]))));
    let (status, said) = send(&app, request("/flip", Body::from_stream(chunks))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(said, "the review is larger than 7 MiB");
}

#[tokio::test]
async fn two_objects_of_three_mebibytes_are_not() {
    let mut large = service("green");
    large["metadata"]["annotations"] = serde_json::json!({ "note": "x".repeat(3 * MIB) });
    let (status, said) = send(
        &app(empty()),
        request("/flip", flip(&large, &large).to_string()),
    )
    .await;
    assert_eq!(status, StatusCode::OK, "{said}");
}

#[tokio::test]
async fn large_bodies_wait_for_room_and_no_longer_than_a_body_may_take() {
    let app = app(empty());
    let mut large = service("green");
    large["metadata"]["annotations"] = serde_json::json!({ "note": "x".repeat(MIB) });
    let large = flip(&large, &large).to_string();
    let review = || {
        let chunks = large.as_bytes().chunks(100_000);
        let chunks: Vec<_> = chunks
            .map(|one| Ok::<_, std::io::Error>(Bytes::copy_from_slice(one)))
            .collect();
        request("/flip?timeout=30s", Body::from_stream(stream::iter(chunks)))
    };
    let taken = app.room.fill().await;
    let response = respond(&app, review()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "1");
    let usual = flip(&service("blue"), &service("green")).to_string();
    let (status, _) = send(&app, request("/flip", usual)).await;
    assert_eq!(status, StatusCode::OK, "the usual ones don't ask for room");
    drop(taken);
    assert_eq!(respond(&app, review()).await.status(), StatusCode::OK);
    let all = timeout(Duration::from_secs(1), app.room.fill()).await;
    assert!(all.is_ok(), "what a body took is given back");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_waited_for_no_longer_than_a_body_may_take() {
    for (path, least) in [("/flip?timeout=200ms", 160), ("/flip?timeout=30s", 2000)] {
        let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let started = Instant::now();
        let (status, _) = send(&app(empty()), request(path, never)).await;
        assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
        let took = started.elapsed().as_millis();
        assert!(took >= least && took < least + 700, "{path}: {took} ms");
    }
}
