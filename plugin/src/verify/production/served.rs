//! Who has served production since the flip.

use std::collections::BTreeSet;

use bluegreen_shared::application::{Application, Production};
use bluegreen_shared::pod;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::EndpointSlice;

use crate::cluster::{Cluster, Freshness};
use crate::failure::Failure;

/// The pods that production has been served by since the flip, and that have not left.
#[derive(Default)]
pub(super) struct Served {
    /// The names of all that were ready once: one that is ready no more has failed, not left.
    once: BTreeSet<String>,
    pub(super) pods: Vec<Pod>,
}

impl Served {
    /// Looks which pods there are by now.
    pub(super) async fn look(
        &mut self,
        cluster: &Cluster,
        application: &Application<'_>,
    ) -> Result<(), Failure> {
        let namespace = cluster.namespace();
        let services: Vec<&str> = application
            .production
            .iter()
            .map(Production::name)
            .collect();
        let query = application.pod_query();
        let (slices, pods) = tokio::try_join!(
            cluster.read_slices(namespace, &services),
            cluster.read_pods(namespace, query.as_deref(), Freshness::Live)
        )?;
        self.take_in(slices, pods);
        Ok(())
    }

    fn take_in(&mut self, slices: Vec<EndpointSlice>, pods: Vec<Pod>) {
        self.once.extend(ready(slices));
        self.pods = pods;
        self.pods.retain(|pod| {
            self.once.contains(pod::name(pod))
                && !pod::is_terminating(pod)
                && !pod::is_finished(pod)
        });
    }

    /// Whether this one has served and not left.
    pub(super) fn has(&self, name: &str) -> bool {
        self.pods.iter().any(|pod| pod::name(pod) == name)
    }
}

/// The pods that the slices list as ready.
fn ready(slices: Vec<EndpointSlice>) -> impl Iterator<Item = String> {
    slices
        .into_iter()
        .flat_map(|slice| slice.endpoints)
        .filter(|endpoint| {
            // Absent means ready (`discovery/v1`).
            endpoint
                .conditions
                .as_ref()
                .and_then(|conditions| conditions.ready)
                .unwrap_or(true)
        })
        .filter_map(|endpoint| endpoint.target_ref)
        .filter(|target| target.kind.as_deref() == Some("Pod"))
        .filter_map(|target| target.name)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn slices(ready: &[&str]) -> Vec<EndpointSlice> {
        let endpoints: Vec<Value> = ready
            .iter()
            .map(|name| json!({"addresses": [], "targetRef": {"kind": "Pod", "name": name}}))
            .chain([json!({"addresses": [], "conditions": {"ready": false},
                           "targetRef": {"kind": "Pod", "name": "never"}})])
            .collect();
        let slice = json!({"metadata": {}, "addressType": "IPv4", "endpoints": endpoints});
        vec![serde_json::from_value(slice).unwrap()]
    }

    fn pod(name: &str, deleted: bool, phase: &str) -> Pod {
        let mut pod = json!({"metadata": {"name": name}, "status": {"phase": phase}});
        if deleted {
            pod["metadata"]["deletionTimestamp"] = json!("2026-11-24T12:00:00Z");
        }
        serde_json::from_value(pod).unwrap()
    }

    #[test]
    fn who_leaves_does_not_count_and_who_is_ready_no_more_does() {
        let mut served = Served::default();
        let names = ["scaled", "evicted", "gone", "broken", "never"];
        let running = |name: &&str| pod(name, false, "Running");
        served.take_in(
            slices(&["scaled", "evicted", "gone", "broken"]),
            names.iter().map(running).collect(),
        );
        assert_eq!(served.pods.len(), 4);
        assert!(!served.has("never"));
        served.take_in(
            slices(&["new"]),
            vec![
                pod("scaled", true, "Running"),
                pod("evicted", false, "Failed"),
                pod("broken", false, "Running"),
                pod("new", false, "Running"),
                pod("never", false, "Running"),
            ],
        );
        for left in ["scaled", "evicted", "gone", "never"] {
            assert!(!served.has(left), "{left}");
        }
        assert!(served.has("broken"), "it was served by, and has not left");
        assert!(served.has("new"));
    }
}
