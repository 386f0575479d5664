//! When a cluster counts as up.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use k8s_openapi::api::rbac::v1::ClusterRole;
use kube::Client;
use kube::api::Api;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::addresses::{API_SERVICE, NODE};
use super::simulation;

/// The API server serves.
pub(crate) async fn api(client: &Client) -> Result<()> {
    let request = http::Request::get("/readyz").body(Vec::new())?;
    client.request_text(request).await?;
    Ok(())
}

/// Every node takes pods, and what pods need on it is there.
pub(crate) async fn cluster(client: &Client) -> Result<()> {
    let nodes: Api<Node> = Api::all(client.clone());
    for name in simulation::NODES.into_iter().chain([NODE]) {
        let node = nodes
            .get_opt(name)
            .await?
            .with_context(|| format!("there is no node {name}"))?;
        if !is_ready(&node) {
            bail!("node {name} is not ready");
        }
    }
    let accounts: Api<ServiceAccount> = Api::default_namespaced(client.clone());
    accounts.get("default").await?;
    // A controller fills the built-in roles; until then they allow nothing.
    let edit = Api::<ClusterRole>::all(client.clone()).get("edit").await?;
    if edit.rules.is_none_or(|rules| rules.is_empty()) {
        bail!("the cluster role edit is empty");
    }
    let reached = TcpStream::connect((API_SERVICE, 443));
    timeout(Duration::from_millis(200), reached)
        .await
        .context("Services have no rules yet")??;
    Ok(())
}

fn is_ready(node: &Node) -> bool {
    let conditions = node
        .status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten());
    conditions
        .into_iter()
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}
