//! What is kept where a delivery tool flips unannounced.

use bluegreen_shared::keys;
use serde_json::{Value, json};

use super::{By, annotated, kept, labelled, role, service, version};

#[test]
fn only_a_delivery_tool_keeps_and_only_where_that_is_asked_for() {
    let (before, after) = (role("blue"), role("green"));
    for on_drift in ["allow", "keep", "deny"] {
        for by in [By::Ann, By::Tool] {
            let expected = on_drift == "keep" && by == By::Tool;
            let kept = kept(on_drift, by, &before, &after);
            assert_eq!(kept.is_some(), expected, "{on_drift} {by:?}");
            assert!(kept.is_none_or(|stored| stored == before));
        }
    }
}

#[test]
fn nothing_but_the_role_is_kept() {
    let mut after = role("green");
    after["spec"]["selector"]["app"] = "shop".into();
    after["spec"]["ports"] = json!([{ "port": 80 }]);
    let stored = kept("keep", By::Tool, &role("blue"), &after).unwrap();
    assert_eq!(
        stored["spec"],
        json!({ "selector": { "app": "shop", "role": "blue" }, "ports": [{ "port": 80 }] })
    );
}

#[test]
fn every_key_of_the_role_is_kept() {
    let both = |role: &str, track: &str, keys: &str| {
        let selector = json!({ "app": "web", "example.com/role": role, "track": track });
        annotated(service(selector), keys::ROLE_KEY, keys)
    };
    let keys = "example.com/role, track";
    let (before, after) = (both("blue", "stable", keys), both("green", "next", keys));
    assert_eq!(kept("keep", By::Tool, &before, &after), Some(before));
    let keys = "example.com/role";
    let (before, after) = (both("blue", "stable", keys), both("green", "next", keys));
    let stored = kept("keep", By::Tool, &before, &after).unwrap();
    assert_eq!(stored, both("blue", "next", keys));
}

#[test]
fn a_marked_key_is_kept_and_one_without_mark_or_colour_is_not() {
    assert_eq!(
        kept("keep", By::Tool, &version("1.10"), &version("1.11")),
        Some(version("1.10"))
    );
    let bare = |version: &str| service(json!({ "app": "web", "version": version }));
    assert_eq!(kept("keep", By::Tool, &bare("1.10"), &bare("1.11")), None);
}

#[test]
fn both_sides_of_a_suffix_pair_are_kept() {
    let suffix = |name: &str| service(json!({ "app": name }));
    for (live, stale) in [("web", "web-green"), ("web-green", "web")] {
        let stored = kept("keep", By::Tool, &suffix(live), &suffix(stale));
        assert_eq!(stored, Some(suffix(live)));
    }
}

#[test]
fn a_role_that_is_dropped_is_put_back() {
    let after = service(json!({ "app": "web" }));
    assert_eq!(
        kept("keep", By::Tool, &role("blue"), &after),
        Some(role("blue"))
    );
}

#[test]
fn a_selector_that_is_dropped_is_left_to_the_gate() {
    for after in [json!({}), json!({ "selector": {} })] {
        let after = json!({ "metadata": { "name": "web" }, "spec": after });
        assert_eq!(kept("keep", By::Tool, &role("blue"), &after), None);
    }
}

#[test]
fn a_label_that_says_which_role_is_live_goes_back_with_it() {
    let stored = |before: &Value, after: &Value| kept("keep", By::Tool, before, after).unwrap();
    let own = |service: Value| service["metadata"]["labels"]["role"].clone();
    let (before, after) = (
        labelled(role("blue"), "blue"),
        labelled(role("green"), "green"),
    );
    assert_eq!(stored(&before, &after), before);
    // One that says something else is none of ours, and one that the manifest has not stays away.
    let part = |service: Value| labelled(service, "frontend");
    assert_eq!(
        own(stored(&part(role("blue")), &part(role("green")))),
        "frontend"
    );
    assert_eq!(own(stored(&before, &role("green"))), Value::Null);
}

#[test]
fn both_sides_of_an_overlap_are_kept() {
    let mark = r#"{"from":"blue","to":"green"}"#;
    let both = annotated(service(json!({ "app": "web" })), keys::OVERLAP, mark);
    // With its annotations, as `apply` leaves them, and without any, as `replace` does.
    let applied = annotated(role("blue"), keys::OVERLAP, mark);
    for after in [applied, role("blue"), role("green")] {
        assert_eq!(kept("keep", By::Tool, &both, &after), Some(both.clone()));
        assert_eq!(kept("allow", By::Tool, &both, &after), None);
    }
}
