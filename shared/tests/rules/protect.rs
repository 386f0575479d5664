//! What would take away what is live: situations, and the laws that hold for any of them.

use crate::protected;
use crate::said;
use crate::situation;

use bluegreen_shared::refusal::{Code, Refusal};
use k8s_openapi::api::core::v1::Service;
use proptest::prelude::*;
use proptest::strategy::ValueTree;

use protected::{Object, Request, any};
use said::said;

#[test]
fn what_is_live_stays() {
    situation::for_each("protect", |situation| {
        let refusals = Request::of(situation).judge();
        if refusals.is_empty() {
            return "allowed\n".to_owned();
        }
        let told = refusals.iter().map(|refusal| said(refusal, ""));
        format!("refused\n{}", told.collect::<String>())
    });
}

#[test]
fn the_laws_hold_for_every_situation() {
    for situation in situation::all("protect") {
        println!("{}", situation.sentence());
        all_laws(&Request::of(&situation), Service::default());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_laws_hold_for_any_request(request in any::request(), more in any::service()) {
        all_laws(&request, more);
    }
}

fn all_laws(request: &Request, more: Service) {
    let refusals = request.judge();
    for refusal in &refusals {
        says_what_and_what_next(refusal);
    }
    if let Object::Workload(before, Some(_)) = &request.object {
        let unchanged = Object::Workload(before.clone(), Some(before.clone()));
        let same = Request {
            object: unchanged,
            ..request.clone()
        };
        assert_eq!(same.judge(), [], "{request:#?}");
    }
    // Another Service opens nothing.
    let mut with_more = request.clone();
    with_more.objects.services.insert(0, more);
    assert!(
        refusals.is_empty() || !with_more.judge().is_empty(),
        "{with_more:#?}"
    );
    // Nor does what is bound or for tests guard less when it is so no more.
    let mut set_free = request.clone();
    for service in &mut set_free.objects.services {
        service.metadata.name = Some("web".to_owned());
        service.metadata.labels = None;
        let annotations = &mut service.metadata.annotations;
        annotations
            .get_or_insert_default()
            .remove("bluegreen.dev/test");
    }
    assert!(
        refusals.is_empty() || !set_free.judge().is_empty(),
        "{set_free:#?}"
    );
}

fn says_what_and_what_next(refusal: &Refusal) {
    assert_eq!(refusal.code, Code::Protected);
    for text in [&refusal.message, &refusal.remedy] {
        assert!(!text.trim().is_empty() && !text.ends_with('.'), "{text:?}");
        assert!(
            !text.contains("  ") && !text.contains("/ "),
            "an empty name: {text}"
        );
    }
    assert!(refusal.remedy.starts_with("kubectl "), "{}", refusal.remedy);
}

#[test]
fn what_was_generated_is_refused_and_allowed() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut refused = [0; 4];
    let mut allowed = [0; 4];
    for _ in 0..2000 {
        let request = any::request().new_tree(&mut runner).unwrap().current();
        let kind = match request.object {
            Object::Workload(..) => 0,
            Object::Pod(..) => 1,
            Object::Service(..) => 2,
            Object::Namespace(_) => 3,
        };
        let counted = if request.judge().is_empty() {
            &mut allowed
        } else {
            &mut refused
        };
        counted[kind] += 1;
    }
    let often = |counts: &[i32]| counts.iter().all(|count| *count > 20);
    assert!(
        often(&refused) && often(&allowed),
        "{refused:?} {allowed:?}"
    );
}
