//! A list of pods, read without what nobody here looks at.

use k8s_openapi::api::core::v1::{Pod, PodSpec, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ListMeta, ObjectMeta, OwnerReference, Time};
use serde::Deserialize;

use crate::selector::Labels;

/// One page of a list of pods, as the API server sends it.
///
/// Most of a pod's JSON says who wrote which field (`metadata.managedFields`). To read past it
/// halves the time and the memory that a list takes, and lists are most of what a flip waits for.
#[derive(Debug, Default, Deserialize)]
pub struct PodList {
    /// Where the list goes on.
    #[serde(default)]
    pub metadata: ListMeta,
    #[serde(default)]
    items: Vec<Item>,
}

#[derive(Debug, Deserialize)]
struct Item {
    metadata: Metadata,
    #[serde(default)]
    spec: Option<PodSpec>,
    #[serde(default)]
    status: Option<PodStatus>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Metadata {
    name: Option<String>,
    namespace: Option<String>,
    uid: Option<String>,
    resource_version: Option<String>,
    labels: Option<Labels>,
    annotations: Option<Labels>,
    owner_references: Option<Vec<OwnerReference>>,
    creation_timestamp: Option<Time>,
    deletion_timestamp: Option<Time>,
    deletion_grace_period_seconds: Option<i64>,
}

impl PodList {
    /// The pods of this page.
    #[must_use]
    pub fn into_pods(self) -> Vec<Pod> {
        self.items.into_iter().map(Pod::from).collect()
    }
}

impl From<Item> for Pod {
    fn from(item: Item) -> Self {
        let metadata = item.metadata;
        Self {
            metadata: ObjectMeta {
                name: metadata.name,
                namespace: metadata.namespace,
                uid: metadata.uid,
                resource_version: metadata.resource_version,
                labels: metadata.labels,
                annotations: metadata.annotations,
                owner_references: metadata.owner_references,
                creation_timestamp: metadata.creation_timestamp,
                deletion_timestamp: metadata.deletion_timestamp,
                deletion_grace_period_seconds: metadata.deletion_grace_period_seconds,
                ..ObjectMeta::default()
            },
            spec: item.spec,
            status: item.status,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn everything_but_who_wrote_it_is_read() {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": "web-1", "namespace": "shop", "uid": "u", "resourceVersion": "7",
                "labels": {"app": "web"}, "annotations": {"a": "b"},
                "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web",
                    "uid": "r", "controller": true}],
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "deletionTimestamp": "2026-01-01T00:01:00Z", "deletionGracePeriodSeconds": 30,
            },
            "spec": {"containers": [{"name": "web", "ports": [{"containerPort": 8080}]}]},
            "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}]},
        });
        let mut listed = pod.clone();
        listed["metadata"]["managedFields"] = json!([{"manager": "kubelet"}]);
        let page: PodList = serde_json::from_value(json!({
            "kind": "PodList", "metadata": {"continue": "more"}, "items": [listed],
        }))
        .unwrap();
        assert_eq!(page.metadata.continue_.as_deref(), Some("more"));
        let whole: Pod = serde_json::from_value(pod).unwrap();
        assert_eq!(page.into_pods(), [whole]);
    }

    #[test]
    fn an_empty_list_may_lack_its_items() {
        let page: PodList = serde_json::from_value(json!({"metadata": {}})).unwrap();
        assert!(page.into_pods().is_empty());
    }
}
