//! One request over any stream, bounded in every direction.

use std::fmt;
use std::io;

use http::header::{CONNECTION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, LOCATION, USER_AGENT};
use http::{HeaderMap, Method};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes of the status line and all headers at most.
const HEAD_BYTES: usize = 16 * 1024;
/// Bytes of a body that are waited for where it is only to be shown.
pub(super) const GLANCE: usize = 64 * 1024;
/// Bytes of a body that are waited for where it is read.
pub(super) const WHOLE: usize = 1024 * 1024;
/// Bytes of a body that are shown.
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
    /// A JSON document to hand over, which makes it a POST; without one it is a GET.
    pub(super) json: Option<String>,
}

/// What came back, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body, or as much of it as was waited for.
    pub(crate) body: Vec<u8>,
    /// Whether that is all of it.
    pub(crate) complete: bool,
}

/// Why there is no answer, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault(pub(super) String);

impl fmt::Display for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "status {}", self.status)?;
        let words = self.words();
        if !words.is_empty() {
            write!(out, ": {words}")?;
        }
        Ok(())
    }
}

impl Answer {
    /// The first of the body, or where a redirect points, on one line.
    pub(super) fn words(&self) -> String {
        match self.headers.get(LOCATION) {
            Some(location) if (300..400).contains(&self.status) => {
                format!("to {}", String::from_utf8_lossy(location.as_bytes()))
            }
            _ => {
                let shown = self.body.len().min(SHOWN_BYTES);
                line(self.body.get(..shown).unwrap_or_default())
            }
        }
    }
}

/// Asks once and stops at the end of the body, never at that of the stream if the answer says how
/// long it is: a port-forward ends a second late. Of a body, no more than so many bytes are waited
/// for.
pub(super) async fn exchange<S>(stream: S, request: &Request, most: usize) -> Result<Answer, Fault>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let message = message(request)?;
    let (mut sender, connection) = http1::Builder::new()
        .max_header_size(HEAD_BYTES)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| fault(&error))?;
    let answering = async {
        let response = sender
            .send_request(message)
            .await
            .map_err(|error| fault(&error))?;
        let (head, body) = response.into_parts();
        let (body, complete) = read(body, most).await?;
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
            complete,
        })
    };
    tokio::pin!(connection, answering);
    tokio::select! {
        answer = &mut answering => answer,
        // What has been read by then may still hold the answer; what can't be is an error there.
        _ = &mut connection => answering.await,
    }
}

fn message(request: &Request) -> Result<http::Request<Full<Bytes>>, Fault> {
    let (method, body) = match &request.json {
        Some(document) => (Method::POST, Bytes::from(document.clone())),
        None => (Method::GET, Bytes::new()),
    };
    let mut message = http::Request::builder()
        .method(method)
        .uri(request.path.as_str())
        .body(Full::new(body))
        .map_err(|_| Fault(format!("{:?} is no path of an HTTP request", request.path)))?;
    let headers = message.headers_mut();
    headers.insert(USER_AGENT, AGENT);
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    if request.json.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
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

/// The body, or its first bytes where it is longer than anybody waits for; and whether it is all.
async fn read(mut body: Incoming, most: usize) -> Result<(Vec<u8>, bool), Fault> {
    let mut start = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| fault(&error))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        let room = most.saturating_sub(start.len());
        start.extend(data.iter().take(room));
        if data.len() > room {
            return Ok((start, false));
        }
    }
    Ok((start, true))
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
        plain(&innermost.to_string())
    })
}

/// Without the system's number, which says nothing that its words don't.
pub(crate) fn plain(error: &str) -> String {
    let (words, _) = error.split_once(" (os error ").unwrap_or((error, ""));
    words.to_owned()
}

#[cfg(test)]
mod tests;
