//! Each refusal, as the API server gives it for states that a real cluster gets into.

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::Output;
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::{SOON, annotated, never_ready, patch, settled, to, verdict, web};
use crate::fixture::guard;
use crate::fixture::policy::Policy;
use crate::shop::{Shop, deployment};

/// The change is refused, first of all by this code, whose sentence contains these words.
async fn refused(shop: &Shop, change: Value, code: &str, words: &str) -> Output {
    let output = patch(shop, &change).await;
    let told = verdict(&output);
    let line = told
        .lines()
        .find(|line| line.starts_with(&format!("{code}: ")))
        .unwrap_or_else(|| panic!("no {code}: {told}"));
    assert!(line.contains(words), "{words:?} is not in: {told}");
    assert!(
        told.lines().any(|line| line.starts_with("hint: ")),
        "{told}"
    );
    output
}

#[tokio::test]
async fn a_selector_must_name_an_environment() {
    let _guard = guard::standing().await;
    let shop = web("nowhere", deployment("green", 2)).await;
    shop.ready().await;
    let nowhere = "no Deployment, StatefulSet or pod matches app=web,role=gren";
    refused(&shop, to("gren"), "NoEnvironment", nowhere).await;
    let both = "names no environment";
    refused(
        &shop,
        json!({"spec": {"selector": {"role": null}}}),
        "NoEnvironment",
        both,
    )
    .await;
    let none = "would lose its selector";
    refused(
        &shop,
        json!({"spec": {"selector": null}}),
        "NoEnvironment",
        none,
    )
    .await;
    let external = json!({"spec": {"type": "ExternalName", "externalName": "example.com"}});
    refused(
        &shop,
        external,
        "NoEnvironment",
        "would become an ExternalName",
    )
    .await;
    for (key, value) in [
        ("bluegreen.dev/min-capacity", "lots"),
        ("bluegreen.dev/production", "yes"),
        ("bluegreen.dev/role-key", "role,,app"),
    ] {
        let unreadable = json!({"metadata": {"annotations": {key: value}}});
        let named = format!("{key}: \"{value}\"");
        refused(&shop, unreadable, "InvalidSetting", &named).await;
    }
    assert_eq!(shop.role("web").await, "blue");
}

#[tokio::test]
async fn a_target_must_have_its_pods() {
    let _guard = guard::standing().await;
    let shop = web("few", deployment("green", 0)).await;
    settled(&shop, "web-green", 0).await;
    refused(
        &shop,
        to("green"),
        "ScaledToZero",
        "Deployment/web-green wants 0 replicas",
    )
    .await;

    shop.apply(&[deployment("blue", 4), deployment("green", 2)])
        .await;
    shop.ready().await;
    let few = "2 pods are ready, Service/web has 4 now (min-capacity 100%)";
    refused(&shop, to("green"), "BelowCapacity", few).await;
    assert_eq!(shop.role("web").await, "blue");
}

#[tokio::test]
async fn a_target_must_not_be_rolling_out() {
    let _guard = guard::standing().await;
    let shop = web("rolling", deployment("green", 2)).await;
    shop.ready().await;
    shop.apply(&[never_ready(deployment("green", 2))]).await;
    refused(
        &shop,
        to("green"),
        "RollingOut",
        "Deployment/web-green is rolling out",
    )
    .await;
    assert_eq!(shop.role("web").await, "blue");
}

#[tokio::test]
async fn a_crash_is_told_with_its_exit_code() {
    let _guard = guard::standing().await;
    let shop = web(
        "crash",
        annotated(deployment("green", 1), "simulate/pod", "crash-loop"),
    )
    .await;
    let crashed = [
        "wait",
        "pod",
        "-l",
        "role=green",
        "--timeout=30s",
        "--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}=CrashLoopBackOff",
    ];
    settled(&shop, "web-green", 1).await;
    shop.kubectl(&crashed).await;
    refused(&shop, to("green"), "NotReady", "CrashLoopBackOff").await;
    refused(&shop, to("green"), "NotReady", "exit code 1").await;
}

