//! The last ready pod of a live Service that would lose its labels.

use k8s_openapi::api::core::v1::{Pod, Service};

use crate::live::{is_aside, is_taken_down};
use crate::objects::Objects;
use crate::pod;
use crate::refusal::Refusal;
use crate::selector;

use super::{protected, service};

pub(super) fn update(before: &Pod, after: &Pod, objects: &Objects) -> Vec<Refusal> {
    if !pod::is_serving(before) {
        return Vec::new();
    }
    let loses = |service: &&Service| {
        let selector = selector::of(service);
        selector::matches(selector, pod::labels(before))
            && !selector::matches(selector, pod::labels(after))
            && !is_aside(service)
            && !is_taken_down(service.metadata.annotations.as_ref())
    };
    let is_last = |service: &&Service| {
        !objects.pods.iter().any(|other| {
            pod::name(other) != pod::name(before)
                && pod::is_serving(other)
                && selector::matches(selector::of(service), pod::labels(other))
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
