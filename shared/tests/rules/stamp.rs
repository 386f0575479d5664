//! Whose name an intent gets.

use bluegreen_shared::keys;
use bluegreen_shared::mutate::stamp;
use k8s_openapi::api::core::v1::Service;
use serde_json::{Value, json};

const INTENT: &str = r#"{"to":"green","until":"2026-05-01T12:01:00Z"}"#;
const OTHER: &str = r#"{"to":"blue","until":"2026-05-01T12:01:00Z"}"#;
const SIGNED: &str = r#"{"to":"green","by":"bob","until":"2026-05-01T12:01:00Z"}"#;

fn service(intent: Option<&str>) -> Value {
    match intent {
        Some(intent) => json!({ "metadata": { "annotations": { keys::INTENT: intent } } }),
        None => json!({ "metadata": {} }),
    }
}

/// The intent as it would be stored.
fn stamped(before: Option<&str>, after: Option<&str>) -> Option<Value> {
    let read = |object: &Value| -> Service { serde_json::from_value(object.clone()).unwrap() };
    let mut object = service(after);
    let patch = stamp(&read(&object), &read(&service(before)), "ann", None);
    json_patch::patch(&mut object, &patch).unwrap();
    let text = object["metadata"]["annotations"][keys::INTENT].as_str()?;
    Some(serde_json::from_str(text).unwrap_or_else(|_| text.into()))
}

fn read(intent: &str) -> Option<Value> {
    serde_json::from_str(intent).ok()
}

#[test]
fn a_new_intent_gets_the_name_of_its_user() {
    let signed = read(&SIGNED.replace("bob", "ann"));
    assert_eq!(stamped(None, Some(INTENT)), signed);
    assert_eq!(stamped(Some(OTHER), Some(INTENT)), signed);
    assert_eq!(stamped(Some(SIGNED), Some(INTENT)), signed);
    let null = INTENT.replace('{', r#"{"by":null,"#);
    assert_eq!(stamped(None, Some(&null)), signed);
}

#[test]
fn a_name_or_a_number_that_somebody_wrote_there_is_overwritten() {
    let mine = read(&SIGNED.replace("bob", "ann"));
    assert_eq!(stamped(None, Some(SIGNED)), mine);
    let counted = INTENT.replace('{', r#"{"serving":0,"#);
    assert_eq!(stamped(None, Some(&counted)), mine);
}

#[test]
fn how_much_serves_is_written_down() {
    let after: Service = serde_json::from_value(service(Some(INTENT))).unwrap();
    let patch = stamp(&after, &Service::default(), "ann", Some(52));
    let text = serde_json::to_value(&patch).unwrap()[0]["value"].clone();
    // The form that the policy on stamps looks for.
    assert_eq!(
        text,
        r#"{"to":"green","by":"ann","serving":52,"until":"2026-05-01T12:01:00Z"}"#
    );
}

#[test]
fn an_intent_that_stays_as_it_was_is_not_signed() {
    assert_eq!(stamped(Some(INTENT), Some(INTENT)), read(INTENT));
}

#[test]
fn no_intent_and_no_json_are_left_alone() {
    assert_eq!(stamped(Some(INTENT), None), None);
    for wrong in ["", "green", "[]", "{}", r#"{"to":"green"}"#] {
        let same = read(wrong).or_else(|| Some(wrong.into()));
        assert_eq!(stamped(None, Some(wrong)), same, "{wrong}");
    }
}
