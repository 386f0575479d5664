//! What `adopt` plans: in which order, from wherever it was cut off, and what it declines.

use bluegreen_shared::application::Active;
use bluegreen_shared::discover::{self, Hints};
use bluegreen_shared::gate::{self, Flip};
use bluegreen_shared::history;
use bluegreen_shared::keys::HISTORY;
use bluegreen_shared::plan::adopt::{Act, Ask, Found, crossing, find};
use bluegreen_shared::plan::init::Side;
use bluegreen_shared::plan::{Declined, Why};
use serde_json::{Value, json};

use crate::adopted::{World, ask, now, shop};

fn declined(world: &World, ask: &Ask) -> Declined {
    world.steps(ask).unwrap_err()
}

fn scaler(world: &mut World) {
    world.scalers.push(json!({
        "metadata": {"name": "shop", "uid": "h"},
        "spec": {"maxReplicas": 5, "scaleTargetRef": {
            "apiVersion": "apps/v1", "kind": "Deployment", "name": "shop",
        }},
    }));
}

#[test]
fn every_step_is_said_beforehand() {
    let mut world = shop();
    scaler(&mut world);
    let ask = Ask {
        idle_replicas: 1,
        ..ask()
    };
    assert_eq!(
        world.steps(&ask).unwrap(),
        [
            "deployment.apps/shop-blue created: like Deployment/shop, with role=blue, 2 replicas",
            "deployment.apps/shop-blue ready: 2 pods ready",
            "deployment.apps/shop-green created: the other side, with role=green, 0 replicas",
            "service/shop flipped: to role=blue",
            "horizontalpodautoscaler.autoscaling/shop retargeted: Deployment/shop → Deployment/shop-blue",
            "service/shop-test-blue created: for tests of blue",
            "service/shop-test-green created: for tests of green",
            "deployment.apps/shop-green scaled: 0 → 1 replica",
            "deployment.apps/shop drained: connections to its pods",
            "deployment.apps/shop deleted: Deployment/shop-blue has its place",
        ]
    );
}

#[test]
fn wherever_it_is_cut_off_it_ends_as_two_environments() {
    for (role, key) in [(Side::Blue, "role"), (Side::Green, "slot")] {
        let mut world = shop();
        scaler(&mut world);
        let first = Ask {
            role: Some(role),
            role_key: Some(key.to_owned()),
            idle_replicas: 1,
            ..ask()
        };
        // Whoever goes on need not know how it was begun.
        let on = Ask {
            idle_replicas: 1,
            ..ask()
        };
        assert!(world.step(&first));
        let mut steps = 1;
        while world.step(&on) {
            steps += 1;
            let flipped = world.services[0]["spec"]["selector"].get(key).is_some();
            let is_there = world.names().contains(&"shop");
            assert!(flipped || is_there, "{:?}", world.names());
            assert!(steps < 20);
        }
        let objects = world.objects();
        let found = discover::find(&objects, "shop", &Hints::default()).unwrap();
        assert_eq!(found.active(), Active::Role(role.as_str()));
        assert_eq!(found.bound.len(), 2);
        assert!(!objects.workloads.iter().any(|one| one.name() == "shop"));
        let target = &world.scalers[0]["spec"]["scaleTargetRef"]["name"];
        assert_eq!(*target, json!(format!("shop-{}", role.as_str())));
        assert_eq!(world.steps(&on).unwrap(), Vec::<String>::new());
    }
}

