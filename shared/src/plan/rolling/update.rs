//! What images, a number of replicas and bounds make of the Deployment.

use json_patch::{Patch, PatchOperation};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Container;
use serde_json::json;

use crate::keys;
use crate::objects::Objects;
use crate::patch;
use crate::plan::Declined;
use crate::plan::stage::ImageWish;
use crate::plan::stage::container::choose;
use crate::workload::Workload;

use super::scene::Scene;
use super::strategy::{self, Bounds};

/// What it is to become.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// Images, of named containers or of the one that serves.
    pub images: &'w [ImageWish],
    /// How many pods.
    pub replicas: Option<i32>,
    /// How far the update may go from that.
    pub bounds: &'w Bounds,
    /// Why, for `kubectl rollout history`.
    pub reason: Option<&'w str>,
}

/// The Deployment as it will be.
#[derive(Clone, Debug)]
pub struct Update {
    changes: Vec<PatchOperation>,
    /// What comes of it.
    pub after: Workload,
}

impl Update {
    /// All changes at once, where the Deployment's spec is still what it is `now`.
    #[must_use]
    pub fn patch(&self, now: &Workload) -> Patch {
        let changes = self.changes.iter().cloned();
        Patch(patch::spec_as_read(now.metadata()).chain(changes).collect())
    }
}

/// Plans the changes; `None` where all is so already.
///
/// # Errors
/// What is wanted does not fit the containers.
pub fn update(
    scene: &Scene<'_>,
    objects: &Objects,
    wanted: &Wanted<'_>,
) -> Result<Option<Update>, Declined> {
    let application = scene.application();
    let [environment, _] = &application.environments;
    let places = choose(environment, wanted.images, &objects.services)?;
    let metadata = &scene.deployment.metadata;
    let mut changes = Vec::new();
    let mut workload = scene.workload.clone();
    for place in places.iter().filter(|place| place.changes()) {
        changes.push(place.operation());
        place.set(&mut workload);
    }
    if let Some(replicas) = wanted
        .replicas
        .filter(|wanted| *wanted != workload.replicas())
    {
        changes.push(patch::add(["spec", "replicas"], replicas));
        workload.set_replicas(replicas);
    }
    if let Some(strategy) = wanted.bounds.over(scene.deployment)
        && let Workload::Deployment(deployment) = &mut workload
    {
        changes.push(patch::add(["spec", "strategy"], json!(strategy)));
        deployment.spec.get_or_insert_default().strategy = Some(strategy);
    }
    if changes.is_empty() {
        return Ok(None);
    }
    if let Some(reason) = wanted.reason {
        changes.extend(patch::annotate(
            metadata,
            keys::CHANGE_CAUSE,
            reason.to_owned(),
        ));
    }
    Ok(Some(Update {
        changes,
        after: workload,
    }))
}

/// What differs between the two, in words; none where the update would change nothing of what runs.
#[must_use]
pub fn changes(before: &Deployment, after: &Deployment) -> Vec<String> {
    let (was, is) = (containers(before), containers(after));
    let mut words: Vec<String> = is
        .iter()
        .filter_map(|container| {
            let old = was.iter().find(|old| old.name == container.name)?;
            let [from, to] = [*old, *container].map(|one| one.image.as_deref().unwrap_or("none"));
            (from != to).then(|| format!("{} {from} → {to}", container.name))
        })
        .collect();
    let template = |one: &Deployment| one.spec.as_ref().map(|spec| spec.template.clone());
    if words.is_empty() && template(before) != template(after) {
        words.push("another template".to_owned());
    }
    let replicas = |one: &Deployment| {
        one.spec
            .as_ref()
            .and_then(|spec| spec.replicas)
            .unwrap_or(1)
    };
    let (from, to) = (replicas(before), replicas(after));
    if from != to {
        words.push(format!("{from} → {to} replicas"));
    }
    words.extend(strategy::changes(before, after));
    if words.is_empty() && before.spec != after.spec {
        words.push("another spec".to_owned());
    }
    words
}

fn containers(deployment: &Deployment) -> Vec<&Container> {
    let pod = deployment
        .spec
        .as_ref()
        .and_then(|spec| spec.template.spec.as_ref());
    let init = pod
        .into_iter()
        .flat_map(|pod| pod.init_containers.iter().flatten());
    let regular = pod.into_iter().flat_map(|pod| &pod.containers);
    regular.chain(init).collect()
}
