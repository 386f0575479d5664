//! Whatever is in a cluster and whatever is asked for, there is an answer.
#![no_main]

mod world;

use bluegreen_shared::drift::{self, Requester};
use bluegreen_shared::gate::{self, Flip};
use bluegreen_shared::mutate;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::protect::{self, Change};
use bluegreen_shared::refusal::Refusal;
use bluegreen_shared::{discover, plan};
use jiff::Timestamp;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;

use world::{AnyService, AnyWorkload, NOW, World};

#[derive(Arbitrary, Debug)]
struct Question {
    world: World,
    before: AnyService,
    after: AnyService,
    old: AnyWorkload,
    new: AnyWorkload,
}

fuzz_target!(|question: Question| {
    let objects = question.world.objects();
    let now: Timestamp = NOW.parse().unwrap();
    if let (Some(before), Some(after)) = (question.before.object(), question.after.object()) {
        let flip = Flip {
            before: &before,
            after: &after,
            now,
        };
        let requester = Requester {
            user: "ann",
            manager: "argocd-controller",
            delivery_tools: &["argocd-controller".to_owned()],
        };
        let verdict = gate::judge_for(&flip, &objects, Some(&requester));
        said(&verdict.refusals);
        said(&verdict.warnings);
        let _ = drift::keep(&flip, objects.namespace.as_ref(), &requester);
        let _ = mutate::record(&flip, &objects, "ann");
        let _ = mutate::stamp(&after, &before, "ann", Some(2));
        said(&protect::judge(
            &Change::DeleteService(&before),
            &objects,
            now,
        ));
    }
    if let (Some(before), Some(after)) = (question.old.object(), question.new.object()) {
        let (before, after) = (&before, &after);
        let change = Change::Workload { before, after };
        said(&protect::judge(&change, &objects, now));
        said(&protect::judge(
            &Change::DeleteWorkload(before),
            &objects,
            now,
        ));
    }
    planned(&objects, now);
});

fn said(refusals: &[Refusal]) {
    for refusal in refusals {
        assert!(
            !refusal.message.is_empty() && !refusal.remedy.is_empty(),
            "{refusal:?}"
        );
    }
}

fn planned(objects: &Objects, now: Timestamp) {
    let (applications, _) = discover::all(objects, &discover::Hints::default());
    for application in &applications {
        let _ = plan::switch::switch(application, objects, None, now);
        let _ = plan::rollback::rollback(application, objects, now);
        let _ = plan::ahead::pods(application, now);
    }
}
