//! Where mail is handed in.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;

use crate::verify::port;

/// When TLS begins. There is no way that takes TLS only where the server has it: whoever is in between
/// could say that it has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    /// `smtp://`: STARTTLS before anything else, or no mail.
    StartTls,
    /// `smtps://`: at once.
    Tls,
    /// `smtp+plain://`: never, for relays within a cluster.
    Plain,
}

/// `smtp://HOST[:PORT]`, `smtps://HOST[:PORT]` or `smtp+plain://HOST[:PORT]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relay {
    pub(super) channel: Channel,
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
}

impl Channel {
    const ALL: [Self; 3] = [Self::StartTls, Self::Tls, Self::Plain];

    fn scheme(self) -> &'static str {
        match self {
            Self::StartTls => "smtp",
            Self::Tls => "smtps",
            Self::Plain => "smtp+plain",
        }
    }

    /// The ports of submission (RFC 6409), submissions (RFC 8314) and SMTP.
    fn port(self) -> u16 {
        match self {
            Self::StartTls => 587,
            Self::Tls => 465,
            Self::Plain => 25,
        }
    }
}

impl Relay {
    /// Whether what is sent there stays on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let address = self.host.parse::<IpAddr>();
        self.host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    }
}

impl FromStr for Relay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            "write it as smtp://HOST[:PORT] (STARTTLS), smtps://HOST[:PORT] (TLS at once) or \
             smtp+plain://HOST[:PORT] (no TLS)"
                .to_owned()
        };
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let channel = Channel::ALL
            .into_iter()
            .find(|channel| uri.scheme_str() == Some(channel.scheme()))
            .ok_or_else(wrong)?;
        let authority = uri.authority().ok_or_else(wrong)?;
        if authority.as_str().contains('@') {
            return Err(
                "name and password belong into a Secret (--smtp-secret) or the environment"
                    .to_owned(),
            );
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let host = authority.host().trim_matches(['[', ']']);
        let port = port(authority, channel.port());
        match port {
            Some(port) if !host.is_empty() && path == "/" => Ok(Self {
                channel,
                host: host.to_owned(),
                port,
            }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Relay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, host, port) = (self.channel.scheme(), &self.host, self.port);
        if host.contains(':') {
            write!(out, "{scheme}://[{host}]:{port}")
        } else {
            write!(out, "{scheme}://{host}:{port}")
        }
    }
}
