//! A container that serves has no readiness probe: its pod counts as ready as soon as it runs.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{Container, PodSpec, Service};

use crate::refusal::{Cause, Code, Refusal, three};
use crate::serving;

use super::case::Case;
use super::change::Change;
use super::side::Member;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    let causes: Vec<Cause> = case
        .target
        .members
        .iter()
        .flat_map(|member| {
            let name = member.workload.reference();
            let containers = unprobed_of(member, case).into_iter();
            containers.map(move |container| Cause::new(name.clone(), container))
        })
        .collect();
    if causes.is_empty() {
        return None;
    }
    let named: Vec<String> = causes
        .iter()
        .map(|cause| format!("container {} of {}", cause.message, cause.object))
        .collect();
    let verb = if named.len() == 1 { "has" } else { "have" };
    let message = format!(
        "{} {verb} no readiness probe, so ready says nothing",
        three(&named)
    );
    let causes = causes
        .into_iter()
        .map(|cause| {
            Cause::new(
                cause.object,
                format!("container {}: no readiness probe", cause.message),
            )
        })
        .collect();
    let remedy = format!("add a readinessProbe to {}", three(&named));
    Some(Refusal::new(Code::NoReadinessProbe, &message, remedy).because(causes))
}

/// Of the pods that would serve; of the template where there are none.
fn unprobed_of<'a>(member: &Member<'a>, case: &Case<'_>) -> BTreeSet<&'a str> {
    let mut specs = member.live().filter_map(|pod| pod.spec.as_ref()).peekable();
    if specs.peek().is_none() {
        let template = member.workload.pod_spec();
        return template.map_or_else(BTreeSet::new, |spec| newly_unprobed(case, spec));
    }
    specs.flat_map(|spec| newly_unprobed(case, spec)).collect()
}

/// What serves without a probe from then on: where the environment stays, and lacked one before, the
/// update breaks nothing.
fn newly_unprobed<'a>(case: &Case<'_>, spec: &'a PodSpec) -> BTreeSet<&'a str> {
    let stays = case.change == Change::Routing;
    if stays && !unprobed(case.before, spec).is_empty() {
        return BTreeSet::new();
    }
    unprobed(case.after, spec)
}

/// Containers without a probe that serve the Service. Behind a port that none declares any may
/// stand, so that one of them must have a probe.
fn unprobed<'a>(service: &Service, spec: &'a PodSpec) -> BTreeSet<&'a str> {
    let has_none = |container: &&Container| container.readiness_probe.is_none();
    let served = serving::resolve(service, spec);
    let undeclared = served.is_empty()
        || served
            .iter()
            .any(|served| served.container.is_none() && served.number.is_some());
    let nobody = undeclared && serving::containers(spec).all(|container| has_none(&container));
    let declared: Vec<&Container> = served
        .iter()
        .filter_map(|served| served.container)
        .collect();
    serving::containers(spec)
        .filter(has_none)
        .filter(|container| {
            nobody
                || declared
                    .iter()
                    .any(|found| std::ptr::eq(*found, *container))
        })
        .map(|container| container.name.as_str())
        .collect()
}
