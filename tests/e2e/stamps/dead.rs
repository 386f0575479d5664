//! All of it holds with every pod of the webhook dead: the API server asks nobody.

use serde_json::json;

use super::{HISTORY, INTENT, OVERRIDE, TAKEDOWN, VERIFIED, entry, patch, refused, web, written};
use crate::fixture::guard;

#[tokio::test]
async fn nobody_writes_in_anothers_name_while_the_guard_is_dead() {
    let alone = guard::alone().await;
    guard::install().await;
    let shop = web("stamped-dead").await;
    guard::die(&alone, &shop).await;

    let until = "2026-11-24T08:00:00Z";
    for by in [
        r#""by":"ann""#,
        r#""by":"bob","by":"ann""#,
        r#""b\u0079":"ann""#,
    ] {
        let intent = format!(r#"{{"to":"green",{by},"until":"{until}"}}"#);
        let output = patch(&shop, "bob", json!({INTENT: intent}), None).await;
        refused(
            &output,
            "bluegreen.dev/intent of Service/web must be by bob",
        );
    }
    for by in ["", r#""by":"bob","serving":2,"#] {
        let intent = format!(r#"{{"to":"green",{by}"until":"{until}"}}"#);
        let output = patch(&shop, "bob", json!({INTENT: intent}), None).await;
        output.succeeded().unwrap();
    }
    // Anybody may withdraw it.
    let none = json!({INTENT: null});
    patch(&shop, "ann", none, None).await.succeeded().unwrap();

    let verified = json!({VERIFIED: r#"{"revision":{},"by":"ann"}"#});
    refused(&patch(&shop, "bob", verified, None).await, "must be by bob");
    let takedown = json!({TAKEDOWN: "it is in the way"});
    refused(
        &patch(&shop, "bob", takedown, None).await,
        "takes the RBAC verb",
    );

    // Nor leaves anybody a flip without an entry.
    let empty = patch(&shop, "bob", json!({HISTORY: ""}), Some("green")).await;
    refused(&empty, "would be empty after this flip");

    // An override passes the guard, and writes nobody else's name either.
    let flip =
        |by: &str| json!({HISTORY: written(&[entry(by, "green")]), OVERRIDE: "the guard is dead"});
    let output = patch(&shop, "admin", flip("ann"), Some("green")).await;
    refused(&output, "must be of this flip and by admin");
    patch(&shop, "admin", flip("admin"), Some("green"))
        .await
        .succeeded()
        .unwrap();
    assert_eq!(shop.role("web").await, "green");
    // There is nobody to put back what is left out.
    let none = patch(&shop, "admin", json!({HISTORY: null}), None).await;
    refused(&none, "would change without a flip");
}
