//! The last ready pod of a live Service that would lose its labels.

use k8s_openapi::api::core::v1::{Pod, Service};

use crate::live::{is_aside, is_taken_down};
use crate::objects::Objects;
use crate::overlap;
use crate::pod;
use crate::refusal::Refusal;
use crate::selector;

use super::{protected, service};

/// Whether a pod that the Service selects is no longer selected by it, or of another side of its overlap.
#[must_use]
pub fn is_left(service: &Service, before: &Pod, after: &Pod) -> bool {
    let selector = overlap::narrowed(service, pod::labels(before));
    selector::matches(&selector, pod::labels(before))
        && !selector::matches(&selector, pod::labels(after))
}

pub(super) fn update(before: &Pod, after: &Pod, objects: &Objects) -> Vec<Refusal> {
    if !pod::is_serving(before) {
        return Vec::new();
    }
    let loses = |service: &&Service| {
        is_left(service, before, after)
            && !is_aside(service)
            && !is_taken_down(service.metadata.annotations.as_ref())
    };
    let is_last = |service: &&Service| {
        let selector = overlap::narrowed(service, pod::labels(before));
        !objects.pods.iter().any(|other| {
            pod::name(other) != pod::name(before)
                && pod::is_serving(other)
                && selector::matches(&selector, pod::labels(other))
        })
    };
    let services = objects.services.iter().filter(loses).filter(is_last);
    services
        .map(|service| {
            let message = format!(
                "Pod/{} is the only ready one behind Service/{} and would lose the labels that select it",
                pod::name(before),
                service::name(service)
            );
            protected(&message, service)
        })
        .collect()
}
