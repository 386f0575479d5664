//! What a flip leaves in the history, and where the next `rollback` goes by that.

use bluegreen_shared::application::Active;
use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::history::{self, Entry};
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
    for pod in &mut overlapping.pods {
        let labels = pod.metadata.labels.as_mut().unwrap();
        if labels["role"] == "blue" {
            labels.insert("pod-template-hash".to_owned(), "9ccc".to_owned());
            let owners = pod.metadata.owner_references.as_mut().unwrap();
            owners[0].name = "tomcat-deployment-blue-9ccc".to_owned();
        }
    }
    let (after, undo) = switched(&overlapping, "green", false);
    let entry = newest(&after, "tomcat-service");
    assert_eq!(from(&entry), json!(["blue", "7aaa", 2]));
    assert_eq!(undo, Some(Undo::Rollback));
    let told = rolled_back(&after).unwrap_err();
    assert_eq!(
        told,
        "blue no longer runs what served before: revision 9ccc, it was 7aaa; \
         to release what it runs now: kubectl bluegreen switch tomcat --to blue"
    );
}
