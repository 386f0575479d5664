//! The history entry of a flip by a client that writes none.

use json_patch::PatchOperation;
use k8s_openapi::api::core::v1::Pod;

use crate::application::Application;
use crate::discover::{self, Hints};
use crate::gate::overlap::{self, Plain};
use crate::gate::{self, Flip};
use crate::history::{self, Entry, Ready, Revisions};
use crate::keys;
use crate::metadata::annotation;
use crate::objects::Objects;
use crate::patch;
use crate::pod;
use crate::selector::{self, Labels};
use crate::words;
use crate::workload::Workload;

use super::restore;

/// Adds the flip to the Service's history; nothing where the update is none, or has written it itself.
///
/// `objects` must hold the namespace's Services and workloads, and the pods that either selector
/// matches.
#[must_use]
pub fn record(flip: &Flip<'_>, objects: &Objects, user: &str) -> Vec<PatchOperation> {
    match overlap::plain(flip, objects) {
        Ok(None) => record_plain(flip, None, objects, user),
        Ok(Some(Plain {
            step,
            before,
            after,
            served,
        })) if step.is_recorded() => {
            let plain = Flip {
                before: &before,
                after: &after,
                now: flip.now,
            };
            record_plain(&plain, served, objects, user)
        }
        // Production is on its way, or the gate refuses it.
        Ok(Some(_)) | Err(_) => Vec::new(),
    }
}

/// The entry of a flip; `served` is what the side ran that is left, where that is not what it runs.
fn record_plain(
    flip: &Flip<'_>,
    served: Option<String>,
    objects: &Objects,
    user: &str,
) -> Vec<PatchOperation> {
    let (old, new) = (selector::of(flip.before), selector::of(flip.after));
    if old == new || restore::written(flip.before) != restore::written(flip.after) {
        return Vec::new();
    }
    let (left, next) = (Side::of(old, objects), Side::of(new, objects));
    let (from, to) = roles(flip, objects);
    if from == to || from.is_empty() || to.is_empty() {
        // One that says more or less than the other selects no other role.
        return Vec::new();
    }
    let reason = annotation(&flip.after.metadata, keys::OVERRIDE)
        .filter(|reason| annotation(&flip.before.metadata, keys::OVERRIDE) != Some(*reason));
    let entry = Entry {
        at: flip.now,
        from: Some(from),
        to,
        revision: Revisions {
            from: served.or_else(|| left.revision()),
            to: next.revision(),
        },
        ready: Ready {
            from: left.ready(),
            to: next.ready(),
        },
        images: next.images(),
        by: user.to_owned(),
        reason: reason.map(str::to_owned),
        overridden: reason.is_some(),
    };
    let text = history::with(entry, history::of(flip.after));
    patch::annotate(&flip.after.metadata, keys::HISTORY, text).collect()
}

/// What one selector finds.
struct Side<'a> {
    workloads: Vec<&'a Workload>,
    pods: Vec<&'a Pod>,
}

impl<'a> Side<'a> {
    fn of(selector: &Labels, objects: &'a Objects) -> Self {
        let workloads = objects.workloads.iter();
        let pods = objects.pods.iter();
        Self {
            workloads: workloads
                .filter(|workload| selector::matches(selector, workload.pod_labels()))
                .collect(),
            pods: pods
                .filter(|pod| selector::matches(selector, pod::labels(pod)))
                .collect(),
        }
    }

    fn revision(&self) -> Option<String> {
        gate::revision(&self.workloads, &self.pods)
    }

    fn ready(&self) -> usize {
        self.pods.iter().filter(|pod| pod::is_serving(pod)).count()
    }

    fn images(&self) -> Vec<String> {
        let workloads = self.workloads.iter();
        let images = workloads.flat_map(|workload| workload.images());
        images.map(str::to_owned).collect()
    }
}

/// The roles that a flip goes from and to: as discovery calls them, else in the selector's own words.
fn roles(flip: &Flip<'_>, objects: &Objects) -> (String, String) {
    let (old, new) = (selector::of(flip.before), selector::of(flip.after));
    let name = flip.before.metadata.name.as_deref();
    let (applications, _) = discover::all(objects, &Hints::default());
    let known = |application: &Application<'_>| {
        let mut all = application.production.iter();
        let production = all.find(|one| Some(one.name()) == name)?;
        let role = |wanted: &Labels| {
            let mut sides = production.selectors.iter();
            sides
                .find(|(_, side)| *side == wanted)
                .map(|(role, _)| role.clone())
        };
        Some((role(old)?, role(new)?))
    };
    let in_words = || (in_words(old, new), in_words(new, old));
    applications.iter().find_map(known).unwrap_or_else(in_words)
}

/// The colour of what a selector has and the other one has not, or all of it.
fn in_words(selector: &Labels, other: &Labels) -> String {
    let differing = selector
        .iter()
        .filter(|(key, value)| other.get(*key) != Some(*value));
    let values: Vec<&str> = differing.map(|(_, value)| value.as_str()).collect();
    let colour = values.iter().find_map(|value| words::colour(value));
    colour.map_or_else(|| values.join("+"), str::to_owned)
}
