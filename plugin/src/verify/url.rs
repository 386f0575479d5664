//! An address that a person names, asked directly.

use std::fmt::{self, Write};
use std::str::FromStr;

use http::Uri;
use http::uri::{Authority, Scheme};
use tokio::net::TcpStream;

use super::engine::{Answer, Fault, GLANCE, Request, exchange, plain};
use super::tls::{self, Trust};

/// `http://HOST[:PORT]/PATH` or the same with https.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    secure: bool,
    host: String,
    port: u16,
    authority: String,
    path: String,
}

impl FromStr for Url {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // It may hold a password.
        let wrong = || "it is no address such as https://shop.example.com/health".to_owned();
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let secure = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(wrong()),
        };
        let authority = uri.authority().ok_or_else(wrong)?;
        if authority.as_str().contains('@') {
            return Err("a name and a password don't belong in it".to_owned());
        }
        if authority.host().is_empty() {
            return Err(wrong());
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            secure,
            host: authority.host().to_owned(),
            port: port(authority, if secure { 443 } else { 80 }).ok_or_else(wrong)?,
            authority: authority.as_str().to_owned(),
            path: path.to_owned(),
        })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.place(), self.path)
    }
}

impl Url {
    /// Asks once, on a connection of its own.
    pub(super) async fn ask(&self) -> Result<Answer, Fault> {
        self.send(self.path.clone(), Vec::new(), None, GLANCE).await
    }

    /// Asks for what lies below it, with a query; of the answer no more than so many bytes are read.
    pub(super) async fn ask_below(
        &self,
        path: &str,
        query: &[(&str, &str)],
        headers: Vec<(String, String)>,
        most: usize,
    ) -> Result<Answer, Fault> {
        let pairs: Vec<String> = query
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        let above = self.path.trim_end_matches('/');
        let path = format!("{above}{path}?{}", pairs.join("&"));
        self.send(path, headers, None, most).await
    }

    /// Hands over a JSON document, on a connection of its own.
    ///
    /// # Errors
    /// Why it did not get there, or was not taken. What an answer says beside its status is left out:
    /// it may repeat the path, which may be a secret.
    pub(crate) async fn post(&self, document: String) -> Result<(), String> {
        let sent = self.send(self.path.clone(), Vec::new(), Some(document), GLANCE);
        let answer = sent.await.map_err(|Fault(words)| words)?;
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        Err(format!("status {}", answer.status))
    }

    /// Scheme, host and port, without a path that may be a secret.
    pub(crate) fn place(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// Whether a path can be put below it: it has no query of its own.
    pub(crate) fn is_base(&self) -> bool {
        !self.path.contains('?')
    }

    async fn send(
        &self,
        path: String,
        headers: Vec<(String, String)>,
        json: Option<String>,
        most: usize,
    ) -> Result<Answer, Fault> {
        let host = self.host.trim_matches(['[', ']']);
        let stream = TcpStream::connect((host, self.port))
            .await
            .map_err(|error| Fault(format!("can't connect: {}", plain(&error.to_string()))))?;
        let request = Request {
            host: self.authority.clone(),
            path,
            headers,
            json,
        };
        if self.secure {
            let stream = tls::over(stream, host, Trust::AsTheSystem).await?;
            exchange(stream, &request, most).await
        } else {
            exchange(stream, &request, most).await
        }
    }
}

/// The port that is named, or that of the scheme; `None` for what is none, which would silently become
/// that of the scheme otherwise.
pub(crate) fn port(authority: &Authority, default: u16) -> Option<u16> {
    let behind = authority.as_str().strip_prefix(authority.host())?;
    match behind.strip_prefix(':') {
        Some(port) => port.parse().ok().filter(|port| *port != 0),
        None => Some(default),
    }
}

/// A value of a query, with every byte escaped that is not plain (RFC 3986, section 2.3).
fn encoded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String can't fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_and_a_path_may_be_left_out() {
        let url: Url = "https://shop.example.com".parse().unwrap();
        assert_eq!((url.port, url.path.as_str()), (443, "/"));
        assert_eq!(url.to_string(), "https://shop.example.com/");
        let url: Url = "http://[::1]:8080/a?b=c".parse().unwrap();
        assert_eq!((url.host.as_str(), url.port), ("[::1]", 8080));
        assert_eq!(url.to_string(), "http://[::1]:8080/a?b=c");
        assert_eq!(url.place(), "http://[::1]:8080");
        let url: Url = "https://80:80".parse().unwrap();
        assert_eq!((url.host.as_str(), url.port), ("80", 80));
    }

    #[test]
    fn a_value_of_a_query_is_escaped() {
        assert_eq!(
            encoded("rate(a{b=\"ü\"}[1m])"),
            "rate%28a%7Bb%3D%22%C3%BC%22%7D%5B1m%5D%29"
        );
        assert_eq!(encoded("a-b_c.d~1"), "a-b_c.d~1");
    }

    #[test]
    fn what_has_a_query_of_its_own_has_nothing_below_it() {
        let is_base = |url: &str| url.parse::<Url>().unwrap().is_base();
        assert!(is_base("https://prometheus.example.com/shop/"));
        assert!(!is_base("https://prometheus.example.com/?tenant=1"));
    }

    #[test]
    fn anything_but_http_is_no_address() {
        for wrong in [
            "",
            "shop",
            "/x",
            "ftp://a/",
            "http://",
            "http://me@a/",
            "10.0.0.1:80",
            "http://a:99999/",
            "http://a:0/",
            "http://a:/",
        ] {
            assert!(wrong.parse::<Url>().is_err(), "{wrong}");
        }
    }
}
