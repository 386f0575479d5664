//! A small cluster, and what becomes of it.

use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

/// When everything happens.
pub(crate) const NOW: &str = "2026-05-01T12:00:00Z";

/// Production is blue; neither side has a probe.
pub(crate) fn cluster() -> Objects {
    let deployment = |role: &str| -> Workload {
        let labels = json!({ "app": "web", "role": role });
        let deployment: Deployment = serde_json::from_value(json!({
            "metadata": { "name": format!("web-{role}"), "uid": format!("uid-{role}"), "labels": labels },
            "spec": {
                "replicas": 2,
                "selector": { "matchLabels": labels },
                "template": {
                    "metadata": { "labels": labels },
                    "spec": { "containers": [
                        { "name": "app", "image": "web:1", "ports": [{ "containerPort": 8080 }] },
                    ] },
                },
            },
        }))
        .unwrap();
        deployment.into()
    };
    let service = json!({
        "metadata": { "name": "web" },
        "spec": {
            "selector": { "app": "web", "role": "blue" },
            "ports": [{ "name": "http", "port": 80, "targetPort": 8080 }],
        },
    });
    Objects {
        services: vec![serde_json::from_value(service).unwrap()],
        workloads: vec![deployment("blue"), deployment("green")],
        ..Objects::default()
    }
}

/// Sets a field of a workload, or adds an item to a list.
pub(crate) fn set(objects: &mut Objects, name: &str, path: &str, value: &Value) {
    let workload = objects
        .workloads
        .iter_mut()
        .find(|workload| workload.name() == name)
        .unwrap();
    let addition = json!([{ "op": "add", "path": path, "value": value }]);
    *workload = applied(workload, &serde_json::from_value(addition).unwrap());
}

/// The workload with a patch on it.
pub(crate) fn applied(workload: &Workload, patch: &json_patch::Patch) -> Workload {
    let Workload::Deployment(deployment) = workload else {
        panic!("{} is no Deployment", workload.name());
    };
    let mut object = serde_json::to_value(deployment).unwrap();
    json_patch::patch(&mut object, patch).unwrap();
    let deployment: Deployment = serde_json::from_value(object).unwrap();
    deployment.into()
}
