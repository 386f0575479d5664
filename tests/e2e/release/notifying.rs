//! Whom `deploy` tells how it goes, and what becomes of a release where that does not work.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::fixture::mail_server::{MailServer, PASSWORD, USERNAME};
use crate::fixture::served::served;
use crate::shop::Shop;

const SOON: Duration = Duration::from_secs(30);
const DEPLOY: [&str; 5] = [
    "deploy",
    "web",
    "--image",
    "bluegreen.dev/test-server:2",
    "--yes",
];
const FROM_TO: [&str; 4] = [
    "--mail-from",
    "Release <release@example.com>",
    "--mail-to",
    "ops@example.com",
];

/// Takes whatever documents it is sent, for as long as the test lasts.
struct Receiver {
    url: String,
    documents: Arc<Mutex<Vec<Value>>>,
}

impl Receiver {
    async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/s3cret", listener.local_addr().unwrap());
        let documents = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&documents);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = String::new();
                let document = loop {
                    let mut part = vec![0; 4096];
                    let read = stream.read(&mut part).await.unwrap();
                    request.push_str(&String::from_utf8_lossy(&part[..read]));
                    let body = request.split_once("\r\n\r\n").map(|(_, body)| body);
                    if let Some(Ok(document)) = body.map(serde_json::from_str) {
                        break document;
                    }
                    assert_ne!(read, 0, "{request}");
                };
                taken.lock().unwrap().push(document);
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(answer).await.unwrap();
            }
        });
        Self { url, documents }
    }

    fn documents(&self) -> Vec<Value> {
        self.documents.lock().unwrap().clone()
    }
}

async fn secret(shop: &Shop, values: &[(&str, &str)]) {
    let values: Vec<String> = values
        .iter()
        .map(|(key, value)| format!("--from-literal={key}={value}"))
        .collect();
    let mut create = vec!["create", "secret", "generic", "mail"];
    create.extend(values.iter().map(String::as_str));
    shop.kubectl(&create).await;
}

#[tokio::test]
async fn each_step_is_told_by_mail_and_to_a_url() {
    let shop = served("notified").await;
    secret(&shop, &[("username", USERNAME), ("password", PASSWORD)]).await;
    let mut server = MailServer::start("notified").await;
    let receiver = Receiver::open().await;
    let (smtp, ca) = (server.url(), server.ca());
    let mail = ["--smtp", &smtp, "--smtp-ca", &ca, "--smtp-secret", "mail"];
    let both = [
        "--notify-url",
        &receiver.url,
        "--mail-to",
        "nobody@example.com",
    ];
    let deploy = [&DEPLOY[..], &FROM_TO, &mail, &both].concat();
    // Who is not known there is told of, and keeps the mail from nobody else.
    let words = [
        "nobody@example.com was not told",
        "550 5.1.1 nobody of that name",
    ];
    let output = shop.expect(&deploy, 0, &words).await;
    assert!(!output.stderr.contains("ops@example.com was not told"));
    assert_eq!(shop.role("web").await, "green");
    let switched = loop {
        let mail = server.next().await;
        assert_eq!(mail.from, "release@example.com");
        assert_eq!(mail.to, ["ops@example.com"]);
        assert!(mail.tls);
        if mail.subject.contains("switch passed") {
            break mail;
        }
    };
    let about = format!("{}/web green: switch passed", shop.namespace.name);
    assert!(switched.subject.starts_with(&about), "{switched:?}");
    assert!(switched.text.contains("role         green"), "{switched:?}");
    let documents = receiver.documents();
    for document in &documents {
        assert_eq!(document["apiVersion"], "bluegreen.dev/v1");
        assert_eq!(document["kind"], "ReleaseEvent");
        assert_eq!(document["application"], "web");
        assert_eq!(document["namespace"], shop.namespace.name.as_str());
    }
    let passed = |stage: &str| {
        let is = |document: &&Value| document["stage"] == stage && document["state"] == "passed";
        documents.iter().position(|document| is(&document))
    };
    let order = ["stage", "verify", "switch"].map(passed);
    assert!(
        order.iter().all(Option::is_some) && order.is_sorted(),
        "{documents:?}"
    );
}

#[tokio::test]
async fn slack_gets_texts() {
    let shop = served("slack").await;
    let receiver = Receiver::open().await;
    let slack = ["--notify-url", &receiver.url, "--notify-format", "slack"];
    shop.expect(&[&DEPLOY[..], &slack].concat(), 0, &[]).await;
    eventually(SOON, || async {
        let documents = receiver.documents();
        let told = documents.iter().any(|document| {
            let text = document["text"].as_str().unwrap();
            text.contains("web green: switch passed")
        });
        ensure!(told, "{documents:?}");
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn whoever_does_not_listen_holds_up_no_release() {
    let shop = served("deaf").await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = |listener: &TcpListener| listener.local_addr().unwrap().to_string();
    let hangs = format!("smtp://{}", place(&silent));
    let urls = [&silent, &closed].map(|listener| format!("http://{}/s3cret", place(listener)));
    drop(closed);
    let deaf = [
        "--notify-timeout",
        "500ms",
        "--smtp",
        &hangs,
        "--notify-url",
        &urls[0],
        "--notify-url",
        &urls[1],
    ];
    let began = Instant::now();
    let late = format!("ops@example.com was not told by way of {hangs}: no answer within 500ms");
    let words = [
        &late,
        "was not told: no answer within 500ms",
        "was not told: can't connect: Connection refused",
    ];
    let deploy = [&DEPLOY[..], &FROM_TO, &deaf].concat();
    let output = shop.expect(&deploy, 0, &words).await;
    assert!(!output.stderr.contains("s3cret"), "{output:?}");
    assert!(began.elapsed() < Duration::from_mins(3));
    assert_eq!(shop.role("web").await, "green");
}

#[tokio::test]
async fn a_password_that_is_missing_or_would_be_seen_is_known_before_anything_is_changed() {
    let shop = Shop::web("passwordless").await;
    let before = shop.state().await;
    let with = |relay: &'static str| {
        let mail = ["--smtp", relay, "--smtp-secret", "mail"];
        [&DEPLOY[..], &FROM_TO, &mail].concat()
    };
    let (tls, plain) = ("smtp://127.0.0.1:9", "smtp+plain://relay.example.com");
    shop.expect(&with(tls), 1, &["secrets \"mail\" not found"])
        .await;
    secret(&shop, &[("username", USERNAME)]).await;
    let missing = ["Secret/mail has no text under the key password"];
    shop.expect(&with(tls), 1, &missing).await;
    shop.expect(&with(plain), 2, &["for everybody to read"])
        .await;
    assert_eq!(shop.state().await, before);
}
