//! A stream to a port of a pod, through the API server and the kubelet.

use std::pin::Pin;

use k8s_openapi::api::core::v1::Pod;
use kube::api::Portforwarder;
use kube::client::UpgradeConnectionError;
use tokio::io::DuplexStream;

use crate::failure::Failure;

use super::Cluster;
use super::translate::root_of;

/// Why there is no stream.
#[derive(Clone, Debug)]
pub(crate) enum NoForward {
    /// The user may not, whatever the pod.
    Forbidden(Failure),
    /// There is no such pod any more.
    Gone,
    /// In words.
    Other(String),
}

/// An open stream; everything of it ends when both parts are dropped.
pub(crate) struct Tunnel {
    stream: DuplexStream,
    closed: Closed,
}

/// The other end of a stream.
pub(crate) struct Closed {
    words: Pin<Box<dyn Future<Output = Option<String>> + Send>>,
    said: Option<String>,
    forwarder: Portforwarder,
}

impl Tunnel {
    /// The stream, and what will be said of its end.
    pub(crate) fn into_parts(self) -> (DuplexStream, Closed) {
        (self.stream, self.closed)
    }
}

impl Closed {
    /// Waits until the kubelet says that the port can't be reached; for ever where it can.
    pub(crate) async fn words(&mut self) -> String {
        if self.said.is_none() {
            match self.words.as_mut().await {
                Some(words) => self.said = Some(cause(&words).to_owned()),
                None => std::future::pending().await,
            }
        }
        self.said.clone().unwrap_or_default()
    }
}

impl Drop for Closed {
    fn drop(&mut self) {
        // Left alone, it would wait a second for the other side to notice.
        self.forwarder.abort();
    }
}

impl Cluster {
    /// Opens a stream to a port of a pod.
    ///
    /// The port is dialled on the loopback address inside the pod (CRI's port-forward), so that a
    /// server that listens on the pod's address alone is not reached.
    pub(crate) async fn forward(
        &self,
        namespace: &str,
        pod: &str,
        port: u16,
    ) -> Result<Tunnel, NoForward> {
        let api = self.api::<Pod>(namespace);
        let mut forwarder = api
            .portforward(pod, &[port])
            .await
            .map_err(|error| refused(&error, namespace))?;
        match (forwarder.take_stream(port), forwarder.take_error(port)) {
            (Some(stream), Some(words)) => Ok(Tunnel {
                stream,
                closed: Closed {
                    words: Box::pin(words),
                    said: None,
                    forwarder,
                },
            }),
            _ => Err(NoForward::Other("the port was not forwarded".to_owned())),
        }
    }
}

fn refused(error: &kube::Error, namespace: &str) -> NoForward {
    let status = match error {
        kube::Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(status)) => {
            Some(status.as_u16())
        }
        kube::Error::Api(status) => Some(status.code),
        _ => None,
    };
    match status {
        Some(401 | 403) => {
            // The server's own words are lost where it refuses to switch protocols, and with them
            // which of the two was missing.
            NoForward::Forbidden(Failure {
                server: Some("Forbidden".to_owned()),
                ..Failure::could_not(format!(
                    "you may not get and create pods/portforward -n {namespace}, and a port-forward takes both"
                ))
                .hint(format!(
                    "to see what you may: kubectl auth can-i --list -n {namespace}"
                ))
            })
        }
        Some(404) => NoForward::Gone,
        Some(code) => NoForward::Other(format!("no port-forward to it: status {code}")),
        None => NoForward::Other(format!("no port-forward to it: {}", root_of(error))),
    }
}

/// What went wrong, without the runtime's account of where; on one line.
fn cause(words: &str) -> &str {
    let line = words.trim().lines().next().unwrap_or_default();
    // containerd tries both families, and what counts is why the first one failed.
    match line.split_once("connect: ") {
        Some((_, cause)) => cause.split_once(" IPv6").map_or(cause, |(cause, _)| cause),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_connection_is_told_in_two_words() {
        let words = "failed to execute portforward in network namespace \"/run/netns/cni-1\": \
                     failed to connect to localhost:81 inside namespace \"ab12\", IPv4: dial tcp4 \
                     127.0.0.1:81: connect: connection refused IPv6 dial tcp6: address localhost: \
                     no suitable address found";
        assert_eq!(cause(words), "connection refused");
        assert_eq!(
            cause("dial tcp4 127.0.0.1:8080: connect: connection refused"),
            "connection refused"
        );
        assert_eq!(cause("timed out\nmore"), "timed out");
    }
}
