//! What is left to do, one thing after the other.

use jiff::Timestamp;
use json_patch::Patch;
use serde_json::Value;

use crate::history;
use crate::objects::Objects;
use crate::patch;
use crate::plan::init::Side;
use crate::refusal::counted;
use crate::workload::Workload;

use super::copy::Manifests;
use super::crossing::crossing;
use super::scene::Scene;
use super::step::{Act, Step};
use super::{Ask, Beside, front, scaler};

pub(super) fn left<'a>(
    scene: &Scene<'a>,
    objects: &'a Objects,
    beside: &Beside<'a>,
    manifests: Manifests,
    ask: &Ask,
    now: Timestamp,
) -> Vec<Step<'a>> {
    let is_flipped = scene.is_flipped();
    let mut steps = Vec::new();
    if !is_flipped {
        steps.extend(active(scene, objects, manifests.active, now));
    }
    // Before the flip, so that from then on all other verbs find both sides.
    steps.extend(other_side(scene, objects, manifests.idle));
    if !is_flipped {
        steps.extend(flip(scene));
    }
    if scene.old.is_some() {
        steps.extend(retarget(scene, beside));
    }
    // After it, so that no verb takes them for all Services that there are.
    steps.extend(tests(scene, objects));
    if let Some(old) = scene.old {
        steps.extend(idle_grown(scene, objects, ask.idle_replicas));
        steps.extend(farewell(scene, old));
    }
    steps
}

/// The side that is to serve, until it could.
fn active<'a>(
    scene: &Scene<'a>,
    objects: &'a Objects,
    manifest: Value,
    now: Timestamp,
) -> Vec<Step<'a>> {
    let mut steps = Vec::new();
    let object = deployment(&scene.side_name(scene.role));
    let wanted = scene.old.map_or(1, Workload::replicas);
    match scene.made {
        None => steps.push(Step {
            detail: format!(
                "like Deployment/{}, with {}, {}",
                scene.origin.name,
                role(scene, scene.role),
                replicas(wanted)
            ),
            object: object.clone(),
            act: Act::Create(manifest),
        }),
        // An autoscaler may have grown the old one since.
        Some(made) if made.replicas() < wanted => steps.push(resize(made, wanted)),
        Some(_) => {}
    }
    let may_flip = crossing(scene, objects, now).is_some_and(|one| one.plan.verdict.allows());
    if !may_flip {
        steps.push(Step {
            object,
            detail: format!(
                "{} ready",
                counted(usize::try_from(wanted).unwrap_or(0), "pod")
            ),
            act: Act::Await,
        });
    }
    steps
}

/// The other side, without pods: as long as the Service knows of no role, they would serve.
fn other_side<'a>(scene: &Scene<'a>, objects: &'a Objects, manifest: Value) -> Option<Step<'a>> {
    idle(scene, objects).is_none().then(|| Step {
        object: deployment(&scene.side_name(scene.idle())),
        detail: format!(
            "the other side, with {}, {}",
            role(scene, scene.idle()),
            replicas(0)
        ),
        act: Act::Create(manifest),
    })
}

/// The test Services of both sides.
fn tests<'a>(scene: &Scene<'a>, objects: &'a Objects) -> Vec<Step<'a>> {
    let missing = |side: &Side| objects.service(&scene.test_name(*side)).is_none();
    let test = |side: Side| Step {
        object: format!("service/{}", scene.test_name(side)),
        detail: format!("for tests of {}", side.as_str()),
        act: Act::Create(front::test_manifest(scene, side)),
    };
    Side::BOTH.into_iter().filter(missing).map(test).collect()
}

fn flip<'a>(scene: &Scene<'a>) -> Vec<Step<'a>> {
    let object = format!("service/{}", scene.service_name());
    let mark = front::mark(scene.service).map(|patch| Step {
        object: object.clone(),
        detail: "as production, which its name does not say".to_owned(),
        act: Act::Mark(patch),
    });
    let flip = Step {
        object: object.clone(),
        detail: format!("to {}", role(scene, scene.role)),
        act: Act::Flip,
    };
    mark.into_iter().chain([flip]).collect()
}

fn retarget<'a>(scene: &Scene<'a>, beside: &Beside<'a>) -> Vec<Step<'a>> {
    let (from, to) = (scene.origin.name.clone(), scene.side_name(scene.role));
    let scalers = scaler::of(beside.scalers, &from);
    scalers
        .map(|one| {
            let name = one.metadata.name.clone().unwrap_or_default();
            Step {
                object: format!("horizontalpodautoscaler.autoscaling/{name}"),
                detail: format!("Deployment/{from} → Deployment/{to}"),
                act: Act::Retarget(name, scaler::retarget(one, &from, &to)),
            }
        })
        .collect()
}

/// Only once production selects its own pods alone: until then it would serve as well.
fn idle_grown<'a>(scene: &Scene<'a>, objects: &'a Objects, wanted: i32) -> Option<Step<'a>> {
    let there = idle(scene, objects);
    if there.map_or(0, Workload::replicas) >= wanted {
        return None;
    }
    Some(match there {
        Some(there) => resize(there, wanted),
        None => Step {
            object: deployment(&scene.side_name(scene.idle())),
            detail: format!("0 → {}", replicas(wanted)),
            act: Act::Resize(None),
        },
    })
}

fn farewell<'a>(scene: &Scene<'a>, old: &'a Workload) -> [Step<'a>; 2] {
    let object = deployment(old.name());
    let history = history::of(scene.service);
    let of_adoption =
        |entry: &&history::Entry| entry.from.is_none() && entry.to == scene.role.as_str();
    let left = history.iter().find(of_adoption).map(|entry| entry.at);
    [
        Step {
            object: object.clone(),
            detail: "connections to its pods".to_owned(),
            act: Act::Drain(left),
        },
        Step {
            object,
            detail: format!("Deployment/{} has its place", scene.side_name(scene.role)),
            act: Act::Delete(old),
        },
    ]
}

fn resize(workload: &Workload, wanted: i32) -> Step<'_> {
    let had = workload.replicas();
    let same = patch::same(workload.metadata());
    let changes = [
        patch::test(["spec", "replicas"], had),
        patch::replace(["spec", "replicas"], wanted),
    ];
    Step {
        object: deployment(workload.name()),
        detail: format!("{had} → {}", replicas(wanted)),
        act: Act::Resize(Some((
            workload,
            Patch(same.into_iter().chain(changes).collect()),
        ))),
    }
}

fn idle<'a>(scene: &Scene<'_>, objects: &'a Objects) -> Option<&'a Workload> {
    let name = scene.side_name(scene.idle());
    let mut all = objects.workloads.iter();
    all.find(|one| one.kind() == "Deployment" && one.name() == name)
}

fn role(scene: &Scene<'_>, side: Side) -> String {
    format!("{}={}", scene.origin.key, side.as_str())
}

fn replicas(number: i32) -> String {
    counted(usize::try_from(number).unwrap_or(0), "replica")
}

fn deployment(name: &str) -> String {
    format!("deployment.apps/{name}")
}
