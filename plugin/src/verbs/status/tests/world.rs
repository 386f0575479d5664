//! Tomcat, blue and green, as a cluster would have it.

use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::objects::Objects;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, Service};
use serde_json::{Value, json};

use crate::render::{Style, View};

use super::super::build;
use super::super::model::Status;

const NOW: &str = "2026-11-24T12:00:00Z";

fn deployment(role: &str, image: &str) -> Deployment {
    let labels = json!({"app": "tomcat", "role": role});
    serde_json::from_value(json!({
        "metadata": {"name": format!("tomcat-deployment-{role}"), "generation": 1, "labels": labels},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{
                    "name": "tomcat-container",
                    "image": image,
                    "ports": [{"containerPort": 8080}],
                    "readinessProbe": {"httpGet": {"path": "/", "port": 8080}},
                }]},
            },
        },
        "status": {"observedGeneration": 1, "replicas": 2, "updatedReplicas": 2,
                   "readyReplicas": 2, "availableReplicas": 2},
    }))
    .unwrap()
}

fn pod(role: &str, suffix: &str, ready: bool) -> Pod {
    let ready = if ready { "True" } else { "False" };
    let hash = format!("hash{}", role.len());
    serde_json::from_value(json!({
        "metadata": {
            "name": format!("tomcat-deployment-{role}-{hash}-{suffix}"),
            "labels": {"app": "tomcat", "role": role, "pod-template-hash": hash},
            "ownerReferences": [{
                "apiVersion": "apps/v1", "kind": "ReplicaSet", "uid": role, "controller": true,
                "name": format!("tomcat-deployment-{role}-{hash}"),
            }],
        },
        "spec": {"containers": [{
            "name": "tomcat-container",
            "ports": [{"containerPort": 8080}],
            "readinessProbe": {"httpGet": {"path": "/", "port": 8080}},
        }]},
        "status": {
            "phase": "Running",
            "podIP": "10.244.0.4",
            "podIPs": [{"ip": "10.244.0.4"}],
            "conditions": [{"type": "Ready", "status": ready}],
            "containerStatuses": [{
                "name": "tomcat-container", "image": "", "imageID": "", "restartCount": 0,
                "ready": ready == "True", "state": {"running": {}},
            }],
        },
    }))
    .unwrap()
}

pub(super) fn service(name: &str, role: &str, annotations: &Value) -> Service {
    serde_json::from_value(json!({
        "metadata": {"name": name, "annotations": annotations},
        "spec": {
            "selector": {"app": "tomcat", "role": role},
            "ports": [{"port": 80, "targetPort": 8080}],
        },
    }))
    .unwrap()
}

/// Blue serves with two pods; green has one that is ready and one that is as `second` says.
pub(super) fn objects(services: Vec<Service>, second: bool) -> Objects {
    Objects {
        namespace: Some(serde_json::from_value(json!({"metadata": {"name": "shop"}})).unwrap()),
        services,
        workloads: vec![
            deployment("blue", "tomcat:7").into(),
            deployment("green", "tomcat:8").into(),
        ],
        pods: vec![
            pod("blue", "a", true),
            pod("blue", "b", true),
            pod("green", "c", true),
            pod("green", "kv8jt", second),
        ],
        ..Objects::default()
    }
}

/// No pod of the side is ready any more.
pub(super) fn down(objects: &mut Objects, role: &str) {
    for pod in &mut objects.pods {
        if pod.metadata.labels.as_ref().unwrap()["role"] == role {
            let status = pod.status.as_mut().unwrap();
            status.conditions.as_mut().unwrap()[0].status = "False".to_owned();
        }
    }
}

pub(super) fn status(objects: &Objects) -> Status {
    let application = discover::find(objects, "tomcat", &Hints::default()).unwrap();
    build::status(&application, objects, "shop", NOW.parse().unwrap())
}

pub(super) fn screen(status: &Status) -> String {
    status.text(Style::new(false), false)
}

/// The last flip; the side that was left ran `served` then.
pub(super) fn history(from: &str, served: &str, to: &str) -> Value {
    let entry = json!([{
        "at": "2026-11-21T08:00:00Z", "from": from, "to": to, "by": "ci@shop",
        "revision": {"from": served, "to": format!("hash{}", to.len())},
        "ready": {"from": 2, "to": 2}, "reason": "release 7.0.109",
    }]);
    json!({"bluegreen.dev/history": entry.to_string()})
}
