//! What the guard completes, and that it restarts nothing.

use bluegreen_e2e::kubectl::kubectl;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

/// When an intent ended that was written for a test.
const LONG_PAST: &str = "2020-01-01T00:00:00Z";

/// A side whose container has this instead of a readiness probe.
fn without_probe(role: &str, instead: &Value) -> Value {
    let mut side = deployment(role, 2);
    let container = &mut side["spec"]["template"]["spec"]["containers"][0];
    container.as_object_mut().unwrap().remove("readinessProbe");
    for (key, value) in instead.as_object().into_iter().flatten() {
        container[key] = value.clone();
    }
    side
}

/// What the API server has of a Deployment.
async fn stored(shop: &Shop, name: &str) -> Value {
    let object = shop.namespace.api::<Deployment>().get(name).await.unwrap();
    serde_json::to_value(object).unwrap()
}

#[tokio::test]
async fn a_container_without_a_probe_gets_the_best_that_is_known() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("probe").await;
    let alive = json!({"livenessProbe": {"httpGet": {"path": "/alive", "port": 8080}}});
    let ports = json!({"ports": [{"containerPort": 9090}, {"containerPort": 8080}]});
    let mut told = without_probe("green", &Value::Null);
    told["metadata"]["name"] = json!("told-green");
    told["metadata"]["annotations"] = json!({"bluegreen.dev/probe-path": "/told"});
    let mut own = deployment("green", 1);
    own["metadata"]["name"] = json!("own-green");
    shop.apply(&[
        service("web", "green"),
        without_probe("blue", &alive),
        without_probe("green", &ports),
        told,
        own,
    ])
    .await;
    for (name, handler, value) in [
        ("web-blue", "/httpGet/path", json!("/alive")),
        // The second port: the one that the Service names.
        ("web-green", "/tcpSocket/port", json!(8080)),
        ("told-green", "/httpGet/path", json!("/told")),
        ("own-green", "/httpGet/path", json!("/healthz")),
    ] {
        let probe = &stored(&shop, name).await["spec"]["template"]["spec"]["containers"][0]["readinessProbe"];
        assert_eq!(probe.pointer(handler), Some(&value), "{name}: {probe}");
    }
}

#[tokio::test]
async fn a_role_that_the_name_or_a_mark_says_becomes_a_label_but_no_selector() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("role").await;
    // The application's label has no colour, or there would be nothing to complete.
    let named = |name: &str, app: &str, annotations: Value| {
        let labels = json!({"app": app});
        let mut side = deployment("green", 1);
        side["metadata"] = json!({"name": name, "labels": labels, "annotations": annotations});
        side["spec"]["selector"]["matchLabels"] = labels.clone();
        side["spec"]["template"]["metadata"]["labels"] = labels;
        side
    };
    shop.apply(&[
        named("shop-green", "shop", json!({})),
        named("next", "later", json!({"bluegreen.dev/role": "green"})),
        named("evergreen", "tree", json!({})),
    ])
    .await;
    for (name, app, role) in [
        ("shop-green", "shop", json!("green")),
        ("next", "later", json!("green")),
        ("evergreen", "tree", Value::Null),
    ] {
        let object = stored(&shop, name).await;
        assert_eq!(object["metadata"]["labels"]["role"], role, "{name}");
        let spec = &object["spec"];
        assert_eq!(
            spec["template"]["metadata"]["labels"]["role"], role,
            "{name}"
        );
        assert_eq!(
            spec["selector"]["matchLabels"],
            json!({"app": app}),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_role_that_an_update_drops_is_put_back() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("dropped").await;
    let without = json!({"app": "web"});
    let mut side = deployment("green", 1);
    side["metadata"]["name"] = json!("next");
    side["spec"]["selector"]["matchLabels"] = without.clone();
    shop.apply(std::slice::from_ref(&side)).await;
    // Nothing of what is left has a colour.
    side["metadata"]["labels"] = without.clone();
    side["spec"]["template"]["metadata"]["labels"] = without;
    shop.apply(&[side]).await;
    let object = stored(&shop, "next").await;
    assert_eq!(object["metadata"]["labels"]["role"], "green", "{object}");
    let pods = &object["spec"]["template"]["metadata"]["labels"];
    assert_eq!(pods["role"], "green", "{object}");
}

#[tokio::test]
async fn applying_again_changes_nothing() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("again").await;
    let manifest = without_probe("green", &Value::Null);
    shop.apply(std::slice::from_ref(&manifest)).await;
    shop.ready().await;
    let first = stored(&shop, "web-green").await;
    let again = shop.namespace.apply(&manifest.to_string()).await.unwrap();
    assert!(again.stdout.contains("unchanged"), "{again:?}");
    let second = stored(&shop, "web-green").await;
    assert_eq!(first["spec"], second["spec"]);
    assert_eq!(
        first["metadata"]["generation"],
        second["metadata"]["generation"]
    );

    let path = std::env::temp_dir().join(&shop.namespace.name);
    std::fs::write(&path, manifest.to_string()).unwrap();
    let diff = shop
        .namespace
        .kubectl(&["diff", "-f", path.to_str().unwrap()])
        .await
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!((diff.code, diff.stdout.as_str()), (0, ""), "{diff:?}");
}

