//! A flip that nobody announced: who may do it, and what is kept where a delivery tool does it.

use crate::drifted;

use bluegreen_shared::keys;
use serde_json::{Value, json};

use drifted::{By, PAST, SOON, annotated, intent, kept, labelled, refused, role, service, version};

#[test]
fn what_nobody_announced_is_refused_where_that_is_asked_for() {
    let (before, after) = (role("blue"), role("green"));
    let sentence = "Service/web would select app=web,role=green without an announced switch, \
                    which bluegreen.dev/on-drift forbids";
    for (on_drift, is_refused) in [("allow", false), ("keep", true), ("deny", true)] {
        for by in [By::Ann, By::Tool] {
            let told = refused(on_drift, by, &before, &after);
            assert_eq!(told.is_some(), is_refused, "{on_drift} {by:?}");
            assert!(told.is_none_or(|told| told == sentence));
        }
    }
}

#[test]
fn a_service_asks_for_it_by_itself_in_either_form() {
    let (before, after) = (role("blue"), role("green"));
    let strict = |service: &Value| annotated(service.clone(), keys::ON_DRIFT, "deny");
    assert!(refused("allow", By::Ann, &strict(&before), &after).is_some());
    assert!(refused("allow", By::Ann, &before, &strict(&after)).is_some());
}

#[test]
fn what_selects_the_same_is_no_drift() {
    let before = role("blue");
    let after = labelled(role("blue"), "green");
    assert_eq!(refused("deny", By::Ann, &before, &after), None);
    assert_eq!(kept("keep", By::Tool, &before, &after), None);
}

/// Whether it passes as announced, for a person and for a tool alike.
fn is_announced(before: &Value, after: &Value) -> bool {
    let is_refused = refused("deny", By::Ann, before, after).is_some();
    let is_kept = kept("keep", By::Tool, before, after).is_some();
    assert_eq!(is_refused, is_kept, "{before} {after}");
    !is_refused
}

#[test]
fn only_an_unexpired_intent_of_the_same_user_announces_it() {
    let by = |user, until| intent(role("blue"), "green", user, until);
    assert!(is_announced(&by("ann", SOON), &role("green")));
    assert!(!is_announced(&by("bob", SOON), &role("green")));
    assert!(!is_announced(&by("ann", PAST), &role("green")));
    let too_long = "2026-05-01T12:10:00Z";
    assert!(!is_announced(&by("ann", too_long), &role("green")));
    let of_nobody = json!({ "to": "green", "until": SOON }).to_string();
    let of_nobody = annotated(role("blue"), keys::INTENT, of_nobody);
    assert!(!is_announced(&of_nobody, &role("green")));
}

#[test]
fn only_an_intent_that_names_the_role_announces_it() {
    let suffix = |name: &str| service(json!({ "app": name }));
    let announced = |before, to, after| is_announced(&intent(before, to, "ann", SOON), &after);
    assert!(!announced(role("blue"), "blue", role("green")));
    assert!(announced(role("BLUE"), "green", role("GREEN")));
    assert!(announced(suffix("web"), "green", suffix("web-green")));
    assert!(announced(suffix("web-green"), "blue", suffix("web")));
    assert!(!announced(suffix("web-green"), "green", suffix("web")));
    assert!(announced(version("1.10"), "1.11", version("1.11")));
    assert!(!announced(version("1.10"), "1.10", version("1.11")));
    // The role is what an annotation of the workloads says.
    assert!(announced(version("1.10"), "green", version("1.11")));
}

#[test]
fn an_intent_that_comes_with_the_flip_announces_nothing() {
    let after = intent(role("green"), "green", "ann", SOON);
    assert!(refused("deny", By::Ann, &role("blue"), &after).is_some());
    assert!(kept("keep", By::Tool, &role("blue"), &after).is_some());
}
