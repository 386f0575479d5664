//! One GET over any stream, bounded in every direction.

use std::fmt;
use std::io;

use http::header::{CONNECTION, HOST, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes of the status line and all headers at most.
const HEAD_BYTES: usize = 16 * 1024;
/// Bytes of a body that are waited for; an answer of more counts by its status alone.
const BODY_BYTES: usize = 64 * 1024;
/// Bytes of a body that are kept to be shown.
const SHOWN_BYTES: usize = 200;
const ENDED_EARLY: &str = "the connection ended before the answer did";
const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("kubectl-bluegreen/", env!("CARGO_PKG_VERSION")));

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    /// The `Host` header, where none of the headers is one.
    pub(super) host: String,
    /// Path and query.
    pub(super) path: String,
    /// Further headers.
    pub(super) headers: Vec<(String, String)>,
}

/// What came back, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The first of the body, or where a redirect points, on one line.
    pub(crate) words: String,
}

/// Why there is no answer, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault(pub(super) String);

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "status {}", self.status)?;
        if !self.words.is_empty() {
            write!(out, ": {}", self.words)?;
        }
        Ok(())
    }
}

/// Asks once and stops at the end of the body, never at that of the stream if the answer says how
/// long it is: a port-forward ends a second late.
pub(super) async fn get<S>(stream: S, request: &Request) -> Result<Answer, Fault>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let message = message(request)?;
    let (mut sender, connection) = http1::Builder::new()
        .max_header_size(HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| fault(&error))?;
    let exchange = async {
        let response = sender
            .send_request(message)
            .await
            .map_err(|error| fault(&error))?;
        let status = response.status().as_u16();
        let location = response.headers().get(LOCATION).cloned();
        let start = read(response.into_body()).await?;
        let words = match location {
            Some(location) if (300..400).contains(&status) => {
                format!("to {}", String::from_utf8_lossy(location.as_bytes()))
            }
            _ => line(&start),
        };
        Ok(Answer { status, words })
    };
    tokio::pin!(connection, exchange);
    tokio::select! {
        answer = &mut exchange => answer,
        // What has been read by then may still hold the answer; what can't be is an error there.
        _ = &mut connection => exchange.await,
    }
}

fn message(request: &Request) -> Result<http::Request<Empty<Bytes>>, Fault> {
    let mut message = http::Request::get(request.path.as_str())
        .body(Empty::new())
        .map_err(|_| Fault(format!("{:?} is no path of an HTTP request", request.path)))?;
    let headers = message.headers_mut();
    headers.insert(USER_AGENT, AGENT);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    let host = [("host".to_owned(), request.host.clone())];
    for (name, value) in host.iter().chain(&request.headers) {
        let (Ok(key), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) else {
            return Err(Fault(format!("{name}: {value} is no HTTP header")));
        };
        let replaces = key == HOST || key == USER_AGENT;
        if replaces {
            headers.insert(key, value);
        } else {
            headers.append(key, value);
        }
    }
    Ok(message)
}

/// The first bytes of the body, once all of it has come, or more than anybody waits for.
async fn read(mut body: Incoming) -> Result<Vec<u8>, Fault> {
    let mut start = Vec::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| fault(&error))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let room = SHOWN_BYTES.saturating_sub(start.len());
        start.extend(data.iter().take(room));
        seen += data.len();
        if seen > BODY_BYTES {
            break;
        }
    }
    Ok(start)
}

fn line(bytes: &[u8]) -> String {
    bluegreen_shared::refusal::quote(&String::from_utf8_lossy(bytes))
}

fn fault(error: &hyper::Error) -> Fault {
    Fault(if error.is_incomplete_message() {
        ENDED_EARLY.to_owned()
    } else if error.is_parse() && error.to_string().contains("too large") {
        format!("its headers are longer than {} KiB", HEAD_BYTES / 1024)
    } else if error.is_parse() {
        "what it answers is no HTTP".to_owned()
    } else {
        // The innermost cause is what happened; the layers above repeat it.
        let mut innermost: &dyn std::error::Error = error;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        let io = innermost.downcast_ref::<io::Error>();
        if io.is_some_and(|error| error.kind() == io::ErrorKind::UnexpectedEof) {
            return Fault(ENDED_EARLY.to_owned());
        }
        innermost.to_string()
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    use super::*;

    fn request() -> Request {
        Request {
            host: "10.0.0.1:8080".to_owned(),
            path: "/health?deep=1".to_owned(),
            headers: vec![("X-Probe".to_owned(), "yes".to_owned())],
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
        let answer = tokio::time::timeout(Duration::from_secs(5), get(ours, &request()))
            .await
            .expect("it waits for what will not come");
        (answer, server.await.unwrap().0)
    }

    fn ok(words: &str) -> Answer {
        Answer {
            status: 200,
            words: words.to_owned(),
        }
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
    async fn a_body_ends_at_its_length_though_the_stream_stays_open() {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
        assert_eq!(answered(&[head, "hel", "lo"]).await.0.unwrap(), ok("hello"));
    }

    #[tokio::test]
    async fn a_chunked_body_ends_at_its_last_chunk() {
        let parts = [
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "3\r\nhel\r\n",
            "2\r\nlo\r\n0\r\n\r\n",
        ];
        assert_eq!(answered(&parts).await.0.unwrap(), ok("hello"));
    }

    #[tokio::test]
    async fn a_body_without_a_length_ends_with_the_stream() {
        let (ours, theirs) = tokio::io::duplex(1024);
        let server = async {
            let parts = vec![b"HTTP/1.0 200 OK\r\n\r\nhello\n world".to_vec()];
            drop(serve(theirs, parts).await);
        };
        let request = request();
        let (answer, ()) = tokio::join!(get(ours, &request), server);
        assert_eq!(answer.unwrap(), ok("hello world"));
    }

    #[tokio::test]
    async fn a_bad_status_keeps_the_first_words_of_its_body() {
        let body = "e".repeat(300);
        let head = "HTTP/1.1 500 Oh\r\ncontent-length: 300\r\n\r\n";
        let answer = answered(&[head, &body]).await.0.unwrap();
        assert_eq!((answer.status, answer.words.len()), (500, SHOWN_BYTES));
        let redirect = "HTTP/1.1 302 Found\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n";
        let answer = answered(&[redirect]).await.0.unwrap();
        assert_eq!(answer.to_string(), "status 302: to /login");
    }

    #[tokio::test]
    async fn an_endless_body_counts_by_its_status() {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n";
        let body = "x".repeat(BODY_BYTES + 1);
        assert_eq!(answered(&[head, &body]).await.0.unwrap().status, 200);
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
            let (answer, ()) = tokio::join!(get(ours, &request), server);
            let words = answer.unwrap_err().0;
            assert!(words.contains("ended before"), "{part:?}: {words}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_asked_is_named() {
        let (ours, _theirs) = tokio::io::duplex(1024);
        let mut wrong = request();
        wrong.path = "/a b".to_owned();
        assert!(get(ours, &wrong).await.unwrap_err().0.contains("/a b"));
    }
}
