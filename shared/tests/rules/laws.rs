//! What holds of every verdict, whatever the cluster looks like.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use bluegreen_shared::gate::{self, Course, Flip, Verdict};
use bluegreen_shared::keys;
use bluegreen_shared::refusal::{Code, Refusal};
use bluegreen_shared::selector;
use bluegreen_shared::words;
use bluegreen_shared::workload::Workload;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, PodCondition, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::Value;

use generate::damage::{damage, flip_of, value_of};
use generate::{Generated, flips, situations};

use crate::generate;
use crate::situation;

fn judge(flip: &Generated) -> Verdict {
    let Generated {
        before,
        after,
        objects,
    } = flip;
    gate::judge(
        &Flip {
            before,
            after,
            now: situation::now(),
        },
        objects,
    )
}

fn codes(refusals: &[Refusal]) -> BTreeSet<Code> {
    refusals.iter().map(|refusal| refusal.code).collect()
}

fn annotated<'s>(service: &'s Service, key: &str) -> Option<&'s String> {
    service.metadata.annotations.as_ref()?.get(key)
}

fn set_ready(pod: &mut Pod, status: &str) {
    let of_pod = pod.status.get_or_insert_default();
    of_pod.conditions = Some(vec![PodCondition {
        type_: "Ready".to_owned(),
        status: status.to_owned(),
        ..PodCondition::default()
    }]);
}

/// Making any one pod of the target unready takes no refusal away, but of the protection of what serves
/// where it is that as well.
fn unreadiness_only_adds_refusals(flip: &Generated) {
    let verdict = judge(flip);
    for at in 0..flip.objects.pods.len() {
        let mut worse = flip.clone();
        let pod = &mut worse.objects.pods[at];
        let labels = pod.metadata.labels.clone().unwrap_or_default();
        let labels = &labels;
        let serves = selector::matches(selector::of(&flip.before), labels);
        let overlaps = annotated(&flip.after, keys::OVERLAP).is_some();
        if !selector::matches(selector::of(&flip.after), labels) || serves && overlaps {
            continue;
        }
        set_ready(pod, "False");
        let then = judge(&worse);
        let (mut had, has) = (codes(&verdict.refusals), codes(&then.refusals));
        if serves {
            had.remove(&Code::Protected);
        }
        assert!(
            has.is_superset(&had),
            "{had:?} became {has:?}: pod {at} of {flip:#?}"
        );
    }
}

/// Deleting pods that serve makes nothing a rescue that was none.
fn deletion_opens_no_rescue(flip: &Generated) {
    if judge(flip).course == Course::Rescue {
        return;
    }
    let mut deleted = flip.clone();
    for pod in &mut deleted.objects.pods {
        let labels = selector::or_empty(pod.metadata.labels.as_ref());
        if selector::matches(selector::of(&flip.before), labels)
            && !selector::matches(selector::of(&flip.after), labels)
        {
            let deleted = &mut pod.metadata.deletion_timestamp;
            deleted.get_or_insert(Time(Timestamp::UNIX_EPOCH));
        }
    }
    assert_ne!(judge(&deleted).course, Course::Rescue, "{flip:#?}");
}

/// Scaling up what serves makes nothing a rescue that was none, with or without pods made by then.
fn growth_opens_no_rescue(flip: &Generated) {
    if judge(flip).course == Course::Rescue {
        return;
    }
    // More pods than are wanted are those of a rollout, or were wanted a moment ago: where they are not
    // well, what serves is as broken as it looks once somebody wants them.
    let has_surplus = flip.objects.workloads.iter().any(|workload| {
        let pods = flip.objects.pods.iter().filter(|pod| workload.owns(pod));
        i32::try_from(pods.count()).is_ok_and(|pods| pods > workload.replicas())
    });
    if has_surplus {
        return;
    }
    let mut grown = flip.clone();
    for workload in &mut grown.objects.workloads {
        if selector::matches(selector::of(&flip.before), workload.pod_labels()) {
            workload.set_replicas(1000);
        }
    }
    assert_ne!(judge(&grown).course, Course::Rescue, "{flip:#?}");
    let mut starting = flip.objects.pods.clone();
    for pod in &mut starting {
        let name = pod.metadata.name.get_or_insert_default();
        name.push_str("-starting");
        pod.metadata.creation_timestamp = Some(Time(situation::now()));
        pod.metadata.deletion_timestamp = None;
        pod.status = None;
    }
    starting.retain(|pod| {
        let labels = selector::or_empty(pod.metadata.labels.as_ref());
        selector::matches(selector::of(&flip.before), labels)
    });
    grown.objects.pods.extend(starting);
    assert_ne!(judge(&grown).course, Course::Rescue, "{flip:#?}");
}

fn order_does_not_matter(flip: &Generated) {
    let mut turned = flip.clone();
    turned.objects.pods.reverse();
    turned.objects.workloads.reverse();
    assert_eq!(judge(flip), judge(&turned));
    assert_eq!(judge(flip), judge(flip));
}

