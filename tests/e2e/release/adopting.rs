//! `adopt`.

use std::time::{Duration, Instant};

use bluegreen_e2e::load::{Connections, Load, Plan};
use serde_json::json;

use crate::fixture::black_hole::BlackHole;
use crate::fixture::guard;
use crate::fixture::plain::{plain, production, scaler, serving, simulated};
use crate::fixture::rights::{Right, grant, granted, lacks};
use crate::fixture::running::Running;
use crate::shop::{Shop, says};

const ADOPT: [&str; 4] = ["adopt", "web", "--drain", "0"];
/// What a look needs beside the Services.
const LOOK: [Right; 3] = [
    ("list", "apps", "deployments"),
    ("list", "apps", "statefulsets"),
    ("list", "", "pods"),
];
const SERVICES: Right = ("list", "", "services");
/// Clients that keep their connection.
const KEPT: usize = 1;
/// Before and after what is done under load.
const AROUND: Duration = Duration::from_secs(1);

async fn load(shop: &Shop) -> Load {
    let path = "jsonpath={.spec.clusterIP}:{.spec.ports[0].port}";
    let address = shop.kubectl(&["get", "service", "web", "-o", path]).await;
    let side = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    Load::start(&Plan {
        address: address.parse().unwrap(),
        path: "/".to_owned(),
        sides: vec![
            side("blue", "pod web-blue-"),
            side("green", "pod web-green-"),
            side("old", "pod web-"),
        ],
        on_new_connections: 3,
        on_kept_connections: KEPT,
        pause: Duration::from_millis(3),
        longest: Duration::from_mins(3),
    })
}

