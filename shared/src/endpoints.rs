//! What the endpoint slices of a Service say: where its traffic really goes.

use std::collections::BTreeSet;

use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};

use crate::application::Environment;

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
        new: &Environment<'_>,
        old: Option<&Environment<'_>>,
    ) -> Self {
        let mut pods: BTreeSet<(bool, &str)> = BTreeSet::new();
        for endpoint in slices
            .into_iter()
            .flat_map(|slice| &slice.endpoints)
            .filter(|endpoint| is_ready(endpoint))
        {
            let pod = pod(endpoint);
            let length = |side: &Environment<'_>| longest_prefix(side, pod);
            let of_new = length(new) > old.map_or(0, length);
            pods.insert((of_new, pod));
        }
        let new = pods.iter().filter(|(of_new, _)| *of_new).count();
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

fn pod(endpoint: &Endpoint) -> &str {
    endpoint
        .target_ref
        .as_ref()
        .and_then(|target| target.name.as_deref())
        .unwrap_or_default()
}

/// Controllers name a pod after its workload. Slices carry no owners, and where one workload's name
/// begins with another's (`web`, `web-green`) the longer one is meant.
fn longest_prefix(side: &Environment<'_>, pod: &str) -> usize {
    side.workloads
        .iter()
        .map(|workload| workload.name())
        .filter(|name| {
            pod.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('-'))
        })
        .map(str::len)
        .max()
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::{Value, json};

    use super::*;
    use crate::workload::Workload;

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
        let (new, old) = (workload(new), workload(old));
        let side = |workload| Environment {
            role: String::new(),
            workloads: vec![workload],
        };
        Endpoints::count(slices, &side(&new), Some(&side(&old)))
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