fn every_refusal_says_what_and_what_next(verdict: &Verdict) {
    for refusal in verdict.refusals.iter().chain(&verdict.warnings) {
        let Refusal {
            message, remedy, ..
        } = refusal;
        assert!(message.len() <= 1024, "{} bytes: {message}", message.len());
        for text in [message, remedy] {
            assert!(!text.trim().is_empty(), "{refusal:?}");
            assert!(!text.ends_with('.'), "{text}");
            assert!(!text.contains(char::is_control), "{text:?}");
            assert!(
                !text.contains("  ") && !text.contains("/ "),
                "an empty name: {text}"
            );
        }
        for cause in &refusal.causes {
            assert!(
                !cause.object.ends_with('/') && !cause.message.is_empty(),
                "{cause:?}"
            );
        }
    }
}

fn all_laws(flip: &Generated) {
    every_refusal_says_what_and_what_next(&judge(flip));
    order_does_not_matter(flip);
    unreadiness_only_adds_refusals(flip);
    deletion_opens_no_rescue(flip);
    growth_opens_no_rescue(flip);
}

#[test]
fn they_hold_in_every_situation() {
    for flip in situations() {
        all_laws(&flip);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn they_hold_in_clusters_that_nobody_thought_of(flip in flips()) {
        all_laws(&flip);
    }

    #[test]
    fn nothing_that_is_missing_or_absurd_makes_it_panic(
        picks in prop::collection::vec((any::<prop::sample::Index>(), 0..5_usize), 1..6),
        at in any::<prop::sample::Index>(),
    ) {
        static VALUES: LazyLock<Vec<Value>> =
            LazyLock::new(|| situations().iter().map(value_of).collect());
        let mut values = at.get(&VALUES).clone();
        for (pick, how) in picks {
            damage(&mut values, pick, how);
        }
        if let Some(flip) = flip_of(&values) {
            let verdict = judge(&flip);
            for refusal in verdict.refusals.iter().chain(&verdict.warnings) {
                prop_assert!(!refusal.message.is_empty() && !refusal.remedy.is_empty());
            }
        }
    }
}

#[test]
fn a_role_is_known_by_nothing_but_its_labels() {
    let recoloured = |text: String| text.replace("blue", "m1").replace("green", "m2");
    // What binds a Service itself is a word, not a role.
    let is_bound = |flip: &Generated| {
        let own = selector::or_empty(flip.after.metadata.labels.as_ref());
        own.values().any(|value| words::has_test_word(value))
    };
    // Where a mark can't be read, nothing but words tells a role.
    let is_read = |flip: &Generated| {
        annotated(&flip.before, keys::OVERLAP).is_none_or(|text| text.starts_with('{'))
    };
    for flip in situations()
        .into_iter()
        .filter(|flip| !is_bound(flip) && is_read(flip))
    {
        let other = recoloured(value_of(&flip).to_string());
        // The keys that we write ourselves stay what they are.
        let other = other.replace("m1m2.dev", "bluegreen.dev");
        let other = flip_of(&serde_json::from_str(&other).unwrap()).unwrap();
        let told = |verdict: &Verdict| {
            let text = recoloured(format!("{verdict:?}"));
            text.replace("m1m2.dev", "bluegreen.dev")
        };
        assert_eq!(told(&judge(&flip)), told(&judge(&other)));
    }
}

#[test]
fn a_sentence_about_thousands_of_pods_is_short() {
    let mut flip = situations()
        .into_iter()
        .find(|flip| judge(flip).allows() && flip.objects.pods.len() == 4)
        .unwrap();
    let mut pod = flip.objects.pods.last().unwrap().clone();
    set_ready(&mut pod, "False");
    for number in 0..5000 {
        let long = format!("{}-{number:05}", "x".repeat(240));
        pod.metadata.name = Some(long);
        flip.objects.pods.push(pod.clone());
    }
    if let Some(Workload::Deployment(deployment)) = flip.objects.workloads.last_mut() {
        deployment.spec.get_or_insert_default().replicas = Some(5002);
    }
    let verdict = judge(&flip);
    every_refusal_says_what_and_what_next(&verdict);
    let not_ready = &verdict.refusals[0];
    assert!(not_ready.message.contains("and 4997 more") && not_ready.causes.len() == 5000);
}

#[test]
fn what_was_generated_is_of_every_kind() {
    // A law over flips that are all refused, or all allowed, would say little.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = BTreeSet::new();
    for _ in 0..3000 {
        let flip = flips().new_tree(&mut runner).unwrap().current();
        let verdict = judge(&flip);
        seen.insert(format!(
            "{:?}, allowed: {}",
            verdict.course,
            verdict.allows()
        ));
        seen.extend(
            verdict
                .refusals
                .iter()
                .map(|refusal| refusal.code.to_string()),
        );
    }
    for expected in [
        "Forward, allowed: true",
        "WayBack, allowed: true",
        "Rescue, allowed: true",
        "NoEnvironment",
        "ScaledToZero",
        "Terminating",
        "NotObserved",
        "RollingOut",
        "ForeignPods",
        "Stalled",
        "NotReady",
        "NoReadinessProbe",
        "PortMismatch",
        "BelowCapacity",
        "InvalidSetting",
    ] {
        assert!(seen.contains(expected), "{expected} is not among {seen:?}");
    }
}
