//! Flips of which something was taken away or made absurd.

use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Service;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Generated;

/// Everything about a flip as one value.
pub(crate) fn value_of(flip: &Generated) -> Value {
    let workloads: Vec<Value> = flip
        .objects
        .workloads
        .iter()
        .map(|workload| match workload {
            Workload::Deployment(deployment) => json!(deployment),
            Workload::StatefulSet(set) => json!(set),
        })
        .collect();
    json!({
        "before": flip.before, "after": flip.after, "namespace": flip.objects.namespace,
        "workloads": workloads, "pods": flip.objects.pods,
    })
}

/// `None` where it is no longer what an API server could send.
pub(crate) fn flip_of(value: &Value) -> Option<Generated> {
    let part = |name: &str| value.get(name).cloned().unwrap_or_default();
    let mut objects = Objects {
        namespace: serde_json::from_value(part("namespace")).ok()?,
        pods: serde_json::from_value(part("pods")).ok()?,
        ..Objects::default()
    };
    for workload in part("workloads").as_array()? {
        objects
            .workloads
            .push(if workload["kind"] == "StatefulSet" {
                let set: StatefulSet = serde_json::from_value(workload.clone()).ok()?;
                set.into()
            } else {
                let deployment: Deployment = serde_json::from_value(workload.clone()).ok()?;
                deployment.into()
            });
    }
    let service = |name: &str| serde_json::from_value::<Service>(part(name)).ok();
    Some(Generated {
        before: service("before")?,
        after: service("after")?,
        objects,
    })
}

/// Takes something away or makes it absurd.
pub(crate) fn damage(value: &mut Value, pick: prop::sample::Index, how: usize) {
    let mut paths = Vec::new();
    walk(value, String::new(), &mut paths);
    let path = pick.get(&paths);
    let Some(found) = value.pointer_mut(path) else {
        return;
    };
    *found = match (&*found, how) {
        (Value::Number(_), 0) => json!(i32::MAX),
        (Value::Number(_), 1) => json!(-1),
        (Value::String(text), 0) => json!(text.repeat(3000)),
        (Value::String(_), 1) => json!("ü\n\u{7} ."),
        (Value::String(_), 2) => json!(""),
        (Value::Array(items), 0) => json!(items.iter().chain(items).collect::<Vec<_>>()),
        _ => Value::Null,
    };
}

fn walk(value: &Value, path: String, paths: &mut Vec<String>) {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, value)| (at.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (key, value) in below {
        walk(value, format!("{path}/{key}"), paths);
    }
    paths.push(path);
}
