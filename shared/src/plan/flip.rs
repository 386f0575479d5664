//! One flip of one production Service, as the patches that do it.

use jiff::Timestamp;
use json_patch::{Patch, PatchOperation};
use k8s_openapi::api::core::v1::Service;
use serde_json::json;

use crate::application::Production;
use crate::history::{self, Entry};
use crate::intent::{self, Intent};
use crate::keys;
use crate::metadata::annotation;
use crate::overlap::{Overlap, Step};
use crate::patch;
use crate::selector::{self, Labels};

/// A production Service and the selector that it is to get.
#[derive(Clone, Debug)]
pub struct ServiceFlip<'a> {
    /// The Service as it was judged.
    pub before: &'a Service,
    /// The Service as it would be stored, but for its history: what the gate judges.
    pub after: Service,
    /// What it does to an overlap.
    pub step: Step,
    /// What the side is selected by that has served alone before.
    served: Labels,
}

impl<'a> ServiceFlip<'a> {
    /// The flip of a Service to a role alone; `None` where the role is neither of the two.
    #[must_use]
    pub fn to(production: &Production<'a>, role: &str) -> Option<Self> {
        let before = production.service;
        let wanted = production.selectors.get(role)?;
        let (step, served) = match &production.overlap {
            None => (Step::Flip, selector::of(before)),
            Some(overlap) => (
                if role == overlap.from {
                    Step::Return
                } else {
                    Step::Leave
                },
                production.selectors.get(&overlap.from)?,
            ),
        };
        let mut after = reselected(before, served, wanted);
        if let Some(annotations) = &mut after.metadata.annotations {
            annotations.remove(keys::OVERLAP);
        }
        Some(Self {
            before,
            after,
            step,
            served: served.clone(),
        })
    }

    /// The Service with both sides selected, and on it what the old side runs, which `served` alone until
    /// then; `None` where nothing but the role is in its selector, so that without it nothing would be.
    #[must_use]
    pub fn to_both(
        production: &Production<'a>,
        overlap: &Overlap,
        served: Option<&str>,
    ) -> Option<Self> {
        let before = production.service;
        let both = production.without_role();
        if both.is_empty() {
            return None;
        }
        let mut after = reselected(before, selector::of(before), &both);
        let annotations = after.metadata.annotations.get_or_insert_default();
        annotations.insert(keys::OVERLAP.to_owned(), overlap.value(served));
        Some(Self {
            before,
            after,
            step: Step::Enter,
            served: selector::of(before).clone(),
        })
    }

    /// The Service's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.before.metadata.name.as_deref().unwrap_or_default()
    }

    /// Whether the Service selects what it is to select, and says the same of an overlap.
    #[must_use]
    pub fn is_stored(&self, service: &Service) -> bool {
        let said =
            |service: &Service| annotation(&service.metadata, keys::OVERLAP).map(str::to_owned);
        selector::of(service) == selector::of(&self.after) && said(service) == said(&self.after)
    }

    /// Writes what is about to happen, before it happens, on the Service that was judged.
    #[must_use]
    pub fn announce(&self, to: &str, by: Option<&str>, now: Timestamp) -> Patch {
        let intent = Intent {
            to: to.to_owned(),
            by: by.map(str::to_owned),
            serving: None,
            until: now.checked_add(intent::LONGEST).unwrap_or(Timestamp::MAX),
        };
        let mut operations = guards(self.before);
        let text = serde_json::to_string(&intent).unwrap_or_default();
        operations.extend(patch::annotate(&self.before.metadata, keys::INTENT, text));
        Patch(operations)
    }

    /// Flips the Service, takes the intent away and adds the entry, where the step is one for the history,
    /// in one patch.
    ///
    /// `announced` is the Service as the API server returned it for [`Self::announce`]. With
    /// `past_the_guard` the same patch carries the reason for an override; it has to differ from
    /// the one that may still be there, or it opens nothing.
    #[must_use]
    pub fn flip(&self, announced: &Service, entry: Entry, past_the_guard: Option<&str>) -> Patch {
        let mut operations = match annotation(&announced.metadata, keys::INTENT) {
            Some(_) => {
                // What others write beside is no reason to begin anew: intent, selector and history
                // are as they were judged.
                let mut operations: Vec<PatchOperation> =
                    patch::same(&announced.metadata).into_iter().collect();
                operations.extend(unchanged(announced, keys::INTENT));
                operations.extend(unchanged(announced, keys::HISTORY));
                operations.push(patch::unannotate(keys::INTENT));
                operations
            }
            None => guards(announced),
        };
        operations.extend(reroute(announced, &self.served, selector::of(&self.after)));
        operations.extend(mark(announced, &self.after));
        if annotation(&announced.metadata, keys::TAKEDOWN).is_some() {
            // What is released anew is not to go any more.
            operations.push(patch::unannotate(keys::TAKEDOWN));
        }
        if self.step.is_recorded() {
            let text = history::with(entry, history::of(announced));
            operations.extend(patch::annotate(&announced.metadata, keys::HISTORY, text));
        }
        if let Some(reason) = past_the_guard {
            operations.push(patch::add(patch::annotation(keys::OVERRIDE), reason));
        }
        Patch(operations)
    }

    /// Puts a Service that was flipped back to the side that served alone before, and takes the entry of
    /// the flip out of its history. Nothing else changes there: it is all that the API server lets pass.
    #[must_use]
    pub fn put_back(&self, flipped: &Service) -> Patch {
        let mut patch = self.return_to(flipped);
        if self.step.is_recorded() {
            patch.0.push(match history::without_newest(flipped) {
                Some(left) => patch::add(patch::annotation(keys::HISTORY), left),
                None => patch::unannotate(keys::HISTORY),
            });
        }
        patch
    }

    /// The same as a flip of its own, behind the one that is in the history: the side runs by now what that
    /// does not say of it.
    #[must_use]
    pub fn return_to(&self, flipped: &Service) -> Patch {
        let mut operations: Vec<PatchOperation> =
            patch::same(&flipped.metadata).into_iter().collect();
        operations.extend(unchanged(flipped, keys::HISTORY));
        operations.extend(reroute(flipped, selector::of(&self.after), &self.served));
        if annotation(&flipped.metadata, keys::OVERLAP).is_some() {
            operations.push(patch::unannotate(keys::OVERLAP));
        }
        Patch(operations)
    }

    /// Whether a Service selects what it is put back to.
    #[must_use]
    pub fn is_put_back(&self, service: &Service) -> bool {
        selector::of(service) == &self.served
    }
}

