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
use crate::patch;
use crate::selector::{self, Labels};

/// A production Service and the selector that it is to get.
#[derive(Clone, Debug)]
pub struct ServiceFlip<'a> {
    /// The Service as it was judged.
    pub before: &'a Service,
    /// The Service as it would be stored, but for its history: what the gate judges.
    pub after: Service,
}

impl<'a> ServiceFlip<'a> {
    /// The flip of a Service to a role; `None` where the role is neither of the two.
    #[must_use]
    pub fn to(production: &Production<'a>, role: &str) -> Option<Self> {
        let before = production.service;
        let wanted = production.selectors.get(role)?;
        Some(Self {
            before,
            after: reselected(before, wanted),
        })
    }

    /// The Service's name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.before.metadata.name.as_deref().unwrap_or_default()
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

    /// Flips the Service, takes the intent away and adds the entry, in one patch.
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
        operations.extend(reroute(announced, selector::of(&self.after)));
        if annotation(&announced.metadata, keys::TAKEDOWN).is_some() {
            // What is released anew is not to go any more.
            operations.push(patch::unannotate(keys::TAKEDOWN));
        }
        let text = history::with(entry, history::of(announced));
        operations.extend(patch::annotate(&announced.metadata, keys::HISTORY, text));
        if let Some(reason) = past_the_guard {
            operations.push(patch::add(patch::annotation(keys::OVERRIDE), reason));
        }
        Patch(operations)
    }

    /// Puts a Service that was flipped back to what it selected before, and takes the entry of the flip
    /// out of its history. Nothing else changes there: it is all that the API server lets pass.
    #[must_use]
    pub fn put_back(&self, flipped: &Service) -> Patch {
        let mut operations: Vec<PatchOperation> =
            patch::same(&flipped.metadata).into_iter().collect();
        operations.extend(unchanged(flipped, keys::HISTORY));
        operations.extend(reroute(flipped, selector::of(self.before)));
        match history::without_newest(flipped) {
            Some(left) => operations.push(patch::add(patch::annotation(keys::HISTORY), left)),
            None => operations.push(patch::unannotate(keys::HISTORY)),
        }
        Patch(operations)
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

/// The same object, and not changed at all since it was read.
fn guards(service: &Service) -> Vec<PatchOperation> {
    let metadata = &service.metadata;
    let version = patch::unchanged(metadata);
    patch::same(metadata).into_iter().chain(version).collect()
}

/// The whole selector, and with it each of the Service's own labels that repeats a value of it.
fn reroute(service: &Service, wanted: &Labels) -> Vec<PatchOperation> {
    let mut operations = vec![
        patch::test(["spec", "selector"], json!(selector::of(service))),
        patch::replace(["spec", "selector"], json!(wanted)),
    ];
    for (key, value) in moving_labels(service, wanted) {
        operations.push(patch::replace(["metadata", "labels", key], value));
    }
    operations
}

/// The Service's own labels that say which role is live, as the published pattern has it.
fn moving_labels<'w>(
    service: &Service,
    wanted: &'w Labels,
) -> impl Iterator<Item = (&'w str, &'w str)> {
    let current = selector::of(service);
    let own = selector::or_empty(service.metadata.labels.as_ref());
    wanted
        .iter()
        .filter(|(key, value)| {
            let now = current.get(*key);
            now.is_some() && now != Some(*value) && own.get(*key) == now
        })
        .map(|(key, value)| (key.as_str(), value.as_str()))
}

fn reselected(service: &Service, wanted: &Labels) -> Service {
    let mut after = service.clone();
    for (key, value) in moving_labels(service, wanted) {
        if let Some(labels) = &mut after.metadata.labels {
            labels.insert(key.to_owned(), value.to_owned());
        }
    }
    after.spec.get_or_insert_default().selector = Some(wanted.clone());
    after
}
