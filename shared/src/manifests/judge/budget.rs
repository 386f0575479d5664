//! A disruption budget: of no pod that serves, now and then.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde_json::Value;

use super::{Candidate, SELECTOR, read};
use crate::manifests::label_selector;
use crate::manifests::scene::Scene;
use crate::workload::Workload;

pub(super) fn reasons(candidate: &Candidate, scene: &Scene<'_>) -> Vec<String> {
    let now = candidate.stored.as_ref().map(|stored| (stored, "counts"));
    let then = (&candidate.piece.object, "would count");
    let mut both = now.into_iter().chain([then]);
    let reason = both.find_map(|(object, does)| match counted(object, scene) {
        Ok(None) => None,
        Ok(Some(workload)) => Some(format!(
            "{does} the pods of {}, which serve",
            workload.reference()
        )),
        Err(reason) => Some(reason),
    });
    reason.into_iter().collect()
}

/// A workload that serves whose pods the budget counts. Without a selector it counts none.
fn counted<'s>(object: &Value, scene: &Scene<'s>) -> Result<Option<&'s Workload>, String> {
    let Some(selector) = read::<Option<LabelSelector>>(object, SELECTOR)? else {
        return Ok(None);
    };
    let mut serving = scene.active.workloads.iter();
    let counted =
        serving.find(|workload| label_selector::matches(&selector, workload.pod_labels()));
    Ok(counted.copied())
}
