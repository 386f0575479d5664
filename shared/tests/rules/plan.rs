//! Switches, rollbacks and retirements as they are planned, over situations; and the law that what is planned
//! does what was judged, and nothing else.

use std::cell::RefCell;

use bluegreen_shared::application::Application;
use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::gate::{self, Flip};
use bluegreen_shared::intent::Intent;
use bluegreen_shared::objects::Objects;
use bluegreen_shared::overlap::Step;
use bluegreen_shared::plan::flip::ServiceFlip;
use bluegreen_shared::plan::goal::{Goal, Standing};
use bluegreen_shared::plan::retire::{Retirement, retire};
use bluegreen_shared::plan::rollback::{Rollback, rollback};
use bluegreen_shared::plan::switch::{FlipPlan, Switch, both, switch};
use bluegreen_shared::plan::{Declined, ahead};
use bluegreen_shared::workload::Workload;
use bluegreen_shared::{history, keys, protect, selector};
use jiff::Timestamp;
use json_patch::Patch;
use k8s_openapi::api::core::v1::Service;
use serde_json::{Value, json};

use crate::situation;
use situation::Situation;

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

#[test]
fn what_is_planned_is_what_is_expected() {
    situation::for_each("plan", |situation| {
        let objects = &situation.objects;
        let application = discover::find(objects, "tomcat", &Hints::default()).unwrap();
        let switches = [None, Some("blue"), Some("green")].map(|to| {
            let flag = to.map_or_else(String::new, |role| format!(" --to {role}"));
            let planned = switch(&application, objects, to, now());
            format!("switch{flag}: {}", switched(planned))
        });
        let both = overlapped(&application, objects);
        let back = rolled_back(rollback(&application, objects, now()));
        let retired = retired(retire(&application, now()));
        format!(
            "{}{both}rollback: {back}retire: {retired}{}{}",
            switches.concat(),
            waited_for(&application, objects),
            counted(&application, objects)
        )
    });
}

fn waited_for(application: &Application<'_>, objects: &Objects) -> String {
    let goals = ["staged", "ready", "verified", "active=green", "idle=green"];
    let lines = goals.map(|text| {
        let goal: Goal = text.parse().unwrap();
        let standing = match goal.side(application, None) {
            Ok(role) => goal.standing(application, objects, &role, now()),
            Err(declined) => Err(declined),
        };
        let (how, sentences) = match standing {
            Ok(Standing::Reached) => ("reached", Vec::new()),
            Ok(Standing::Missing(sentences)) => ("missing", sentences),
            Ok(Standing::Stuck(sentences)) => ("stuck", sentences),
            Err(declined) => ("declined", vec![said(&declined).trim_end().to_owned()]),
        };
        let sentences = sentences.into_iter().map(|one| format!("\n  {one}"));
        let sentences: String = sentences.collect();
        format!("wait --for={text}: {how}{sentences}\n")
    });
    lines.concat()
}

/// What would be tried by the controllers' counts; nothing where a live look has to come first.
fn counted(application: &Application<'_>, objects: &Objects) -> String {
    let Some(pods) = ahead::pods(application, now()) else {
        return String::new();
    };
    let objects = &Objects {
        pods,
        ..objects.clone()
    };
    let application = discover::find(objects, "tomcat", &Hints::default()).unwrap();
    let switch = switched(switch(&application, objects, None, now()));
    let back = rolled_back(rollback(&application, objects, now()));
    format!("by the counts, switch: {switch}by the counts, rollback: {back}")
}

fn switched(planned: Result<Switch<'_>, Declined>) -> String {
    match planned {
        Ok(Switch::Already(role)) => format!("{role} already\n"),
        Ok(Switch::Flip(plan)) => flips(&plan),
        Err(declined) => said(&declined),
    }
}

