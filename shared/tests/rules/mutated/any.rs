//! Workloads and Services of any shape that the rules look at.

use k8s_openapi::api::core::v1::Service;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::Request;

/// A request that creates or updates a workload.
pub(crate) fn request() -> impl Strategy<Value = Request> {
    (workload(), option::of(workload()), vec(service(), 0..4)).prop_map(
        |(after, before, services)| Request {
            after,
            before,
            services,
        },
    )
}

/// A request that leaves the template alone.
pub(crate) fn unrelated() -> impl Strategy<Value = Request> {
    (workload(), workload(), vec(service(), 0..4)).prop_map(|(mut after, before, services)| {
        after["spec"]["template"] = before["spec"]["template"].clone();
        Request {
            after,
            before: Some(before),
            services,
        }
    })
}

/// Services that come and go between two requests.
pub(crate) fn services() -> impl Strategy<Value = Vec<Service>> {
    vec(service(), 0..4)
}

fn workload() -> impl Strategy<Value = Value> {
    let kind = select(vec!["Deployment", "StatefulSet"]);
    let name = select(vec![
        "web",
        "web-green",
        "web-Blue",
        "blue-green",
        "evergreen",
    ]);
    let containers = vec(container(), 0..3);
    (
        kind,
        name,
        labels(),
        option::of(labels()),
        annotations(),
        containers,
    )
        .prop_map(|(kind, name, own, pods, annotations, containers)| {
            let containers: Vec<Value> = containers
                .into_iter()
                .enumerate()
                .map(|(at, mut container)| {
                    container["name"] = format!("c{at}").into();
                    container
                })
                .collect();
            let mut template = json!({ "spec": { "containers": containers } });
            if let Some(pods) = pods {
                template["metadata"] = json!({ "labels": pods });
            }
            json!({
                "apiVersion": "apps/v1",
                "kind": kind,
                "metadata": { "name": name, "labels": own, "annotations": annotations },
                "spec": { "selector": { "matchLabels": {} }, "template": template },
            })
        })
}

/// Few enough that Services often meet workloads, of either role.
fn labels() -> impl Strategy<Value = Value> {
    let one_of = |values: &[&'static str]| option::weighted(0.7, select(values.to_vec()));
    let app = one_of(&["web", "web-green"]);
    let role = one_of(&["blue", "green", "GREEN", "next"]);
    let other = option::weighted(0.2, select(vec!["green", "1.11"]));
    (app, role, other).prop_map(|(app, role, other)| {
        let labels = [("app", app), ("role", role), ("example.com/a~b", other)];
        let labels: Map<String, Value> = labels
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?.into())))
            .collect();
        (!labels.is_empty()).then_some(labels).into()
    })
}

fn annotations() -> impl Strategy<Value = Value> {
    let entry = select(vec![
        ("bluegreen.dev/role", "green"),
        ("bluegreen.dev/role", "1.11"),
        ("bluegreen.dev/role", "not a value"),
        ("bluegreen.dev/probe-path", "/ready"),
        ("bluegreen.dev/probe-path", "ready"),
        ("bluegreen.dev/probe-port", "8080"),
        ("bluegreen.dev/probe-port", "http"),
        ("bluegreen.dev/probe-port", "70000"),
        ("bluegreen.dev/inject-probe", "false"),
        ("bluegreen.dev/inject-probe", "perhaps"),
    ]);
    vec(entry, 0..3).prop_map(|entries| {
        let fields: Map<String, Value> = entries
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect();
        Value::from(fields)
    })
}

fn container() -> impl Strategy<Value = Value> {
    let port = select(vec![
        json!({ "containerPort": 8080, "name": "http" }),
        json!({ "containerPort": 9090 }),
        json!({ "containerPort": 53, "protocol": "UDP" }),
    ]);
    let image = select(vec!["web:1", "web:2"]);
    (image, vec(port, 0..3), probe(), probe(), probe()).prop_map(
        |(image, ports, readiness, liveness, startup)| {
            json!({
                "image": image,
                "ports": ports,
                "readinessProbe": readiness,
                "livenessProbe": liveness,
                "startupProbe": startup,
            })
        },
    )
}

fn probe() -> impl Strategy<Value = Option<Value>> {
    option::weighted(
        0.3,
        select(vec![
            json!({ "tcpSocket": { "port": 8080 } }),
            json!({ "httpGet": { "path": "/own", "port": "http" }, "periodSeconds": 3 }),
            json!({ "exec": { "command": ["true"] }, "timeoutSeconds": 5 }),
        ]),
    )
}

fn service() -> impl Strategy<Value = Service> {
    let name = select(vec!["web", "web-green", "web-test", "shop"]);
    let target = select(vec![json!("http"), json!(8080), json!(9090), json!(53)]);
    let protocol = select(vec!["TCP", "UDP"]);
    let annotation = option::of(select(vec![
        (
            "bluegreen.dev/intent",
            r#"{"to":"green","until":"2026-05-01T12:01:00Z"}"#,
        ),
        ("bluegreen.dev/production", "true"),
        ("bluegreen.dev/test", "true"),
        ("bluegreen.dev/role-key", "version"),
        ("bluegreen.dev/overlap", r#"{"from":"blue","to":"green"}"#),
    ]));
    (name, labels(), target, protocol, annotation).prop_map(
        |(name, selector, target, protocol, annotation)| {
            let mut annotations = Map::new();
            if let Some((key, value)) = annotation {
                annotations.insert(key.to_owned(), value.into());
            }
            serde_json::from_value(json!({
                "metadata": { "name": name, "annotations": annotations },
                "spec": {
                    "selector": selector,
                    "ports": [{ "port": 80, "targetPort": target, "protocol": protocol }],
                },
            }))
            .unwrap()
        },
    )
}
