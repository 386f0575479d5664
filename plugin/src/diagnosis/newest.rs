//! Which pods run the newest template of their workload.

use std::collections::HashMap;

use bluegreen_shared::keys;
use bluegreen_shared::pod;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::ReplicaSet;
use k8s_openapi::api::core::v1::Pod;

/// The newest revision of each workload whose controller has seen its newest spec.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Newest(HashMap<String, String>);

impl Newest {
    /// A Deployment's is that of its `ReplicaSet` with the highest revision number; which hash its
    /// template has, it does not say itself. A `StatefulSet` names its own.
    pub(crate) fn of(workloads: &[&Workload], sets: &[ReplicaSet]) -> Self {
        Self(
            workloads
                .iter()
                .filter(|workload| workload.is_observed())
                .filter_map(|workload| {
                    let revision = match workload {
                        Workload::Deployment(_) => of_deployment(workload, sets)?,
                        Workload::StatefulSet(set) => {
                            set.status.as_ref()?.update_revision.clone()?
                        }
                    };
                    Some((workload.reference(), revision))
                })
                .collect(),
        )
    }

    /// Whether the pod is one of the workload's newest template.
    pub(crate) fn is(&self, workload: &Workload, pod: &Pod) -> bool {
        let newest = self.0.get(&workload.reference());
        newest.is_some_and(|newest| pod::revision(pod) == Some(newest))
    }
}

fn of_deployment(workload: &Workload, sets: &[ReplicaSet]) -> Option<String> {
    let uid = workload.metadata().uid.as_deref();
    let owned = |set: &&ReplicaSet| {
        let owners = set.metadata.owner_references.iter().flatten();
        owners
            .filter(|owner| owner.controller == Some(true))
            .any(|owner| Some(owner.uid.as_str()) == uid)
    };
    let newest = sets.iter().filter(owned).max_by_key(|set| number(set))?;
    newest
        .metadata
        .labels
        .as_ref()?
        .get(keys::POD_TEMPLATE_HASH)
        .cloned()
}

fn number(set: &ReplicaSet) -> u64 {
    set.metadata
        .annotations
        .as_ref()
        .and_then(|annotations| annotations.get(keys::REVISION)?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment(generation: i64) -> Workload {
        let deployment = json!({
            "metadata": { "name": "web", "uid": "d", "generation": generation },
            "spec": { "selector": {}, "template": {} },
            "status": { "observedGeneration": 2 },
        });
        Workload::Deployment(Box::new(serde_json::from_value(deployment).unwrap()))
    }

    fn set(hash: &str, revision: &str, owner: &str) -> ReplicaSet {
        serde_json::from_value(json!({ "metadata": {
            "labels": { keys::POD_TEMPLATE_HASH: hash },
            "annotations": { keys::REVISION: revision },
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "Deployment", "name": "web", "uid": owner,
                "controller": true,
            }],
        }}))
        .unwrap()
    }

    fn pod(hash: &str) -> Pod {
        serde_json::from_value(
            json!({ "metadata": { "labels": { keys::POD_TEMPLATE_HASH: hash } } }),
        )
        .unwrap()
    }

    #[test]
    fn the_highest_revision_is_the_newest_template_whichever_came_first() {
        let workload = deployment(2);
        let sets = [
            set("aa", "10", "d"),
            set("bb", "9", "d"),
            set("cc", "11", "other"),
        ];
        let newest = Newest::of(&[&workload], &sets);
        assert!(newest.is(&workload, &pod("aa")));
        assert!(!newest.is(&workload, &pod("bb")));
        assert!(!newest.is(&workload, &pod("cc")));
    }

    #[test]
    fn until_the_controller_has_seen_the_change_no_pod_is_the_newest() {
        let workload = deployment(3);
        let newest = Newest::of(&[&workload], &[set("aa", "1", "d")]);
        assert!(!newest.is(&workload, &pod("aa")));
    }
}
