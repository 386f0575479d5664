//! The readiness probe, into every serving container that has none.
//!
//! A probe that is wrong keeps new pods from becoming ready. On the idle side that is seen before
//! anybody depends on it; on what is live it would be an outage, so that nothing new is tried there.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Container, Probe, Service};
use serde_json::json;

use super::annotations::{self, Wish};
use super::change::Change;
use super::front::Front;
use super::served::{self, Serving};
use super::{Mutation, container_field, handler};

/// Adds the probes that are lacking.
pub(super) fn add(
    mutation: &mut Mutation,
    change: &Change<'_>,
    services: &[Service],
    now: Timestamp,
) {
    let front = Front::with(change.after, change.pod_labels);
    let all = served::serving(change.after, &front, services);
    let Some(wish) = annotations::read(mutation, change.after, &all) else {
        return;
    };
    if change.drops_nothing_but_probes() {
        keep(mutation, change, &wish, &all);
        return;
    }
    let is_live = change.is_live(services, now);
    for serving in all.iter().filter(|serving| lacks(serving.container)) {
        let chosen = handler::choose(serving, &wish, &all);
        let name = &serving.container.name;
        let proven = || {
            chosen
                .as_ref()
                .is_some_and(|probe| change.runs_with(name, probe))
        };
        match &chosen {
            Some(probe) if !is_live || proven() => put(mutation, serving.index, probe),
            None if !is_live => {}
            _ => mutation.warn(&format!(
                "{}: container {name} has no readiness probe, none is added to what is live",
                change.after.reference()
            )),
        }
    }
}

/// Puts back every probe that an update drops which changes nothing else of the template, as a
/// server-side apply does of a manifest that never had them: pods must not restart for that.
fn keep(mutation: &mut Mutation, change: &Change<'_>, wish: &Wish, all: &[Serving<'_>]) {
    for (index, container) in change.containers().filter(|(_, it)| lacks(it)) {
        let name = &container.name;
        let Some(stored) = change.stored_probe(name) else {
            continue;
        };
        put(mutation, index, stored);
        let is_ours = all.iter().any(|serving| {
            serving.index == index
                && handler::choose(serving, wish, all)
                    .is_some_and(|probe| handler::is_same(&probe, stored))
        });
        if !is_ours {
            mutation.warn(&format!(
                "{}: container {name} keeps its readiness probe, which this update would drop",
                change.after.reference()
            ));
        }
    }
}

fn lacks(container: &Container) -> bool {
    container.readiness_probe.is_none()
}

fn put(mutation: &mut Mutation, index: usize, probe: &Probe) {
    let path = container_field("containers", index, "readinessProbe");
    mutation.add(path, json!(probe));
}
