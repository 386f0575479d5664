//! `switch`.

use serde_json::{Value, json};

use crate::shop::{Shop, deployment, service};

use super::exclusive::is_let_go_of;

/// What keeps a simulated pod from getting ready.
pub(super) fn never_ready(mut side: Value) -> Value {
    side["spec"]["template"]["metadata"]["annotations"] = json!({"simulate/pod": "never-ready"});
    side
}

#[tokio::test]
async fn a_switch_goes_forward_and_only_forward() {
    let shop = Shop::web("forward").await;
    shop.kubectl(&["label", "service", "web", "role=blue"])
        .await;
    let before = shop.state().await;
    for rehearsal in ["--dry-run=client", "--dry-run=server"] {
        shop.expect(
            &["switch", "web", rehearsal],
            0,
            &["blue → green", "dry run"],
        )
        .await;
        assert_eq!(shop.state().await, before, "{rehearsal}");
    }
    shop.expect(
        &["switch", "web", "--to", "blue"],
        0,
        &["web is blue already"],
    )
    .await;
    assert_eq!(shop.state().await, before);

    let output = shop.expect(&["switch", "web", "-o", "json"], 0, &[]).await;
    let value: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(value["to"], "green");
    assert_eq!(value["changed"], true);
    assert_eq!(shop.role("web").await, "green");
    let own = [
        "get",
        "service",
        "web",
        "-o",
        "jsonpath={.metadata.labels.role}",
    ];
    assert_eq!(
        shop.kubectl(&own).await,
        "green",
        "its own label moves along"
    );

    let after = shop.state().await;
    shop.expect(
        &["switch", "web"],
        3,
        &["a switch goes forward only", "rollback"],
    )
    .await;
    assert_eq!(shop.state().await, after);
    shop.expect(&["switch", "web", "--to", "blue"], 0, &["web is blue now"])
        .await;
}

#[tokio::test]
async fn a_side_that_is_not_ready_is_refused_or_waited_for() {
    let shop = Shop::unguarded("waiting").await;
    let green = never_ready(deployment("green", 2));
    shop.apply(&[service("web", "blue"), deployment("blue", 2), green])
        .await;
    let before = shop.state().await;
    shop.expect(
        &["switch", "web"],
        3,
        &["web may not be switched to green", "NotReady: "],
    )
    .await;
    assert_eq!(shop.state().await, before);
    let brief = ["switch", "web", "--wait", "--timeout", "1s"];
    shop.expect(&brief, 6, &["could not be switched to green within 1s"])
        .await;
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;

    let patient = ["switch", "web", "--wait", "--timeout", "1m"];
    let (_, ()) = tokio::join!(shop.expect(&patient, 0, &["web is green now"]), async {
        shop.apply(&[deployment("green", 2)]).await;
    });
    assert_eq!(shop.role("web").await, "green");
}

#[tokio::test]
async fn other_shapes_flip_as_well() {
    for (name, keys) in [
        ("version", &["version"][..]),
        ("app", &["app"]),
        ("keys", &["slot", "color"]),
    ] {
        let shop = Shop::unguarded(name).await;
        let labels = |role: &str| {
            let mut labels = json!({"part": "web"});
            for key in keys {
                let value = if *key == "app" {
                    format!("web-{role}")
                } else {
                    role.to_owned()
                };
                labels[*key] = json!(value);
            }
            labels
        };
        let side = |role: &str| {
            let mut side = deployment(role, 1);
            side["metadata"]["labels"] = labels(role);
            side["spec"]["selector"]["matchLabels"] = labels(role);
            side["spec"]["template"]["metadata"]["labels"] = labels(role);
            side
        };
        let mut production = service("web", "blue");
        production["spec"]["selector"] = labels("blue");
        shop.apply(&[production, side("blue"), side("green")]).await;
        shop.ready().await;
        shop.expect(&["switch", "web"], 0, &["is green now"]).await;
        let selector = ["get", "service", "web", "-o", "jsonpath={.spec.selector}"];
        let selector: Value = serde_json::from_str(&shop.kubectl(&selector).await).unwrap();
        assert_eq!(selector, labels("green"), "{name}");
    }
}
