//! What is added to workloads, over situations, and the laws that hold for any of them.

use crate::mutated;
use crate::situation;

use std::fmt::Write;

use bluegreen_shared::mutate::Mutation;
use json_patch::PatchOperation;
use k8s_openapi::api::core::v1::Service;
use mutated::{Request, any};
use proptest::prelude::*;
use serde_json::{Value, json};

#[test]
fn what_is_added_is_what_is_expected() {
    situation::for_each("mutate", |situation| text(&Request::of(situation).mutate()));
}

#[test]
fn the_laws_hold_for_every_situation() {
    for situation in situation::all("mutate") {
        let request = Request::of(&situation);
        println!("{}", situation.sentence());
        holds_all(&request);
        if request.before.is_none() {
            sent_again(&request, request.services.clone());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_laws_hold_for_any_request(request in any::request()) {
        holds_all(&request);
    }

    #[test]
    fn what_leaves_the_template_alone_gets_nothing(request in any::unrelated()) {
        prop_assert_eq!(request.mutate().patch, vec![]);
    }

    #[test]
    fn sending_a_manifest_again_restarts_nothing(request in any::request(), then in any::services()) {
        let created = Request { before: None, ..request };
        sent_again(&created, then);
    }
}

fn holds_all(request: &Request) {
    let mutation = request.mutate();
    let mutated = request.mutated();
    // Mutating twice is mutating once.
    assert_eq!(mutated.mutate().patch, []);
    // Nothing is replaced, and no selector is touched.
    for operation in &mutation.patch {
        let path = operation.path().to_string();
        assert!(matches!(operation, PatchOperation::Add(_)), "{path}");
        assert!(!path.starts_with("/spec/selector"), "{path}");
    }
    // Nothing differs but what the patch says.
    let mut undone = mutated.after;
    for operation in mutation.patch.iter().rev() {
        remove(&mut undone, operation.path().as_ref());
    }
    assert_eq!(without_nulls(undone), without_nulls(request.after.clone()));
    // The API server hands warnings on whole.
    for warning in &mutation.warnings {
        assert!(warning.chars().count() <= 120, "{warning}");
    }
}

/// A server-side apply drops what admission had added for the same client before; whatever Services
/// stand there by then, the pods must not restart.
fn sent_again(created: &Request, services: Vec<Service>) {
    let stored = created.mutated().after;
    let again = Request {
        before: Some(stored.clone()),
        services,
        ..created.clone()
    };
    let template = |object: &Value| without_nulls(object["spec"]["template"].clone());
    assert_eq!(template(&again.mutated().after), template(&stored));
}

/// The object as the API server reads it, to which `null` is as good as absent, and so is an empty map.
fn without_nulls(object: Value) -> Value {
    match object {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(key, value)| (key, without_nulls(value)))
            .filter(|(_, value)| !value.is_null() && *value != json!({}))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

/// Takes away what an operation added; an object that the manifest did not have goes too.
fn remove(object: &mut Value, path: &str) {
    let (parent, key) = path.rsplit_once('/').unwrap();
    let key = key.replace("~1", "/").replace("~0", "~");
    let fields = object.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    assert!(fields.remove(&key).is_some(), "{path}");
}

fn text(mutation: &Mutation) -> String {
    let mut text = String::new();
    for operation in &mutation.patch {
        match operation {
            PatchOperation::Add(add) => writeln!(text, "+ {} {}", add.path, add.value).unwrap(),
            other => writeln!(text, "{other}").unwrap(),
        }
    }
    for warning in &mutation.warnings {
        writeln!(text, "warning: {warning}").unwrap();
    }
    if text.is_empty() {
        text.push_str("nothing\n");
    }
    text
}
