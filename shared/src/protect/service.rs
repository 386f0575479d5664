//! A production Service that would be deleted, or lose what says its role.

use k8s_openapi::api::core::v1::Service;

use crate::keys;
use crate::live::{is_aside, is_taken_down};
use crate::metadata::{annotation, namespace_flag};
use crate::objects::Objects;
use crate::overlap::{Overlap, role_keys};
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

/// A selector's key that says the role by itself, whatever there is beside, and that the update drops or
/// gives a value that says none: a selector without it is none of ours, nobody would be asked about what
/// it selects next, and what has no role is guarded by nobody.
///
/// Of what says that it selects both sides the gate sees to it that it does, and one of them is selected
/// alone in the end.
fn lost_role<'s>(before: &'s Service, after: &Service) -> Option<(&'s str, &'s str)> {
    let marked = role_keys(before);
    let (old, new) = (selector::of(before), selector::of(after));
    let mut old = old.iter();
    let (key, value) = if annotation(&after.metadata, keys::OVERLAP).is_some() {
        let leads_to_none = marked.is_empty() && leads_out_of_colours(after);
        old.find(|(_, value)| leads_to_none && words::has_colour(value))?
    } else {
        let says_colour = new.values().any(|value| words::has_colour(value));
        let loses_colour = |value: &str| words::has_colour(value) && !says_colour;
        old.find(|(key, value)| match new.get(*key) {
            None => marked.contains(*key) || loses_colour(value),
            Some(is) => !marked.contains(*key) && loses_colour(value) && !is_plain_side(value, is),
        })?
    };
    Some((key, value))
}

/// Whether the overlap that begins is to end in a role without a colour.
fn leads_out_of_colours(service: &Service) -> bool {
    let overlap = Overlap::of(service).ok().flatten();
    overlap
        .is_some_and(|overlap| words::has_colour(&overlap.from) && !words::has_colour(&overlap.to))
}

/// Whether they are `web-green` and `web`, which are called blue and green by that.
fn is_plain_side(value: &str, plain: &str) -> bool {
    let rest = words::without_colour(value);
    !rest.is_empty() && rest == words::without_colour(plain)
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
