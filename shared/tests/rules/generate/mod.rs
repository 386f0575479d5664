//! Flips that nobody thought of: small clusters in which anything may be missing, late or wrong.

pub(crate) mod damage;

use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Service;
use proptest::prelude::*;
use proptest::sample::select;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::situation;

/// A flip and the cluster it is judged in.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    pub(crate) before: Service,
    pub(crate) after: Service,
    pub(crate) objects: Objects,
}

pub(crate) fn flips() -> impl Strategy<Value = Generated> {
    let workloads = prop::collection::vec(workload(), 0..4);
    (service(), service(), workloads, namespace()).prop_map(
        |(before, after, workloads, namespace)| {
            let mut objects = Objects {
                namespace: Some(read(namespace)),
                ..Objects::default()
            };
            for (place, (workload, pods)) in workloads.into_iter().enumerate() {
                let name = format!("w{place}");
                objects.workloads.push(named(workload, &name));
                let pods = pods.into_iter().enumerate();
                objects
                    .pods
                    .extend(pods.map(|(number, made)| read(pod(made, &name, number))));
            }
            Generated {
                before: read(before),
                after: read(after),
                objects,
            }
        },
    )
}

/// The gate's situations as flips.
pub(crate) fn situations() -> Vec<Generated> {
    situation::all("gate")
        .into_iter()
        .map(|situation| Generated {
            before: situation.request("before").unwrap(),
            after: situation.request("after").unwrap(),
            objects: situation.objects,
        })
        .collect()
}

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn labels() -> impl Strategy<Value = Value> {
    select(vec![
        json!({ "app": "a", "role": "one" }),
        json!({ "app": "a", "role": "two" }),
        json!({ "app": "a" }),
        json!({ "app": "b", "role": "one" }),
    ])
}

fn service() -> impl Strategy<Value = Value> {
    let selector = prop_oneof![8 => labels(), 1 => select(vec![json!({}), Value::Null])];
    let kind = prop_oneof![8 => Just("ClusterIP"), 1 => Just("ExternalName")];
    let target = select(vec![json!(8080), json!("http"), json!("gone"), Value::Null]);
    let capacity = select(vec![None, Some("50%"), Some("150%"), Some("all")]);
    let served = select(vec![None, Some("h1"), Some("h2"), Some("h1+h1")]);
    (selector, kind, target, capacity, served, 0..5).prop_map(
        |(selector, kind, target, capacity, served, ready)| {
            let mut annotations = json!({});
            if let Some(capacity) = capacity {
                annotations["bluegreen.dev/min-capacity"] = json!(capacity);
            }
            if let Some(served) = served {
                let entry = json!([{
                    "at": "2026-11-20T10:00:00Z", "from": "one", "to": "two", "by": "ci",
                    "revision": { "from": served }, "ready": { "from": ready },
                }]);
                annotations["bluegreen.dev/history"] = json!(entry.to_string());
            }
            json!({
                "metadata": { "name": "web", "namespace": "shop", "annotations": annotations },
                "spec": {
                    "type": kind, "selector": selector, "ipFamilies": ["IPv4"],
                    "ports": [{ "port": 8080, "targetPort": target }],
                },
            })
        },
    )
}

fn namespace() -> impl Strategy<Value = Value> {
    let floor = || select(vec!["0%", "50%", "100%", "100%", "100%", "none"]);
    (floor(), floor()).prop_map(|(ready, capacity)| {
        json!({ "metadata": { "name": "shop", "annotations": {
            "bluegreen.dev/min-ready": ready, "bluegreen.dev/min-capacity": capacity,
        } } })
    })
}