/// The flips that let production overlap before a switch; nothing where there is none.
fn overlapped(application: &Application<'_>, objects: &Objects) -> String {
    match switch(application, objects, None, now()) {
        Ok(Switch::Flip(plan)) => {
            let told = match both(application, objects, &plan, now()) {
                Ok(plan) if plan.flips.is_empty() => "so already\n".to_owned(),
                Ok(plan) => flips(&plan),
                Err(declined) => said(&declined),
            };
            format!("switch --overlap: {told}")
        }
        _ => String::new(),
    }
}

fn rolled_back(planned: Result<Rollback<'_>, Declined>) -> String {
    match planned {
        Ok(Rollback::Already(role)) => format!("{role} already\n"),
        Ok(Rollback::Back { grow, plan }) => {
            let mut lines = vec![flips(&plan)];
            for one in grow {
                let (was, will) = (one.workload.replicas(), one.replicas);
                let name = one.workload.reference();
                lines.push(format!("  first {name}: {was} → {will}\n"));
            }
            lines.concat()
        }
        Err(declined) => said(&declined),
    }
}

fn retired(planned: Result<Retirement<'_>, Declined>) -> String {
    let planned = match planned {
        Ok(planned) => planned,
        Err(declined) => return said(&declined),
    };
    let left = planned
        .left
        .map_or_else(|| "unknown".to_owned(), |left| left.to_string());
    let mut lines = vec![format!("{}, left {left}\n", planned.role)];
    for (service, patch) in &planned.remember {
        let name = service.metadata.name.as_deref().unwrap_or_default();
        let mut after = serde_json::to_value(service).unwrap();
        json_patch::patch(&mut after, patch).unwrap();
        let key = format!("{}{}", keys::REPLICAS_PREFIX, planned.role);
        lines.push(format!(
            "  first {name} keeps {}\n",
            after["metadata"]["annotations"][key]
        ));
    }
    for one in &planned.shrink {
        let (name, had) = (one.workload.reference(), one.workload.replicas());
        lines.push(format!("  {name}: {had} → 0\n"));
    }
    lines.concat()
}

fn flips(plan: &FlipPlan<'_>) -> String {
    let names: Vec<&str> = plan.flips.iter().map(ServiceFlip::name).collect();
    let (from, to) = (plan.leaves(), plan.selects());
    let (names, course) = (names.join(", "), plan.verdict.course);
    let mut lines = vec![format!("{from} → {to} of {names} ({course:?})\n")];
    for refusal in &plan.verdict.refusals {
        lines.push(format!("  refused: {refusal}\n"));
    }
    for warning in &plan.verdict.warnings {
        lines.push(format!("  warning: {warning}\n"));
    }
    if let Some(intent) = &plan.under_way {
        let by = intent.by.as_deref().unwrap_or("somebody");
        lines.push(format!("  under way: {by} to {}\n", intent.to));
    }
    lines.concat()
}

fn said(declined: &Declined) -> String {
    let Declined { why, message, hint } = declined;
    format!("{why:?}: {message}\n  hint: {hint}\n")
}

