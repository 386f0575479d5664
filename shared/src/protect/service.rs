//! A production Service that would be deleted, or lose what says its role.

use k8s_openapi::api::core::v1::Service;

use crate::keys;
use crate::live::{is_aside, is_taken_down};
use crate::metadata::{annotation, namespace_flag};
use crate::objects::Objects;
use crate::refusal::{Code, Refusal, three};
use crate::selector;
use crate::words;
use crate::workload::Workload;

use super::owner::{new_owner, owned};
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

pub(super) fn update(before: &Service, after: &Service) -> Vec<Refusal> {
    if is_aside(before) || is_taken_down(before.metadata.annotations.as_ref()) {
        return Vec::new();
    }
    let owner = new_owner(&before.metadata, &after.metadata).map(owned);
    let role = lost_role(before, after)
        .map(|(key, value)| format!("would lose {key}={value}, which says what role it selects"));
    let reasons = owner.into_iter().chain(role);
    reasons.map(|what| refuse(before, &what)).collect()
}

fn refuse(service: &Service, what: &str) -> Refusal {
    let message = format!("Service/{} {what}", name(service));
    let remedy = format!(
        "kubectl annotate service/{}{} {}=REASON first, where it is to go or to be guarded no more",
        name(service),
        namespace_flag(&service.metadata),
        keys::TAKEDOWN
    );
    Refusal::new(Code::Protected, &message, remedy)
}

/// A selector's key that the update drops, and that says the role by itself, whatever there is beside:
/// a selector without it is none of ours, and nobody would be asked about what it selects next.
///
/// Of what says that it selects both sides the gate sees to it that it does.
fn lost_role<'s>(before: &'s Service, after: &Service) -> Option<(&'s str, &'s str)> {
    if annotation(&after.metadata, keys::OVERLAP).is_some() {
        return None;
    }
    let (old, new) = (selector::of(before), selector::of(after));
    let marked = annotation(&before.metadata, keys::ROLE_KEY).unwrap_or_default();
    let is_marked = |key: &str| marked.split(',').any(|marked| marked.trim() == key);
    let says_colour = new.values().any(|value| words::has_colour(value));
    let mut dropped = old.iter().filter(|(key, _)| !new.contains_key(*key));
    let (key, value) = dropped
        .find(|(key, value)| is_marked(key) || (words::has_colour(value) && !says_colour))?;
    Some((key, value))
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