#[test]
fn the_gate_lets_pass_what_is_planned_and_nothing_before() {
    let mut world = shop();
    world.step(&ask());
    let judged = |world: &World| {
        world.planned(&ask(), |scene, objects, _| {
            let crossing = crossing(scene, objects, now()).unwrap();
            let flip = &crossing.plan.flips[0];
            let verdict = gate::judge(
                &Flip {
                    before: flip.before,
                    after: &flip.after,
                    now: now(),
                },
                objects,
            );
            assert_eq!(verdict, crossing.plan.verdict);
            let entry = crossing.plan.entry(flip, now(), "me", None);
            assert_eq!((&entry.from, &entry.revision.from), (&None, &None));
            let mut written = flip.after.clone();
            let annotations = written.metadata.annotations.get_or_insert_default();
            annotations.insert(HISTORY.to_owned(), history::with(entry, Vec::new()));
            let flip = Flip {
                before: flip.before,
                after: &written,
                now: now(),
            };
            assert_eq!(gate::judge(&flip, objects), verdict, "its own entry");
            verdict.allows()
        })
    };
    assert!(!judged(&world).unwrap(), "its pods are not there");
    world.settle();
    assert!(judged(&world).unwrap());
}

#[test]
fn the_copy_has_a_role_and_a_probe_and_nothing_that_says_whose_the_original_was() {
    let world = shop();
    let copies = world
        .planned(&ask(), |_, _, left| {
            let created = left.steps.iter().filter_map(|step| match &step.act {
                Act::Create(object) => Some(object.clone()),
                _ => None,
            });
            created.collect::<Vec<Value>>()
        })
        .unwrap();
    let blue = &copies[0];
    let role = json!({"app": "shop", "role": "blue"});
    assert_eq!(blue["metadata"]["labels"], role);
    assert_eq!(blue["spec"]["selector"]["matchLabels"], role);
    assert_eq!(blue["spec"]["template"]["metadata"]["labels"], role);
    let annotations = blue["metadata"]["annotations"].as_object().unwrap();
    let kept: Vec<&String> = annotations.keys().collect();
    assert_eq!(kept, ["bluegreen.dev/adopted", "team"]);
    let container = &blue["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["aFieldOfTomorrow"], true);
    assert_eq!(
        container["readinessProbe"],
        json!({"tcpSocket": {"port": 8080}})
    );
    let green = &copies[1];
    assert_eq!(green["spec"]["replicas"], 0);
    assert_eq!(green["metadata"]["annotations"], json!({"team": "pay"}));
    assert_eq!(
        green["spec"]["template"]["spec"],
        blue["spec"]["template"]["spec"]
    );
    let test = &copies[2];
    assert_eq!(test["spec"]["selector"], role);
    assert_eq!(test["metadata"]["labels"]["role"], "test-blue");
}

#[test]
fn other_verbs_say_how_to_go_on_and_find_nothing_before_it_is_there() {
    let mut world = shop();
    let why = |world: &World| discover::find(&world.objects(), "shop", &Hints::default()).err();
    let before = why(&world).unwrap();
    assert!(
        before
            .hint
            .unwrap()
            .ends_with("kubectl bluegreen adopt shop")
    );
    world.step(&ask());
    while world.services[0]["spec"]["selector"].get("role").is_none() {
        let why = why(&world).unwrap();
        assert!(
            why.message
                .contains("on its way from one environment to two"),
            "{}",
            why.message
        );
        assert_eq!(why.hint.unwrap(), "to go on: kubectl bluegreen adopt shop");
        assert!(world.step(&ask()));
    }
    assert_eq!(why(&world), None, "though the old one is there still");
}

#[test]
fn only_the_deployment_that_was_copied_is_ever_deleted() {
    let mut world = shop();
    while world.step(&ask()) {}
    // Somebody makes one of that name again.
    let mut another = shop().deployments[0].clone();
    another["metadata"]["uid"] = json!("another");
    world.deployments.push(another);
    assert_eq!(world.steps(&ask()).unwrap(), Vec::<String>::new());
}

#[test]
fn an_autoscaler_that_grows_the_old_one_meanwhile_is_followed() {
    let mut world = shop();
    world.step(&ask());
    world.deployment("shop")["spec"]["replicas"] = json!(4);
    let steps = world.steps(&ask()).unwrap();
    assert_eq!(steps[0], "deployment.apps/shop-blue scaled: 2 → 4 replicas");
}

#[test]
fn what_was_changed_after_it_was_copied_is_not_taken_back() {
    let mut world = shop();
    world.step(&ask());
    world.deployment("shop")["spec"]["template"]["spec"]["containers"][0]["image"] =
        json!("shop:2");
    let why = declined(&world, &ask());
    assert_eq!(why.why, Why::Unfit);
    assert!(
        why.message.contains("containers[0].image"),
        "{}",
        why.message
    );
}

#[test]
fn what_would_lose_requests_is_declined_before_anything_is_made() {
    type Break = fn(&mut World);
    let cases: [(&str, Break); 19] = [
        ("Service/shop is of type ExternalName", |world| {
            world.services[0]["spec"]["type"] = json!("ExternalName");
        }),
        ("Service/shop has no selector", |world| {
            world.services[0]["spec"]["selector"] = json!({});
        }),
        ("publishNotReadyAddresses", |world| {
            world.services[0]["spec"]["publishNotReadyAddresses"] = json!(true);
        }),
        ("is made by Rollout/shop", |world| {
            world.deployment("shop")["metadata"]["ownerReferences"] = json!([{
                "apiVersion": "x/v1", "kind": "Rollout", "name": "shop", "uid": "r", "controller": true,
            }]);
        }),
        (
            "HorizontalPodAutoscaler/shop is made by ScaledObject/s",
            |world| {
                scaler(world);
                world.scalers[0]["metadata"]["ownerReferences"] = json!([{
                    "apiVersion": "keda.sh/v1", "kind": "ScaledObject", "name": "s", "uid": "r", "controller": true,
                }]);
            },
        ),
        ("the label role=web of Deployment/shop", |world| {
            world.deployment("shop")["spec"]["template"]["metadata"]["labels"]["role"] =
                json!("web");
        }),
        ("strategy Recreate", |world| {
            world.deployment("shop")["spec"]["strategy"] = json!({"type": "Recreate"});
        }),
        ("is being deleted", |world| {
            world.deployment("shop")["metadata"]["deletionTimestamp"] =
                json!("2026-05-01T12:00:00Z");
        }),
        ("is paused", |world| {
            world.deployment("shop")["spec"]["paused"] = json!(true);
        }),
        ("wants 0 replicas", |world| {
            world.deployment("shop")["spec"]["replicas"] = json!(0);
        }),
        ("is rolling out or scaling", |world| {
            world.deployment("shop")["status"]["updatedReplicas"] = json!(1);
        }),
        ("is not well, 1 of 2 pods", |world| {
            world.deployment("shop")["status"]["readyReplicas"] = json!(1);
        }),
        ("routes to Pod/stray", |world| {
            world
                .pods
                .push(json!({"metadata": {"name": "stray", "labels": {"app": "shop"}}}));
        }),
        ("routes to more than one workload", |world| {
            let mut canary = world.deployments[0].clone();
            canary["metadata"]["name"] = json!("shop-canary");
            world.deployments.push(canary);
        }),
        ("Deployment/shop-blue is there already", |world| {
            let mut other = world.deployments[0].clone();
            other["metadata"]["name"] = json!("shop-blue");
            other["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
            world.deployments.push(other);
        }),
        ("Service/shop-test-green is there already", |world| {
            let mut other = world.services[0].clone();
            other["metadata"]["name"] = json!("shop-test-green");
            other["spec"]["selector"] = json!({"app": "other"});
            world.services.push(other);
        }),
        ("as two environments it would not be recognised", |world| {
            let mut second = world.services[0].clone();
            second["metadata"]["name"] = json!("shop-api");
            second["spec"]["selector"] = json!({"app": "shop", "role": "blue"});
            world.services.push(second);
        }),
        ("would have 64 characters", |world| {
            world.deployment("shop")["metadata"]["name"] = json!("s".repeat(59));
            world.settle();
        }),
        ("NoReadinessProbe", |world| {
            world.deployment("shop")["metadata"]["annotations"]["bluegreen.dev/inject-probe"] =
                json!("false");
        }),
    ];
    for (words, change) in cases {
        let mut world = shop();
        change(&mut world);
        let why = declined(&world, &ask());
        assert_eq!(why.why, Why::Unfit, "{words}");
        assert!(
            why.message.contains(words),
            "{words:?} not in {:?}",
            why.message
        );
        assert!(!why.hint.is_empty());
    }
}

#[test]
fn what_is_not_there_is_not_found_and_what_is_ambiguous_is_listed() {
    let mut world = shop();
    let other = Ask {
        name: "other".to_owned(),
        ..ask()
    };
    assert_eq!(declined(&world, &other).why, Why::NotFound);
    world.services[0]["metadata"]["name"] = json!("shop-web");
    assert!(world.steps(&ask()).is_ok(), "the selector says shop");
    let mut second = world.services[0].clone();
    second["metadata"]["name"] = json!("shop-api");
    world.services.push(second);
    let why = declined(&world, &ask());
    assert_eq!(why.why, Why::Ambiguous);
    assert!(
        why.message
            .contains("Service/shop-api and Service/shop-web"),
        "{}",
        why.message
    );
    world.deployments.clear();
    let web = Ask {
        name: "shop-web".to_owned(),
        ..ask()
    };
    assert_eq!(declined(&world, &web).why, Why::NotFound);
}

#[test]
fn two_environments_that_nobody_adopted_are_left_alone() {
    let mut world = shop();
    world.services[0]["spec"]["selector"] = json!({"app": "shop", "role": "blue"});
    for role in ["blue", "green"] {
        let mut side = world.deployments[0].clone();
        side["metadata"]["name"] = json!(format!("shop-{role}"));
        side["spec"]["template"]["metadata"]["labels"] = json!({"app": "shop", "role": role});
        world.deployments.push(side);
    }
    let objects = world.objects();
    assert!(matches!(find(&objects, &ask()).unwrap(), Found::Already(name) if name == "shop"));
}

#[test]
fn another_role_than_it_was_begun_with_is_refused() {
    let mut world = shop();
    world.step(&ask());
    let green = Ask {
        role: Some(Side::Green),
        ..ask()
    };
    assert_eq!(declined(&world, &green).why, Why::Usage);
}

#[test]
fn a_name_that_would_pass_for_a_test_is_marked() {
    let mut world = shop();
    world.services[0]["metadata"]["name"] = json!("shop-next");
    let ask = Ask {
        name: "shop-next".to_owned(),
        ..ask()
    };
    while world.step(&ask) {}
    let objects = world.objects();
    let found = discover::find(&objects, "shop-next", &Hints::default()).unwrap();
    assert_eq!(found.active(), Active::Role("blue"));
}

#[test]
fn what_stays_for_others_to_do_is_said() {
    let mut world = shop();
    world.deployment("shop")["metadata"]["annotations"]["meta.helm.sh/release-name"] = json!("pay");
    let mut second = world.services[0].clone();
    second["metadata"]["name"] = json!("metrics");
    world.services.push(second);
    world.budgets.push(json!({
        "metadata": {"name": "shop"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "shop"}}},
    }));
    let volume = json!([{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]);
    world.deployment("shop")["spec"]["template"]["spec"]["volumes"] = volume;
    let said = world.planned(&ask(), |_, _, left| left.warnings.join("\n"));
    let said = said.unwrap();
    for words in [
        "Helm release pay",
        "Service/metrics will route to the pods of both sides",
        "PodDisruptionBudget/shop will count",
        "PersistentVolumeClaim/data",
    ] {
        assert!(said.contains(words), "no {words:?} in {said}");
    }
}
