//! The last words of a container.

use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;

use crate::failure::Failure;

use super::{Call, Cluster};

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
        let params = LogParams {
            container: Some(tail.container.to_owned()),
            previous: tail.previous,
            tail_lines: Some(tail.lines),
            ..LogParams::default()
        };
        let api = self.api::<Pod>(namespace);
        let text = self.call(&call, api.logs(tail.pod, &params)).await?;
        Ok(text.lines().map(str::to_owned).collect())
    }
}
