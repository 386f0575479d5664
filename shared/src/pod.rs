//! What a pod's status says, as the endpoint slice controller reads it.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{Pod, PodCondition};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;

use crate::keys;
use crate::selector::{self, Labels};

/// How long a pod may take to become ready: half of a Deployment's default `progressDeadlineSeconds`.
const STARTING: SignedDuration = SignedDuration::from_mins(5);

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

/// Kind and name of the workload whose controller made the pod.
///
/// A Deployment's pods belong to a `ReplicaSet` that the Deployment controller names
/// `DEPLOYMENT-HASH`, with the hash that the pod carries as its `pod-template-hash`, so that
/// no list of `ReplicaSets` is needed to follow the chain. A kind of that name in another group is
/// nobody's: the garbage collector would leave such a pod, whoever made it.
#[must_use]
pub fn maker(pod: &Pod) -> Option<(&'static str, &str)> {
    let owner = controller(pod)?;
    if !owner.api_version.starts_with("apps/") {
        return None;
    }
    match owner.kind.as_str() {
        "ReplicaSet" => {
            let hash = label(pod, keys::POD_TEMPLATE_HASH)?;
            let name = owner.name.strip_suffix(hash)?.strip_suffix('-')?;
            Some(("Deployment", name))
        }
        "StatefulSet" => Some(("StatefulSet", &owner.name)),
        _ => None,
    }
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
    condition(pod, "Ready").is_some_and(|ready| ready.status == "True")
}

/// Whether it was ready when its deletion was asked for; nobody asked for that of other pods.
///
/// The deletion timestamp lies the grace period after the request (`ObjectMeta.deletionTimestamp`),
/// so a Ready condition that became false since then was true at the request.
#[must_use]
pub fn was_ready_when_deleted(pod: &Pod) -> bool {
    let Some(end) = &pod.metadata.deletion_timestamp else {
        return false;
    };
    let grace = pod.metadata.deletion_grace_period_seconds.unwrap_or(0);
    let asked = end
        .0
        .checked_sub(SignedDuration::from_secs(grace))
        .unwrap_or(end.0);
    let condition = condition(pod, "Ready");
    condition.is_some_and(|ready| {
        let since = ready.last_transition_time.as_ref();
        ready.status == "True" || since.is_none_or(|since| since.0 >= asked)
    })
}

/// Whether no node has been found for it yet.
#[must_use]
pub fn has_no_node(pod: &Pod) -> bool {
    condition(pod, "PodScheduled").is_some_and(|scheduled| scheduled.status == "False")
}

/// Whether it was made a moment ago and was never ready, without a container that has ended: it may well
/// be soon. Whether somebody deletes it meanwhile says nothing of that.
#[must_use]
pub fn is_starting(pod: &Pod, now: Timestamp) -> bool {
    let created = pod.metadata.creation_timestamp.as_ref();
    let is_new = created.is_some_and(|created| now.duration_since(created.0) < STARTING);
    let statuses = pod.status.iter().flat_map(|status| {
        let init = status.init_container_statuses.iter().flatten();
        init.chain(status.container_statuses.iter().flatten())
    });
    let has_ended = statuses.into_iter().any(|status| status.restart_count > 0);
    is_new && !has_ended && !is_ready(pod) && !was_ready(pod)
}

/// Whether it is ready no more, and has been since its containers run: its Ready condition is false from
/// before they are started, and keeps that time until it has been true (`PodCondition.lastTransitionTime`).
fn was_ready(pod: &Pod) -> bool {
    let ready = condition(pod, "Ready").filter(|ready| ready.status == "False");
    let since = ready.and_then(|ready| ready.last_transition_time.as_ref());
    let containers = pod.status.iter();
    let started = containers
        .flat_map(|status| status.container_statuses.iter().flatten())
        .filter_map(|status| status.state.as_ref()?.running.as_ref()?.started_at.as_ref())
        .max();
    since
        .zip(started)
        .is_some_and(|(since, started)| since.0 > started.0)
}

/// A condition of its status.
#[must_use]
pub fn condition<'a>(pod: &'a Pod, kind: &str) -> Option<&'a PodCondition> {
    pod.status
        .iter()
        .flat_map(|status| status.conditions.iter().flatten())
        .find(|condition| condition.type_ == kind)
}

/// Whether it ended, so that no Service routes to it again.
#[must_use]
pub fn is_finished(pod: &Pod) -> bool {
    pod.status
        .as_ref()
        .and_then(|status| status.phase.as_deref())
        .is_some_and(|phase| phase == "Succeeded" || phase == "Failed")
}

/// Whether a Service that selects the pod routes to it (`EndpointSlice` condition `ready`).
#[must_use]
pub fn is_serving(pod: &Pod) -> bool {
    is_ready(pod) && !is_terminating(pod) && !is_finished(pod)
}
