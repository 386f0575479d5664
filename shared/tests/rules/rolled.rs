//! One Deployment updated in place: which, into what, and back.

use bluegreen_shared::discover::Hints;
use bluegreen_shared::keys;
use bluegreen_shared::manifests::{Candidate, documents, pieces};
use bluegreen_shared::objects::Objects;
use bluegreen_shared::plan::rolling::{
    Before, Bounds, Scene, Update, Wanted, changes, find, forget, is_back, judge_pieces,
    judge_template, may_become, may_begin, remember, remembered, runs, state, undo, update,
};
use bluegreen_shared::plan::{Declined, Why};
use bluegreen_shared::refusal::Code;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use serde_json::{Value, json};

use crate::adopted::{World, now, shop};

/// `shop`, with a probe.
fn probed() -> World {
    let mut world = shop();
    let probe = json!({"httpGet": {"path": "/", "port": 8080}});
    world.deployment("shop")["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = probe;
    world.settle();
    world
}

fn found<'a>(objects: &'a Objects, name: &str) -> Result<Scene<'a>, Declined> {
    find(objects, name, &Hints::default())
}

fn bounds(max_surge: &str, max_unavailable: &str) -> Bounds {
    Bounds {
        max_surge: max_surge.parse().ok(),
        max_unavailable: max_unavailable.parse().ok(),
    }
}

fn planned(scene: &Scene<'_>, objects: &Objects, image: &str, bounds: &Bounds) -> Option<Update> {
    let images = [image.parse().unwrap()];
    let wanted = Wanted {
        images: &images,
        replicas: Some(3),
        bounds,
        reason: Some("release 2"),
    };
    update(scene, objects, &wanted).unwrap()
}

fn deployment(workload: &Workload) -> &Deployment {
    match workload {
        Workload::Deployment(deployment) => deployment,
        Workload::StatefulSet(_) => panic!("it is a StatefulSet"),
    }
}

/// The `ReplicaSet` of the template that the Deployment has now.
fn set(world: &mut World, name: &str) -> ReplicaSet {
    let mut template = world.deployment("shop")["spec"]["template"].clone();
    template["metadata"]["labels"][keys::POD_TEMPLATE_HASH] = json!("5c8");
    serde_json::from_value(json!({
        "metadata": {"name": name, "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop", "uid": "uid-1", "controller": true},
        ]},
        "spec": {"selector": {}, "template": template},
    }))
    .unwrap()
}

#[test]
fn it_is_found_by_its_service_by_what_that_selects_or_by_its_own_name() {
    let mut world = probed();
    world.services[0]["metadata"]["name"] = json!("front");
    world.services[0]["spec"]["selector"] = json!({"app": "shop", "tier": "web"});
    let labels = json!({"app": "shop", "tier": "web"});
    world.deployment("shop")["spec"]["template"]["metadata"]["labels"] = labels;
    world.deployment("shop")["metadata"]["name"] = json!("shop-deployment");
    let objects = world.objects();
    for name in ["front", "shop", "shop-deployment"] {
        let scene = found(&objects, name).unwrap();
        assert_eq!(scene.reference(), "Deployment/shop-deployment", "{name}");
        assert_eq!(scene.application().name, "shop-deployment");
        assert_eq!(scene.role(), "shop-deployment");
    }
    assert_eq!(found(&objects, "nobody").unwrap_err().why, Why::NotFound);
}

