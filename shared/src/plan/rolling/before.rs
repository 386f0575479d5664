//! What the Deployment was before: to know what to go back to, whoever has been killed meanwhile.
//!
//! The template itself is kept where the Deployment controller keeps it, in the `ReplicaSet` of that
//! revision, as `kubectl rollout undo` has it. What no `ReplicaSet` knows, how many replicas there were
//! and how many of them were available, is noted on the production Services beside its name.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;

use fnv::FnvHasher;
use json_patch::Patch;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::{PodTemplateSpec, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::keys;
use crate::metadata::annotation;
use crate::patch;

use super::scene::Scene;

/// Fields of a Deployment's spec that are not gone back to by themselves: the template is kept
/// elsewhere, and the selector never changes.
const ELSEWHERE: [&str; 2] = ["template", "selector"];

/// What an autoscaler changes of a spec.
const REPLICAS: &str = "replicas";

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
    /// Fingerprints of the templates that it was given since, or was about to be given.
    #[serde(default)]
    pub sent: BTreeSet<String>,
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
            sent: BTreeSet::new(),
        }
    }

    /// The same, where the Deployment is about to be given this template.
    #[must_use]
    pub fn sending(mut self, template: &PodTemplateSpec) -> Self {
        self.sent.insert(fingerprint(template));
        self
    }

    /// Whether the Deployment is what the update was planned on, but for a number of pods that it
    /// leaves alone: an autoscaler may go on meanwhile.
    #[must_use]
    pub fn is_as_planned(&self, planned: &Deployment, now: &Deployment) -> bool {
        let [then, is] = [planned, now].map(|deployment| {
            let mut spec = spec(deployment);
            if !self.spec.contains_key(REPLICAS) {
                spec.remove(REPLICAS);
            }
            spec
        });
        planned.metadata.uid == now.metadata.uid && then == is
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

pub(super) fn spec(deployment: &Deployment) -> Map<String, Value> {
    match json!(deployment.spec) {
        Value::Object(spec) => spec,
        _ => Map::new(),
    }
}

fn revision(metadata: &ObjectMeta) -> u64 {
    let said = annotation(metadata, keys::REVISION);
    said.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Which template it is, without what it says: more people read Services than Deployments.
fn fingerprint(template: &PodTemplateSpec) -> String {
    let mut hasher = FnvHasher::default();
    hasher.write(json!(template).to_string().as_bytes());
    format!("{:016x}", hasher.finish())
}

/// What an update that was cut off has noted of this Deployment. It holds for the template of before
/// and for those that such updates have sent; whoever gave it another one has made it void, even where
/// nothing was sent yet.
#[must_use]
pub fn remembered(scene: &Scene<'_>, sets: &[ReplicaSet]) -> Option<Before> {
    let metadata = &scene.deployment.metadata;
    let is_valid = |before: &Before| {
        let name = || runs(scene.deployment, sets)?.metadata.name.as_deref();
        let is_before = || name() == Some(&before.replica_set);
        let template = scene.workload.template().map(fingerprint);
        let is_sent = || template.is_some_and(|template| before.sent.contains(&template));
        metadata.uid.as_deref() == Some(&before.uid)
            && match revision(metadata).checked_sub(before.revision) {
                Some(0 | 1) => is_before() || is_sent(),
                Some(2) => is_before(),
                _ => false,
            }
    };
    let mut noted = scene.services.iter().filter_map(|service| noted(service));
    noted.find(is_valid)
}

/// Whether an update that was cut off has noted anything there, of whichever Deployment.
#[must_use]
pub fn is_noted(service: &Service) -> bool {
    annotation(&service.metadata, keys::ROLLING).is_some()
}

fn noted(service: &Service) -> Option<Before> {
    let text = annotation(&service.metadata, keys::ROLLING)?;
    serde_json::from_str(text).ok()
}

/// Notes it on a Service.
#[must_use]
pub fn remember(service: &Service, before: &Before) -> Patch {
    let same = patch::same(&service.metadata);
    let note = patch::annotate(&service.metadata, keys::ROLLING, before.text());
    Patch(same.into_iter().chain(note).collect())
}

/// Takes the note away again; `None` where there is none of the Deployment with this uid.
#[must_use]
pub fn forget(service: &Service, uid: &str) -> Option<Patch> {
    noted(service).filter(|before| before.uid == uid)?;
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
