//! A new template of what serves is rolled out, or it is not: production has pods all the while.

use serde_json::{Value, json};

use super::web;
use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

const RECREATE: &str = "Recreate";
const ROLLING: &str = "RollingUpdate";

/// What a Deployment is to be: how it is updated, and what it runs.
fn change(strategy: Option<&str>, image: Option<&str>) -> Value {
    let mut spec = json!({});
    if let Some(strategy) = strategy {
        spec["strategy"] = json!({"type": strategy, "rollingUpdate": null});
    }
    if let Some(image) = image {
        let container = json!({"name": "web", "image": image});
        spec["template"] = json!({"spec": {"containers": [container]}});
    }
    json!({"spec": spec})
}

async fn allowed(shop: &Shop, side: &str, change: &Value) {
    let change = change.to_string();
    shop.kubectl(&["patch", "deployment", side, "-p", &change])
        .await;
}

async fn refused(shop: &Shop, command: &[&str], why: &str) {
    let output = shop.namespace.kubectl(command).await.unwrap();
    assert_eq!(output.code, 1, "{command:?}: {output:?}");
    let what = format!(
        "Protected: Deployment/web-blue serves through Service/web and would stop all its pods before it makes new ones ({why})"
    );
    for told in [what.as_str(), "kubectl bluegreen stage web -n "] {
        assert!(output.stderr.contains(told), "{command:?}: {output:?}");
    }
    let contradicts = output.stderr.contains("this rolls production");
    assert!(!contradicts, "{command:?}: {output:?}");
}

#[tokio::test]
async fn what_serves_does_not_stop_before_there_are_new_pods() {
    let _guard = guard::standing().await;
    let shop = web("recreated", deployment("green", 2)).await;
    shop.ready().await;
    let at_once = change(Some(RECREATE), Some("web:2")).to_string();
    let why = "strategy Recreate";
    let patch = ["patch", "deployment", "web-blue", "-p", &at_once];
    refused(&shop, &patch, why).await;

    // How it is updated from now on is nothing yet.
    allowed(&shop, "web-blue", &change(Some(RECREATE), None)).await;
    shop.ready().await;
    let new_image = ["set", "image", "deployment/web-blue", "web=web:2"];
    refused(&shop, &new_image, why).await;
    let restart = ["rollout", "restart", "deployment/web-blue"];
    refused(&shop, &restart, why).await;

    // What it is asked to do instead.
    allowed(&shop, "web-blue", &change(Some(ROLLING), Some("web:2"))).await;
    allowed(&shop, "web-green", &change(Some(RECREATE), Some("web:2"))).await;
    shop.ready().await;
}

#[tokio::test]
async fn the_only_pod_that_serves_does_not_stop_before_there_is_a_new_one() {
    let _guard = guard::standing().await;
    let shop = web("recreated-one", deployment("green", 1)).await;
    let bounds = json!({"maxSurge": 0, "maxUnavailable": "25%"});
    let one = json!({"spec": {
        "replicas": 1,
        "strategy": {"type": ROLLING, "rollingUpdate": bounds},
    }});
    allowed(&shop, "web-blue", &one).await;
    shop.ready().await;
    let new_image = ["set", "image", "deployment/web-blue", "web=web:2"];
    let why = "maxSurge 0 and maxUnavailable 25%, which comes to one pod";
    refused(&shop, &new_image, why).await;
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=2"])
        .await;
    shop.ready().await;
    shop.kubectl(&new_image).await;
    shop.ready().await;
}

#[tokio::test]
async fn a_stateful_set_that_serves_does_not_stop_its_only_pod() {
    let _guard = guard::standing().await;
    let mut set = deployment("blue", 1);
    set["kind"] = json!("StatefulSet");
    set["spec"]["serviceName"] = json!("web");
    let shop = Shop::guarded("recreated-set").await;
    shop.apply(&[service("web", "blue"), set]).await;
    let set = "statefulset/web-blue";
    shop.kubectl(&["rollout", "status", set]).await;
    let new_image = ["set", "image", set, "web=web:2"];
    let output = shop.namespace.kubectl(&new_image).await.unwrap();
    let words = "would stop all its pods before it makes new ones (a StatefulSet of one pod";
    assert!(output.stderr.contains(words), "{output:?}");
    shop.kubectl(&["scale", set, "--replicas=2"]).await;
    shop.kubectl(&["rollout", "status", set]).await;
    shop.kubectl(&new_image).await;
}

#[tokio::test]
async fn what_serves_keeps_what_tells_whether_it_is_ready() {
    let _guard = guard::standing().await;
    let shop = web("unprobed", deployment("green", 1)).await;
    shop.ready().await;
    let container = json!({"name": "web", "image": "web:2", "readinessProbe": null});
    let spec = json!({"template": {"spec": {"containers": [container]}}});
    let mut change = json!({"spec": spec});
    let text = change.to_string();
    let patch = ["patch", "deployment", "web-blue", "-p", &text];
    let output = shop.namespace.kubectl(&patch).await.unwrap();
    let words = "would lose the readiness probe of container web";
    assert!(
        output.code == 1 && output.stderr.contains(words),
        "{output:?}"
    );
    allowed(&shop, "web-green", &change).await;
    change["metadata"] = json!({"annotations": {"bluegreen.dev/inject-probe": "false"}});
    allowed(&shop, "web-blue", &change).await;
}
