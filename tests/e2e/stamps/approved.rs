//! Whoever approves a release does so in their own name.

use serde_json::{Value, json};

use super::{patch, policy, refused, web};
use crate::fixture::guard;
use crate::shop::Shop;

const APPROVALS: &str = "bluegreen.dev/approvals";
const REFUSED: &str =
    "an approval that is added to bluegreen.dev/approvals of Service/web must be by";

fn one(by: &str) -> String {
    format!(
        r#"{{"revision":{{"Deployment/web-green":"5d8f"}},"by":"{by}","at":"2026-05-01T12:00:00Z"}}"#
    )
}

fn all(entries: &[&str]) -> Value {
    json!({APPROVALS: format!("[{}]", entries.join(","))})
}

async fn approvers(shop: &Shop) -> Vec<String> {
    let path = r"jsonpath={.metadata.annotations.bluegreen\.dev/approvals}";
    let text = shop.kubectl(&["get", "service", "web", "-o", path]).await;
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let by = |one: &Value| one["by"].as_str().unwrap().to_owned();
    all.iter().map(by).collect()
}

#[tokio::test]
async fn nobody_approves_in_anothers_name() {
    let _guard = guard::standing().await;
    let shop = web("approved").await;
    let (ann, bob) = (one("ann"), one("bob"));
    let twice = ann.replace(r#""by":"ann""#, r#""by":"bob","by":"ann""#);
    let spelled = bob.replace(r#""by""#, r#""b\u0079""#);
    let hidden = format!(r#"{},"x":{ann}"#, bob.trim_end_matches('}'));
    for foreign in [
        all(&[&ann]),
        all(&[&bob, &ann]),
        all(&[&ann, &bob]),
        all(&[&twice]),
        all(&[&spelled]),
        all(&[&hidden]),
        json!({APPROVALS: format!(r#"[{{"by":"ann","revision":{{}}}}]"#)}),
        json!({APPROVALS: format!(" [{bob}]")}),
        json!({APPROVALS: "yes"}),
    ] {
        let output = patch(&shop, "bob", foreign.clone(), None).await;
        assert_ne!(output.code, 0, "{foreign}");
        refused(&output, REFUSED);
    }
    patch(&shop, "bob", all(&[&bob]), None)
        .await
        .succeeded()
        .unwrap();
    // Beside another's, and in whichever order.
    for order in [all(&[&ann, &bob]), all(&[&bob, &ann])] {
        patch(&shop, "ann", order, None).await.succeeded().unwrap();
    }
    let changed = ann.replace("5d8f", "77aa");
    refused(&patch(&shop, "bob", all(&[&changed]), None).await, REFUSED);
    // Anybody may take consent back, which only holds a release up.
    for fewer in [
        all(&[&ann]),
        json!({APPROVALS: "[]"}),
        json!({APPROVALS: null}),
    ] {
        patch(&shop, "bob", fewer, None).await.succeeded().unwrap();
    }
}

#[tokio::test]
async fn too_many_approvals_hold_nothing_up() {
    let _guard = guard::standing().await;
    let shop = web("approved-often").await;
    let ann = one("ann");
    let often = |times: usize| all(&vec![&*ann; times]);
    let long = all(&[&ann.replace("5d8f", &"5d8f".repeat(5000))]);
    for many in [often(11), often(500), long] {
        let words = "would have more than 10 approvals, or 16 KiB";
        refused(&patch(&shop, "ann", many, None).await, words);
    }
    patch(&shop, "ann", often(10), None)
        .await
        .succeeded()
        .unwrap();
    // What was written before there was a guard is in nobody's way.
    policy(&shop, "bluegreen.dev/policy=off").await;
    patch(&shop, "ann", often(500), None)
        .await
        .succeeded()
        .unwrap();
    policy(&shop, "bluegreen.dev/policy-").await;
    shop.kubectl(&[
        "annotate",
        "service",
        "web",
        "bluegreen.dev/min-capacity=50%",
    ])
    .await;
    patch(&shop, "ann", often(1), None)
        .await
        .succeeded()
        .unwrap();
}

#[tokio::test]
async fn who_switches_needs_the_consent_of_others_where_that_is_asked_for() {
    let _guard = guard::standing().await;
    let shop = web("consent").await;
    let approve = |user: &'static str| ["approve", "web", "--as", user];
    let switch = ["switch", "web", "--approvals", "1", "--as", "ann"];
    let nobody = ["1 approval by others needed, nobody has approved it"];
    shop.expect(&switch, 9, &nobody).await;
    shop.expect(&approve("ann"), 0, &[]).await;
    shop.expect(&switch, 9, &nobody).await;
    let brief = [
        "switch",
        "web",
        "--approvals",
        "2",
        "--wait",
        "--timeout",
        "1s",
    ];
    let few = ["2 approvals by others needed, ann has approved it"];
    shop.expect(&brief, 9, &few).await;
    shop.expect(&approve("bob"), 0, &[]).await;
    // What is staged afterwards is another revision.
    let stage = ["stage", "web", "--image", "web:2"];
    shop.expect(&stage, 0, &[]).await;
    shop.expect(&switch, 9, &nobody).await;
    shop.expect(&approve("bob"), 0, &[]).await;
    shop.expect(&switch, 0, &["web is green now"]).await;
}

#[tokio::test]
async fn the_plugin_approves_what_the_idle_side_runs() {
    let _guard = guard::standing().await;
    let shop = web("approves").await;
    for user in ["ann", "bob", "ann"] {
        let said = [&*format!("green of web is approved by {user}: web:1")];
        shop.expect(&["approve", "web", "--as", user], 0, &said)
            .await;
    }
    assert_eq!(approvers(&shop).await, ["ann", "bob"]);
    let told = ["green is approved by ann, bob"];
    shop.expect(&["status", "web"], 0, &told).await;
    let dry = ["approve", "web", "--dry-run=server"];
    shop.expect(&dry, 0, &["(server dry run)"]).await;
    assert_eq!(approvers(&shop).await, ["ann", "bob"]);
    shop.kubectl(&["scale", "deployment/web-green", "--replicas=0"])
        .await;
    shop.ready().await;
    let nothing = ["there is nothing to approve", "--for=staged"];
    shop.expect(&["approve", "web"], 3, &nothing).await;
}