/// Every plan of every situation, to either role, at once or by way of both.
fn every_plan(check: impl Fn(&Situation, &FlipPlan<'_>)) {
    for situation in situation::all("plan") {
        let objects = &situation.objects;
        let application = discover::find(objects, "tomcat", &Hints::default()).unwrap();
        for role in ["blue", "green"] {
            let Ok(Switch::Flip(plan)) = switch(&application, objects, Some(role), now()) else {
                continue;
            };
            check(&situation, &plan);
            if let Ok(plan) = both(&application, objects, &plan, now()) {
                check(&situation, &plan);
            }
        }
    }
}

/// Every flip of every plan, whatever the gate says of it.
fn every_flip(check: impl Fn(&FlipPlan<'_>, &ServiceFlip<'_>)) {
    let steps = RefCell::new(Vec::new());
    every_plan(|_, plan| {
        for flip in &plan.flips {
            check(plan, flip);
            steps.borrow_mut().push(flip.step);
        }
    });
    let steps = steps.into_inner();
    for step in [Step::Flip, Step::Enter, Step::Leave, Step::Return] {
        let tried = steps.iter().filter(|other| **other == step).count();
        assert!(tried > 3, "only {tried} times {step:?} was tried");
    }
}

fn applied(service: &Service, patch: &Patch) -> Service {
    let mut value = json!(service);
    json_patch::patch(&mut value, patch).unwrap();
    serde_json::from_value(value).unwrap()
}

#[test]
fn the_patches_store_exactly_what_was_judged() {
    every_flip(|plan, flip| {
        let announced = applied(flip.before, &flip.announce(&plan.to, None, now()));
        assert_eq!(selector::of(&announced), selector::of(flip.before));
        let intent = Intent::of(&announced).unwrap();
        assert!(intent.holds(now()) && intent.to == plan.to);

        let entry = plan.entry(flip, now(), "somebody", Some("because"));
        let stored = applied(&announced, &flip.flip(&announced, entry.clone(), None));
        assert_eq!(selector::of(&stored), selector::of(&flip.after));
        assert_eq!(stored.metadata.labels, flip.after.metadata.labels);
        assert_eq!(Intent::of(&stored), None);
        if flip.step.is_recorded() {
            assert_eq!(history::of(&stored)[0], entry);
        } else {
            assert_eq!(history::of(&stored), history::of(flip.before));
        }
        let mark = |service: &Service| {
            service
                .metadata
                .annotations
                .as_ref()?
                .get(keys::OVERLAP)
                .cloned()
        };
        assert_eq!(mark(&stored), mark(&flip.after));
        assert_eq!(
            without_our_annotations(&stored),
            without_our_annotations(&flip.after)
        );
    });
}

#[test]
fn what_has_grown_is_as_it_was_again_unless_somebody_else_has_scaled_it() {
    let mut tried = 0;
    for situation in situation::all("plan") {
        let objects = &situation.objects;
        let application = discover::find(objects, "tomcat", &Hints::default()).unwrap();
        let Ok(Rollback::Back { grow, .. }) = rollback(&application, objects, now()) else {
            continue;
        };
        for growth in grow {
            let Workload::Deployment(before) = growth.workload else {
                continue;
            };
            let mut grown = json!(before);
            json_patch::patch(&mut grown, &growth.patch()).unwrap();
            assert_eq!(grown["spec"]["replicas"], json!(growth.replicas));
            let mut scaled = grown.clone();
            scaled["spec"]["replicas"] = json!(growth.replicas + 1);
            json_patch::patch(&mut scaled, &growth.undo()).unwrap_err();
            json_patch::patch(&mut grown, &growth.undo()).unwrap();
            let replicas = growth.workload.replicas();
            assert_eq!(grown["spec"]["replicas"], json!(replicas));
            tried += 1;
        }
    }
    assert!(tried > 1, "only {tried} were tried");
}

#[test]
fn a_flip_that_is_put_back_leaves_the_service_as_it_was() {
    every_flip(|plan, flip| {
        let announced = applied(flip.before, &flip.announce(&plan.to, Some("me"), now()));
        let entry = plan.entry(flip, now(), "me", None);
        let flipped = applied(&announced, &flip.flip(&announced, entry, None));
        let back = applied(&flipped, &flip.put_back(&flipped));
        // The flip has pushed the oldest of ten out.
        let mut was = history::of(flip.before);
        if flip.step.is_recorded() {
            was.truncate(9);
        }
        assert_eq!(history::of(&back), was);
        assert!(flip.is_put_back(&back));
        assert_eq!(flip.is_put_back(&flipped), flip.step == Step::Return);
        if matches!(flip.step, Step::Flip | Step::Enter) {
            assert_eq!(selector::of(&back), selector::of(flip.before));
            assert_eq!(back.metadata.labels, flip.before.metadata.labels);
        } else {
            // Out of an overlap it goes back to the side that served before, and to no overlap.
            let annotations = back.metadata.annotations.as_ref().unwrap();
            assert!(!annotations.contains_key(keys::OVERLAP));
            let mut sides = selector::of(&back).clone();
            sides.retain(|key, _| !selector::of(flip.before).contains_key(key));
            assert!(!sides.is_empty());
            let is_where_it_was = flip.step == Step::Return;
            assert_eq!(
                selector::of(&back) == selector::of(&flip.after),
                is_where_it_was
            );
        }
    });
}

#[test]
fn no_patch_applies_to_a_service_that_has_changed_since() {
    every_flip(|plan, flip| {
        let announce = flip.announce(&plan.to, None, now());
        let mut other = flip.before.clone();
        other.metadata.resource_version = Some("102".to_owned());
        assert!(json_patch::patch(&mut json!(other), &announce).is_err());
        let mut other = flip.before.clone();
        other.metadata.uid = Some("another".to_owned());
        assert!(json_patch::patch(&mut json!(other), &announce).is_err());
    });
}

#[test]
fn what_is_planned_is_admitted() {
    every_plan(|situation, plan| {
        for flip in &plan.flips {
            // As the webhook sees it: the announced Service before, what the patch makes of it after.
            let before = applied(flip.before, &flip.announce(&plan.to, None, now()));
            let entry = plan.entry(flip, now(), "me", None);
            let after = applied(&before, &flip.flip(&before, entry, None));
            let flip = Flip {
                before: &before,
                after: &after,
                now: now(),
            };
            let mut seen = gate::judge(&flip, &situation.objects).refusals;
            seen.extend(protect::judge(
                &protect::Change::Service {
                    before: &before,
                    after: &after,
                },
                &situation.objects,
                now(),
            ));
            if plan.verdict.allows() {
                assert_eq!(seen, [], "{}", situation.sentence());
            } else {
                for refusal in &seen {
                    assert!(plan.verdict.refusals.contains(refusal));
                }
            }
        }
    });
}

#[test]
fn an_override_carries_its_reason_in_the_patch_of_the_flip() {
    every_flip(|plan, flip| {
        let mut entry = plan.entry(flip, now(), "me", Some("broken"));
        entry.overridden = true;
        let stored = applied(
            flip.before,
            &flip.flip(flip.before, entry, Some("broken (now)")),
        );
        let annotations = stored.metadata.annotations.as_ref().unwrap();
        assert_eq!(annotations[keys::OVERRIDE], "broken (now)");
        if flip.step.is_recorded() {
            assert!(history::of(&stored)[0].overridden);
        }
    });
}

fn without_our_annotations(service: &Service) -> Value {
    let mut value = json!(service);
    if let Some(metadata) = value["metadata"].as_object_mut() {
        metadata.remove("annotations");
    }
    value
}

/// Where the controllers' counts are enough to plan by, the pods say the same.
#[test]
fn a_plan_by_the_counts_is_the_plan_by_the_pods() {
    let mut compared = 0;
    for situation in situation::all("plan") {
        let objects = &situation.objects;
        let application = discover::find(objects, "tomcat", &Hints::default()).unwrap();
        let Some(pods) = ahead::pods(&application, now()) else {
            continue;
        };
        let counted = Objects {
            pods,
            ..objects.clone()
        };
        for to in [None, Some("blue"), Some("green")] {
            let planned = |objects: &Objects| match switch(&application, objects, to, now()) {
                Ok(Switch::Flip(plan)) => {
                    let flips = plan.flips.iter();
                    let entries = flips.map(|flip| plan.entry(flip, now(), "ci", None));
                    Ok((
                        entries.collect::<Vec<_>>(),
                        plan.verdict.course,
                        plan.verdict.refusals,
                    ))
                }
                Ok(Switch::Already(role)) => Err(role),
                Err(declined) => Err(declined.message),
            };
            assert_eq!(
                planned(&counted),
                planned(objects),
                "{}",
                situation.sentence()
            );
            compared += 1;
        }
    }
    assert!(compared >= 9, "only {compared} plans could be compared");
}