#[tokio::test]
async fn an_unrelated_update_restarts_nothing() {
    let _guard = guard::standing().await;
    // Made while nobody completed it.
    let shop = Shop::unguarded("unrelated").await;
    shop.apply(&[
        service("web", "blue"),
        without_probe("blue", &Value::Null),
        without_probe("green", &Value::Null),
    ])
    .await;
    shop.ready().await;
    let guarded = [
        "label",
        "namespace",
        &shop.namespace.name,
        "bluegreen.dev/policy-",
    ];
    kubectl(&guarded).await.unwrap().succeeded().unwrap();
    let pods = ["get", "pods", "-o", "name"];
    let before = shop.kubectl(&pods).await;
    for name in ["web-blue", "web-green"] {
        let template = stored(&shop, name).await["spec"]["template"].take();
        shop.kubectl(&["annotate", "deployment", name, "note=1"])
            .await;
        shop.kubectl(&["label", "deployment", name, "note=1"]).await;
        shop.kubectl(&["scale", "deployment", name, "--replicas=3"])
            .await;
        assert_eq!(
            stored(&shop, name).await["spec"]["template"],
            template,
            "{name}"
        );
    }
    shop.ready().await;
    let after = shop.kubectl(&pods).await;
    for pod in before.lines() {
        assert!(after.contains(pod), "{pod} is gone: {after}");
    }
    assert_eq!(after.lines().count(), 6, "{after}");

    // With a template of its own the idle side is completed.
    shop.kubectl(&["set", "image", "deployment/web-green", "web=web:2"])
        .await;
    let green = stored(&shop, "web-green").await;
    let probe = &green["spec"]["template"]["spec"]["containers"][0]["readinessProbe"];
    assert_eq!(probe["tcpSocket"]["port"], 8080, "{probe}");
}

#[tokio::test]
async fn an_intent_carries_the_name_of_who_wrote_it() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("intent").await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 1),
        deployment("green", 1),
    ])
    .await;
    shop.ready().await;
    // Long past, so that they mean nothing; their author is written all the same.
    for (intent, author) in [
        (json!({"to": "green", "until": LONG_PAST}), "alice"),
        (
            json!({"to": "blue", "by": null, "until": LONG_PAST}),
            "alice",
        ),
        (
            json!({"to": "green", "by": null, "note": {"by": "carol"}, "until": LONG_PAST}),
            "alice",
        ),
        (
            json!({"to": "blue", "by": "bob", "until": LONG_PAST}),
            "alice",
        ),
    ] {
        let written = announced(&shop, &intent).await;
        assert_eq!(written["by"], author, "{intent}: {written}");
        assert_eq!(written["to"], intent["to"], "{written}");
    }
}

/// The intent as the API server has it once alice has written this.
async fn announced(shop: &Shop, intent: &Value) -> Value {
    let annotation = format!("bluegreen.dev/intent={intent}");
    shop.kubectl(&[
        "annotate",
        "--overwrite",
        "service",
        "web",
        &annotation,
        "--as=alice",
        "--as-group=system:masters",
    ])
    .await;
    let annotation = r"jsonpath={.metadata.annotations.bluegreen\.dev/intent}";
    let text = shop
        .kubectl(&["get", "service", "web", "-o", annotation])
        .await;
    serde_json::from_str(&text).unwrap()
}
