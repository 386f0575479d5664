//! Ways around the guard that somebody found in its rules, as whole sequences of requests.

use std::time::Duration;

use bluegreen_e2e::kubectl::Output;
use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use super::{never_ready, patch, settled, to, verdict, web};
use crate::fixture::guard;
use crate::shop::{Shop, deployment};

const HISTORY: &str = "bluegreen.dev/history";
const INTENT: &str = "bluegreen.dev/intent";

#[tokio::test]
async fn scaling_up_what_serves_calls_nothing_broken() {
    let _guard = guard::standing().await;
    let shop = web("grown", deployment("green", 3)).await;
    require_verified(&shop).await;
    shop.ready().await;
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=40"])
        .await;
    let told = patch(&shop, &to("green")).await;
    assert!(verdict(&told).contains("Unverified: "), "{told:?}");
}

#[tokio::test]
async fn a_history_that_is_not_so_makes_no_way_back() {
    let _guard = guard::standing().await;
    let shop = web("made-up", never_ready(deployment("green", 2))).await;
    settled(&shop, "web-green", 2).await;
    let hash = shop
        .kubectl(&[
            "get",
            "pods",
            "-l",
            "role=green",
            "-o",
            r"jsonpath={.items[0].metadata.labels.pod-template-hash}",
        ])
        .await;
    let me = shop
        .kubectl(&[
            "auth",
            "whoami",
            "-o",
            "jsonpath={.status.userInfo.username}",
        ])
        .await;
    let entry = |ready: usize| {
        let at = Timestamp::now().to_string();
        format!(
            r#"[{{"at":"{at}","from":"green","to":"blue","revision":{{"from":"{hash}"}},"ready":{{"from":{ready},"to":2}},"by":"{me}"}}]"#
        )
    };
    // A label that all of blue's pods have changes nothing but the selector's text.
    let label =
        json!({"spec": {"template": {"metadata": {"labels": {"extra": "yes"}}}}}).to_string();
    shop.kubectl(&["patch", "deployment", "web-blue", "-p", &label])
        .await;
    shop.kubectl(&["rollout", "status", "deployment/web-blue"])
        .await;
    let mut narrowed = json!({"spec": {"selector": {"extra": "yes"}}});
    narrowed["metadata"]["annotations"] = json!({HISTORY: entry(1)});
    let told = patch(&shop, &narrowed).await;
    assert!(
        verdict(&told).contains("no other environment is selected"),
        "{told:?}"
    );
    // A flip with an entry of its own says what it likes.
    shop.apply(&[deployment("green", 2)]).await;
    shop.kubectl(&["rollout", "status", "deployment/web-green"])
        .await;
    let mut flip = to("green");
    flip["metadata"]["annotations"] = json!({HISTORY: entry(1)});
    let told = patch(&shop, &flip).await;
    assert!(
        verdict(&told).contains("would say from revision"),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_number_in_an_intent_lowers_no_bar() {
    let _guard = guard::standing().await;
    let shop = web("number", deployment("green", 2)).await;
    shop.ready().await;
    let intent = |seconds: u64| {
        let until = Timestamp::now() + Duration::from_secs(seconds);
        json!({"to": "green", "serving": 0, "until": until.to_string()}).to_string()
    };
    let change = json!({"metadata": {"annotations": {INTENT: intent(110)}}}).to_string();
    // By way of the status it is stamped as well.
    let by_status = [
        "patch",
        "service/web",
        "--subresource=status",
        "--type=merge",
        "-p",
        &change,
    ];
    shop.kubectl(&by_status).await;
    assert!(shop.intent().await.contains(r#""serving":2"#));
    // Nor beside another change.
    let mut rather = to("blue");
    rather["spec"]["selector"]["app"] = json!("web");
    rather["spec"]["ports"] = json!([{"port": 80, "targetPort": 8080, "name": "http"}]);
    rather["metadata"]["annotations"] = json!({INTENT: intent(100)});
    assert_eq!(patch(&shop, &rather).await.code, 0);
    assert!(shop.intent().await.contains(r#""serving":2"#));
    shop.kubectl(&["scale", "deployment/web-green", "--replicas=1"])
        .await;
    shop.ready().await;
    let told = patch(&shop, &to("green")).await;
    assert!(verdict(&told).starts_with("BelowCapacity: "), "{told:?}");
}

#[tokio::test]
async fn a_rolling_update_that_keeps_no_pod_is_none() {
    let _guard = guard::standing().await;
    let shop = web("no-pod-left", deployment("green", 2)).await;
    shop.ready().await;
    for lacking in [json!("100%"), json!(2)] {
        let rolling = json!({"maxUnavailable": lacking, "maxSurge": 0});
        let image = json!([{"name": "web", "image": "web:2"}]);
        let change = json!({"spec": {
            "strategy": {"rollingUpdate": rolling},
            "template": {"spec": {"containers": image}}
        }});
        let told = change_of(&shop, "deployment/web-blue", &change).await;
        let words = told
            .stderr
            .contains("would stop all its pods before it makes new ones (maxUnavailable");
        assert!(told.code == 1 && words, "{told:?}");
    }
}

#[tokio::test]
async fn a_service_gets_no_owner_and_keeps_its_role_when_the_other_side_is_gone() {
    let _guard = guard::standing().await;
    let shop = web("alone", deployment("green", 1)).await;
    let owner = json!({"metadata": {"ownerReferences": [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "0b5e"},
    ]}});
    let told = patch(&shop, &owner).await;
    assert!(
        verdict(&told).contains("would be owned by ConfigMap/gone"),
        "{told:?}"
    );
    shop.kubectl(&["delete", "deployment", "web-green"]).await;
    let told = patch(&shop, &json!({"spec": {"selector": {"role": null}}})).await;
    assert!(verdict(&told).contains("would lose role=blue"), "{told:?}");
}

#[tokio::test]
async fn production_goes_to_no_role_that_nobody_guards() {
    let _guard = guard::standing().await;
    let mut main = deployment("main", 2);
    main["metadata"]["name"] = json!("web-main");
    let shop = web("roleless", main).await;
    shop.ready().await;
    let told = patch(&shop, &to("main")).await;
    assert!(verdict(&told).contains("would lose role=blue"), "{told:?}");
    let key = ["annotate", "service", "web", "bluegreen.dev/role-key=role"];
    shop.kubectl(&key).await;
    assert_eq!(patch(&shop, &to("main")).await.code, 0);
}

#[tokio::test]
async fn a_named_port_keeps_its_protocol() {
    let _guard = guard::standing().await;
    let mut blue = deployment("blue", 1);
    let port = json!([{"name": "http", "containerPort": 8080}]);
    blue["spec"]["template"]["spec"]["containers"][0]["ports"] = port;
    let shop = web("protocol", deployment("green", 1)).await;
    shop.apply(&[blue]).await;
    let ports = |protocol: &str| {
        let port = json!({"port": 80, "targetPort": "http", "protocol": protocol});
        json!({"spec": {"ports": [port]}})
    };
    shop.kubectl(&["rollout", "status", "deployment/web-blue"])
        .await;
    assert_eq!(patch(&shop, &ports("TCP")).await.code, 0);
    let told = patch(&shop, &ports("UDP")).await;
    assert!(verdict(&told).starts_with("PortMismatch: "), "{told:?}");
}

async fn require_verified(shop: &Shop) {
    shop.kubectl(&[
        "annotate",
        "service",
        "web",
        "bluegreen.dev/require-verified=true",
    ])
    .await;
}

async fn change_of(shop: &Shop, object: &str, change: &Value) -> Output {
    let change = change.to_string();
    let arguments = ["patch", object, "-p", &change];
    shop.namespace.kubectl(&arguments).await.unwrap()
}
