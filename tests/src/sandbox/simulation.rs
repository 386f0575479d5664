//! Nodes and pods that only the API server knows: kwok plays their part, as `cluster/kwok/stages.yaml` says.

use std::path::Path;

use anyhow::Result;
use k8s_openapi::api::core::v1::Node;
use kube::api::{Api, PostParams};
use kube::{Client, Error};
use serde_json::json;

use super::addresses::{SIMULATED_NODES, SIMULATED_PODS};
use super::certificates::Authority;
use super::component::Components;
use super::kubeconfig;
use crate::versions::cluster_folder;

/// The simulated nodes. Pods get there by the node selector `type: simulated` and a toleration of that taint.
pub(crate) const NODES: [&str; 2] = ["simulated-1", "simulated-2"];
const MARK: (&str, &str) = ("kwok.x-k8s.io/node", "fake");

/// Starts kwok, which needs the API server.
pub(crate) fn start(
    components: &mut Components,
    folder: &Path,
    authority: &Authority,
) -> Result<()> {
    let user = kubeconfig::write(folder, authority, "kwok", Some("system:masters"))?;
    components.start(
        "kwok",
        [
            format!("--kubeconfig={}", user.display()),
            format!(
                "--config={}",
                cluster_folder().join("kwok/stages.yaml").display()
            ),
            "--manage-all-nodes=false".to_owned(),
            format!(
                "--manage-nodes-with-annotation-selector={}={}",
                MARK.0, MARK.1
            ),
            // A node that nobody hears of loses its pods' readiness after 50 s, and for good.
            "--node-lease-duration-seconds=40".to_owned(),
            format!("--cidr={SIMULATED_PODS}"),
            format!("--node-ip={SIMULATED_NODES}"),
            "--server-address=127.0.0.1:10247".to_owned(),
        ],
    )
}

/// Registers the simulated nodes.
pub(crate) async fn register_nodes(client: &Client) -> Result<()> {
    let nodes: Api<Node> = Api::all(client.clone());
    for name in NODES {
        let node = serde_json::from_value(json!({
            "metadata": {
                "name": name,
                "annotations": {MARK.0: MARK.1},
                "labels": {"type": "simulated"},
            },
            "spec": {"taints": [{"key": "simulated", "value": "true", "effect": "NoSchedule"}]},
        }))?;
        match nodes.create(&PostParams::default(), &node).await {
            Err(Error::Api(status)) if status.is_already_exists() => {}
            result => drop(result?),
        }
    }
    Ok(())
}
