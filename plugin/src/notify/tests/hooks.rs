use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::notify::Notifier;

use super::*;

/// Takes one request and answers it; gives back what it was sent.
async fn server(answer: &'static str) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("http://{}", listener.local_addr().unwrap());
    let served = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = String::new();
        // The document is an object, and ends with it.
        while !asked.ends_with('}') {
            let mut part = vec![0; 4096];
            let read = stream.read(&mut part).await.unwrap();
            assert_ne!(read, 0, "{asked}");
            asked.push_str(std::str::from_utf8(&part[..read]).unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        asked
    });
    (place, served)
}

async fn told(arguments: &[&str]) -> Vec<String> {
    let notifier = Notifier::with(&parsed(arguments).unwrap(), None).unwrap();
    notifier.send(&event()).await
}

const OK: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[tokio::test]
async fn a_url_gets_the_event_as_json() {
    let (place, served) = server(OK).await;
    let url = format!("{place}/hook?key=1");
    assert!(told(&["--notify-url", &url]).await.is_empty());
    let asked = served.await.unwrap();
    let (head, body) = asked.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook?key=1 HTTP/1.1\r\n"), "{head}");
    let length = format!("content-length: {}", body.len());
    for header in ["content-type: application/json", &length, "host: 127.0.0.1"] {
        assert!(head.contains(header), "{head}");
    }
    let document: Value = serde_json::from_str(body).unwrap();
    assert_eq!(document["kind"], "ReleaseEvent");
}

#[tokio::test]
async fn without_anybody_to_tell_nothing_is_done() {
    assert!(told(&[]).await.is_empty());
}

#[tokio::test]
async fn slack_gets_a_text() {
    let (place, served) = server(OK).await;
    let slack = ["--notify-url", &place, "--notify-format", "slack"];
    assert!(told(&slack).await.is_empty());
    let asked = served.await.unwrap();
    let (_, body) = asked.split_once("\r\n\r\n").unwrap();
    let line = "shop/tomcat green: switch passed in 12 s: tomcat-service: blue → green";
    let document: Value = serde_json::from_str(body).unwrap();
    assert_eq!(document, json!({"text": line}));
}

#[tokio::test]
async fn a_refusal_is_told_without_the_path() {
    for (answer, status) in [
        (
            "HTTP/1.1 500 Oh\r\ncontent-length: 18\r\n\r\nno such /services/T",
            "status 500",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: /services/T\r\ncontent-length: 0\r\n\r\n",
            "status 302",
        ),
    ] {
        let (place, _served) = server(answer).await;
        let warnings = told(&["--notify-url", &format!("{place}/services/T?x=1")]).await;
        assert_eq!(warnings, [format!("{place} was not told: {status}")]);
    }
}

#[tokio::test]
async fn all_are_told_at_once_and_each_is_waited_for_only_so_long() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let (place, served) = server(OK).await;
    let began = Instant::now();
    let mut arguments = vec!["--notify-timeout", "300ms"];
    for url in [&silent, &gone, &silent, &place] {
        arguments.extend(["--notify-url", url]);
    }
    let warnings = told(&arguments).await;
    let took = began.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    served.await.unwrap();
    let late = format!("{silent} was not told: no answer within 300ms");
    let refused = format!("{gone} was not told: can't connect: Connection refused");
    assert_eq!(warnings, [late.clone(), refused, late]);
}
