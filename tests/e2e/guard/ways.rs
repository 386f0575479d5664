//! The ways that must stay open: back, and out of an outage.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{never_ready, patch, to};
use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

/// Seconds, on a machine that runs other tests beside this one.
const AT_ONCE: Duration = Duration::from_secs(5);

/// A side of which ready says nothing, as a side is before anybody knows of us.
fn probeless(role: &str, replicas: u32) -> Value {
    let mut side = deployment(role, replicas);
    side["metadata"]["annotations"] = json!({"bluegreen.dev/inject-probe": "false"});
    side["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = Value::Null;
    side
}

/// A side whose pods may all go at once when its template changes.
fn at_once(mut side: Value) -> Value {
    side["spec"]["strategy"] = json!({"rollingUpdate": {"maxUnavailable": "100%", "maxSurge": 0}});
    side
}

#[tokio::test]
async fn the_first_release_can_be_taken_back() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("back").await;
    shop.apply(&[
        service("web", "blue"),
        probeless("blue", 2),
        deployment("green", 2),
    ])
    .await;
    shop.ready().await;
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;
    let back = patch(&shop, &to("blue")).await;
    assert_eq!(back.code, 0, "{back:?}");
    assert!(
        back.stderr.contains("Warning: NoReadinessProbe"),
        "{back:?}"
    );
    assert_eq!(shop.role("web").await, "blue");
}

#[tokio::test]
async fn an_outage_is_not_held_in_place() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("rescue").await;
    let green = probeless("green", 1);
    shop.apply(&[service("web", "blue"), deployment("blue", 2), green])
        .await;
    shop.ready().await;
    let refused = patch(&shop, &to("green")).await;
    assert!(refused.stderr.contains("NoReadinessProbe: "), "{refused:?}");
    assert!(refused.stderr.contains("BelowCapacity: "), "{refused:?}");

    fail(&shop, "blue").await;
    let rescued = patch(&shop, &to("green")).await;
    assert_eq!(rescued.code, 0, "{rescued:?}");
    assert_eq!(shop.role("web").await, "green");
}

/// Two pods a side, and green serves.
async fn released(name: &str) -> Shop {
    let shop = Shop::guarded(name).await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 2),
        at_once(deployment("green", 2)),
    ])
    .await;
    shop.ready().await;
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;
    shop
}

/// From now on no pod of a side is ready that was.
async fn fail(shop: &Shop, role: &str) {
    let role = format!("role={role}");
    let stays = ["annotate", "pods", "-l", &role, "simulate/pod=never-ready"];
    shop.kubectl(&stays).await;
    let pods = ["get", "pods", "-l", &role, "-o", "name"];
    // Times are told in seconds: they were started in an earlier one.
    let now = k8s_openapi::jiff::Timestamp::now() + Duration::from_secs(1);
    let change = json!({"status": {"conditions": [
        {"type": "Ready", "status": "False", "lastTransitionTime": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()},
    ]}});
    for pod in shop.kubectl(&pods).await.lines() {
        let change = change.to_string();
        let patch = ["patch", pod, "--subresource=status", "-p", &change];
        shop.kubectl(&patch).await;
    }
}

/// Not one pod of what serves is ready any more.
///
/// It has to be on its way out for that: nobody else may stop all pods of what serves.
async fn break_all(shop: &Shop, name: &str, side: Value) {
    let annotate = |takedown| async move {
        shop.kubectl(&["annotate", "deployment", name, takedown])
            .await;
    };
    annotate("bluegreen.dev/takedown=it is to break").await;
    shop.apply(&[never_ready(side)]).await;
    annotate("bluegreen.dev/takedown-").await;
    super::settled(shop, name, 2).await;
}

#[tokio::test]
async fn the_way_back_does_not_wait_for_what_is_broken() {
    let _guard = guard::standing().await;
    let shop = released("broken").await;
    break_all(&shop, "web-green", at_once(deployment("green", 2))).await;
    let began = Instant::now();
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_way_back_grows_the_old_side_before_it_flips() {
    let _guard = guard::standing().await;
    let shop = released("regrown").await;
    shop.kubectl(&["scale", "deployment", "web-blue", "--replicas=0"])
        .await;
    shop.ready().await;
    break_all(&shop, "web-green", at_once(deployment("green", 2))).await;
    let told = shop
        .expect(&["rollback", "web"], 0, &["web is blue now"])
        .await
        .stderr;
    let grown = told.find("0 → 2 replicas").unwrap();
    assert!(grown < told.find("green → blue").unwrap(), "{told}");
    let back = patch(&shop, &to("green")).await;
    assert_ne!(
        back.code, 0,
        "what is broken is not released again: {back:?}"
    );
}