/// Two environments, blue serves, and what was there before is gone.
async fn is_adopted(shop: &Shop) {
    assert_eq!(shop.role("web").await, "blue");
    assert_eq!(shop.intent().await, "");
    for side in ["blue", "green"] {
        let test = format!("web-test-{side}");
        assert_eq!(shop.role(&test).await, side);
    }
    let path = "jsonpath={.items[*].metadata.name}";
    let names = shop.kubectl(&["get", "deployments", "-o", path]).await;
    assert_eq!(names, "web-blue web-green");
    shop.expect(&["status", "web"], 0, &["production is blue"])
        .await;
    let said = ["web has two environments already"];
    let before = shop.state().await;
    shop.expect(&ADOPT, 0, &said).await;
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn adopting_under_load_loses_no_request_with_the_guard_watching() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("adopt").await;
    let budget = json!({
        "apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "web"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    });
    let mut slow = serving(2);
    // A pod that is taken for ready before it listens would be seen.
    slow["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "START_DELAY", "value": "2"}]);
    shop.apply(&[production(), slow, scaler(), budget]).await;
    shop.ready().await;
    tokio::time::sleep(AROUND * 3).await;
    let load = load(&shop).await;
    tokio::time::sleep(AROUND).await;
    let adopt = ["adopt", "web", "--drain", "5s", "--reason", "two colours"];
    let said = [
        "PodDisruptionBudget/web will count the pods of both sides",
        "created    deployment.apps/web-blue: like Deployment/web, with role=blue, 2 replicas",
        "judged     blue is ready: 2 of 2 pods ready",
        "flipped    web: to role=blue",
        "2 of 2 endpoints are blue",
        "retargeted horizontalpodautoscaler.autoscaling/web: Deployment/web → Deployment/web-blue",
        "production left Deployment/web at",
        "deleted    deployment.apps/web",
        "web is blue now, beside green",
    ];
    let output = shop.run(&adopt).await;
    let deleted = Instant::now();
    tokio::time::sleep(AROUND * 3).await;
    let report = load.stop().await.unwrap();
    let failures = report.failures();
    // A connection that is kept to a pod ends with the pod, as in every rolling update, and whoever sends
    // on it at that very moment sends again. That is all that may be: after the drain time, once.
    let (ended, lost): (Vec<_>, Vec<_>) = failures.into_iter().partition(|answer| {
        let why = answer.side.as_ref().unwrap_err();
        answer.connections == Connections::Kept
            && answer.began + AROUND * 2 > deleted
            && why.contains("closed before message completed")
    });
    let all = report.requests();
    assert!(lost.is_empty(), "{} of {all}: {:?}", lost.len(), lost[0]);
    assert!(ended.len() <= KEPT, "{ended:?}");
    says(&adopt, &output, 0, &said);
    for side in ["old", "blue"] {
        assert!(report.answers_of(side, Connections::New) > 100, "{side}");
    }

    is_adopted(&shop).await;
    let path = "jsonpath={.spec.scaleTargetRef.name}";
    let target = ["get", "horizontalpodautoscaler", "web", "-o", path];
    assert_eq!(shop.kubectl(&target).await, "web-blue");
    shop.expect(&["history", "web"], 0, &["two colours"]).await;
    // The pods that served before can't be selected alone any more.
    shop.expect(&["rollback", "web"], 3, &["hint: "]).await;
    // Every other verb, and the guard, take it for what it is.
    let refused = ["delete", "deployment", "web-blue"];
    let refused = shop.namespace.kubectl(&refused).await.unwrap();
    assert!(refused.stderr.contains("Protected"), "{refused:?}");
    let stage = ["stage", "web", "--image", "bluegreen.dev/test-server:2"];
    shop.expect(&stage, 0, &["0 → 2 replicas"]).await;
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
}

#[tokio::test]
async fn adopting_goes_on_from_wherever_it_was_killed() {
    for word in [
        "created    deployment.apps/web-blue",
        "Deployment/web-blue: ",
        "ready      deployment.apps/web-blue",
        "created    deployment.apps/web-green",
        "created    service/web-test-blue",
        "created    service/web-test-green",
        "judged     blue",
        "flipped    web",
        "followed   ",
        "retargeted ",
        "connections may drain until",
    ] {
        let shop = Shop::unguarded("adopt-killed").await;
        shop.apply(&[production(), simulated(2), scaler()]).await;
        shop.ready().await;
        let mut adopt = Running::start(&shop, &["adopt", "web", "--drain", "1h"]);
        adopt.says(word).await;
        assert_eq!(adopt.end_by("KILL").await, 137, "{word}");
        let deployments = shop.kubectl(&["get", "deployments", "-o", "name"]).await;
        let names: Vec<&str> = deployments.lines().collect();
        assert!(names.contains(&"deployment.apps/web"), "{word}: {names:?}");
        shop.expect(&ADOPT, 0, &["web is blue now"]).await;
        is_adopted(&shop).await;
    }
}

#[tokio::test]
async fn adopting_goes_on_where_it_was_killed_amid_the_flip() {
    let shop = plain("adopt-amid").await;
    let hole = BlackHole::open(&shop).await;
    let adopt = Running::start(&shop, &ADOPT);
    let flip = hole.caught().await;
    assert!(shop.intent().await.contains("blue"));
    assert_eq!(adopt.end_by("KILL").await, 137);
    drop(flip);
    assert_eq!(shop.role("web").await, "");
    hole.let_go(&shop).await;
    shop.expect(&ADOPT, 0, &["web is blue now"]).await;
    is_adopted(&shop).await;
}

#[tokio::test]
async fn adopting_takes_the_flip_back_whose_new_pods_went_at_the_same_moment() {
    let shop = plain("adopt-back").await;
    let hole = BlackHole::yielding(&shop).await;
    let adopt = Running::start(&shop, &ADOPT);
    let flip = hole.caught().await;
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=0"])
        .await;
    hole.let_go(&shop).await;
    drop(flip);
    assert_eq!(adopt.ends().await, 7);
    assert_eq!(shop.role("web").await, "", "it selects the old pods again");
    let said = [
        "scaled     deployment.apps/web-blue: 0 → 2 replicas",
        "web is blue now",
    ];
    shop.expect(&ADOPT, 0, &said).await;
    is_adopted(&shop).await;
}

#[tokio::test]
async fn adopting_that_can_not_be_taken_back_says_why_and_the_way_past_the_guard() {
    let shop = plain("adopt-stays").await;
    let rights = [
        ("get", "apps", "deployments"),
        ("create", "apps", "deployments"),
        ("list", "apps", "replicasets"),
        ("list", "autoscaling", "horizontalpodautoscalers"),
        ("patch", "", "services"),
        ("watch", "discovery.k8s.io", "endpointslices"),
    ];
    let user = format!("adopter-of-{}", shop.namespace.name);
    grant(&shop, &user, &[&LOOK[..], &[SERVICES], &rights].concat()).await;
    let hole = BlackHole::yielding(&shop).await;
    let mut adopt = Running::start(&shop, &[&ADOPT[..], &["--as", &user]].concat());
    let flip = hole.caught().await;
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=0"])
        .await;
    shop.apply(&granted(&user, LOOK.into_iter().chain(rights)))
        .await;
    lacks(&shop, &user, SERVICES).await;
    hole.let_go(&shop).await;
    drop(flip);
    adopt
        .says("Service/web could not be put back to the pods of Deployment/web: ")
        .await;
    adopt.says("kubectl patch service web -n ").await;
    assert_eq!(adopt.ends().await, 5);
    assert_eq!(shop.role("web").await, "blue");
}

#[tokio::test]
async fn adopting_rehearsed_says_each_step_and_changes_nothing() {
    let shop = plain("adopt-dry").await;
    let before = shop.state().await;
    for how in ["client", "server"] {
        let dry = format!("--dry-run={how}");
        let suffix = if how == "client" {
            "dry run"
        } else {
            "server dry run"
        };
        let created = format!("deployment.apps/web-blue created ({suffix})");
        let flipped = format!("service/web flipped ({suffix}): to role=blue");
        let deleted = format!("deployment.apps/web deleted ({suffix})");
        let said = [created.as_str(), &flipped, &deleted];
        shop.expect(&["adopt", "web", &dry], 0, &said).await;
        let printed = ["adopt", "web", &dry, "-o", "json"];
        let output = shop.expect(&printed, 0, &[]).await;
        let value: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let manifest = &value["steps"][0]["manifest"];
        assert_eq!(manifest["metadata"]["name"], "web-blue");
        assert_eq!(shop.state().await, before, "{how}");
    }
}

#[tokio::test]
async fn adopting_in_the_other_colour_and_under_another_key() {
    let shop = plain("adopt-slot").await;
    let options = [
        "--role",
        "green",
        "--role-key",
        "slot",
        "--idle-replicas",
        "1",
    ];
    shop.expect(&[&ADOPT[..], &options].concat(), 0, &["web is green now"])
        .await;
    let path = "jsonpath={.spec.selector}";
    let selector = shop.kubectl(&["get", "service", "web", "-o", path]).await;
    assert_eq!(selector, r#"{"app":"web","slot":"green"}"#);
    shop.ready().await;
    let blue = ["wait", "web", "--for=staged", "--role", "blue"];
    shop.expect(&blue, 0, &[]).await;
}

#[tokio::test]
async fn adopting_stops_early_where_no_second_pod_may_run() {
    let shop = plain("adopt-quota").await;
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "pods"},
        "spec": {"hard": {"pods": "2"}}
    });
    shop.apply(&[quota]).await;
    let said = [
        "Deployment/web-blue will not come up",
        "exceeded quota",
        "everything is served by Deployment/web as before",
    ];
    shop.expect(&ADOPT, 3, &said).await;
    assert_eq!(shop.role("web").await, "");
    let timeout = [&ADOPT[..], &["--timeout", "1s"]].concat();
    shop.expect(&timeout, 6, &["is not ready within 1s"]).await;
    shop.kubectl(&["delete", "resourcequota", "pods"]).await;
    shop.expect(&ADOPT, 0, &["web is blue now"]).await;
    is_adopted(&shop).await;
}

#[tokio::test]
async fn adopting_is_refused_where_requests_would_be_lost() {
    let shop = Shop::unguarded("adopt-refused").await;
    shop.expect(&ADOPT, 1, &["there is no Service \"web\"", "hint: "])
        .await;
    let mut set = simulated(1);
    set["kind"] = json!("StatefulSet");
    set["spec"]["serviceName"] = json!("web");
    shop.apply(&[production(), set]).await;
    let said = ["StatefulSet/web keeps an identity", "hint: "];
    shop.expect(&ADOPT, 3, &said).await;
    shop.kubectl(&["delete", "statefulset", "web"]).await;
    shop.apply(&[simulated(0)]).await;
    shop.expect(&ADOPT, 3, &["wants 0 replicas", "hint: "])
        .await;
    shop.apply(&[simulated(1)]).await;
    shop.ready().await;
    let before = shop.state().await;
    let role_key = [&ADOPT[..], &["--role-key", "app"]].concat();
    shop.expect(&role_key, 3, &["says something else than a role"])
        .await;
    assert_eq!(shop.state().await, before);
}
