//! One workload made like its counterpart.
//!
//! Templates are handled as the API server sent them: a typed one would lose the fields that only a newer
//! Kubernetes knows.

use std::collections::BTreeSet;

use json_patch::Patch;
use serde_json::{Map, Value};

use crate::patch;
use crate::words;

/// An annotation of a template that says when it was restarted, and nothing of what it runs.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

/// What one workload is to get.
#[derive(Clone, Debug, PartialEq)]
pub struct Copied {
    /// Tests of what was read, then the changes.
    pub patch: Patch,
    /// Whether the template changes, which replaces the pods.
    pub template: bool,
    /// Its replicas until now and from now on, where they change.
    pub replicas: Option<(i64, i64)>,
    /// Places that still name the other side, such as `spec.containers.0.env.0.value: "blue"`.
    pub suspicious: Vec<String>,
}

/// What makes the idle object like the active one, both as the API server sent them; `None` where it
/// is already.
///
/// Labels that its selector asks for stay, and so does everything that differs in nothing but the role's
/// name: a `ConfigMap` `shop-blue` remains `shop-green`. It gets no fewer replicas than it has.
#[must_use]
pub fn copy(idle: &Value, active: &Value, roles: (&str, &str)) -> Option<Copied> {
    let (was, like) = (&idle["spec"]["template"], &active["spec"]["template"]);
    let mut template = like.clone();
    keep(&mut template, was, roles);
    keep_labels(&mut template, was, &idle["spec"]["selector"]);
    keep_restart(&mut template, was);
    let replicas = |object: &Value| object["spec"]["replicas"].as_i64().unwrap_or(1);
    let replicas = (replicas(idle), replicas(active).max(replicas(idle)));
    let replicas = (replicas.0 != replicas.1).then_some(replicas);
    let changes = template != *was;
    if !changes && replicas.is_none() {
        return None;
    }
    let mut operations = Vec::new();
    if let Some(uid) = idle["metadata"]["uid"].as_str() {
        operations.push(patch::test(["metadata", "uid"], uid));
    }
    let mut suspicious = Vec::new();
    if changes {
        name_the_other(&template["spec"], "spec", roles.1, &mut suspicious);
        operations.push(patch::test(["spec", "template"], was.clone()));
        operations.push(patch::replace(["spec", "template"], template));
    }
    if let Some((_, wanted)) = replicas {
        operations.push(patch::add(["spec", "replicas"], wanted));
    }
    Some(Copied {
        patch: Patch(operations),
        template: changes,
        replicas,
        suspicious,
    })
}

/// Puts back what was there where it says the same of the other role.
fn keep(copied: &mut Value, was: &Value, (idle, active): (&str, &str)) {
    match (copied, was) {
        (Value::Object(copied), Value::Object(was)) => {
            for (key, value) in copied {
                if let Some(was) = was.get(key) {
                    keep(value, was, (idle, active));
                }
            }
        }
        (Value::Array(copied), Value::Array(was)) => {
            for (value, was) in copied.iter_mut().zip(was) {
                keep(value, was, (idle, active));
            }
        }
        (Value::String(copied), Value::String(was)) => {
            let is_the_same =
                copied.replace(active, idle) == *was || words::recolour(copied, idle) == *was;
            if is_the_same {
                copied.clone_from(was);
            }
        }
        _ => {}
    }
}

/// A selector can't be changed, and pods that it does not match are nobody's.
fn keep_labels(template: &mut Value, was: &Value, selector: &Value) {
    let asked = selector["matchLabels"].as_object();
    let of_expressions = selector["matchExpressions"].as_array();
    let keys: BTreeSet<&str> = asked
        .into_iter()
        .flat_map(Map::keys)
        .map(String::as_str)
        .chain(
            of_expressions
                .into_iter()
                .flatten()
                .filter_map(|one| one["key"].as_str()),
        )
        .collect();
    for key in keys {
        put_back(template, was, "labels", key);
    }
}

/// It would roll what is the same.
fn keep_restart(template: &mut Value, was: &Value) {
    put_back(template, was, "annotations", RESTARTED_AT);
    let metadata = template.get_mut("metadata").and_then(Value::as_object_mut);
    if let Some(metadata) = metadata
        && was["metadata"].get("annotations").is_none()
        && metadata.get("annotations") == Some(&Value::Object(Map::new()))
    {
        metadata.remove("annotations");
    }
}

