//! The port of the kubelet and of Prometheus: as bounded as the other one.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::tls::start;

/// What a GET is answered, whole; the server ends the connection.
pub(super) async fn probe(probes: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(probes).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).await.unwrap();
    said
}

#[tokio::test]
async fn who_asked_has_no_place_any_more() {
    let running = start(&["--max-connections=1"]).await;
    for path in ["/livez", "/readyz", "/metrics"] {
        let started = Instant::now();
        let said = probe(running.probes, path).await;
        assert!(said.starts_with("HTTP/1.1 200"), "{said}");
        assert!(said.contains("connection: close"), "{said}");
        assert!(started.elapsed() < Duration::from_millis(500), "{path}");
    }
    let text = running.app.metrics.text().unwrap();
    assert!(
        text.contains(r#"bluegreen_connections{port="probes"} 0"#),
        "{text}"
    );
}

#[tokio::test]
async fn who_asks_nothing_keeps_the_kubelet_out_for_two_seconds_at_most() {
    let running = start(&["--max-connections=1"]).await;
    let _silent = TcpStream::connect(running.probes).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    let said = probe(running.probes, "/livez").await;
    assert!(said.starts_with("HTTP/1.1 200"), "{said}");
    let took = started.elapsed();
    let bounds = Duration::from_secs(1)..Duration::from_secs(3);
    assert!(bounds.contains(&took), "{took:?}");
}

#[tokio::test]
async fn more_connections_than_allowed_are_counted_by_port() {
    let running = start(&["--max-connections=1", "--handshake-timeout=1s"]).await;
    let _silent = TcpStream::connect(running.probes).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let mut late = TcpStream::connect(running.probes).await.unwrap();
    assert_eq!(late.read(&mut [0; 1]).await.unwrap_or(0), 0);
    let text = running.app.metrics.text().unwrap();
    let counted = r#"bluegreen_connections_turned_away_total{port="probes"} 1"#;
    assert!(text.contains(counted), "{text}");
}