/// Takes an intent away from a Service that is not to be flipped after all; `None` where it has none.
#[must_use]
pub fn withdraw(announced: &Service) -> Option<Patch> {
    let mut operations: Vec<PatchOperation> =
        patch::same(&announced.metadata).into_iter().collect();
    operations.push(unchanged(announced, keys::INTENT)?);
    operations.push(patch::unannotate(keys::INTENT));
    Some(Patch(operations))
}

/// An annotation as it was read; `None` where there was none.
fn unchanged(service: &Service, key: &str) -> Option<PatchOperation> {
    let value = annotation(&service.metadata, key)?;
    Some(patch::test(patch::annotation(key), value))
}

/// The mark of an overlap as it is to be, where it was as it was read.
fn mark(announced: &Service, after: &Service) -> Vec<PatchOperation> {
    let was = unchanged(announced, keys::OVERLAP);
    let is = annotation(&after.metadata, keys::OVERLAP).map(str::to_owned);
    let gone = (was.is_some() && is.is_none()).then(|| patch::unannotate(keys::OVERLAP));
    let set = is.map(|text| patch::annotate(&announced.metadata, keys::OVERLAP, text));
    was.into_iter()
        .chain(gone)
        .chain(set.into_iter().flatten())
        .collect()
}

/// The same object, and not changed at all since it was read.
fn guards(service: &Service) -> Vec<PatchOperation> {
    let metadata = &service.metadata;
    let version = patch::unchanged(metadata);
    patch::same(metadata).into_iter().chain(version).collect()
}

/// The whole selector, and with it each of the Service's own labels that repeats a value of the side
/// that is left.
fn reroute(service: &Service, left: &Labels, wanted: &Labels) -> Vec<PatchOperation> {
    let mut operations = vec![
        patch::test(["spec", "selector"], json!(selector::of(service))),
        patch::replace(["spec", "selector"], json!(wanted)),
    ];
    for (key, value) in moving_labels(service, left, wanted) {
        operations.push(patch::replace(["metadata", "labels", key], value));
    }
    operations
}

/// The Service's own labels that say which role is live, as the published pattern has it.
fn moving_labels<'w>(
    service: &Service,
    left: &Labels,
    wanted: &'w Labels,
) -> impl Iterator<Item = (&'w str, &'w str)> {
    let own = selector::or_empty(service.metadata.labels.as_ref());
    wanted
        .iter()
        .filter(|(key, value)| {
            let now = left.get(*key);
            now.is_some() && now != Some(*value) && own.get(*key) == now
        })
        .map(|(key, value)| (key.as_str(), value.as_str()))
}

fn reselected(service: &Service, left: &Labels, wanted: &Labels) -> Service {
    let mut after = service.clone();
    for (key, value) in moving_labels(service, left, wanted) {
        if let Some(labels) = &mut after.metadata.labels {
            labels.insert(key.to_owned(), value.to_owned());
        }
    }
    after.spec.get_or_insert_default().selector = Some(wanted.clone());
    after
}
