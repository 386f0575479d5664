//! `retire`.

use std::time::{Duration, Instant};

use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};

use crate::fixture::guard;
use crate::fixture::running::Running;
use crate::shop::{Shop, deployment, service};

const REPLICAS: &str = "jsonpath={.spec.replicas}";

#[tokio::test]
async fn what_served_is_scaled_down_and_comes_back_as_it_was() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("retired").await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 3),
        deployment("green", 3),
    ])
    .await;
    shop.ready().await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let words = [
        "Deployment/web-blue: 3 → 0 replicas",
        "blue of web is retired",
    ];
    shop.expect(&["retire", "web", "--drain", "0"], 0, &words)
        .await;
    shop.ready().await;
    assert_eq!(replicas(&shop, "web-blue").await, "0");
    assert_eq!(replicas(&shop, "web-green").await, "3");
    let before = shop.state().await;
    let already = ["blue of web is retired already"];
    shop.expect(&["retire", "web"], 0, &already).await;
    assert_eq!(shop.state().await, before);
    let back = ["0 → 3 replicas", "web is blue now"];
    shop.expect(&["rollback", "web"], 0, &back).await;
    assert_eq!(replicas(&shop, "web-blue").await, "3");
    // The next release begins where the last one was put away.
    shop.expect(&["retire", "web", "--drain", "0"], 0, &[])
        .await;
    let stage = ["stage", "web", "--image", "web:2"];
    shop.expect(&stage, 0, &["web:1 → web:2, 0 → 3 replicas"])
        .await;
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;
}

#[tokio::test]
async fn it_waits_until_production_has_been_elsewhere_for_the_drain_time() {
    let shop = Shop::web("drains").await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let flipped = Instant::now();
    let retire = ["retire", "web", "--drain", "6s"];
    let (output, ()) = tokio::join!(shop.run(&retire), async {
        // All that time it stands ready to take production back.
        while flipped.elapsed() < Duration::from_secs(4) {
            assert_eq!(replicas(&shop, "web-blue").await, "2");
        }
    });
    assert!(flipped.elapsed() >= Duration::from_secs(5), "{output:?}");
    assert_eq!(output.code, 0, "{output:?}");
    assert!(output.stderr.contains("may drain until"), "{output:?}");
    assert_eq!(replicas(&shop, "web-blue").await, "0");
}

#[tokio::test]
async fn nothing_goes_where_production_comes_back_meanwhile() {
    let shop = Shop::web("comes-back").await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let mut retire = Running::start(&shop, &["retire", "web", "--drain", "1h"]);
    retire.says("may drain until").await;
    shop.expect(&["rollback", "web"], 0, &[]).await;
    let code = retire.ends().await;
    // It looked while production came back, or afterwards.
    assert!([3, 8].contains(&code), "{code}");
    assert_eq!(replicas(&shop, "web-blue").await, "2");
    assert_eq!(replicas(&shop, "web-green").await, "2");
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_does_not_wait() {
    let shop = Shop::web("rehearsed").await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let before = shop.state().await;
    for (kind, said) in [("client", "(dry run)"), ("server", "(server dry run)")] {
        let flag = format!("--dry-run={kind}");
        let words = ["deployment/web-blue retired", said];
        shop.expect(&["retire", "web", &flag], 0, &words).await;
    }
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn nothing_is_retired_where_no_side_is_idle_or_a_switch_goes_to_it() {
    let shop = Shop::web("not-idle").await;
    let until = Timestamp::now() + Duration::from_mins(1);
    let intent = json!({"to": "green", "by": "ann", "until": until.to_string()});
    annotate(&shop, &json!({"bluegreen.dev/intent": intent.to_string()})).await;
    let soon = ["a switch of web to green by ann is under way"];
    let before = shop.state().await;
    shop.expect(&["retire", "web", "--drain", "0"], 8, &soon)
        .await;
    assert_eq!(shop.state().await, before);
    annotate(&shop, &json!({"bluegreen.dev/intent": null})).await;
    let patch = r#"{"spec":{"selector":{"role":null}}}"#;
    shop.kubectl(&["patch", "service", "web", "-p", patch])
        .await;
    let neither = ["both sides at once"];
    let before = shop.state().await;
    shop.expect(&["retire", "web", "--drain", "0"], 1, &neither)
        .await;
    assert_eq!(shop.state().await, before);
}

async fn annotate(shop: &Shop, annotations: &Value) {
    let patch = json!({"metadata": {"annotations": annotations}}).to_string();
    shop.kubectl(&["patch", "service", "web", "-p", &patch])
        .await;
}

async fn replicas(shop: &Shop, deployment: &str) -> String {
    shop.kubectl(&["get", "deployment", deployment, "-o", REPLICAS])
        .await
}
