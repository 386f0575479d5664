//! A completed workload is one that nothing is lacking, whatever it was.
#![no_main]

mod world;

use bluegreen_shared::mutate;
use bluegreen_shared::workload::Workload;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

use world::{AnyWorkload, NOW, World};

#[derive(Arbitrary, Debug)]
struct Question {
    world: World,
    before: Option<AnyWorkload>,
    after: AnyWorkload,
}

fuzz_target!(|question: Question| {
    let services = question.world.objects().services;
    let now: Timestamp = NOW.parse().unwrap();
    let (mut json, is_set) = question.after.json();
    let Some(after) = question.after.object() else {
        return;
    };
    let before = question.before.as_ref().and_then(AnyWorkload::object);
    let mutation = mutate::workload(&after, before.as_ref(), &services, now);
    json_patch::patch(&mut json, &mutation.patch).expect("the patch applies");
    let stored: Workload = if is_set {
        serde_json::from_value::<StatefulSet>(json)
            .expect("a StatefulSet")
            .into()
    } else {
        serde_json::from_value::<Deployment>(json)
            .expect("a Deployment")
            .into()
    };
    let again = mutate::workload(&stored, before.as_ref(), &services, now);
    assert!(
        again.patch.is_empty(),
        "{:?} after {:?}",
        again.patch,
        mutation.patch
    );
});
