//! Senders who claim much, or send much and then nothing: they keep nobody out, and not their
//! connection for long.

use std::time::Duration;

use futures::future::join_all;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, timeout};

use super::tls::{Connection, Running, ask, ends, start};

/// More than any number of them that the memory of all bodies could hold.
const SENDERS: usize = 12;
const CLAIMED: usize = 7 * 1024 * 1024;

/// So many connections that announce a body of 7 MiB, send so much of it, and then nothing.
async fn idle(running: &Running, sent: usize) -> Vec<Connection> {
    let one = async || {
        let mut connection = running.connect(&["http/1.1"]).await.unwrap();
        let head = format!(
            "POST /flip?timeout=30s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {CLAIMED}\r\n\r\n",
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        let body = vec![b' '; sent];
        // Whoever gets no room is not read from any more.
        let _ = timeout(Duration::from_millis(300), connection.write_all(&body)).await;
        connection
    };
    join_all((0..SENDERS).map(|_| one())).await
}

/// A normal review is answered at once while the others hold their connections, which then end.
async fn harmless(sent: usize) {
    let running = start(&[]).await;
    let senders = idle(&running, sent).await;
    let started = Instant::now();
    let mut normal = running.connect(&["http/1.1"]).await.unwrap();
    let said = ask(&mut normal).await.unwrap();
    assert!(said.contains("NoEnvironment"), "{said}");
    let took = started.elapsed();
    assert!(took < Duration::from_millis(500), "answered after {took:?}");
    for took in join_all(senders.into_iter().map(ends)).await {
        assert!(took < Duration::from_secs(3), "held for {took:?}");
    }
    let text = running.app.metrics.text().unwrap();
    assert!(
        text.contains(r#"bluegreen_connections{port="reviews"} 1"#),
        "{text}"
    );
}

#[tokio::test]
async fn who_claims_seven_mebibytes_and_sends_nothing_holds_nobody_up() {
    harmless(0).await;
}

#[tokio::test]
async fn who_sends_most_of_seven_mebibytes_and_stops_holds_nobody_up() {
    harmless(CLAIMED - 1).await;
}
