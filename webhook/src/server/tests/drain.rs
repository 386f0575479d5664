//! The end: nobody who was on the way is lost.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::fake_cluster::{app, client};

use super::probes::probe;
use super::tls::{ask, start, start_with};

#[tokio::test]
async fn who_still_asks_is_answered_and_sent_elsewhere_then_the_door_closes() {
    let running = start(&["--drain=2s", "--grace=1s"]).await;
    assert!(
        probe(running.probes, "/readyz")
            .await
            .starts_with("HTTP/1.1 200")
    );
    let mut kept = running.connect(&["http/1.1"]).await.unwrap();
    assert!(!ask(&mut kept).await.unwrap().contains("connection: close"));
    let (probes, reviews) = (running.probes, running.reviews);
    let started = Instant::now();
    let mut late = running.connect(&["http/1.1"]).await.unwrap();
    let ended = tokio::spawn(running.server.drain());
    sleep(Duration::from_millis(300)).await;
    assert!(probe(probes, "/readyz").await.contains("about to end"));
    assert!(probe(probes, "/livez").await.starts_with("HTTP/1.1 200"));
    for connection in [&mut kept, &mut late] {
        let last = ask(connection).await.unwrap();
        assert!(
            last.contains("connection: close") && last.contains("NoEnvironment"),
            "{last}"
        );
    }
    assert!(
        TcpStream::connect(reviews).await.is_ok(),
        "the door is still open"
    );
    ended.await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(2));
    assert!(TcpStream::connect(reviews).await.is_err());
    assert!(TcpStream::connect(probes).await.is_err());
}

#[tokio::test]
async fn an_answer_under_way_is_finished() {
    let slow = client(async |_, path, _| {
        sleep(Duration::from_millis(1500)).await;
        let items = path.contains("/namespaces/shop/").then(Vec::<i32>::new);
        (
            StatusCode::OK,
            json!({ "metadata": { "name": "shop" }, "items": items }),
        )
    });
    let running = start_with(&["--drain=100ms", "--grace=5s"], app(slow)).await;
    let mut connection = running.connect(&["http/1.1"]).await.unwrap();
    let answer = tokio::spawn(async move { ask(&mut connection).await });
    sleep(Duration::from_millis(200)).await;
    running.server.drain().await;
    let said = answer.await.unwrap().unwrap();
    assert!(
        said.contains("NoEnvironment") && said.contains("connection: close"),
        "{said}"
    );
}
