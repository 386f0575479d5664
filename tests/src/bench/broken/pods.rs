//! Pods that fail when they are told to, and what of them serves.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bluegreen_shared::pod;
use http_body_util::Empty;
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::HOST;
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use kube::Client;
use kube::api::{Api, ListParams};
use tokio::net::TcpStream;

use crate::eventually::eventually;

/// For a kubelet to probe, and for controllers to follow.
const SOON: Duration = Duration::from_mins(1);

/// The pods and slices of a namespace.
pub(super) struct Pods {
    pods: Api<Pod>,
    slices: Api<EndpointSlice>,
}

impl Pods {
    pub(super) fn of(client: &Client, namespace: &str) -> Self {
        Self {
            pods: Api::namespaced(client.clone(), namespace),
            slices: Api::namespaced(client.clone(), namespace),
        }
    }

    /// Tells the first pods with these labels whether to pass their readiness probe.
    pub(super) async fn tell(&self, labels: &str, number: usize, ready: bool) -> Result<()> {
        let pods = self.list(labels).await?;
        ensure!(
            pods.len() >= number,
            "{number} pods with {labels} are not there"
        );
        for one in pods.iter().take(number) {
            tell(one, ready)
                .await
                .with_context(|| format!("Pod/{}", pod::name(one)))?;
        }
        Ok(())
    }

    /// Waits until so many pods with these labels are ready.
    pub(super) async fn ready(&self, labels: &str, number: usize) -> Result<()> {
        eventually(SOON, || async {
            let pods = self.list(labels).await?;
            let ready = pods.iter().filter(|one| pod::is_ready(one)).count();
            ensure!(
                ready == number,
                "{ready} of {number} pods with {labels} are ready"
            );
            Ok(())
        })
        .await
    }

    /// The ready endpoints of a Service.
    pub(super) async fn serving(&self, service: &str) -> Result<Vec<String>> {
        let of_it = format!("kubernetes.io/service-name={service}");
        let slices = self
            .slices
            .list(&ListParams::default().labels(&of_it))
            .await?;
        let endpoints = slices.items.into_iter().flat_map(|slice| slice.endpoints);
        let ready = endpoints.filter(|endpoint| {
            let conditions = endpoint.conditions.as_ref();
            conditions.and_then(|conditions| conditions.ready) == Some(true)
        });
        Ok(ready
            .filter_map(|endpoint| endpoint.target_ref?.name)
            .collect())
    }

    async fn list(&self, labels: &str) -> Result<Vec<Pod>> {
        let mut pods = self
            .pods
            .list(&ListParams::default().labels(labels))
            .await?
            .items;
        pods.retain(|one| !pod::is_terminating(one));
        Ok(pods)
    }
}

/// Asks the test server to change how it behaves.
async fn tell(one: &Pod, ready: bool) -> Result<()> {
    let ip = one
        .status
        .as_ref()
        .and_then(|status| status.pod_ip.as_deref());
    let ip = ip.context("it has no address")?;
    let stream = TcpStream::connect((ip, 8080)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::post(format!("/control?ready={ready}"))
        .header(HOST, ip)
        .body(Empty::<Bytes>::new())?;
    let answer = sender.send_request(request).await?;
    ensure!(answer.status().is_success(), "HTTP {}", answer.status());
    Ok(())
}
