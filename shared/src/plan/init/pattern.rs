//! The objects of the published pattern, on `apps/v1`.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, HTTPGetAction, PodSpec, PodTemplateSpec, Probe, Service, ServicePort,
    ServiceSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{Expose, Init, Pattern, Side};
use crate::keys;
use crate::selector::Labels;
use crate::words;

/// The label that names the application.
const APP: &str = "app";

pub(super) fn of(init: &Init) -> Pattern {
    Pattern {
        deployments: Side::BOTH.map(|side| deployment(init, side)),
        tests: Side::BOTH.map(|side| test(init, side)),
        production: production(init),
    }
}

fn deployment(init: &Init, side: Side) -> Deployment {
    let image = init.idle_image.as_ref().filter(|_| side != init.active);
    let labels = selector(init, side);
    Deployment {
        metadata: ObjectMeta {
            name: Some(format!("{}-deployment-{}", init.name, side.as_str())),
            labels: Some(labels.clone()),
            ..ObjectMeta::default()
        },
        spec: Some(DeploymentSpec {
            replicas: Some(init.replicas.get().into()),
            selector: LabelSelector {
                match_labels: Some(labels.clone()),
                ..LabelSelector::default()
            },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels),
                    ..ObjectMeta::default()
                }),
                spec: Some(PodSpec {
                    containers: vec![container(init, image.unwrap_or(&init.image))],
                    ..PodSpec::default()
                }),
            },
            ..DeploymentSpec::default()
        }),
        status: None,
    }
}

fn container(init: &Init, image: &str) -> Container {
    let port = init.port.get().into();
    Container {
        name: format!("{}-container", init.name),
        image: Some(image.to_owned()),
        ports: Some(vec![ContainerPort {
            container_port: port,
            ..ContainerPort::default()
        }]),
        readiness_probe: Some(Probe {
            http_get: Some(HTTPGetAction {
                path: Some(init.probe_path.clone()),
                port: IntOrString::Int(port),
                ..HTTPGetAction::default()
            }),
            ..Probe::default()
        }),
        ..Container::default()
    }
}

fn test(init: &Init, side: Side) -> Service {
    let name = format!("{}-test-{}", init.name, side.as_str());
    let mut labels = selector(init, side);
    labels.insert(
        keys::ROLE_LABEL.to_owned(),
        format!("test-{}", side.as_str()),
    );
    service(init, name, labels, side, Expose::ClusterIp)
}

fn production(init: &Init) -> Service {
    let name = format!("{}-service", init.name);
    let mut labels = selector(init, init.active);
    labels.insert("env".to_owned(), "prod".to_owned());
    // `preview-service` would pass for a test Service.
    let annotations = words::has_test_word(&name)
        .then(|| BTreeMap::from([(keys::PRODUCTION.to_owned(), "true".to_owned())]));
    let mut service = service(init, name, labels, init.active, init.expose);
    service.metadata.annotations = annotations;
    service
}

fn service(init: &Init, name: String, labels: Labels, side: Side, expose: Expose) -> Service {
    Service {
        metadata: ObjectMeta {
            name: Some(name),
            labels: Some(labels),
            ..ObjectMeta::default()
        },
        spec: Some(ServiceSpec {
            type_: Some(expose.as_str().to_owned()),
            selector: Some(selector(init, side)),
            ports: Some(vec![ServicePort {
                port: init.service_port.get().into(),
                target_port: Some(IntOrString::Int(init.port.get().into())),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        status: None,
    }
}

fn selector(init: &Init, side: Side) -> Labels {
    Labels::from([
        (APP.to_owned(), init.name.clone()),
        (keys::ROLE_LABEL.to_owned(), side.as_str().to_owned()),
    ])
}
