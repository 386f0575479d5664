//! Requests that nobody thought of, in clusters where Services often meet what is changed.

use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::{Pod, Service};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Object, Request};

pub(crate) fn request() -> impl Strategy<Value = Request> {
    let workloads = vec(workload(), 0..4);
    (object(), vec(service(), 0..4), workloads, vec(pod(), 0..4)).prop_map(
        |(object, services, workloads, pods)| Request {
            object,
            objects: Objects {
                services,
                workloads,
                pods,
                ..Objects::default()
            },
        },
    )
}

pub(crate) fn service() -> impl Strategy<Value = Service> {
    let name = select(vec!["web", "web-green", "web-test", "shop"]);
    let annotation = option::of(select(vec![
        (
            "bluegreen.dev/intent",
            r#"{"to":"green","until":"2026-05-01T12:01:00Z"}"#,
        ),
        ("bluegreen.dev/production", "true"),
        ("bluegreen.dev/test", "true"),
        ("bluegreen.dev/role-key", "role"),
        ("bluegreen.dev/takedown", "no more"),
    ]));
    (name, labels(), annotation).prop_map(|(name, selector, annotation)| {
        let annotations: Value = annotation
            .map(|(key, value)| json!({ key: value }))
            .unwrap_or_default();
        read(json!({
            "metadata": { "name": name, "namespace": "shop", "annotations": annotations },
            "spec": { "selector": selector },
        }))
    })
}

fn object() -> impl Strategy<Value = Object> {
    let namespace = select(vec!["true", "false"]).prop_map(|protect| {
        let labels = json!({ "bluegreen.dev/protect": protect });
        Object::Namespace(read(
            json!({ "metadata": { "name": "shop", "labels": labels } }),
        ))
    });
    prop_oneof![
        4 => (workload(), option::weighted(0.7, workload()))
            .prop_map(|(before, after)| Object::Workload(Box::new(before), after.map(Box::new))),
        2 => (pod(), pod()).prop_map(|(before, after)| Object::Pod(Box::new(before), Box::new(after))),
        1 => service().prop_map(|service| Object::Service(Box::new(service), None)),
        1 => namespace,
    ]
}

fn workload() -> impl Strategy<Value = Workload> {
    let name = select(vec!["web-blue", "web-green", "web"]);
    let owner = select(vec![None, None, Some("u1"), Some("u2")]);
    let marked = option::weighted(0.2, select(vec!["green", "1.11"]));
    (
        any::<bool>(),
        name,
        labels(),
        select(vec![0, 1, 2]),
        owner,
        marked,
    )
        .prop_map(|(is_set, name, labels, replicas, owner, marked)| {
            let owners = owner.map(
                |uid| json!([{ "apiVersion": "v1", "kind": "Shop", "name": "shop", "uid": uid }]),
            );
            let annotations = marked.map(|role| json!({ "bluegreen.dev/role": role }));
            let object = json!({
                "metadata": { "name": name, "annotations": annotations, "ownerReferences": owners },
                "spec": { "replicas": replicas, "template": { "metadata": { "labels": labels } } },
            });
            if is_set {
                read::<StatefulSet>(object).into()
            } else {
                read::<Deployment>(object).into()
            }
        })
}

fn pod() -> impl Strategy<Value = Pod> {
    let ready = select(vec!["True", "True", "False"]);
    (select(vec!["p0", "p1"]), labels(), ready).prop_map(|(name, labels, ready)| {
        read(json!({
            "metadata": { "name": name, "labels": labels },
            "status": { "conditions": [{ "type": "Ready", "status": ready }] },
        }))
    })
}

fn labels() -> impl Strategy<Value = Value> {
    select(vec![
        json!({ "app": "web", "role": "blue" }),
        json!({ "app": "web", "role": "green" }),
        json!({ "app": "web", "role": "GREEN" }),
        json!({ "app": "web" }),
        json!({}),
    ])
}

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}
