//! What the Deployment was before: to know what to go back to, whoever has been killed meanwhile.
//!
//! The template itself is kept where the Deployment controller keeps it, in the `ReplicaSet` of that
//! revision, as `kubectl rollout undo` has it. What no `ReplicaSet` knows, how many replicas there were
//! and how many of them were available, is noted on the production Services beside its name.

use std::collections::BTreeMap;

use json_patch::jsonptr::PointerBuf;
use json_patch::{Patch, PatchOperation, RemoveOperation};
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{PodTemplateSpec, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::keys;
use crate::metadata::annotation;
use crate::patch;
use crate::workload::Workload;

use super::scene::Scene;

/// Fields of a Deployment's spec that are not gone back to by themselves: the template is kept
/// elsewhere, and the selector never changes.
const ELSEWHERE: [&str; 2] = ["template", "selector"];

/// The value of the annotation `bluegreen.dev/rolling-update`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Before {
    /// The uid of the Deployment: it says nothing of another one of its name.
    pub uid: String,
    /// The name of the `ReplicaSet` that has the template.
    pub replica_set: String,
    /// The controller's count of templates when this was written.
    pub revision: u64,
    /// What the template ran, for people.
    pub images: Vec<String>,
    /// Pods that were available.
    pub available: i32,
    /// What else of the spec the update changes, as it was; null where it was not there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub spec: BTreeMap<String, Value>,
    /// What kubectl shows as the reason for the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change_cause: Option<String>,
}

impl Before {
    /// The Deployment as it stands, of which `set` has the template, before it becomes `after`.
    #[must_use]
    pub fn of(scene: &Scene<'_>, set: &ReplicaSet, after: &Deployment) -> Self {
        let metadata = &scene.deployment.metadata;
        Self {
            uid: metadata.uid.clone().unwrap_or_default(),
            replica_set: set.metadata.name.clone().unwrap_or_default(),
            revision: revision(metadata),
            images: scene.workload.images().map(str::to_owned).collect(),
            available: scene.workload.counts().available,
            spec: changed(scene.deployment, after),
            change_cause: annotation(metadata, keys::CHANGE_CAUSE).map(str::to_owned),
        }
    }

    /// The same, where the update goes on to become something else: what was not changed so far still is
    /// as it was.
    #[must_use]
    pub fn further(mut self, scene: &Scene<'_>, after: &Deployment) -> Self {
        self.revision = revision(&scene.deployment.metadata);
        for (field, value) in changed(scene.deployment, after) {
            self.spec.entry(field).or_insert(value);
        }
        self
    }

    /// The annotation's value.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The fields that differ, as they were.
fn changed(before: &Deployment, after: &Deployment) -> BTreeMap<String, Value> {
    let [before, after] = [before, after].map(spec);
    let keys = before.keys().chain(after.keys());
    keys.filter(|key| !ELSEWHERE.contains(&key.as_str()) && before.get(*key) != after.get(*key))
        .map(|key| (key.clone(), before.get(key).cloned().unwrap_or_default()))
        .collect()
}

fn spec(deployment: &Deployment) -> Map<String, Value> {
    match json!(deployment.spec) {
        Value::Object(spec) => spec,
        _ => Map::new(),
    }
}

fn revision(metadata: &ObjectMeta) -> u64 {
    let said = annotation(metadata, keys::REVISION);
    said.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// What an update that was cut off has noted of this Deployment. Whoever gave it another template since
/// has made it void; to take that one back is no other.
#[must_use]
pub fn remembered(scene: &Scene<'_>, sets: &[ReplicaSet]) -> Option<Before> {
    let metadata = &scene.deployment.metadata;
    let is_valid = |before: &Before| {
        let runs = || runs(scene.deployment, sets)?.metadata.name.as_deref();
        metadata.uid.as_deref() == Some(&before.uid)
            && match revision(metadata).checked_sub(before.revision) {
                Some(0 | 1) => true,
                Some(2) => runs() == Some(&before.replica_set),
                _ => false,
            }
    };
    let mut noted = scene.services.iter().filter_map(|service| {
        let text = annotation(&service.metadata, keys::ROLLING)?;
        serde_json::from_str::<Before>(text).ok()
    });
    noted.find(is_valid)
}

/// Notes it on a Service.
#[must_use]
pub fn remember(service: &Service, before: &Before) -> Patch {
    let same = patch::same(&service.metadata);
    let note = patch::annotate(&service.metadata, keys::ROLLING, before.text());
    Patch(same.into_iter().chain(note).collect())
}

/// Takes the note away again, whatever it says; `None` where there is none.
#[must_use]
pub fn forget(service: &Service) -> Option<Patch> {
    annotation(&service.metadata, keys::ROLLING)?;
    let same = patch::same(&service.metadata).into_iter();
    Some(Patch(
        same.chain([patch::unannotate(keys::ROLLING)]).collect(),
    ))
}

/// The `ReplicaSet` of the template that the Deployment has now (`deployment/util`, `FindNewReplicaSet`).
#[must_use]
pub fn runs<'s>(deployment: &Deployment, sets: &'s [ReplicaSet]) -> Option<&'s ReplicaSet> {
    let template = &deployment.spec.as_ref()?.template;
    sets.iter().find(|set| {
        let owners = set.metadata.owner_references.iter().flatten();
        let mut uids = owners.map(|owner| Some(&owner.uid));
        let of_set = set.spec.as_ref().and_then(|spec| spec.template.as_ref());
        uids.any(|uid| uid == deployment.metadata.uid.as_ref())
            && of_set.is_some_and(|of_set| without_hash(of_set) == *template)
    })
}

