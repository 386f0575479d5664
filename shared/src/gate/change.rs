//! How much an update changes.

use std::collections::{BTreeSet, HashSet};

use crate::pod;
use crate::selector::{self, Labels};

use super::Flip;
use super::side::{self, Member, Side};

/// What of a Service's routing an update changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing of where requests go.
    Nothing,
    /// Ports, type or a selector that matches the same as before.
    Routing,
    /// Which environment is selected.
    Environment,
    /// Several environments would be selected at once.
    Mixture,
}

impl Change {
    pub(super) fn of(flip: &Flip<'_>, new_side: &Side<'_>, old_side: &Side<'_>) -> Self {
        let old = side::routes_by(flip.before);
        let new = side::routes_by(flip.after);
        if old == new {
            return if ports_and_type(flip.before) == ports_and_type(flip.after) {
                Self::Nothing
            } else {
                Self::Routing
            };
        }
        let (keeps, joins) = overlap(old, new_side, old_side);
        if keeps && joins || differ_in_a_dropped_key(old, new, new_side) {
            Self::Mixture
        } else if keeps && !joins && same(old, new_side) && same(new, old_side) {
            Self::Routing
        } else {
            Self::Environment
        }
    }
}

fn ports_and_type(
    service: &k8s_openapi::api::core::v1::Service,
) -> Option<(&[k8s_openapi::api::core::v1::ServicePort], Option<&str>)> {
    let spec = service.spec.as_ref()?;
    let ports = spec.ports.as_deref().unwrap_or_default();
    Some((ports, spec.type_.as_deref()))
}

/// Whether the new selector keeps something of what the old one matches, and adds something to it.
fn overlap(old: &Labels, new_side: &Side<'_>, old_side: &Side<'_>) -> (bool, bool) {
    let key = |member: &Member<'_>| (member.workload.kind(), member.workload.name().to_owned());
    let was: HashSet<_> = old_side.members.iter().map(key).collect();
    let workloads = new_side
        .members
        .iter()
        .map(|member| was.contains(&key(member)));
    let strays = new_side
        .strays
        .iter()
        .filter(|pod| !pod::is_terminating(pod))
        .map(|pod| selector::matches(old, pod::labels(pod)));
    workloads
        .chain(strays)
        .fold((false, false), |(keeps, joins), stays| {
            (keeps || stays, joins || !stays)
        })
}

/// Whether workloads have different values of a key that no longer chooses between them.
fn differ_in_a_dropped_key(old: &Labels, new: &Labels, new_side: &Side<'_>) -> bool {
    old.keys().filter(|key| !new.contains_key(*key)).any(|key| {
        let values: BTreeSet<_> = new_side
            .members
            .iter()
            .filter_map(|member| member.workload.pod_labels().get(key))
            .collect();
        values.len() > 1
    })
}

/// Whether the selector matches everything that the side has, pods and templates.
fn same(selector: &Labels, side: &Side<'_>) -> bool {
    let pods = side
        .live()
        .all(|pod| selector::matches(selector, pod::labels(pod)));
    pods && side.members.iter().all(|member| {
        member.is_matched == selector::matches(selector, member.workload.pod_labels())
    })
}
