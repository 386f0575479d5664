//! How large a body may be, and how slow.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures::stream;

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
async fn bodies_wait_for_room_and_no_longer_than_the_deadline() {
    let app = app(empty());
    let taken = app
        .room
        .acquire_many(u32::try_from(crate::app::ROOM).unwrap());
    let taken = taken.await.unwrap();
    let review = || flip(&service("blue"), &service("green")).to_string();
    let (status, said) = send(&app, request("/flip?timeout=200ms", review())).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{said}");
    drop(taken);
    let (status, _) = send(&app, request("/flip?timeout=200ms", review())).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_body_that_does_not_come_ends_at_the_deadline() {
    let never = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let (status, _) = send(&app(empty()), request("/flip?timeout=200ms", never)).await;
    assert_eq!(status, StatusCode::REQUEST_TIMEOUT);
}