fn without_hash(template: &PodTemplateSpec) -> PodTemplateSpec {
    let mut template = template.clone();
    let metadata = template.metadata.as_mut();
    if let Some(labels) = metadata.and_then(|metadata| metadata.labels.as_mut()) {
        labels.remove(keys::POD_TEMPLATE_HASH);
    }
    template
}

/// What brings the Deployment back to what it was; `None` where it is so already, and where the
/// template can't be read.
///
/// `template` is that of before as the API server sent it, of a `ReplicaSet` or of the Deployment:
/// fields that only a newer Kubernetes knows are kept.
#[must_use]
pub fn undo(before: &Before, template: &Value, now: &Deployment) -> Option<Patch> {
    let mut template = template.clone();
    if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
        labels.remove(keys::POD_TEMPLATE_HASH);
    }
    let typed: PodTemplateSpec = serde_json::from_value(template.clone()).ok()?;
    let current = spec(now);
    let mut changes = Vec::new();
    if now.spec.as_ref().map(|spec| &spec.template) != Some(&typed) {
        changes.push(patch::replace(["spec", "template"], template));
    }
    for (field, value) in &before.spec {
        let is_now = current.get(field).unwrap_or(&Value::Null);
        if is_now == value {
            continue;
        }
        changes.push(if value.is_null() {
            let path = PointerBuf::from_tokens(["spec", field.as_str()]);
            PatchOperation::Remove(RemoveOperation { path })
        } else {
            patch::add(["spec", field.as_str()], value.clone())
        });
    }
    if changes.is_empty() {
        return None;
    }
    let metadata = &now.metadata;
    match (
        annotation(metadata, keys::CHANGE_CAUSE),
        &before.change_cause,
    ) {
        (Some(now), Some(before)) if now == before => {}
        (Some(_), None) => changes.push(patch::unannotate(keys::CHANGE_CAUSE)),
        (None, None) => {}
        (_, Some(before)) => {
            changes.extend(patch::annotate(
                metadata,
                keys::CHANGE_CAUSE,
                before.clone(),
            ));
        }
    }
    // Its spec as it was read, whatever its status says by then.
    let generation = metadata
        .generation
        .map(|number| patch::test(["metadata", "generation"], number));
    let tests = patch::same(metadata).into_iter().chain(generation);
    Some(Patch(tests.chain(changes).collect()))
}

/// Whether every pod runs the newest template, and as many are available as were before.
#[must_use]
pub fn is_back(now: &Workload, before: &Before) -> bool {
    let (wanted, counts) = (now.replicas(), now.counts());
    now.is_observed()
        && counts.updated == wanted
        && counts.replicas == wanted
        && counts.available >= wanted.min(before.available)
}
