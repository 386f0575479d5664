//! The way back to what the Deployment was before.

use json_patch::jsonptr::PointerBuf;
use json_patch::{Patch, PatchOperation, RemoveOperation};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::Value;

use crate::keys;
use crate::metadata::annotation;
use crate::patch;
use crate::workload::Workload;

use super::before::{Before, spec};

/// What brings the Deployment back to what it was; `None` where it is so already.
///
/// `template` is that of before as the API server sent it, of a `ReplicaSet` or of the Deployment:
/// fields that only a newer Kubernetes knows are kept.
///
/// # Errors
/// The template can't be read.
pub fn undo(
    before: &Before,
    template: &Value,
    now: &Deployment,
) -> serde_json::Result<Option<Patch>> {
    let mut template = template.clone();
    if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
        labels.remove(keys::POD_TEMPLATE_HASH);
    }
    let typed: PodTemplateSpec = serde_json::from_value(template.clone())?;
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
        return Ok(None);
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
    Ok(Some(Patch(
        patch::spec_as_read(metadata).chain(changes).collect(),
    )))
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
