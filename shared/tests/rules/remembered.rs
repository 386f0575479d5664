//! What a flip leaves in the history, and where the next `rollback` goes by that.

use bluegreen_shared::application::Active;
use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::gate::{self, Flip};
use bluegreen_shared::history::{self, Entry};
use bluegreen_shared::keys;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rollback::{Rollback, rollback};
use bluegreen_shared::plan::switch::{FlipPlan, Switch, Undo, both, switch};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;
use serde_json::{Value, json};

use crate::situation;

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

/// What the cluster of a situation of plans holds.
fn objects(sentence: &str) -> Objects {
    let mut all = situation::all("plan").into_iter();
    let found = all.find(|one| one.sentence() == sentence);
    found.expect(sentence).objects
}

/// The Services as a plan leaves them.
fn stored(objects: &Objects, plan: &FlipPlan<'_>) -> Objects {
    let mut after = objects.clone();
    for flip in &plan.flips {
        let patch = flip.flip(flip.before, plan.entry(flip, now(), "ann", None), None);
        let mut value = json!(flip.before);
        json_patch::patch(&mut value, &patch).unwrap();
        let flipped: Service = serde_json::from_value(value).unwrap();
        let mut services = after.services.iter_mut();
        let place = services.find(|one| one.metadata.name == flipped.metadata.name);
        *place.unwrap() = flipped;
    }
    after
}

/// Plans and stores a switch to a role, by way of an overlap where that is wanted; and what undoes it.
fn switched(objects: &Objects, to: &str, overlaps: bool) -> (Objects, Option<Undo>) {
    let application = discover::find(objects, "tomcat", &Hints::default()).unwrap();
    let Ok(Switch::Flip(plan)) = switch(&application, objects, Some(to), now()) else {
        panic!("nothing to switch to {to}");
    };
    assert!(plan.verdict.allows(), "{:?}", plan.verdict.refusals);
    if overlaps {
        let both = both(&application, objects, &plan, now()).unwrap();
        assert!(both.verdict.allows(), "{:?}", both.verdict.refusals);
        return (stored(objects, &both), None);
    }
    (stored(objects, &plan), plan.undo(&application, now()))
}

/// Plans and stores a rollback.
fn rolled_back(objects: &Objects) -> Result<(Objects, Option<Undo>), String> {
    let application = discover::find(objects, "tomcat", &Hints::default()).unwrap();
    match rollback(&application, objects, now()) {
        Ok(Rollback::Back { plan, .. }) => {
            assert!(plan.verdict.allows(), "{:?}", plan.verdict.refusals);
            Ok((stored(objects, &plan), plan.undo(&application, now())))
        }
        Ok(Rollback::Already(role)) => Err(format!("{role} already")),
        Err(declined) => Err(format!("{}; {}", declined.message, declined.hint)),
    }
}

/// The role that all of production selects.
fn active(objects: &Objects) -> String {
    let application = discover::find(objects, "tomcat", &Hints::default()).unwrap();
    match application.active() {
        Active::Role(role) => role.to_owned(),
        other => panic!("{other:?}"),
    }
}

fn newest(objects: &Objects, service: &str) -> Entry {
    let mut services = objects.services.iter();
    let service = services.find(|one| one.metadata.name.as_deref() == Some(service));
    history::of(service.unwrap()).remove(0)
}

fn from(entry: &Entry) -> Value {
    json!([entry.from, entry.revision.from, entry.ready.from])
}

fn forward(role: &str) -> Undo {
    Undo::Forward(role.to_owned())
}

/// Another template than the one that served.
fn blue_runs_another(objects: &mut Objects) {
    for pod in &mut objects.pods {
        let labels = pod.metadata.labels.as_mut().unwrap();
        if labels["role"] == "blue" {
            labels.insert("pod-template-hash".to_owned(), "9ccc".to_owned());
            let owners = pod.metadata.owner_references.as_mut().unwrap();
            owners[0].name = "tomcat-deployment-blue-9ccc".to_owned();
        }
    }
}

#[test]
fn what_mends_a_split_names_what_each_service_left() {
    for sentence in [
        "one of two services has left alone",
        "one of two services has gone back alone",
    ] {
        let before = objects(sentence);
        let (after, undo) = rolled_back(&before).unwrap();
        assert_eq!(active(&after), "blue", "{sentence}");
        let entry = newest(&after, "tomcat-internal");
        assert_eq!(from(&entry), json!(["green", "8bbb", 2]), "{sentence}");
        assert_eq!(undo, Some(forward("green")), "{sentence}");
        // Said again it must not go to the side that production has just left.
        assert_eq!(rolled_back(&after).unwrap_err(), "blue already");
        let (forth, undo) = switched(&after, "green", false);
        assert_eq!(undo, Some(Undo::Rollback), "{sentence}");
        assert_eq!(active(&rolled_back(&forth).unwrap().0), "blue");
    }
}

