//! The last words of a container.

use futures::{AsyncRead, AsyncReadExt};
use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;

use crate::failure::Failure;

use super::{Call, Cluster};

/// Bytes of a log at most: more than any ten lines have as container runtimes write them, which cut
/// at 16 KiB.
const BYTES: u32 = 256 * 1024;

/// Which container's log, and how much of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tail<'a> {
    /// The pod.
    pub(crate) pod: &'a str,
    /// The container.
    pub(crate) container: &'a str,
    /// Of the run before the last restart.
    pub(crate) previous: bool,
    /// Lines at most.
    pub(crate) lines: i64,
}

impl Cluster {
    /// The last lines of a container's log.
    pub(crate) async fn tail(
        &self,
        namespace: &str,
        tail: Tail<'_>,
    ) -> Result<Vec<String>, Failure> {
        let call = Call {
            verb: "get",
            resource: "pods/log",
            name: tail.pod,
            namespace,
        };
        let params = params(tail);
        let api = self.api::<Pod>(namespace);
        let request = async { Ok(bounded(api.log_stream(tail.pod, &params).await?).await) };
        let text = self.call(&call, request).await?;
        Ok(text.lines().map(str::to_owned).collect())
    }
}

fn params(tail: Tail<'_>) -> LogParams {
    LogParams {
        container: Some(tail.container.to_owned()),
        previous: tail.previous,
        tail_lines: Some(tail.lines),
        limit_bytes: Some(BYTES.into()),
        ..LogParams::default()
    }
}

/// What comes before the bound, or before the stream breaks: the kubelet's bound is one that it may
/// exceed, and it cuts within a character.
async fn bounded(log: impl AsyncRead) -> String {
    let mut bytes = Vec::new();
    // What was read until then is as good as it was.
    let _ = std::pin::pin!(log.take(BYTES.into()))
        .read_to_end(&mut bytes)
        .await;
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use futures::io::{Cursor, repeat};

    use super::*;

    #[test]
    fn the_kubelet_is_asked_for_no_more_than_that() {
        let tail = Tail {
            pod: "web-1",
            container: "web",
            previous: true,
            lines: 10,
        };
        let params = params(tail);
        assert_eq!(params.limit_bytes, Some(256 * 1024));
        assert_eq!((params.tail_lines, params.previous), (Some(10), true));
    }

    #[tokio::test]
    async fn a_log_without_end_is_cut() {
        assert_eq!(bounded(repeat(b'x')).await.len(), 256 * 1024);
    }

    #[tokio::test]
    async fn what_is_no_text_does_not_hide_the_rest() {
        let log = Cursor::new(b"end of it: \xff\nbye".to_vec());
        assert_eq!(bounded(log).await, "end of it: \u{fffd}\nbye");
    }
}
