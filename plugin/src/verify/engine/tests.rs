use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::*;

fn request() -> Request {
    Request {
        host: "10.0.0.1:8080".to_owned(),
        path: "/health?deep=1".to_owned(),
        headers: vec![("X-Probe".to_owned(), "yes".to_owned())],
        json: None,
    }
}

/// Reads the request, then writes the parts of an answer, and keeps the connection open.
async fn serve(mut stream: DuplexStream, parts: Vec<Vec<u8>>) -> (String, DuplexStream) {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await.unwrap() == 0 {
            break;
        }
        asked.push(byte[0]);
    }
    for part in parts {
        if stream.write_all(&part).await.is_err() {
            break;
        }
    }
    (String::from_utf8(asked).unwrap(), stream)
}

async fn answered(parts: &[&str]) -> (Result<Answer, Fault>, String) {
    let (ours, theirs) = tokio::io::duplex(1024);
    let parts = parts.iter().map(|part| part.as_bytes().to_vec()).collect();
    let server = tokio::spawn(serve(theirs, parts));
    let answer = tokio::time::timeout(Duration::from_secs(5), exchange(ours, &request(), GLANCE))
        .await
        .expect("it waits for what will not come");
    (answer, server.await.unwrap().0)
}

fn shown(answer: Result<Answer, Fault>) -> String {
    answer.unwrap().to_string()
}

#[tokio::test]
async fn it_asks_as_a_probe_does() {
    let (_, asked) = answered(&["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"]).await;
    assert!(
        asked.starts_with("GET /health?deep=1 HTTP/1.1\r\n"),
        "{asked}"
    );
    for header in ["host: 10.0.0.1:8080", "x-probe: yes", "connection: close"] {
        assert!(asked.contains(header), "{asked}");
    }
}

#[tokio::test]
async fn it_hands_over_a_document_with_its_length_and_its_type() {
    let (ours, theirs) = tokio::io::duplex(1024);
    let answer = "HTTP/1.1 204 No Content\r\n\r\n";
    let server = tokio::spawn(serve(theirs, vec![answer.into()]));
    let request = Request {
        json: Some("{}".to_owned()),
        ..request()
    };
    let answer = exchange(ours, &request, GLANCE).await.unwrap();
    let (asked, mut stream) = server.await.unwrap();
    assert!(asked.starts_with("POST /health?deep=1 HTTP/1.1\r\n"));
    for header in ["content-type: application/json", "content-length: 2"] {
        assert!(asked.contains(header), "{asked}");
    }
    let mut body = String::new();
    stream.read_to_string(&mut body).await.unwrap();
    assert_eq!((answer.status, body.as_str()), (204, "{}"));
}

#[tokio::test]
async fn a_body_ends_at_its_length_though_the_stream_stays_open() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
    assert_eq!(
        shown(answered(&[head, "hel", "lo"]).await.0),
        "status 200: hello"
    );
}

#[tokio::test]
async fn a_chunked_body_ends_at_its_last_chunk() {
    let parts = [
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        "3\r\nhel\r\n",
        "2\r\nlo\r\n0\r\n\r\n",
    ];
    assert_eq!(shown(answered(&parts).await.0), "status 200: hello");
}

#[tokio::test]
async fn a_body_without_a_length_ends_with_the_stream() {
    let (ours, theirs) = tokio::io::duplex(1024);
    let server = async {
        let parts = vec![b"HTTP/1.0 200 OK\r\n\r\nhello\n world".to_vec()];
        drop(serve(theirs, parts).await);
    };
    let request = request();
    let (answer, ()) = tokio::join!(exchange(ours, &request, GLANCE), server);
    assert_eq!(shown(answer), "status 200: hello world");
}

#[tokio::test]
async fn a_bad_status_keeps_the_first_words_of_its_body() {
    let body = "e".repeat(300);
    let head = "HTTP/1.1 500 Oh\r\ncontent-length: 300\r\n\r\n";
    let answer = answered(&[head, &body]).await.0.unwrap();
    assert_eq!((answer.status, answer.words().len()), (500, SHOWN_BYTES));
    let redirect = "HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n";
    let answer = answered(&[redirect]).await.0.unwrap();
    assert_eq!(answer.to_string(), "status 302: to /login");
}

#[tokio::test]
async fn an_endless_body_counts_by_its_status_and_its_start() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n";
    let body = "x".repeat(GLANCE + 1);
    let answer = answered(&[head, &body]).await.0.unwrap();
    assert_eq!((answer.status, answer.complete), (200, false));
    assert_eq!(answer.body.len(), GLANCE);
}

#[tokio::test]
async fn a_body_of_just_that_length_is_complete() {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {GLANCE}\r\n\r\n");
    let answer = answered(&[&head, &"x".repeat(GLANCE)]).await.0.unwrap();
    assert!(answer.complete && answer.body.len() == GLANCE);
}

#[tokio::test]
async fn headers_without_end_are_given_up() {
    let filler = format!("x-filler: {}\r\n", "f".repeat(1000));
    let parts: Vec<&str> = ["HTTP/1.1 200 OK\r\n"]
        .into_iter()
        .chain(std::iter::repeat_n(filler.as_str(), 40))
        .collect();
    let fault = answered(&parts).await.0.unwrap_err();
    assert_eq!(fault.0, "its headers are longer than 16 KiB");
}

#[tokio::test]
async fn what_is_no_http_is_said_so() {
    let fault = answered(&["SSH-2.0-OpenSSH_9.2\r\n\r\n"])
        .await
        .0
        .unwrap_err();
    assert_eq!(fault.0, "what it answers is no HTTP");
}

#[tokio::test]
async fn a_connection_that_ends_early_is_no_answer() {
    for part in ["", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel"] {
        let (ours, theirs) = tokio::io::duplex(1024);
        let server = async { drop(serve(theirs, vec![part.into()]).await) };
        let request = request();
        let (answer, ()) = tokio::join!(exchange(ours, &request, GLANCE), server);
        let words = answer.unwrap_err().0;
        assert!(words.contains("ended before"), "{part:?}: {words}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_named() {
    let (ours, _theirs) = tokio::io::duplex(1024);
    let mut wrong = request();
    wrong.path = "/a b".to_owned();
    assert!(
        exchange(ours, &wrong, GLANCE)
            .await
            .unwrap_err()
            .0
            .contains("/a b")
    );
}
