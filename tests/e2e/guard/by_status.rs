//! A status is written by way of the object, and with it what the guard goes by.

use serde_json::{Value, json};

use super::web;
use crate::fixture::guard;
use crate::shop::{Shop, deployment};

#[tokio::test]
async fn nothing_is_taken_away_by_way_of_a_status() {
    let _guard = guard::standing().await;
    let shop = web("status", deployment("green", 2)).await;
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=1"])
        .await;
    shop.ready().await;
    let mark = json!({"metadata": {"annotations": {"bluegreen.dev/test": "true"}}});
    protected(&shop, "service/web", &mark).await;
    let owner = json!({"metadata": {"ownerReferences": [
        {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "gone"},
    ]}});
    protected(&shop, "deployment/web-blue", &owner).await;
    let pod = ["get", "pods", "-l", "role=blue", "-o", "name"];
    let pod = shop.kubectl(&pod).await;
    let label = json!({"metadata": {"labels": {"role": "none"}}});
    protected(&shop, pod.trim(), &label).await;
}

async fn protected(shop: &Shop, object: &str, change: &Value) {
    let change = change.to_string();
    let patch = [
        "patch",
        object,
        "--subresource=status",
        "--type=merge",
        "-p",
        &change,
    ];
    let output = shop.namespace.kubectl(&patch).await.unwrap();
    assert_eq!(output.code, 1, "{object}: {output:?}");
    assert!(
        output.stderr.contains("Protected: "),
        "{object}: {output:?}"
    );
}
