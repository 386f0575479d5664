//! A Service: one for tests of the idle side.

use k8s_openapi::api::core::v1::{Service, ServiceSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::Value;

use super::{ANNOTATIONS, Candidate, LABELS, SELECTOR, TEMPLATE_LABELS, read};
use crate::discover::Aside;
use crate::live::is_aside;
use crate::manifests::kind::Kind;
use crate::manifests::scene::Scene;
use crate::selector::{self, Labels};

pub(super) fn reasons(candidate: &Candidate, all: &[Candidate], scene: &Scene<'_>) -> Vec<String> {
    stored(candidate, scene)
        .or_else(|| wanted(candidate, all, scene))
        .into_iter()
        .collect()
}

/// What speaks against changing the Service that is there.
fn stored(candidate: &Candidate, scene: &Scene<'_>) -> Option<String> {
    let name = &candidate.piece.name;
    if scene.is_production(name) {
        let application = &scene.application.name;
        return Some(format!(
            "is production, which only a switch changes: leave it out (kubectl bluegreen switch {application})"
        ));
    }
    let stored = match service(candidate.stored.as_ref()?) {
        Ok(stored) => stored,
        Err(reason) => return Some(reason),
    };
    if let Some(workload) = scene.serves_by(&stored) {
        let workload = workload.reference();
        return Some(format!("routes to {workload} now, which serves"));
    }
    let is_of_idle = scene.is_in_front_of_idle(&stored) || scene.is_bound_to_idle(name);
    (!is_of_idle).then(|| format!("is there already, and is not of {}", scene.side()))
}

/// What speaks against what it is to be.
fn wanted(candidate: &Candidate, all: &[Candidate], scene: &Scene<'_>) -> Option<String> {
    let service = match service(&candidate.piece.object) {
        Ok(service) => service,
        Err(reason) => return Some(reason),
    };
    let role = &scene.idle.role;
    let selector = selector::of(&service);
    let kind = service.spec.as_ref().and_then(|spec| spec.type_.as_deref());
    if selector.is_empty() || kind == Some("ExternalName") {
        return Some(format!(
            "selects no pods, so that it is not of {role} for sure"
        ));
    }
    if let Some(workload) = scene.serves_by(&service) {
        let workload = workload.reference();
        return Some(format!("would route to {workload}, which serves"));
    }
    if !scene.is_in_front_of_idle(&service) && !selects_new(selector, all) {
        let selector = selector::query(selector);
        return Some(format!(
            "would route to no pod of {}: {selector}",
            scene.side()
        ));
    }
    if !is_aside(&service) {
        return Some(
            "could pass for production: give its name the role or a word such as test, or mark it \
             bluegreen.dev/test: \"true\""
                .to_owned(),
        );
    }
    match Aside::of(&service) {
        Some(Aside::Label(key, value)) if scene.is_named_for_active(&value) => {
            let active = &scene.active.role;
            Some(format!("is bound to {active} by its label {key}={value}"))
        }
        _ => None,
    }
}

/// As much of a Service as says what it is and where it routes to.
fn service(object: &Value) -> Result<Service, String> {
    Ok(Service {
        metadata: ObjectMeta {
            name: read(object, "/metadata/name")?,
            labels: read(object, LABELS)?,
            annotations: read(object, ANNOTATIONS)?,
            ..ObjectMeta::default()
        },
        spec: Some(ServiceSpec {
            selector: read(object, SELECTOR)?,
            type_: read(object, "/spec/type")?,
            ..ServiceSpec::default()
        }),
        status: None,
    })
}

/// Whether it selects pods of a workload that comes with it.
fn selects_new(selector: &Labels, all: &[Candidate]) -> bool {
    let workloads = all
        .iter()
        .map(|candidate| &candidate.piece)
        .filter(|piece| matches!(piece.kind, Kind::Deployment | Kind::StatefulSet));
    let mut labels = workloads.filter_map(|piece| read(&piece.object, TEMPLATE_LABELS).ok());
    labels.any(|labels: Labels| selector::matches(selector, &labels))
}
