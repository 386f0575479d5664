//! The flip judged before anything is made: what the gate will never let pass is said at once.
//!
//! The pods of the copy are taken to be as ready as those of the original: whether they are is seen
//! when they are there.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use serde_json::Value;

use crate::keys;
use crate::objects::Objects;
use crate::plan::{Declined, Why};
use crate::pod;
use crate::refusal::Code;
use crate::workload::Workload;

use super::copy::typed;
use super::crossing::crossing;
use super::declined;
use super::scene::Scene;

/// Refuses what the gate would refuse of a copy that came up well.
pub(super) fn check(
    scene: &Scene<'_>,
    objects: &Objects,
    manifest: &Value,
    now: Timestamp,
) -> Result<(), Declined> {
    let (Some(old), Ok(mut copy)) = (scene.old, typed(manifest)) else {
        return Ok(());
    };
    if let (Workload::Deployment(copy), Workload::Deployment(old)) = (&mut copy, old) {
        copy.status.clone_from(&old.status);
    }
    let pods = objects.pods.iter().filter(|pod| old.owns(pod));
    let copies: Vec<Pod> = pods.map(|pod| copied(pod, old, &copy)).collect();
    let mut after = objects.clone();
    after.workloads.push(copy);
    after.pods.extend(copies);
    let name = scene.side_name(scene.role);
    let is_made = |one: &&Workload| one.kind() == "Deployment" && one.name() == name;
    let rehearsed = Scene {
        old: after
            .workloads
            .iter()
            .find(|one| one.name() == old.name() && one.kind() == old.kind()),
        made: after.workloads.iter().find(is_made),
        service: scene.service,
        ..scene.clone()
    };
    let Some(crossing) = crossing(&rehearsed, &after, now) else {
        return Ok(());
    };
    let refusals = &crossing.plan.verdict.refusals;
    let Some(first) = refusals.first() else {
        return Ok(());
    };
    let all: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    let hint = if first.code == Code::Unverified {
        format!(
            "verify needs two environments: take {} away until it is adopted",
            keys::REQUIRE_VERIFIED
        )
    } else {
        first.remedy.clone()
    };
    Err(declined(
        Why::Unfit,
        format!(
            "production could not go to a copy of {}: {}",
            old.reference(),
            all.join("; ")
        ),
        hint,
    ))
}

/// A pod of the original as the copy's would be.
fn copied(pod: &Pod, old: &Workload, copy: &Workload) -> Pod {
    let mut copied = pod.clone();
    let hash = pod::label(pod, keys::POD_TEMPLATE_HASH)
        .unwrap_or_default()
        .to_owned();
    let renamed = |name: &str| {
        let rest = name.strip_prefix(old.name()).unwrap_or(name);
        format!("{}{rest}", copy.name())
    };
    copied.metadata.name = copied.metadata.name.as_deref().map(renamed);
    for owner in copied.metadata.owner_references.iter_mut().flatten() {
        owner.name = renamed(&owner.name);
    }
    let mut labels = copy.pod_labels().clone();
    labels.insert(keys::POD_TEMPLATE_HASH.to_owned(), hash);
    copied.metadata.labels = Some(labels);
    copied.spec = copy.pod_spec().cloned();
    copied
}