#[test]
fn one_of_several_and_one_of_two_sides_is_refused() {
    let mut world = probed();
    let mut other = world.deployment("shop").clone();
    other["metadata"]["name"] = json!("shop-canary");
    world.deployments.push(other);
    let refused = found(&world.objects(), "shop").unwrap_err();
    assert_eq!(refused.why, Why::Ambiguous);
    assert_eq!(
        refused.message,
        "\"shop\" may be any of Deployment/shop and Deployment/shop-canary (Service/shop): one of them is updated"
    );
    // An unrelated one of that very name may be meant as well.
    let mut world = probed();
    world.deployment("shop")["metadata"]["name"] = json!("shop-v2");
    let mut namesake = world.deployment("shop-v2").clone();
    namesake["metadata"]["name"] = json!("shop");
    namesake["spec"]["template"]["metadata"]["labels"] = json!({"app": "old"});
    world.deployments.push(namesake);
    assert_eq!(
        found(&world.objects(), "shop").unwrap_err().why,
        Why::Ambiguous
    );
    let hints = Hints {
        service: Some("shop".to_owned()),
        ..Hints::default()
    };
    let objects = world.objects();
    let scene = find(&objects, "shop", &hints).unwrap();
    assert_eq!(scene.reference(), "Deployment/shop-v2");

    let sides = crate::applied::cluster();
    for name in ["web", "web-blue"] {
        let refused = found(&sides, name).unwrap_err();
        assert_eq!(refused.why, Why::Unfit, "{name}");
        assert!(
            refused.message.contains("two environments, blue and green"),
            "{refused:?}"
        );
    }
}

#[test]
fn all_of_it_is_one_guarded_write() {
    let mut world = probed();
    let objects = world.objects();
    let scene = found(&objects, "shop").unwrap();
    let planned = planned(&scene, &objects, "shop:2", &bounds("50%", "0")).unwrap();
    let patch = planned.patch(scene.workload);
    let lines: Vec<String> = patch.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"op":"test","path":"/metadata/uid","value":"uid-1"}
    {"op":"test","path":"/metadata/generation","value":1}
    {"op":"replace","path":"/spec/template/spec/containers/0/image","value":"shop:2"}
    {"op":"add","path":"/spec/replicas","value":3}
    {"op":"add","path":"/spec/strategy","value":{"rollingUpdate":{"maxSurge":"50%","maxUnavailable":0},"type":"RollingUpdate"}}
    {"op":"add","path":"/metadata/annotations/kubernetes.io~1change-cause","value":"release 2"}
    "#);
    // Whatever somebody else has set since is not overwritten.
    let mut meanwhile = world.deployment("shop").clone();
    meanwhile["metadata"]["generation"] = json!(2);
    assert!(json_patch::patch(&mut meanwhile, &patch).is_err());
    json_patch::patch(world.deployment("shop"), &patch).unwrap();
    let mut typed: Deployment = serde_json::from_value(world.deployment("shop").clone()).unwrap();
    typed.metadata = deployment(&planned.after).metadata.clone();
    assert_eq!(
        &typed,
        deployment(&planned.after),
        "what is judged is what will be"
    );
    assert_eq!(
        changes(scene.deployment, deployment(&planned.after)),
        [
            "shop shop:1 → shop:2",
            "2 → 3 replicas",
            "maxSurge 25% → 50%",
            "maxUnavailable 25% → 0"
        ]
    );
    let after = world.objects();
    let scene = found(&after, "shop").unwrap();
    assert!(self::planned(&scene, &after, "shop:2", &bounds("50%", "0")).is_none());
}

