//! The history entry of a flip by a client that writes none.

use bluegreen_shared::gate::Flip;
use bluegreen_shared::keys;
use bluegreen_shared::mutate::record;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Service;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::situation;

fn read<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn service(selector: impl Into<Value>) -> Value {
    let selector = selector.into();
    json!({ "metadata": { "name": "web", "namespace": "shop" }, "spec": { "selector": selector } })
}

fn annotated(mut service: Value, key: &str, value: &str) -> Value {
    service["metadata"]["annotations"][key] = value.into();
    service
}

fn role(role: &str) -> Value {
    service(json!({ "app": "web", "role": role }))
}

/// A Deployment with so many pods, of which the last is not ready.
fn side(objects: &mut Objects, name: &str, labels: &Value, pods: usize) {
    let deployment: Deployment = read(&json!({
        "metadata": { "name": name },
        "spec": {
            "replicas": pods,
            "selector": { "matchLabels": labels },
            "template": {
                "metadata": { "labels": labels },
                "spec": { "containers": [{ "name": "c", "image": format!("web:{name}") }] },
            },
        },
    }));
    objects.workloads.push(Workload::from(deployment));
    for number in 0..pods {
        let mut labels = labels.clone();
        labels["pod-template-hash"] = format!("hash-{name}").into();
        let ready = if number + 1 == pods { "False" } else { "True" };
        objects.pods.push(read(&json!({
            "metadata": {
                "name": format!("{name}-{number}"), "labels": labels,
                "ownerReferences": [{
                    "apiVersion": "apps/v1", "kind": "ReplicaSet", "uid": "",
                    "name": format!("{name}-hash-{name}"), "controller": true,
                }],
            },
            "status": { "conditions": [{ "type": "Ready", "status": ready }] },
        })));
    }
}

/// Two sides, and the Service as it stands before.
fn cluster(before: &Value, sides: [(&str, Value); 2]) -> Objects {
    let mut objects = Objects {
        services: vec![read(before)],
        ..Objects::default()
    };
    for ((name, labels), pods) in sides.into_iter().zip([4, 3]) {
        side(&mut objects, name, &labels, pods);
    }
    objects
}

fn in_colours(before: &Value) -> Objects {
    let labels = |role: &str| json!({ "app": "web", "role": role });
    cluster(
        before,
        [("web-blue", labels("blue")), ("web-green", labels("green"))],
    )
}

/// The history as it would be stored, where anything is added to it.
fn recorded(before: &Value, after: &Value, objects: &Objects) -> Option<Vec<Value>> {
    let stored = |after: &Value| {
        let (before, read_after): (Service, Service) = (read(before), read(after));
        let flip = Flip {
            before: &before,
            after: &read_after,
            now: "2026-05-01T12:00:00Z".parse().unwrap(),
        };
        let patch = record(&flip, objects, "ann");
        let mut stored = after.clone();
        json_patch::patch(&mut stored, &patch).unwrap();
        (!patch.is_empty()).then_some(stored)
    };
    let once = stored(after)?;
    assert_eq!(stored(&once), None, "once is enough");
    let mut without = once.clone();
    let mut sent = after.clone();
    for object in [&mut without, &mut sent] {
        object["metadata"]["annotations"][keys::HISTORY] = Value::Null;
    }
    assert_eq!(without, sent, "nothing else changes");
    let text = once["metadata"]["annotations"][keys::HISTORY].as_str()?;
    Some(serde_json::from_str(text).unwrap())
}

/// The roles of the newest entry, as `from > to`.
fn roles(before: &Value, after: &Value, objects: &Objects) -> String {
    let newest = recorded(before, after, objects).unwrap().swap_remove(0);
    let role = |key: &str| newest[key].as_str().unwrap().to_owned();
    format!("{} > {}", role("from"), role("to"))
}

