//! The idle environment brought to other images or another size; nothing else is touched.

pub(super) mod container;
mod matching;
mod refused;
mod wanted;

use jiff::Timestamp;
use json_patch::jsonptr::PointerBuf;
use json_patch::{Patch, PatchOperation, TestOperation};
use serde_json::Value;

use crate::application::{Application, Environment};
use crate::mutate;
use crate::objects::Objects;
use crate::patch;
use crate::workload::Workload;

use super::Declined;
use super::idle::idle;
use super::rollback::remembered;
use super::twin::twin;
use container::Place;
pub use matching::{Match, ScalerPatch, matching, scalers};
pub use wanted::{ImageWish, Wanted};

/// What one workload of the idle environment is to get.
#[derive(Clone, Debug)]
pub struct WorkloadPatch<'a> {
    /// The workload as it was read.
    pub workload: &'a Workload,
    /// The images that change, in the order of the containers.
    pub images: Vec<ImageChange>,
    /// Its replicas until now and from now on, where they change.
    pub replicas: Option<(i32, i32)>,
    /// Tests of what was read, then the changes, then what the webhook would add to them.
    pub patch: Patch,
    /// What could not be added, as the webhook would say it.
    pub warnings: Vec<String>,
}

/// One container's image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageChange {
    /// The container's name.
    pub container: String,
    /// What it runs; empty where the template says nothing.
    pub from: String,
    /// What it is to run.
    pub to: String,
}

/// One patch for each workload of the idle environment that is not as wanted yet; none where there
/// is nothing to change.
///
/// # Errors
/// No side is idle, or what is wanted does not fit its containers.
pub fn plan<'a>(
    application: &Application<'a>,
    objects: &Objects,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Vec<WorkloadPatch<'a>>, Declined> {
    let idle = idle(application, now)?;
    if wanted.replicas.is_some_and(|replicas| replicas < 1) {
        return Err(refused::no_replicas(idle));
    }
    let places = container::choose(idle, &wanted.images, &objects.services)?;
    let matches = if wanted.match_active {
        matching(application, objects, now)?
    } else {
        Vec::new()
    };
    Ok(idle
        .workloads
        .iter()
        .filter_map(|workload| {
            let places = places
                .iter()
                .filter(|place| std::ptr::eq(place.workload, *workload));
            let images: Vec<&Place<'_>> = places.filter(|place| place.changes()).collect();
            let is_it = |one: &&Match<'_>| std::ptr::eq(one.workload, *workload);
            let as_active = matches.iter().find(is_it).map(|one| one.replicas);
            let replicas = wanted
                .replicas
                .or(as_active)
                .or_else(|| awake(application, idle, workload));
            one(workload, &images, replicas, objects, now)
        })
        .collect())
}

/// Whether a side that serves runs these images by now; never where none are named.
///
/// # Errors
/// What is wanted does not fit the containers of what serves.
pub fn serves(
    application: &Application<'_>,
    role: &str,
    objects: &Objects,
    images: &[ImageWish],
) -> Result<bool, Declined> {
    let Some(active) = application.environment(role) else {
        return Ok(false);
    };
    let places = container::choose(active, images, &objects.services)?;
    Ok(!places.is_empty() && places.iter().all(|place| !place.changes()))
}

/// What a workload that was retired gets back: nothing could be seen of a new image otherwise. `None` for
/// one that has pods.
fn awake(
    application: &Application<'_>,
    idle: &Environment<'_>,
    workload: &Workload,
) -> Option<i32> {
    if workload.replicas() > 0 {
        return None;
    }
    let active = application.other(&idle.role);
    let serves = || active.and_then(|active| twin(workload, active));
    remembered(application, &idle.role, workload)
        .or_else(|| serves().map(Workload::replicas))
        .filter(|replicas| *replicas > 0)
        .or(Some(1))
}

fn one<'a>(
    workload: &'a Workload,
    images: &[&Place<'_>],
    replicas: Option<i32>,
    objects: &Objects,
    now: Timestamp,
) -> Option<WorkloadPatch<'a>> {
    let current = workload.replicas();
    let replicas = replicas.filter(|wanted| *wanted != current);
    if images.is_empty() && replicas.is_none() {
        return None;
    }
    let mut tests = Vec::new();
    tests.extend(patch::same(workload.metadata()));
    let mut changes = Vec::new();
    let mut after = workload.clone();
    for place in images {
        tests.push(test(place.field("name"), &place.container.name));
        tests.extend(
            place
                .current()
                .map(|image| test(place.field("image"), image)),
        );
        changes.push(place.operation());
        place.set(&mut after);
    }
    if let Some(replicas) = replicas {
        changes.push(patch::add(["spec", "replicas"], replicas));
    }
    let mutation = mutate::workload(&after, Some(workload), &objects.services, now);
    let operations = tests.into_iter().chain(changes).chain(mutation.patch);
    Some(WorkloadPatch {
        workload,
        images: images.iter().map(|place| place.change()).collect(),
        replicas: replicas.map(|wanted| (current, wanted)),
        patch: Patch(operations.collect()),
        warnings: mutation.warnings,
    })
}

fn test(path: PointerBuf, value: &str) -> PatchOperation {
    PatchOperation::Test(TestOperation {
        path,
        value: Value::from(value),
    })
}