#[test]
fn what_would_lose_requests_is_refused_before() {
    let refused = |change: &dyn Fn(&mut Value)| {
        let objects = probed().objects();
        let scene = found(&objects, "shop").unwrap();
        let mut after = json!(scene.deployment);
        change(&mut after);
        let after: Deployment = serde_json::from_value(after).unwrap();
        may_become(&scene, &after.into()).unwrap_err().message
    };
    for (field, value, word) in [
        (
            "strategy",
            json!({"type": "Recreate"}),
            "strategy Recreate with 2 replicas",
        ),
        (
            "strategy",
            json!({"rollingUpdate": {"maxUnavailable": "100%"}}),
            "maxUnavailable 100% with 2 replicas",
        ),
        ("replicas", json!(0), "wants 0 replicas"),
        ("paused", json!(true), "is paused"),
    ] {
        let said = refused(&|after| after["spec"][field] = value.clone());
        assert!(said.contains(word), "{said}");
    }
    let said = refused(&|after| {
        after["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
    });
    assert!(said.contains("Service/shop does not select"), "{said}");
    let said = refused(&|after| {
        after["spec"]["replicas"] = json!(1);
        let rolling = json!({"maxSurge": "0%", "maxUnavailable": "25%"});
        after["spec"]["strategy"] = json!({"rollingUpdate": rolling});
    });
    assert!(said.contains("which comes to one pod"), "{said}");
}

#[test]
fn one_that_rolls_out_already_has_nothing_to_go_back_to() {
    let mut world = probed();
    world.deployment("shop")["status"]["updatedReplicas"] = json!(1);
    let objects = world.objects();
    let scene = found(&objects, "shop").unwrap();
    let refused = may_begin(&scene, false).unwrap_err();
    assert!(
        refused.message.contains("is rolling out, 1 of 2 pods run"),
        "{refused:?}"
    );
    assert!(
        may_begin(&scene, true).is_ok(),
        "its own update was cut off"
    );
    // Growing is no rollout.
    world.deployment("shop")["status"] =
        json!({"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1});
    let objects = world.objects();
    assert!(may_begin(&found(&objects, "shop").unwrap(), false).is_ok());
}

#[test]
fn a_template_without_a_probe_is_refused_in_the_gates_words() {
    let world = shop();
    let objects = world.objects();
    let scene = found(&objects, "shop").unwrap();
    let verdict = judge_template(&scene, scene.workload, &objects, now());
    let said: Vec<String> = verdict.refusals.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "NoReadinessProbe: container shop of Deployment/shop has no readiness probe, so ready says nothing"
        ]
    );
    // One that brings it is not, though the pods of before have none.
    let with = probed().objects();
    let with = found(&with, "shop").unwrap();
    assert!(judge_template(&scene, with.workload, &objects, now()).allows());
}

#[test]
fn it_is_over_when_the_gate_would_let_production_go_there() {
    let mut world = probed();
    let codes = |world: &World| {
        let objects = world.objects();
        let application = found(&objects, "shop").unwrap().application();
        let refusals = state(&application, &objects, now()).refusals;
        refusals.iter().map(|one| one.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&world), []);
    world.pods[1]["status"]["conditions"][0]["status"] = json!("False");
    assert_eq!(codes(&world), [Code::NotReady]);
    world.deployment("shop")["metadata"]["generation"] = json!(2);
    assert_eq!(codes(&world), [Code::NotObserved, Code::NotReady]);
    world.settle();
    world.pods[0]["metadata"]["labels"][keys::POD_TEMPLATE_HASH] = json!("old");
    world.pods[0]["metadata"]["ownerReferences"][0]["name"] = json!("shop-old");
    world.deployment("shop")["metadata"]["generation"] = json!(1);
    assert_eq!(codes(&world), [Code::RollingOut]);
}

#[test]
fn whatever_was_changed_is_what_it_was_after_an_undo() {
    let mut world = probed();
    let before_set = set(&mut world, "shop-5c8");
    let raw = world.deployment("shop").clone();
    let objects = world.objects();
    let scene = found(&objects, "shop").unwrap();
    assert_eq!(
        runs(scene.deployment, std::slice::from_ref(&before_set)),
        Some(&before_set)
    );
    let planned = planned(&scene, &objects, "shop:2", &bounds("1", "0")).unwrap();
    let before = Before::of(&scene, &before_set, deployment(&planned.after));
    let mut after = raw.clone();
    json_patch::patch(&mut after, &planned.patch(scene.workload)).unwrap();
    after["metadata"]["generation"] = json!(2);
    let typed: Deployment = serde_json::from_value(after.clone()).unwrap();
    assert!(runs(&typed, &[before_set]).is_none());
    let back = undo(&before, &raw["spec"]["template"], &typed)
        .unwrap()
        .unwrap();
    // Whoever changes it meanwhile is not overwritten.
    let mut meanwhile = after.clone();
    meanwhile["metadata"]["generation"] = json!(3);
    assert!(json_patch::patch(&mut meanwhile, &back).is_err());
    json_patch::patch(&mut after, &back).unwrap();
    assert_eq!(
        after["spec"], raw["spec"],
        "with the fields that only a newer Kubernetes knows"
    );
    assert_eq!(
        after["metadata"]["annotations"],
        raw["metadata"]["annotations"]
    );
    let typed: Deployment = serde_json::from_value(after).unwrap();
    assert_eq!(
        undo(&before, &raw["spec"]["template"], &typed).unwrap(),
        None
    );
    let unreadable = json!({"spec": {"containers": "none"}});
    assert!(
        undo(&before, &unreadable, &typed).is_err(),
        "that is not to be so already"
    );
}

#[test]
fn what_an_autoscaler_does_meanwhile_is_not_undone() {
    let mut world = probed();
    let before_set = set(&mut world, "shop-5c8");
    let objects = world.objects();
    let scene = found(&objects, "shop").unwrap();
    let images = ["shop:2".parse().unwrap()];
    let wanted = Wanted {
        images: &images,
        replicas: None,
        bounds: &Bounds::default(),
        reason: None,
    };
    let planned = update(&scene, &objects, &wanted).unwrap().unwrap();
    let before = Before::of(&scene, &before_set, deployment(&planned.after));
    assert!(before.spec.is_empty());
    let mut scaled = planned.after.clone();
    scaled.set_replicas(5);
    let template = world.deployment("shop")["spec"]["template"].clone();
    let back = undo(&before, &template, deployment(&scaled))
        .unwrap()
        .unwrap();
    let touched: Vec<String> = back.iter().map(|one| one.path().to_string()).collect();
    assert_eq!(
        touched,
        ["/metadata/uid", "/metadata/generation", "/spec/template"]
    );
}

#[test]
fn what_was_noted_holds_until_somebody_gives_it_another_template() {
    let mut world = probed();
    let sets = [set(&mut world, "shop-5c8")];
    let image = |world: &mut World, image: &str| {
        world.deployment("shop")["spec"]["template"]["spec"]["containers"][0]["image"] =
            json!(image);
    };
    let note = |world: &World, before: Option<Before>, to: &str| {
        let objects = world.objects();
        let scene = found(&objects, "shop").unwrap();
        let mut after = scene.deployment.clone();
        let template = &mut after.spec.as_mut().unwrap().template;
        template.spec.as_mut().unwrap().containers[0].image = Some(to.to_owned());
        let template = template.clone();
        let before = match before {
            Some(before) => before.further(&scene, &after),
            None => Before::of(&scene, &sets[0], &after),
        };
        let before = before.sending(&template);
        (remember(scene.services[0], &before), before)
    };
    let (patch, before) = note(&world, None, "shop:2");
    json_patch::patch(&mut world.services[0], &patch).unwrap();
    let seen = |world: &mut World, revision: &str| {
        world.deployment("shop")["metadata"]["annotations"][keys::REVISION] = json!(revision);
        let objects = world.objects();
        remembered(&found(&objects, "shop").unwrap(), &sets)
    };
    for (now, held, void) in [
        ("shop:1", &["3", "4", "5"][..], &["6", "2", "x"][..]),
        ("shop:2", &["3", "4"], &["5", "2"]),
        // Nothing was sent yet, or it was not taken, and theirs came instead.
        ("shop:theirs", &[], &["3", "4", "5"]),
    ] {
        image(&mut world, now);
        for revision in held {
            let noted = seen(&mut world, revision);
            assert_eq!(noted.as_ref(), Some(&before), "{now} {revision}");
        }
        for revision in void {
            assert_eq!(seen(&mut world, revision), None, "{now} {revision}");
        }
    }
    // One that goes on, and is cut off before it has sent anything.
    image(&mut world, "shop:2");
    let noted = seen(&mut world, "4");
    let (patch, further) = note(&world, noted, "shop:3");
    json_patch::patch(&mut world.services[0], &patch).unwrap();
    assert_eq!(seen(&mut world, "4").as_ref(), Some(&further));
    image(&mut world, "shop:3");
    assert_eq!(seen(&mut world, "5").as_ref(), Some(&further));
    image(&mut world, "shop:theirs");
    assert_eq!(seen(&mut world, "5"), None);
    image(&mut world, "shop:3");
    world.deployment("shop")["metadata"]["uid"] = json!("another");
    assert_eq!(seen(&mut world, "5"), None);
    let objects = world.objects();
    let service = &objects.services[0];
    assert_eq!(forget(service, "another"), None);
    assert!(forget(service, "uid-1").is_some());
}

#[test]
fn what_it_was_planned_on_may_change_only_where_the_update_leaves_that_alone() {
    let mut world = probed();
    let sets = [set(&mut world, "shop-5c8")];
    let objects = world.objects();
    let scene = found(&objects, "shop").unwrap();
    let mut after = scene.deployment.clone();
    let alone = Before::of(&scene, &sets[0], &after);
    after.spec.as_mut().unwrap().replicas = Some(3);
    let grows = Before::of(&scene, &sets[0], &after);
    let mut scaled = scene.deployment.clone();
    scaled.spec.as_mut().unwrap().replicas = Some(5);
    assert!(alone.is_as_planned(scene.deployment, &scaled));
    assert!(!grows.is_as_planned(scene.deployment, &scaled));
    for (field, value) in [
        ("paused", json!(true)),
        ("template", json!({"spec": {"containers": []}})),
    ] {
        let mut changed = json!(scene.deployment);
        changed["spec"][field] = value;
        let changed = serde_json::from_value(changed).unwrap();
        assert!(!alone.is_as_planned(scene.deployment, &changed), "{field}");
    }
    let mut another = scene.deployment.clone();
    another.metadata.uid = Some("another".to_owned());
    assert!(!alone.is_as_planned(scene.deployment, &another));
}

#[test]
fn it_is_back_when_as_many_are_available_as_were() {
    let mut world = probed();
    world.deployment("shop")["status"]["availableReplicas"] = json!(1);
    let before_set = set(&mut world, "shop-5c8");
    let objects = world.objects();
    let scene = found(&objects, "shop").unwrap();
    let before = Before::of(&scene, &before_set, scene.deployment);
    assert!(
        is_back(scene.workload, &before),
        "it was not well before either"
    );
    world.deployment("shop")["status"]["availableReplicas"] = json!(0);
    assert!(!is_back(&world.objects().workloads[0], &before));
    world.settle();
    world.deployment("shop")["status"]["replicas"] = json!(3);
    assert!(
        !is_back(&world.objects().workloads[0], &before),
        "one of the other template"
    );
}

#[test]
fn of_manifests_only_the_deployment_changes_what_is_there() {
    let objects = probed().objects();
    let scene = found(&objects, "shop").unwrap();
    let fate = |manifest: &Value, stored: Option<&Value>| {
        let (mut pieces, _) = pieces(documents("x", &manifest.to_string()).unwrap(), "n");
        let candidate = Candidate {
            piece: pieces.remove(0),
            stored: stored.cloned(),
        };
        let judged = judge_pieces(vec![candidate], &scene);
        (judged.apply.len(), judged.left.len(), judged.findings.len())
    };
    let named = |api: &str, kind: &str, name: &str| json!({"apiVersion": api, "kind": kind, "metadata": {"name": name}, "data": {"a": "b"}});
    let mut other = named("v1", "ConfigMap", "shop");
    let config = other.clone();
    other["data"]["a"] = json!("c");
    let mut stored = config.clone();
    stored["metadata"]["namespace"] = json!("n");
    assert_eq!(
        fate(&named("apps/v1", "Deployment", "shop"), Some(&json!({}))),
        (1, 0, 0)
    );
    assert_eq!(
        fate(&named("apps/v1", "Deployment", "other"), None),
        (0, 0, 1)
    );
    assert_eq!(fate(&config, None), (1, 0, 0), "nothing depends on it yet");
    assert_eq!(fate(&config, Some(&stored)), (0, 1, 0));
    assert_eq!(fate(&other, Some(&stored)), (0, 0, 1));
    assert_eq!(fate(&named("v1", "Service", "front"), None), (0, 0, 1));
}
