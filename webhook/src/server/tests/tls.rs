//! The whole server, by TLS on loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::app::App;
use crate::certs::{Served, certificate};
use crate::fake_cluster::{app, args, empty};
use crate::server::Bound;
use crate::server::spawned::Spawned;

use super::{flip, service};

pub(super) struct Running {
    pub(super) app: Arc<App>,
    pub(super) server: Spawned,
    pub(super) reviews: SocketAddr,
    pub(super) probes: SocketAddr,
    trusted: RootCertStore,
}

pub(super) type Connection = TlsStream<TcpStream>;

pub(super) async fn start(flags: &[&str]) -> Running {
    start_with(flags, app(empty())).await
}

pub(super) async fn start_with(flags: &[&str], app: Arc<App>) -> Running {
    let certificates = Arc::new(Served::default());
    let trusted = certificate(&certificates);
    let bound = Bound::bind(&args(flags).server).unwrap();
    let server = bound.spawn(&app, certificates).unwrap();
    let (reviews, probes) = server.addresses().await;
    Running {
        app,
        server,
        reviews,
        probes,
        trusted,
    }
}

impl Running {
    pub(super) async fn connect(&self, protocols: &[&str]) -> std::io::Result<Connection> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.trusted.clone())
            .with_no_client_auth();
        config.alpn_protocols = protocols
            .iter()
            .map(|one| one.as_bytes().to_vec())
            .collect();
        let name = ServerName::try_from("webhook.blue.svc").unwrap();
        let stream = TcpStream::connect(self.reviews).await?;
        TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await
    }
}

/// Posts a review and reads the answer whole.
pub(super) async fn ask(connection: &mut Connection) -> std::io::Result<String> {
    let body = flip(&service("blue"), &service("gren")).to_string();
    let head = format!(
        "POST /flip?timeout=5s HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all((head + &body).as_bytes()).await?;
    let mut said = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = connection.read(&mut chunk).await?;
        said.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&said).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            length.is_some_and(|length| body.len() >= length.parse().unwrap())
        });
        if whole || read == 0 {
            return Ok(text);
        }
    }
}

/// How long the other side leaves the connection open.
pub(super) async fn ends(mut stream: impl AsyncReadExt + Unpin) -> Duration {
    let started = Instant::now();
    let mut rest = Vec::new();
    // However it ends: a reset is an end, too.
    let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut rest))
        .await
        .expect("the connection stays open");
    started.elapsed()
}

#[tokio::test]
async fn only_http_1_1_is_spoken() {
    let running = start(&[]).await;
    let connection = running.connect(&["h2", "http/1.1"]).await.unwrap();
    assert_eq!(
        connection.get_ref().1.alpn_protocol(),
        Some(&b"http/1.1"[..])
    );
    let error = running.connect(&["h2"]).await.unwrap_err();
    assert!(
        error.to_string().contains("NoApplicationProtocol"),
        "{error}"
    );
}

#[tokio::test]
async fn a_connection_that_was_idle_for_longer_than_a_first_request_may_take_is_kept() {
    let running = start(&["--first-request-timeout=1s"]).await;
    let mut connection = running.connect(&["http/1.1"]).await.unwrap();
    for _ in 0..2 {
        let said = ask(&mut connection).await.unwrap();
        assert!(
            said.starts_with("HTTP/1.1 200 OK") && said.contains("NoEnvironment"),
            "{said}"
        );
        assert!(!said.contains("connection: close"), "{said}");
        sleep(Duration::from_secs(3)).await;
    }
    assert!(
        ask(&mut connection)
            .await
            .unwrap()
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn who_connects_and_says_nothing_is_sent_away() {
    let running = start(&["--first-request-timeout=1s", "--handshake-timeout=1s"]).await;
    let handshake = TcpStream::connect(running.reviews).await.unwrap();
    let request = running.connect(&["http/1.1"]).await.unwrap();
    let mut slow = running.connect(&["http/1.1"]).await.unwrap();
    slow.write_all(b"POST /flip HTTP/1.1\r\nhost:")
        .await
        .unwrap();
    let probes = TcpStream::connect(running.probes).await.unwrap();
    let all = tokio::join!(ends(handshake), ends(request), ends(slow), ends(probes));
    for time in [all.0, all.1, all.2, all.3] {
        assert!(
            time > Duration::from_millis(500) && time < Duration::from_secs(4),
            "{time:?}"
        );
    }
}

#[tokio::test]
async fn more_connections_than_allowed_wait_and_are_closed() {
    let flags = ["--max-connections=1", "--handshake-timeout=1s"];
    let running = start(&flags).await;
    let mut first = running.connect(&["http/1.1"]).await.unwrap();
    assert!(running.connect(&["http/1.1"]).await.is_err());
    assert!(ask(&mut first).await.unwrap().contains("NoEnvironment"));
    let text = running.app.metrics.text().unwrap();
    assert!(
        text.contains(r#"bluegreen_connections_turned_away_total{port="reviews"} 1"#),
        "{text}"
    );
    assert!(
        text.contains(r#"bluegreen_connections{port="reviews"} 1"#),
        "{text}"
    );
    drop(first);
    let mut next = running.connect(&["http/1.1"]).await.unwrap();
    assert!(ask(&mut next).await.unwrap().contains("NoEnvironment"));
}

#[tokio::test]
async fn the_end_of_an_old_connection_is_announced_on_an_answer() {
    let running = start(&["--max-connection-age=1s"]).await;
    let mut connection = running.connect(&["http/1.1"]).await.unwrap();
    assert!(
        !ask(&mut connection)
            .await
            .unwrap()
            .contains("connection: close")
    );
    sleep(Duration::from_millis(1100)).await;
    let last = ask(&mut connection).await.unwrap();
    assert!(
        last.contains("connection: close") && last.contains("NoEnvironment"),
        "{last}"
    );
    assert!(ends(connection).await < Duration::from_secs(1));
}

#[tokio::test]
async fn a_port_in_use_names_the_flag() {
    let running = start(&[]).await;
    let mut taken = args(&[]).server;
    taken.listen = running.reviews;
    let error = Bound::bind(&taken).unwrap_err().to_string();
    assert!(
        error.contains("--listen") && error.contains(&running.reviews.to_string()),
        "{error}"
    );
}