fn put_back(template: &mut Value, was: &Value, field: &str, key: &str) {
    let place = template
        .get_mut("metadata")
        .and_then(|metadata| metadata.get_mut(field))
        .and_then(Value::as_object_mut);
    match (place, was["metadata"][field].get(key)) {
        (Some(place), Some(value)) => {
            place.insert(key.to_owned(), value.clone());
        }
        (Some(place), None) => {
            place.remove(key);
        }
        (None, Some(value)) => template["metadata"][field][key] = value.clone(),
        (None, None) => {}
    }
}

/// The places whose text has the role's name as a word of its own.
fn name_the_other(value: &Value, path: &str, role: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                name_the_other(value, &format!("{path}.{key}"), role, found);
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                name_the_other(value, &format!("{path}.{place}"), role, found);
            }
        }
        Value::String(text) if words::words(text).any(|word| word.eq_ignore_ascii_case(role)) => {
            found.push(format!("{path}: {text:?}"));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROLES: (&str, &str) = ("green", "blue");

    fn side(role: &str, image: &str, replicas: u32) -> Value {
        json!({
            "metadata": {"uid": format!("uid-{role}")},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": "web", "role": role}},
                "template": {
                    "metadata": {"labels": {"app": "web", "role": role, "release": image}},
                    "spec": {
                        "containers": [{
                            "name": "web", "image": image,
                            "env": [{"name": "SETTINGS", "value": format!("/etc/{role}.conf")}],
                            "aFieldOfTomorrow": true,
                        }],
                        "volumes": [{"name": "c", "configMap": {"name": format!("web-{role}")}}],
                    },
                },
            },
        })
    }

    fn after(idle: &Value, active: &Value) -> Value {
        let mut after = idle.clone();
        json_patch::patch(&mut after, &copy(idle, active, ROLES).unwrap().patch).unwrap();
        after
    }

    #[test]
    fn the_idle_side_gets_what_runs_and_keeps_what_names_its_role() {
        let after = after(&side("green", "web:1", 1), &side("blue", "web:2", 3));
        assert_eq!(after, {
            let mut wanted = side("green", "web:2", 3);
            wanted["spec"]["template"]["metadata"]["labels"]["release"] = json!("web:2");
            wanted
        });
    }

    #[test]
    fn what_is_so_already_is_left_alone() {
        let mut idle = side("green", "web:1", 4);
        idle["spec"]["template"]["metadata"]["annotations"] =
            json!({RESTARTED_AT: "2026-05-01T12:00:00Z"});
        let mut active = side("blue", "web:1", 2);
        active["spec"]["template"]["metadata"]["annotations"] =
            json!({RESTARTED_AT: "2026-05-02T12:00:00Z"});
        assert_eq!(copy(&idle, &active, ROLES), None);
        idle["spec"]["template"]["metadata"]
            .as_object_mut()
            .unwrap()
            .remove("annotations");
        let copied = copy(&idle, &active, ROLES);
        // An empty map of annotations is none: it is no reason to replace pods.
        assert_eq!(copied, None);
    }

    #[test]
    fn a_place_that_names_the_other_side_is_told() {
        let mut active = side("blue", "web:2", 1);
        active["spec"]["template"]["spec"]["containers"][0]["args"] =
            json!(["--peer", "web-blue.shop", "--theme", "bluegrey"]);
        let copied = copy(&side("green", "web:1", 1), &active, ROLES).unwrap();
        assert_eq!(
            copied.suspicious,
            [r#"spec.containers.0.args.1: "web-blue.shop""#]
        );
        assert!(copied.template);
        assert_eq!(copied.replicas, None);
    }

    #[test]
    fn an_object_that_was_changed_meanwhile_is_not_written_over() {
        let (idle, active) = (side("green", "web:1", 1), side("blue", "web:2", 1));
        let patch = copy(&idle, &active, ROLES).unwrap().patch;
        let mut changed = side("green", "web:1.1", 1);
        assert!(json_patch::patch(&mut changed, &patch).is_err());
    }
}
