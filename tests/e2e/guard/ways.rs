//! The ways that must stay open: back, and out of an outage.

use serde_json::{Value, json};

use super::{never_ready, patch, to};
use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

/// A side of which ready says nothing, as a side is before anybody knows of us.
fn probeless(role: &str, replicas: u32) -> Value {
    let mut side = deployment(role, replicas);
    side["metadata"]["annotations"] = json!({"bluegreen.dev/inject-probe": "false"});
    side["spec"]["template"]["spec"]["containers"][0]["readinessProbe"] = Value::Null;
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
    // All of its pods go at once.
    let mut blue = deployment("blue", 2);
    blue["spec"]["strategy"] = json!({"type": "Recreate"});
    shop.apply(&[service("web", "blue"), blue.clone(), probeless("green", 1)])
        .await;
    shop.ready().await;
    let refused = patch(&shop, &to("green")).await;
    assert!(refused.stderr.contains("NoReadinessProbe: "), "{refused:?}");
    assert!(refused.stderr.contains("BelowCapacity: "), "{refused:?}");

    shop.apply(&[never_ready(blue)]).await;
    super::settled(&shop, "web-blue", 2).await;
    let rescued = patch(&shop, &to("green")).await;
    assert_eq!(rescued.code, 0, "{rescued:?}");
    assert_eq!(shop.role("web").await, "green");
}