#[test]
fn a_split_that_ends_in_the_new_side_has_a_way_back() {
    let before = objects("one of two services has left alone");
    let (after, undo) = switched(&before, "green", false);
    let entry = newest(&after, "tomcat-service");
    assert_eq!(from(&entry), json!(["blue", "7aaa", 2]));
    assert_eq!(undo, Some(Undo::Rollback));
    assert_eq!(active(&rolled_back(&after).unwrap().0), "blue");
}

#[test]
fn of_overlaps_in_opposite_ways_each_service_left_its_own_side() {
    let before = objects("two services are in overlaps of opposite ways");
    let (after, undo) = switched(&before, "green", false);
    let entries = after.services.iter().flat_map(history::of);
    let left: Vec<Value> = entries.map(|entry| from(&entry)).collect();
    // The other one was on its way back, which is no flip.
    assert_eq!(left, [json!(["blue", "7aaa", 2])]);
    assert_eq!(undo, Some(Undo::Rollback));
    assert_eq!(active(&rolled_back(&after).unwrap().0), "blue");
}

#[test]
fn back_and_forth_for_ever_always_names_a_verb_that_works() {
    let mut now = objects("the idle side is what served before");
    for flips in 2..30 {
        let back = flips % 2 == 0;
        let (next, undo) = match rolled_back(&now) {
            Ok(next) if back => next,
            said => {
                let to = if back { "blue" } else { "green" };
                let told = said.map_or_else(|told| told, |_| String::new());
                let names = told.ends_with(&format!("switch tomcat --to {to}"));
                assert!(flips < 11 || names, "{flips}: {told}");
                switched(&now, to, false)
            }
        };
        let other = if back { "green" } else { "blue" }.to_owned();
        let expected = match flips {
            10.. => Undo::Named(other),
            _ if back => Undo::Forward(other),
            _ => Undo::Rollback,
        };
        assert_eq!(undo, Some(expected), "{flips}");
        now = next;
    }
}

#[test]
fn the_end_of_an_overlap_tells_what_the_old_side_ran_when_it_served_alone() {
    let before = objects("the idle side is ready");
    let (mut overlapping, _) = switched(&before, "green", true);
    blue_runs_another(&mut overlapping);
    let (after, undo) = switched(&overlapping, "green", false);
    let entry = newest(&after, "tomcat-service");
    assert_eq!(from(&entry), json!(["blue", "7aaa", 2]));
    assert_eq!(undo, Some(Undo::Named("blue".to_owned())));
    let told = rolled_back(&after).unwrap_err();
    assert_eq!(
        told,
        "blue no longer runs what served before: revision 9ccc, it was 7aaa; \
         to release what it runs now: kubectl bluegreen switch tomcat --to blue"
    );
}

#[test]
fn a_service_is_put_back_also_where_the_old_side_of_its_overlap_runs_something_else() {
    for changed in [false, true] {
        let (mut both, _) = switched(&objects("two services flip as one"), "green", true);
        if changed {
            blue_runs_another(&mut both);
        }
        let application = discover::find(&both, "tomcat", &Hints::default()).unwrap();
        let Ok(Switch::Flip(plan)) = switch(&application, &both, Some("green"), now()) else {
            panic!("nothing to switch");
        };
        let after = stored(&both, &plan);
        let flip = &plan.flips[0];
        let flipped = after.service(flip.name()).unwrap();
        let mut value = json!(flipped);
        json_patch::patch(&mut value, &plan.put_back(flip, flipped)).unwrap();
        let back: Service = serde_json::from_value(value).unwrap();
        let flip = Flip {
            before: flipped,
            after: &back,
            now: now(),
        };
        let verdict = gate::judge(&flip, &after);
        assert!(verdict.allows(), "{changed}: {:?}", verdict.refusals);
        // Who left a side that has changed has left it, and came back to another one.
        assert_eq!(history::of(&back).len(), usize::from(changed));
    }
}

#[test]
fn a_service_that_never_left_is_not_taken_anywhere_by_a_rollback_that_nobody_has_named() {
    let (_, undo) = switched(&objects("two services are split"), "green", false);
    assert_eq!(undo, Some(Undo::Named("blue".to_owned())));
}

#[test]
fn an_entry_does_not_hide_that_it_takes_the_one_before_back() {
    let (before, _) = switched(&objects("the idle side is ready"), "green", false);
    let (after, _) = switched(&before, "blue", false);
    let mut silent = after.service("tomcat-service").unwrap().clone();
    let annotations = silent.metadata.annotations.as_mut().unwrap();
    let mut entries: Value = serde_json::from_str(&annotations[keys::HISTORY]).unwrap();
    entries[0]["revision"].as_object_mut().unwrap().remove("to");
    annotations.insert(keys::HISTORY.to_owned(), entries.to_string());
    let flip = Flip {
        before: before.service("tomcat-service").unwrap(),
        after: &silent,
        now: now(),
    };
    let refusals = gate::judge(&flip, &before).refusals;
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    let words = "would not say to which revision, and that is 7aaa";
    assert!(refusals[0].message.contains(words), "{refusals:?}");
}
