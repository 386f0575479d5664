//! What the endpoint slices of a Service say: where its traffic really goes.

use std::collections::{BTreeSet, HashMap};

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};

use crate::application::Environment;
use crate::pod;
use crate::workload::Workload;

/// Bytes that the API server keeps of `generateName`, before it adds five of its own
/// (`k8s.io/apiserver/pkg/storage/names`).
const GENERATED: usize = 58;

/// Which side a pod is of. Slices carry no owners, only the pods' names.
#[derive(Debug)]
pub struct Sides<'a> {
    known: HashMap<&'a str, bool>,
    new: Vec<String>,
    old: Vec<String>,
}

impl<'a> Sides<'a> {
    /// The environment that is to serve, the other one, and the pods that are known of both.
    #[must_use]
    pub fn new(new: &Environment<'_>, old: Option<&Environment<'_>>, pods: &'a [Pod]) -> Self {
        let of_old = old.map(|side| side.pods(pods)).unwrap_or_default();
        let of_old = of_old.into_iter().map(|pod| (pod::name(pod), false));
        let of_new = new.pods(pods);
        let of_new = of_new.into_iter().map(|pod| (pod::name(pod), true));
        Self {
            known: of_old.chain(of_new).collect(),
            new: stems(new),
            old: old.map(stems).unwrap_or_default(),
        }
    }

    fn is_of_new(&self, pod: &str) -> bool {
        // A pod that came meanwhile is told by its name. Where one workload's name begins with
        // another's (`web`, `web-green`) the longer one is meant.
        self.known
            .get(pod)
            .copied()
            .unwrap_or_else(|| longest(&self.new, pod) > longest(&self.old, pod))
    }
}

/// Whether pods of the one environment can't have names that are also the other's.
#[must_use]
pub fn are_told_by_name(one: &Environment<'_>, other: &Environment<'_>) -> bool {
    let stems_of_other = stems(other);
    stems(one).iter().all(|stem| !stems_of_other.contains(stem))
}

/// What the names of an environment's pods begin with.
fn stems(side: &Environment<'_>) -> Vec<String> {
    let stem = |workload: &&Workload| -> String {
        // Names of workloads are ASCII (RFC 1123), so characters are bytes.
        format!("{}-", workload.name())
            .chars()
            .take(GENERATED)
            .collect()
    };
    side.workloads.iter().map(stem).collect()
}

fn longest(stems: &[String], pod: &str) -> usize {
    let found = stems.iter().filter(|stem| pod.starts_with(*stem));
    found.map(String::len).max().unwrap_or(0)
}

/// The ready endpoints of a Service, by the side that their pods belong to.
///
/// A pod that stands in several slices (one for each address family) is counted once. A pod that
/// belongs to neither side is of the old one: traffic has not followed while it goes there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Pods of the environment that is to serve.
    pub new: usize,
    /// All other pods.
    pub old: usize,
}

impl Endpoints {
    /// Counts the ready endpoints in all slices of one Service.
    pub fn count<'s>(
        slices: impl IntoIterator<Item = &'s EndpointSlice>,
        sides: &Sides<'_>,
    ) -> Self {
        let pods: BTreeSet<&str> = slices
            .into_iter()
            .flat_map(|slice| &slice.endpoints)
            .filter(|endpoint| is_ready(endpoint))
            .map(pod_name)
            .collect();
        let new = pods.iter().filter(|pod| sides.is_of_new(pod)).count();
        Self {
            new,
            old: pods.len() - new,
        }
    }

    /// Whether every endpoint is of the new side, and there is one at all.
    #[must_use]
    pub fn followed(self) -> bool {
        self.old == 0 && self.new > 0
    }
}

/// `conditions.ready`; absent means ready (`discovery/v1`).
fn is_ready(endpoint: &Endpoint) -> bool {
    endpoint
        .conditions
        .as_ref()
        .and_then(|conditions| conditions.ready)
        .unwrap_or(true)
}

fn pod_name(endpoint: &Endpoint) -> &str {
    endpoint
        .target_ref
        .as_ref()
        .and_then(|target| target.name.as_deref())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::{Value, json};

    use super::*;

    fn workload(name: &str) -> Workload {
        let deployment: Deployment =
            serde_json::from_value(json!({"metadata": {"name": name}})).unwrap();
        deployment.into()
    }

    fn slice(pods: &[(&str, bool)]) -> EndpointSlice {
        let endpoints: Vec<Value> = pods
            .iter()
            .map(|(pod, ready)| {
                json!({
                    "addresses": ["10.0.0.1"],
                    "conditions": {"ready": ready},
                    "targetRef": {"kind": "Pod", "name": pod}
                })
            })
            .collect();
        serde_json::from_value(json!({
            "addressType": "IPv4", "metadata": {}, "endpoints": endpoints
        }))
        .unwrap()
    }

    fn count(slices: &[EndpointSlice], new: &str, old: &str) -> Endpoints {
        count_with(slices, new, old, &[])
    }

    fn count_with(slices: &[EndpointSlice], new: &str, old: &str, pods: &[Pod]) -> Endpoints {
        let (new, old) = (workload(new), workload(old));
        let side = |workload| Environment {
            role: String::new(),
            workloads: vec![workload],
        };
        let sides = Sides::new(&side(&new), Some(&side(&old)), pods);
        Endpoints::count(slices, &sides)
    }

    fn made_by(workload: &str, name: &str) -> Pod {
        serde_json::from_value(json!({"metadata": {
            "name": name,
            "labels": {"pod-template-hash": "5c8"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "uid": "",
                "name": format!("{workload}-5c8"), "controller": true}],
        }}))
        .unwrap()
    }

    #[test]
    fn long_names_are_cut_and_told_apart_by_the_pods_that_were_read() {
        let stem = "a".repeat(GENERATED);
        let (green, blue) = (format!("{stem}-green"), format!("{stem}-blue"));
        let name = format!("{stem}x2x4z");
        let slices = [slice(&[(&name, true)])];
        let pods = [made_by(&green, &name)];
        assert!(count_with(&slices, &green, &blue, &pods).followed());
        assert!(!count_with(&slices, &blue, &green, &pods).followed());
        let unlike = "b".repeat(70);
        assert!(count(&slices, &green, &unlike).followed());
    }

    #[test]
    fn only_ready_endpoints_count_and_each_pod_once() {
        let slices = [
            slice(&[("web-green-1-a", true), ("web-blue-1-a", false)]),
            slice(&[("web-green-1-a", true)]),
        ];
        let seen = count(&slices, "web-green", "web-blue");
        assert_eq!(seen, Endpoints { new: 1, old: 0 });
        assert!(seen.followed());
    }

    #[test]
    fn a_name_that_begins_with_the_others_is_told_apart() {
        let slices = [slice(&[("web-green-1-a", true), ("web-1-a", true)])];
        assert_eq!(
            count(&slices, "web-green", "web"),
            Endpoints { new: 1, old: 1 }
        );
        assert_eq!(
            count(&slices, "web", "web-green"),
            Endpoints { new: 1, old: 1 }
        );
    }

    #[test]
    fn strangers_and_nobody_are_not_followed() {
        assert!(!count(&[slice(&[("stranger-a", true)])], "web-green", "web").followed());
        assert!(!count(&[], "web-green", "web").followed());
    }
}