type Made = (Value, Value, &'static str, Value, Value, bool);

fn workload() -> impl Strategy<Value = (Value, Vec<Made>)> {
    let seen = prop_oneof![6 => Just(1), 1 => Just(0)];
    let rolled = prop_oneof![6 => Just(0_usize), 1 => 1..3_usize];
    let deleted = prop_oneof![9 => Just(Value::Null), 1 => Just(json!("2026-11-20T10:00:00Z"))];
    let stall = prop_oneof![9 => Just(json!([])), 1 => Just(json!([
        { "type": "ReplicaFailure", "status": "True", "message": "exceeded quota." }
    ]))];
    let pods = prop::collection::vec(made(), 0..5);
    let kind = prop::bool::weighted(0.7);
    (kind, labels(), 0..5, seen, rolled, deleted, stall, pods).prop_map(
        |(is_deployment, labels, replicas, seen, rolled, deleted, stall, pods)| {
            let count = pods.len();
            let workload = json!({
                "kind": if is_deployment { "Deployment" } else { "StatefulSet" },
                "metadata": { "generation": 1, "deletionTimestamp": deleted },
                "spec": {
                    "replicas": replicas,
                    "minReadySeconds": if replicas == 4 { 5 } else { 0 },
                    "template": { "metadata": { "labels": labels }, "spec": { "containers": [container(true)] } },
                },
                "status": {
                    "observedGeneration": seen, "replicas": count, "readyReplicas": count,
                    "updatedReplicas": count.saturating_sub(rolled), "availableReplicas": count,
                    "updateRevision": "h1", "conditions": stall,
                },
            });
            let kind = workload["kind"].clone();
            let pods = pods
                .into_iter()
                .map(|(mut owner, strange, hash, ready, deleted, probed)| {
                    if owner.is_null() {
                        owner = kind.clone();
                    }
                    let labels = if strange.is_null() { labels.clone() } else { strange };
                    (owner, labels, hash, ready, deleted, probed)
                })
                .collect();
            (workload, pods)
        },
    )
}

/// Owner (null: the workload), other labels (null: the workload's), hash, readiness, deletion, probe.
fn made() -> impl Strategy<Value = Made> {
    let owner = prop_oneof![9 => Just(Value::Null), 1 => Just(json!("Job"))];
    let strange = prop_oneof![9 => Just(Value::Null), 1 => labels()];
    let hash = prop_oneof![6 => Just("h1"), 1 => Just("h2")];
    let ready =
        prop_oneof![4 => Just(json!("True")), 1 => Just(json!("False")), 1 => Just(Value::Null)];
    let deleted = prop_oneof![9 => Just(Value::Null), 1 => Just(json!("2026-11-20T10:00:00Z"))];
    (
        owner,
        strange,
        hash,
        ready,
        deleted,
        prop::bool::weighted(0.9),
    )
}

fn container(probed: bool) -> Value {
    let probe = if probed {
        json!({ "tcpSocket": { "port": 8080 } })
    } else {
        Value::Null
    };
    json!({ "name": "c", "ports": [{ "name": "http", "containerPort": 8080 }], "readinessProbe": probe })
}

fn pod(made: Made, workload: &str, number: usize) -> Value {
    let (owner, mut labels, hash, ready, deleted, probed) = made;
    let (kind, by) = match owner.as_str() {
        Some("Deployment") => ("ReplicaSet", format!("{workload}-{hash}")),
        Some("StatefulSet") => ("StatefulSet", workload.to_owned()),
        _ => ("Job", "job".to_owned()),
    };
    let key = if kind == "ReplicaSet" {
        "pod-template-hash"
    } else {
        "controller-revision-hash"
    };
    labels[key] = json!(hash);
    let conditions = if ready.is_null() {
        json!([])
    } else {
        json!([{ "type": "Ready", "status": ready }])
    };
    json!({
        "metadata": {
            "name": format!("{by}-{number}"), "labels": labels, "deletionTimestamp": deleted,
            "ownerReferences": [{ "apiVersion": "apps/v1", "kind": kind, "name": by, "uid": "", "controller": true }],
        },
        "spec": { "containers": [container(probed)] },
        "status": { "phase": "Running", "conditions": conditions },
    })
}

fn named(mut workload: Value, name: &str) -> Workload {
    workload["metadata"]["name"] = json!(name);
    if workload["kind"] == "Deployment" {
        read::<Deployment>(workload).into()
    } else {
        read::<StatefulSet>(workload).into()
    }
}
