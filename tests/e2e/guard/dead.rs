//! With every pod of ours dead, flips are held up, and nothing else is.

use bluegreen_e2e::cluster::kubeconfig;
use bluegreen_e2e::kubectl::Output;
use serde_json::{Value, json};
use tokio::process::Command;

use super::{patch, to, web};
use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

#[tokio::test]
async fn only_flips_wait_for_a_guard_that_is_dead() {
    let alone = guard::alone().await;
    guard::install().await;
    let shop = web("dead", deployment("green", 2)).await;
    let off = Shop::web("dead-off").await;
    shop.ready().await;
    shop.kubectl(&[
        "annotate",
        "service",
        "web",
        "bluegreen.dev/override=last week's reason",
    ])
    .await;
    shop.kubectl(&[
        "create",
        "rolebinding",
        "edit",
        "--clusterrole=edit",
        "--user=editor",
    ])
    .await;
    guard::die(&alone, &shop).await;

    held(&patch(&shop, &to("green")).await);
    let told = shop
        .expect(&["switch", "web"], 1, &["the guard did not answer"])
        .await;
    let (_, command) = told
        .stderr
        .split_once("holders of the verb \"override\": ")
        .unwrap();
    assert_eq!(shop.role("web").await, "blue");

    everything_else_goes_on(&shop).await;
    let flipped = patch(&off, &to("green")).await;
    assert_eq!(
        flipped.code, 0,
        "the namespace's policy is off: {flipped:?}"
    );

    let reason = overridden("the guard is dead").to_string();
    let mere_editor = [
        "patch",
        "service",
        "web",
        "--as=editor",
        "--type=merge",
        "-p",
        &reason,
    ];
    held(&shop.namespace.kubectl(&mere_editor).await.unwrap());
    // What the plugin printed is what works.
    let command = command.replace("REASON", "the guard is dead");
    let passed = Command::new("sh")
        .args(["-c", &command])
        .env("KUBECONFIG", kubeconfig())
        .output()
        .await
        .unwrap();
    assert!(passed.status.success(), "{command}: {passed:?}");
    assert_eq!(shop.role("web").await, "green");
    the_plugin_overrides_too(&shop).await;
}

/// For whoever holds the verb, and with what it did in the history.
async fn the_plugin_overrides_too(shop: &Shop) {
    let overriding = ["switch", "web", "--to", "blue", "--override", "still dead"];
    let as_editor = [&overriding[..], &["--as=editor"]].concat();
    shop.expect(&as_editor, 3, &["you may not override"]).await;
    assert_eq!(shop.role("web").await, "green");
    shop.expect(&overriding, 0, &["web is blue now"]).await;
    assert_eq!(shop.role("web").await, "blue");
    shop.expect(&["history", "web"], 0, &["still dead (override)"])
        .await;
}

fn held(output: &Output) {
    assert_eq!(output.code, 1, "{output:?}");
    assert!(output.stderr.contains(guard::UNANSWERED), "{output:?}");
}

fn overridden(reason: &str) -> Value {
    let mut change = to("green");
    change["metadata"] = json!({"annotations": {"bluegreen.dev/override": reason}});
    change
}

async fn everything_else_goes_on(shop: &Shop) {
    let mut other = service("other", "blue");
    other["spec"]["selector"] = json!({"app": "other"});
    let mut elsewhere = other.clone();
    elsewhere["spec"]["selector"] = json!({"app": "elsewhere"});
    shop.apply(&[other]).await;
    shop.apply(&[elsewhere]).await;
    shop.apply(&[service("web-test-green", "green")]).await;
    for change in [
        "annotate service web note=1",
        "annotate deployment web-blue note=1",
        "scale deployment web-blue --replicas=3",
        "scale deployment web-green --replicas=3",
        "set image deployment web-green web=web:2",
        "create deployment shop --image=shop:1 --replicas=0",
        "delete deployment shop",
    ] {
        let arguments: Vec<&str> = change.split(' ').collect();
        shop.kubectl(&arguments).await;
    }
}
