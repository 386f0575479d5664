//! What nobody announced, what somebody did, and what is written down of either.

use bluegreen_e2e::kubectl::Output;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{never_ready, patch, settled, to, verdict, web};
use crate::fixture::guard;
use crate::fixture::rights::{SWITCH, grant};
use crate::shop::{Shop, deployment};

/// Long enough to be read, and less than an intent may claim.
fn soon() -> String {
    let end = Timestamp::now() + SignedDuration::from_secs(90);
    end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

async fn announce(shop: &Shop, role: &str) -> Output {
    let intent = json!({"to": role, "until": soon()}).to_string();
    let change = json!({"metadata": {"annotations": {"bluegreen.dev/intent": intent}}});
    patch(shop, &change).await
}

#[tokio::test]
async fn a_side_that_may_not_serve_is_not_announced() {
    let _guard = guard::standing().await;
    let shop = web("announced", never_ready(deployment("green", 2))).await;
    settled(&shop, "web-green", 2).await;
    let refused = announce(&shop, "green").await;
    let forbidden = "Error from server (Forbidden): admission webhook \"mutate.bluegreen.dev\" denied the request: NotReady: ";
    assert!(refused.stderr.starts_with(forbidden), "{refused:?}");
    assert_eq!(shop.intent().await, "");

    shop.apply(&[deployment("green", 2)]).await;
    shop.ready().await;
    announce(&shop, "green").await.succeeded().unwrap();
    let intent: Value = serde_json::from_str(&shop.intent().await).unwrap();
    assert_eq!(intent["serving"], 2, "{intent}");

    // From now on both sides are protected, and the side that is left may grow.
    let idle = ["scale", "deployment/web-green", "--replicas=0"];
    let held = shop.namespace.kubectl(&idle).await.unwrap();
    let told = "Protected: Deployment/web-green is about to serve through Service/web and would be scaled to 0";
    assert!(held.stderr.contains(told), "{held:?}");
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=4"])
        .await;
    shop.ready().await;
    patch(&shop, &to("green")).await.succeeded().unwrap();
    assert_eq!(shop.role("web").await, "green");
}

#[tokio::test]
async fn every_clients_flip_is_in_the_history() {
    let _guard = guard::standing().await;
    let shop = web("recorded", deployment("green", 2)).await;
    shop.ready().await;
    grant(
        &shop,
        "ann",
        &[("patch", "", "services"), ("get", "", "services")],
    )
    .await;
    let change = to("green").to_string();
    shop.kubectl(&[
        "patch",
        "service",
        "web",
        "--type=merge",
        "-p",
        &change,
        "--as=ann",
    ])
    .await;
    shop.expect(&["history", "web"], 0, &["green", "ann"]).await;
    // The plugin knows the way back by it.
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
    let recorded = ["history", "web", "-o", "jsonpath={.flips[*].to}"];
    assert_eq!(
        shop.expect(&recorded, 0, &[]).await.stdout.trim(),
        "blue green"
    );
}

#[tokio::test]
async fn an_unannounced_flip_is_denied_where_that_is_asked_for() {
    let _guard = guard::standing().await;
    let shop = web("drift", deployment("green", 2)).await;
    shop.ready().await;
    shop.kubectl(&["annotate", "service", "web", "bluegreen.dev/on-drift=deny"])
        .await;
    let refused = patch(&shop, &to("green")).await;
    let told = verdict(&refused);
    assert!(
        told.starts_with("Drift: Service/web would select "),
        "{told}"
    );
    assert!(told.contains("kubectl bluegreen switch web"), "{told}");
    grant(&shop, "releaser", &SWITCH).await;
    shop.expect(
        &["switch", "web", "--as=releaser"],
        0,
        &["web is green now"],
    )
    .await;
    shop.expect(
        &["rollback", "web", "--as=releaser"],
        0,
        &["web is blue now"],
    )
    .await;
    // What asks for it is not taken away by whoever may annotate.
    let loosened = ["annotate", "service", "web", "bluegreen.dev/on-drift-"];
    let held = shop.namespace.kubectl(&loosened).await.unwrap();
    let told = "Protected: Service/web would lose bluegreen.dev/on-drift: \"deny\"";
    assert!(held.stderr.contains(told), "{held:?}");
}

#[tokio::test]
async fn a_delivery_tool_keeps_what_is_live_and_is_told_so() {
    let _guard = guard::standing().await;
    let shop = web("kept", deployment("green", 2)).await;
    shop.ready().await;
    shop.kubectl(&["annotate", "service", "web", "bluegreen.dev/on-drift=keep"])
        .await;
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;
    // What stands in the repository still says blue.
    let stale = json!({"spec": {"selector": {"app": "web", "role": "blue"}}}).to_string();
    for tool in ["argocd-controller", "helm"] {
        let sync = [
            "patch",
            "service",
            "web",
            "--type=merge",
            "-p",
            &stale,
            "--field-manager",
            tool,
        ];
        let output = shop.namespace.kubectl(&sync).await.unwrap();
        assert_eq!(output.code, 0, "{output:?}");
        let told = "Warning: Service/web still selects app=web,role=green";
        assert!(output.stderr.contains(told), "{output:?}");
        assert_eq!(shop.role("web").await, "green", "{tool}");
    }
    let person = patch(&shop, &to("blue")).await;
    assert!(verdict(&person).starts_with("Drift: "), "{person:?}");
    assert_eq!(shop.role("web").await, "green");
}
