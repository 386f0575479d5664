//! The Services in front of the two sides: one more for each, as `init` makes them, and what the
//! production Service gets.

use json_patch::Patch;
use k8s_openapi::api::core::v1::{Service, ServicePort};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::{Value, json};

use crate::discover::Aside;
use crate::keys;
use crate::patch;
use crate::plan::init::Side;
use crate::serving;

use super::scene::Scene;

/// The test Service of a role, on the ports of production and within the cluster.
pub(super) fn test(scene: &Scene<'_>, role: Side) -> Service {
    let mut labels = scene.base.clone();
    labels.insert(scene.origin.key.clone(), format!("test-{}", role.as_str()));
    let ports = serving::ports(scene.service).map(|port| ServicePort {
        node_port: None,
        ..port.clone()
    });
    let mut service = Service {
        metadata: ObjectMeta {
            name: Some(scene.test_name(role)),
            namespace: scene.service.metadata.namespace.clone(),
            labels: Some(labels),
            ..ObjectMeta::default()
        },
        ..Service::default()
    };
    let spec = service.spec.get_or_insert_default();
    spec.type_ = Some("ClusterIP".to_owned());
    spec.selector = Some(scene.selector(role));
    spec.ports = Some(ports.collect());
    service
}

/// The same as it is sent.
pub(super) fn test_manifest(scene: &Scene<'_>, role: Side) -> Value {
    json!(test(scene, role))
}

/// Says of a production Service whose name would pass for a test Service's that it is none; `None`
/// where nothing says otherwise.
pub(super) fn mark(service: &Service) -> Option<Patch> {
    Aside::of(service)?;
    let metadata = &service.metadata;
    let same = patch::same(metadata);
    let mark = patch::annotate(metadata, keys::PRODUCTION, "true".to_owned());
    Some(Patch(same.into_iter().chain(mark).collect()))
}

/// The production Service as it is in the end, but for its history.
pub(super) fn production(scene: &Scene<'_>) -> Service {
    let mut service = scene.service.clone();
    if mark(&service).is_some() {
        let annotations = service.metadata.annotations.get_or_insert_default();
        annotations.insert(keys::PRODUCTION.to_owned(), "true".to_owned());
    }
    let spec = service.spec.get_or_insert_default();
    spec.selector = Some(scene.selector(scene.role));
    service
}
