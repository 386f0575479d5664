//! A release that was cut off between the flips of two production Services.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::fixture::served::QUICK;
use crate::release::exclusive::is_let_go_of;
use crate::release::several::marked;
use crate::shop::{Shop, real, service};

const SERVICES: [&str; 2] = ["web", "web-inner"];
const VERSION: &str = "bluegreen.dev/test-server:2";

/// An intent that has ended, as who was killed leaves it.
fn intent() -> Value {
    let intent = json!({"to": "green", "until": "2026-05-01T12:00:00Z"});
    json!({"bluegreen.dev/intent": intent.to_string()})
}

/// One Service is flipped to the new version, the other one was about to be; nobody renews the Lease.
async fn killed_between(name: &str) -> Shop {
    let shop = Shop::unguarded(name).await;
    let mut green = real("green", 1);
    green["spec"]["template"]["spec"]["containers"][0]["image"] = json!(VERSION);
    let mut objects: Vec<Value> = SERVICES.map(|name| marked(name, "blue")).into();
    objects.extend([real("blue", 1), green]);
    let mut other = service("shop", "blue");
    other["spec"]["selector"]["app"] = json!("shop");
    other["metadata"]["annotations"] = intent();
    objects.push(other);
    shop.apply(&objects).await;
    shop.ready().await;
    let entry = json!([{"at": "2026-05-01T11:59:00Z", "from": "blue", "to": "green", "by": "ann"}]);
    let flipped = json!({
        "metadata": {"annotations": {"bluegreen.dev/history": entry.to_string()}},
        "spec": {"selector": {"role": "green"}},
    });
    let announced = json!({"metadata": {"annotations": intent()}});
    for (name, patch) in SERVICES.iter().zip([flipped, announced]) {
        let patch = patch.to_string();
        shop.kubectl(&["patch", "service", name, "-p", &patch])
            .await;
    }
    shop
}

/// The Lease of a release that was killed.
async fn cut_off(shop: &Shop) {
    let lease = json!({
        "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
        "metadata": {"name": "bluegreen-web"},
        "spec": {
            "holderIdentity": "ann (1-1)", "leaseDurationSeconds": 15,
            "acquireTime": "2026-05-01T11:58:00.000000Z", "renewTime": "2026-05-01T11:59:00.000000Z",
        },
    });
    shop.apply(&[lease]).await;
}

#[tokio::test]
async fn what_was_cut_off_between_two_flips_is_finished_or_taken_back_by_the_next_run() {
    let cases = [
        ("half-way-on", &[][..], 0, "green"),
        ("half-way-back", &["--verify-path", "/nowhere"], 7, "blue"),
    ];
    join_all(cases.map(|(name, more, code, role)| async move {
        let shop = killed_between(name).await;
        let deploy = ["deploy", "web", "--image", VERSION, "--yes"];
        let deploy = [&deploy[..], &QUICK, more].concat();
        // Whoever else has split production says where it is to go.
        shop.expect(&deploy, 1, &["no side of web is idle"]).await;
        cut_off(&shop).await;
        let other = [
            "deploy",
            "web",
            "--image",
            "bluegreen.dev/test-server:3",
            "--yes",
        ];
        let words = ["is split, and green does not run what is to be released"];
        shop.expect(&other, 3, &words).await;
        let lease = shop.kubectl(&["get", "leases", "-o", "name"]).await;
        assert_eq!(lease, "lease.coordination.k8s.io/bluegreen-web\n");
        cut_off(&shop).await;
        shop.expect(
            &deploy,
            code,
            &["production is split, on its way from blue to green"],
        )
        .await;
        for service in SERVICES {
            assert_eq!(shop.role(service).await, role, "{service}");
        }
        is_let_go_of(&shop).await;
        let path = r"jsonpath={.metadata.annotations.bluegreen\.dev/intent}";
        let theirs = shop.kubectl(&["get", "service", "shop", "-o", path]).await;
        assert!(
            theirs.contains("green"),
            "of another application: {theirs:?}"
        );
    }))
    .await;
}
