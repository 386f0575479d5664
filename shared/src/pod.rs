//! What a pod's status says, as the endpoint slice controller reads it.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use crate::keys;
use crate::selector::{self, Labels};

/// The pod's name.
#[must_use]
pub fn name(pod: &Pod) -> &str {
    pod.metadata.name.as_deref().unwrap_or_default()
}

/// The pod's labels.
#[must_use]
pub fn labels(pod: &Pod) -> &Labels {
    selector::or_empty(pod.metadata.labels.as_ref())
}

/// A label's value.
#[must_use]
pub fn label<'a>(pod: &'a Pod, key: &str) -> Option<&'a str> {
    labels(pod).get(key).map(String::as_str)
}

/// The owner that controls the pod.
#[must_use]
pub fn controller(pod: &Pod) -> Option<&OwnerReference> {
    pod.metadata
        .owner_references
        .as_ref()?
        .iter()
        .find(|owner| owner.controller == Some(true))
}

/// What the pod runs: the hash of a Deployment's template, or a `StatefulSet`'s revision.
#[must_use]
pub fn revision(pod: &Pod) -> Option<&str> {
    label(pod, keys::POD_TEMPLATE_HASH).or_else(|| label(pod, keys::CONTROLLER_REVISION_HASH))
}

/// Whether somebody or something has asked for its deletion.
#[must_use]
pub fn is_terminating(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_some()
}

/// Whether its Ready condition is true; readiness gates are part of that condition.
#[must_use]
pub fn is_ready(pod: &Pod) -> bool {
    pod.status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// Whether it ended, so that no Service routes to it again.
#[must_use]
pub fn is_finished(pod: &Pod) -> bool {
    pod.status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        .is_some_and(|phase| phase == "Succeeded" || phase == "Failed")
}

/// Whether a Service that selects the pod routes to it (EndpointSlice condition `ready`).
#[must_use]
pub fn is_serving(pod: &Pod) -> bool {
    is_ready(pod) && !is_terminating(pod) && !is_finished(pod)
}
