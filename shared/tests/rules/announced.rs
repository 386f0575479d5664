//! An intent, judged before it is stored.

use std::path::Path;

use bluegreen_shared::keys;
use bluegreen_shared::mutate::{announced, stamp};
use bluegreen_shared::refusal::Code;
use bluegreen_shared::selector;
use k8s_openapi::api::core::v1::Service;
use serde_json::json;

use situation::Situation;

use crate::situation;

fn situation(sentence: &str) -> (Service, Situation) {
    let folder = sentence.replace(' ', "-");
    let gate = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/situations/gate");
    let mut situation = situation::load(&gate.join(folder));
    let before: Service = situation.request("before").unwrap();
    situation.objects.services.push(before.clone());
    (before, situation)
}

fn with(service: &Service, intent: &str) -> Service {
    let mut service = service.clone();
    let annotations = service.metadata.annotations.get_or_insert_default();
    annotations.insert(keys::INTENT.to_owned(), intent.to_owned());
    service
}

fn intent(to: &str, until: &str) -> String {
    json!({ "to": to, "by": "ann", "until": until }).to_string()
}

const SOON: &str = "2026-05-01T12:01:00Z";

/// The codes against what the intent announces, and how many pods serve; `None` where it announces nothing.
fn judged(after: &Service, before: &Service, situation: &Situation) -> Option<(Vec<Code>, usize)> {
    let objects = &situation.objects;
    let announced = announced(after, before, objects, situation::now())?;
    let refusals = announced.refusals(objects);
    let codes = refusals.iter().map(|refusal| refusal.code).collect();
    Some((codes, announced.serving(objects)))
}

#[test]
fn a_side_that_may_serve_may_be_announced() {
    let (before, situation) = situation("a side that is all ready may serve");
    let after = with(&before, &intent("green", SOON));
    assert_eq!(judged(&after, &before, &situation), Some((vec![], 2)));
    let announced = announced(&after, &before, &situation.objects, situation::now()).unwrap();
    let wanted: Service = situation.request("after").unwrap();
    assert_eq!(
        announced.selectors(),
        (selector::of(&before).clone(), selector::of(&wanted).clone())
    );
}

#[test]
fn a_side_that_may_not_serve_is_refused_before_it_is_announced() {
    for (sentence, code, serving) in [
        ("half of three is two", Code::BelowCapacity, 3),
        ("a pod crash loops", Code::NotReady, 2),
        (
            "a script flips to a side at zero and scales up afterwards",
            Code::ScaledToZero,
            2,
        ),
    ] {
        let (before, situation) = situation(sentence);
        let wanted: Service = situation.request("after").unwrap();
        let role = selector::of(&wanted)["role"].clone();
        let after = with(&before, &intent(&role, SOON));
        let (codes, serves) = judged(&after, &before, &situation).expect(sentence);
        assert!(codes.contains(&code), "{sentence}: {codes:?}");
        assert_eq!(serves, serving, "{sentence}");
    }
}

#[test]
fn what_announces_nothing_is_not_judged() {
    let (before, situation) = situation("half of three is two");
    let green = intent("green", SOON);
    let nothing = [
        ("none", before.clone(), before.clone()),
        ("taken away", before.clone(), with(&before, &green)),
        ("as it was", with(&before, &green), with(&before, &green)),
        (
            "ended",
            with(&before, &intent("green", "2026-05-01T11:59:59Z")),
            before.clone(),
        ),
        (
            "too long",
            with(&before, &intent("green", "2026-05-01T12:10:00Z")),
            before.clone(),
        ),
        (
            "what is live",
            with(&before, &intent("blue", SOON)),
            before.clone(),
        ),
        (
            "no role",
            with(&before, &intent("red", SOON)),
            before.clone(),
        ),
        ("no JSON", with(&before, "green"), before.clone()),
    ];
    for (case, after, before) in nothing {
        assert_eq!(judged(&after, &before, &situation), None, "{case}");
    }
    // A renewal is judged again, and so is a change of mind.
    let renewed = with(&before, &intent("green", "2026-05-01T12:01:30Z"));
    assert!(judged(&renewed, &with(&before, &green), &situation).is_some());
    let other = with(&before, &intent("blue", SOON));
    assert!(judged(&with(&before, &green), &other, &situation).is_some());
}

#[test]
fn a_service_that_is_no_production_announces_nothing() {
    let (before, mut situation) = situation("half of three is two");
    let mut aside = before.clone();
    aside.metadata.name = Some("tomcat-test".to_owned());
    situation.objects.services.push(aside.clone());
    let after = with(&aside, &intent("green", SOON));
    assert_eq!(judged(&after, &aside, &situation), None);
    situation.objects.services.clear();
    let after = with(&before, &intent("green", SOON));
    assert_eq!(judged(&after, &before, &situation), None);
}

#[test]
fn to_stamp_twice_is_to_stamp_once() {
    let (before, _) = situation("half of three is two");
    let mut once = json!(with(&before, &intent("green", SOON).replace("ann", "bob")));
    let stamped = |service: &serde_json::Value| {
        let after: Service = serde_json::from_value(service.clone()).unwrap();
        stamp(&after, &before, "ann", Some(3))
    };
    let patch = stamped(&once);
    json_patch::patch(&mut once, &patch).unwrap();
    let mut twice = once.clone();
    json_patch::patch(&mut twice, &stamped(&once)).unwrap();
    assert_eq!(once, twice);
    assert!(once.to_string().contains("ann") && !once.to_string().contains("bob"));
}
