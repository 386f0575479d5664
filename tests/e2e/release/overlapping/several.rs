//! Several production Services.

use serde_json::{Value, json};

use super::{BOTH, SWITCH, pair};
use crate::fixture::guard;
use crate::fixture::policy::until_refused;
use crate::fixture::running::Running;
use crate::release::several::one_that_stays;
use crate::shop::{Shop, deployment, service};

#[tokio::test]
async fn several_services_overlap_and_end_it_as_one() {
    let _guard = guard::standing().await;
    let shop = pair("overlap-pair").await;
    let said = [
        "web-inner, web-public: blue → blue and green",
        "4 of 4 endpoints are blue and green",
        "web-inner, web-public: blue and green → green",
        "web is green now",
    ];
    shop.expect(&["switch", "web", "--overlap", "1s"], 0, &said)
        .await;
    for name in ["web-inner", "web-public"] {
        assert_eq!(shop.role(name).await, "green");
    }
    is_let_go_of_both(&shop).await;
}

#[tokio::test]
async fn parts_of_an_application_overlap_as_one() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("overlap-parts").await;
    let mut objects = Vec::new();
    for part in ["api", "web"] {
        let mut service = service(part, "blue");
        service["metadata"]["annotations"] = json!({"bluegreen.dev/production": "true"});
        service["spec"]["selector"]["part"] = json!(part);
        objects.push(service);
        objects.extend(["blue", "green"].map(|role| of_part(part, role)));
    }
    shop.apply(&objects).await;
    shop.ready().await;
    let said = ["8 of 8 endpoints are blue and green", "is green now"];
    shop.expect(&["switch", "web", "--overlap", "1s"], 0, &said)
        .await;
    for part in ["api", "web"] {
        assert_eq!(shop.role(part).await, "green");
    }
    shop.expect(&["rollback", "web"], 0, &["blue served before"])
        .await;
    for part in ["api", "web"] {
        assert_eq!(shop.role(part).await, "blue");
    }
    shop.expect(&["switch", "web", "--to", "green"], 0, &["is green now"])
        .await;
}

#[tokio::test]
async fn one_that_is_sent_back_by_somebody_else_takes_the_others_with_it() {
    let _guard = guard::standing().await;
    let shop = pair("overlap-sent-back").await;
    let mut switch = Running::start(&shop, &SWITCH);
    switch.says(BOTH).await;
    let back = json!({
        "metadata": {"annotations": {"bluegreen.dev/overlap": null}},
        "spec": {"selector": {"role": "blue"}}
    });
    let back = back.to_string();
    shop.kubectl(&["patch", "service", "web-inner", "-p", &back])
        .await;
    switch
        .says("somebody else has sent Service/web-inner back to blue: production goes back to blue")
        .await;
    assert_eq!(switch.ends().await, 7);
    for service in ["web-inner", "web-public"] {
        assert_eq!(shop.role(service).await, "blue", "{service}");
    }
    is_let_go_of_both(&shop).await;
}

/// Two pods that only the Service of the same part selects.
fn of_part(part: &str, role: &str) -> Value {
    let mut deployment = deployment(role, 2);
    deployment["metadata"]["name"] = json!(format!("{part}-{role}"));
    for labels in [
        "/metadata/labels",
        "/spec/selector/matchLabels",
        "/spec/template/metadata/labels",
    ] {
        *deployment.pointer_mut(labels).unwrap() =
            json!({"app": "web", "part": part, "role": role});
    }
    deployment
}

#[tokio::test]
async fn all_services_go_back_where_one_of_them_can_not_be_flipped() {
    let _guard = guard::standing().await;
    for (name, stays, code) in [
        ("overlap-in", "has(object.spec.selector.role)", 1),
        (
            "overlap-out",
            "!has(object.spec.selector.role) || object.spec.selector.role == 'blue'",
            7,
        ),
    ] {
        let shop = pair(name).await;
        let policy = one_that_stays(&shop, "web-public", stays).await;
        holds(&shop, stays).await;
        let switch = ["switch", "web", "--overlap", "1s"];
        shop.expect(&switch, code, &["it stays"]).await;
        for service in ["web-inner", "web-public"] {
            assert_eq!(shop.role(service).await, "blue", "{name}");
        }
        is_let_go_of_both(&shop).await;
        let told = shop.run(&["history", "web"]).await.stdout;
        assert!(!told.contains("green"), "{told}");
        policy.end().await;
    }
}

/// Waits until the policy is asked.
async fn holds(shop: &Shop, stays: &str) {
    let change = if stays.starts_with('!') {
        r#"{"spec":{"selector":{"role":"green"}}}"#
    } else {
        r#"{"metadata":{"annotations":{"bluegreen.dev/overlap":"{\"from\":\"blue\",\"to\":\"green\"}"}},"spec":{"selector":{"role":null}}}"#
    };
    let rehearsal = [
        "patch",
        "service",
        "web-public",
        "--type=merge",
        "--dry-run=server",
        "-p",
        change,
    ];
    until_refused(shop, &rehearsal, "it stays").await;
}

async fn is_let_go_of_both(shop: &Shop) {
    let path = "jsonpath={.items[*].metadata.annotations}";
    let annotations = shop.kubectl(&["get", "services", "-o", path]).await;
    for key in [
        "bluegreen.dev/overlap",
        "bluegreen.dev/intent",
        "bluegreen.dev/release",
    ] {
        assert!(!annotations.contains(key), "{annotations}");
    }
}
