//! A workload: of the idle side by its labels, and not selected by what serves.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use super::{Candidate, SELECTOR, TEMPLATE_LABELS, read};
use crate::live::is_aside;
use crate::manifests::convert;
use crate::manifests::label_selector;
use crate::manifests::scene::Scene;
use crate::selector::{self, Labels};
use crate::workload::Workload;

pub(super) fn reasons(candidate: &Candidate, scene: &Scene<'_>) -> Vec<String> {
    let piece = &candidate.piece;
    let active = &scene.active.role;
    let kind = piece.kind.as_str();
    if Scene::workload(scene.active, kind, &piece.name).is_some() {
        return vec![format!("is of {active}, which serves")];
    }
    let known = Scene::workload(scene.idle, kind, &piece.name);
    if known.is_none() && candidate.stored.is_some() {
        return vec![format!("is there already, and is not of {}", scene.side())];
    }
    let template: Labels = match read(&piece.object, TEMPLATE_LABELS) {
        Ok(labels) => labels,
        Err(reason) => return vec![reason],
    };
    let mut reasons = Vec::new();
    // What an update leaves out of the labels with a colour is put back.
    let mut labels = known.map_or_else(Labels::new, |known| known.pod_labels().clone());
    labels.extend(template.clone());
    if !scene.says_idle(&labels) {
        let role = &scene.idle.role;
        let written = selector::query(&template);
        let written = if written.is_empty() { "none" } else { &written };
        reasons.push(format!(
            "has a template whose labels don't say {role}: {written}"
        ));
    } else if let Some(service) = selecting(&labels, scene) {
        reasons.push(format!(
            "would serve at once: Service/{service} selects its labels"
        ));
    } else {
        reasons.extend(lost(known, &labels, scene));
    }
    reasons.extend(selector_reason(candidate, &template, known, scene).err());
    reasons
}

/// A Service that would route production to pods with these labels.
fn selecting<'s>(labels: &Labels, scene: &Scene<'s>) -> Option<&'s str> {
    let mut services = scene.objects.services.iter();
    let service = services
        .find(|service| !is_aside(service) && selector::matches(selector::of(service), labels))?;
    service.metadata.name.as_deref()
}

/// A production Service that would no longer select it after a switch.
fn lost(known: Option<&Workload>, labels: &Labels, scene: &Scene<'_>) -> Option<String> {
    let known = known?;
    let mut production = scene.application.production.iter();
    production.find_map(|production| {
        let selector = production.selectors.get(&scene.idle.role)?;
        let is_lost =
            selector::matches(selector, known.pod_labels()) && !selector::matches(selector, labels);
        is_lost.then(|| {
            format!(
                "would make pods that Service/{} can't be switched to: it selects {}",
                production.name(),
                selector::query(selector)
            )
        })
    })
}

/// What is wrong with `spec.selector`, which says what pods are its own.
fn selector_reason(
    candidate: &Candidate,
    template: &Labels,
    known: Option<&Workload>,
    scene: &Scene<'_>,
) -> Result<(), String> {
    let object = &candidate.piece.object;
    if convert::has_no_selector(object) {
        return Err(format!(
            "has no spec.selector: write the labels of its template ({}); --convert does that",
            selector::query(template)
        ));
    }
    let selector: LabelSelector = read(object, SELECTOR)?;
    if let Some(stored) = known.and_then(Workload::selector) {
        if *stored == selector {
            return Ok(());
        }
        let stored = serde_json::to_string(stored).unwrap_or_default();
        return Err(format!(
            "has another spec.selector than in the cluster, where it can't change: {stored}"
        ));
    }
    let mut serving = scene.active.workloads.iter();
    match serving.find(|serving| label_selector::matches(&selector, serving.pod_labels())) {
        Some(taken) => Err(format!(
            "has a spec.selector that matches the pods of {} too, which serve",
            taken.reference()
        )),
        None => Ok(()),
    }
}
