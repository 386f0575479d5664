//! What the plugin and the webhook write themselves passes, whoever runs them.

use serde_json::{Value, json};

use super::{HISTORY, VERIFIED, entry, patch, policy, refused, stands, web, written};
use crate::fixture::guard;
use crate::fixture::rights::{SWITCH, granted};

/// A name that JSON has to escape.
const QUOTED: &str = r#"we"ird\u0061"#;

#[tokio::test]
async fn a_release_passes_whoever_does_it() {
    let _guard = guard::standing().await;
    let shop = web("written").await;
    // What was written by hand before there was a guard is no reason to refuse one flip after another.
    policy(&shop, "bluegreen.dev/policy=off").await;
    let by_hand = r#"[ {"by": "nobody"}, {} ]"#;
    patch(&shop, "admin", json!({HISTORY: by_hand}), None)
        .await
        .succeeded()
        .unwrap();
    policy(&shop, "bluegreen.dev/policy-").await;

    shop.apply(&granted("weird", SWITCH.into_iter())).await;
    let bind = [
        "create",
        "rolebinding",
        "quoted",
        "--role=weird",
        "--user",
        QUOTED,
    ];
    shop.kubectl(&bind).await;
    let release = |user: &'static str, to: &'static str| {
        let shop = &shop;
        async move {
            let switch = ["switch", "web", "--to", to, "--as", user];
            shop.expect(&switch, 0, &[&format!("web is {to} now")])
                .await;
            let flips: Vec<Value> = serde_json::from_str(&stands(shop).await).unwrap();
            assert_eq!(flips[0]["by"], user, "{flips:?}");
            flips.len()
        }
    };
    assert_eq!(release("ann", "green").await, 1);
    assert_eq!(release(QUOTED, "blue").await, 2);
    assert_eq!(release("bob", "green").await, 3);
    // And that of a client that writes nothing.
    let bare = patch(&shop, "ann", json!({}), Some("blue")).await;
    bare.succeeded().unwrap();
    let flips = stands(&shop).await;
    assert!(
        flips.starts_with(r#"[{"at":"#) && flips.matches(r#""by":"#).count() == 4,
        "{flips}"
    );
    let by_quoted = written(&[entry(QUOTED, "green")]);
    let output = patch(&shop, "ann", json!({HISTORY: by_quoted}), Some("green")).await;
    refused(&output, "by ann");
}

#[tokio::test]
async fn a_verification_is_by_who_writes_it() {
    let _guard = guard::standing().await;
    let shop = web("verified-by").await;
    let by = |text: &str| json!({VERIFIED: text});
    for foreign in [
        r#"{"revision":{},"at":"2026-11-24T08:00:00Z","by":"bob"}"#,
        r#"{"revision":{},"at":"2026-11-24T08:00:00Z"}"#,
        r#"{"by":"ann","by":"bob"}"#,
        r#"{"by":"ann","b\u0079":"bob"}"#,
    ] {
        let output = patch(&shop, "ann", by(foreign), None).await;
        refused(
            &output,
            "bluegreen.dev/verified-green of Service/web must be by ann",
        );
    }
    let own = by(r#"{"revision":{},"at":"2026-11-24T08:00:00Z","by":"ann"}"#);
    patch(&shop, "ann", own, None).await.succeeded().unwrap();
    // Anybody may find that it is not verified after all.
    let none = json!({VERIFIED: null});
    patch(&shop, "bob", none, None).await.succeeded().unwrap();
}