#[test]
fn a_flip_is_written_down_with_all_that_is_known_of_it() {
    let (before, after) = (role("blue"), role("green"));
    let expected = json!([{
        "at": "2026-05-01T12:00:00Z", "from": "blue", "to": "green", "by": "ann",
        "revision": { "from": "hash-web-blue", "to": "hash-web-green" },
        "ready": { "from": 3, "to": 2 },
        "images": ["web:web-green"],
    }]);
    let history = recorded(&before, &after, &in_colours(&before));
    assert_eq!(history.map(Value::from), Some(expected));
}

#[test]
fn who_wrote_it_down_already_is_believed() {
    let before = annotated(role("blue"), keys::HISTORY, "[]");
    let after = annotated(role("green"), keys::HISTORY, r#"[{"to":"green"}]"#);
    assert_eq!(recorded(&before, &after, &in_colours(&before)), None);
    // What stood there before says nothing of this flip.
    let after = annotated(role("green"), keys::HISTORY, "[]");
    assert!(recorded(&before, &after, &in_colours(&before)).is_some());
}

#[test]
fn an_empty_history_is_none() {
    let (before, after) = (role("blue"), annotated(role("green"), keys::HISTORY, ""));
    let history = recorded(&before, &after, &in_colours(&before));
    assert_eq!(history.map(|history| history.len()), Some(1));
}

#[test]
fn what_is_no_flip_is_not_written_down() {
    let before = role("blue");
    let narrower = json!({ "app": "web", "role": "blue", "tier": "front" });
    let same_role = json!({ "app": "web", "colour": "blue" });
    for selector in [
        json!({ "app": "web", "role": "blue" }),
        json!({}),
        Value::Null,
        json!({ "app": "web" }),
        narrower,
        same_role,
    ] {
        let after = annotated(service(selector), "example.com/other", "changes");
        let history = recorded(&before, &after, &in_colours(&before));
        assert_eq!(history, None, "{after}");
    }
}

#[test]
fn an_override_is_written_down_with_its_reason_where_it_is_new() {
    let reason = |service, why| annotated(service, keys::OVERRIDE, why);
    let newest = |before: &Value, after: &Value| {
        let mut history = recorded(before, after, &in_colours(before)).unwrap();
        let newest = history.swap_remove(0);
        (newest["reason"].clone(), newest["override"].clone())
    };
    let (before, after) = (role("blue"), reason(role("green"), "the disk is full"));
    let said = (Value::from("the disk is full"), Value::from(true));
    assert_eq!(newest(&before, &after), said);
    let other = reason(role("blue"), "last week");
    assert_eq!(newest(&other, &after), said);
    let same = reason(role("blue"), "the disk is full");
    assert_eq!(newest(&same, &after), (Value::Null, Value::Null));
    let long = reason(role("green"), &"x".repeat(5000));
    let (cut, _) = newest(&before, &long);
    assert!(cut.as_str().unwrap().len() <= 515, "{cut}");
}

#[test]
fn roles_are_called_as_discovery_calls_them() {
    let version = |version: &str| {
        let service = service(json!({ "app": "web", "version": version }));
        annotated(service, keys::ROLE_KEY, "version")
    };
    let labels = |version: &str| json!({ "app": "web", "version": version });
    let (before, after) = (version("1.10"), version("1.11"));
    let mut objects = cluster(&before, [("old", labels("1.10")), ("new", labels("1.11"))]);
    assert_eq!(roles(&before, &after, &objects), "1.10 > 1.11");
    for (workload, role) in objects.workloads.iter_mut().zip(["green", "blue"]) {
        let Workload::Deployment(deployment) = workload else {
            unreachable!("only Deployments were made")
        };
        let annotations = &mut deployment.metadata.annotations;
        annotations
            .get_or_insert_default()
            .insert(keys::ROLE.to_owned(), role.to_owned());
    }
    assert_eq!(roles(&before, &after, &objects), "green > blue");
}

#[test]
fn both_sides_of_a_suffix_pair_have_a_name() {
    let suffix = |name: &str| service(json!({ "app": name }));
    let labels = |name: &str| json!({ "app": name });
    for (one, other, expected) in [
        ("web", "web-green", "blue > green"),
        ("web-green", "web", "green > blue"),
    ] {
        let before = suffix(one);
        let objects = cluster(&before, [(one, labels(one)), (other, labels(other))]);
        assert_eq!(roles(&before, &suffix(other), &objects), expected);
    }
}

#[test]
fn where_discovery_knows_nothing_the_selectors_own_words_stand() {
    let nothing = Objects::default();
    assert_eq!(
        roles(&role("BLUE"), &role("green"), &nothing),
        "blue > green"
    );
    assert_eq!(roles(&role("one"), &role("two"), &nothing), "one > two");
    let keys =
        |role: &str, track: &str| service(json!({ "app": "web", "role": role, "track": track }));
    assert_eq!(
        roles(&keys("one", "stable"), &keys("two", "next"), &nothing),
        "one+stable > two+next"
    );
    assert_eq!(
        roles(&keys("blue", "stable"), &keys("green", "next"), &nothing),
        "blue > green"
    );
}

#[test]
fn the_tenth_flip_pushes_out_the_first() {
    let entry = |number: usize| {
        let (at, by) = ("2026-04-01T12:00:00Z", format!("user-{number}"));
        json!({ "at": at, "from": "green", "to": "blue", "by": by })
    };
    let old: Vec<Value> = (0..10).map(entry).collect();
    let old = Value::from(old).to_string();
    let before = annotated(role("blue"), keys::HISTORY, &old);
    let after = annotated(role("green"), keys::HISTORY, &old);
    let history = recorded(&before, &after, &in_colours(&before)).unwrap();
    let by: Vec<&str> = history
        .iter()
        .filter_map(|entry| entry["by"].as_str())
        .collect();
    assert_eq!(by.len(), 10);
    assert_eq!((by[0], by[1], by[9]), ("ann", "user-0", "user-8"));
}

#[test]
fn a_history_that_cannot_be_read_stops_nothing() {
    let before = annotated(role("blue"), keys::HISTORY, "lost");
    let after = annotated(role("green"), keys::HISTORY, "lost");
    let history = recorded(&before, &after, &in_colours(&before)).unwrap();
    assert_eq!(history.len(), 1);
}

#[test]
fn in_every_situation_once_is_enough() {
    let written = situation::all("gate").into_iter().filter(|situation| {
        let before: Service = situation.request("before").unwrap();
        let after: Service = situation.request("after").unwrap();
        let mut objects = situation.objects.clone();
        objects.services.push(before.clone());
        recorded(&json!(before), &json!(after), &objects).is_some()
    });
    assert!(written.count() > 50);
}

#[test]
fn an_overlap_and_its_end_in_the_new_side_are_one_flip() {
    let mark = r#"{"from":"blue","to":"green"}"#;
    let both = annotated(service(json!({ "app": "web" })), keys::OVERLAP, mark);
    let objects = in_colours(&role("blue"));
    assert_eq!(recorded(&role("blue"), &both, &objects), None);
    let objects = in_colours(&both);
    assert_eq!(recorded(&both, &role("blue"), &objects), None);
    assert_eq!(roles(&both, &role("green"), &objects), "blue > green");
    let entries = recorded(&both, &role("green"), &objects).unwrap();
    let entry = &entries[0];
    assert_eq!(entry["ready"], json!({ "from": 3, "to": 2 }));
    assert_eq!(entry["revision"]["from"], "hash-web-blue");
    // What the old side was given meanwhile has not served alone.
    let mark = r#"{"from":"blue","to":"green","served":"before"}"#;
    let told = annotated(service(json!({ "app": "web" })), keys::OVERLAP, mark);
    let entries = recorded(&told, &role("green"), &in_colours(&told)).unwrap();
    assert_eq!(entries[0]["revision"]["from"], "before");
    // What the gate refuses is nobody's flip.
    let other = service(json!({ "app": "web", "role": "gren" }));
    assert_eq!(recorded(&both, &other, &objects), None);
}