#[tokio::test]
async fn ready_must_mean_something() {
    let _guard = guard::standing().await;
    let mut green = deployment("green", 2);
    green["metadata"]["annotations"] = json!({"bluegreen.dev/inject-probe": "false"});
    green["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = Value::Null;
    let shop = web("probeless", green).await;
    shop.ready().await;
    refused(
        &shop,
        to("green"),
        "NoReadinessProbe",
        "so ready says nothing",
    )
    .await;

    let named = json!({"spec": {"selector": {"role": "green"}, "ports": [{"port": 80, "targetPort": "web"}]}});
    refused(&shop, named, "PortMismatch", "targetPort web").await;
    assert_eq!(shop.role("web").await, "blue");
}

#[tokio::test]
async fn a_stranger_among_the_pods_is_named() {
    let _guard = guard::standing().await;
    let shop = web("strangers", deployment("green", 2)).await;
    shop.ready().await;
    let mut stranger = deployment("green", 1)["spec"]["template"].take();
    stranger["apiVersion"] = json!("v1");
    stranger["kind"] = json!("Pod");
    stranger["metadata"] = json!({"name": "by-hand", "labels": {"app": "web", "role": "green"}});
    shop.apply(&[stranger]).await;
    refused(&shop, to("green"), "ForeignPods", "Pod/by-hand").await;
    shop.kubectl(&["delete", "pod", "by-hand"]).await;
    assert_eq!(patch(&shop, &to("green")).await.code, 0);
}

#[tokio::test]
async fn what_is_being_deleted_gets_no_requests() {
    let _guard = guard::standing().await;
    let mut green = deployment("green", 2);
    green["metadata"]["finalizers"] = json!(["bluegreen.dev/held-by-a-test"]);
    let shop = web("going", green).await;
    shop.ready().await;
    shop.kubectl(&["delete", "deployment", "web-green", "--wait=false"])
        .await;
    refused(
        &shop,
        to("green"),
        "Terminating",
        "Deployment/web-green is being deleted",
    )
    .await;
    let release = r#"{"metadata":{"finalizers":null}}"#;
    shop.kubectl(&[
        "patch",
        "deployment",
        "web-green",
        "--type=merge",
        "-p",
        release,
    ])
    .await;
}

#[tokio::test]
async fn a_quota_is_told_as_what_stalls() {
    let _guard = guard::standing().await;
    let shop = web("quota", deployment("green", 0)).await;
    settled(&shop, "web-blue", 2).await;
    shop.kubectl(&["create", "quota", "full", "--hard=pods=2"])
        .await;
    let counted = [
        "wait",
        "quota/full",
        "--for=jsonpath={.status.used.pods}=2",
        "--timeout=30s",
    ];
    shop.kubectl(&counted).await;
    shop.apply(&[deployment("green", 2)]).await;
    let stalled = [
        "wait",
        "deployment/web-green",
        "--for=condition=ReplicaFailure",
        "--timeout=30s",
    ];
    shop.kubectl(&stalled).await;
    refused(&shop, to("green"), "Stalled", "exceeded quota: full").await;
    assert_eq!(shop.role("web").await, "blue");
}

#[tokio::test]
async fn a_spec_that_no_controller_has_seen_is_not_served() {
    let _guard = guard::standing().await;
    let shop = web("unseen", deployment("green", 2)).await;
    shop.ready().await;
    // The controller may not say any more what it has seen.
    let deaf = Policy::new(&shop, "apps/deployments/status", "false", "it is deaf").await;
    eventually(SOON, || async {
        // A new policy needs a moment, in which changes are still seen.
        let note = format!("NOTE={}", Timestamp::now().as_millisecond());
        shop.kubectl(&["set", "env", "deployment/web-green", &note])
            .await;
        let path = "jsonpath={.metadata.generation} {.status.observedGeneration}";
        let seen = shop
            .kubectl(&["get", "deployment/web-green", "-o", path])
            .await;
        let (newest, seen) = seen.split_once(' ').unwrap_or_default();
        ensure!(newest != seen, "{newest} is seen");
        anyhow::Ok(())
    })
    .await
    .unwrap();
    let unseen = "the controller has not seen the newest spec of Deployment/web-green";
    refused(&shop, to("green"), "NotObserved", unseen).await;
    deaf.end().await;
}
