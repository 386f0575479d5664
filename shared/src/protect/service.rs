//! A production Service that would be deleted.

use k8s_openapi::api::core::v1::Service;

use crate::live::{is_aside, is_taken_down};
use crate::objects::Objects;
use crate::refusal::{Refusal, three};
use crate::selector;
use crate::workload::Workload;

use super::protected;

pub(super) fn delete(service: &Service, objects: &Objects) -> Vec<Refusal> {
    let serving = serving(service, objects);
    if serving.is_empty() {
        return Vec::new();
    }
    let message = format!(
        "Service/{} routes to {} and would be deleted",
        name(service),
        three(&serving)
    );
    vec![protected(&message, service)]
}

/// The workloads that a Service makes live; none for one that is bound, for tests or taken down.
pub(super) fn serving(service: &Service, objects: &Objects) -> Vec<String> {
    if is_aside(service) || is_taken_down(service.metadata.annotations.as_ref()) {
        return Vec::new();
    }
    let selector = selector::of(service);
    let behind = |workload: &&Workload| selector::matches(selector, workload.pod_labels());
    let workloads = objects.workloads.iter().filter(behind);
    let mut names: Vec<String> = workloads.map(Workload::reference).collect();
    names.sort();
    names
}

pub(super) fn name(service: &Service) -> &str {
    service.metadata.name.as_deref().unwrap_or_default()
}
