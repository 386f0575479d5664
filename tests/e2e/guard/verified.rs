//! That production goes only to what was verified, where that is asked for.

use serde_json::json;

use super::{patch, to, verdict};
use crate::fixture::guard;
use crate::shop::{Shop, real, service};

#[tokio::test]
async fn nobody_flips_to_what_was_not_verified() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("unverified").await;
    let mut web = service("web", "blue");
    web["metadata"]["annotations"] = json!({"bluegreen.dev/require-verified": "true"});
    shop.apply(&[web, real("blue", 1), real("green", 1)]).await;
    shop.ready().await;

    let output = patch(&shop, &to("green")).await;
    let told = verdict(&output);
    let none = "Unverified: Service/web asks for a verification, and Deployment/web-green has none";
    assert!(told.contains(none), "{told}");
    shop.expect(&["switch", "web"], 3, &[none, "bluegreen verify web"])
        .await;
    // Whoever drops the demand in the same update is held to it.
    let mut bold = to("green");
    bold["metadata"] = json!({"annotations": {"bluegreen.dev/require-verified": null}});
    let output = patch(&shop, &bold).await;
    let told = verdict(&output);
    assert!(told.contains("Unverified: "), "{told}");
    assert_eq!(shop.role("web").await, "blue");

    shop.expect(&["verify", "web", "--interval", "100ms"], 0, &[])
        .await;
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;

    // A new template has not been verified; what served before needs no verification.
    let image = ["stage", "web", "--image", "bluegreen.dev/test-server:2"];
    shop.expect(&image, 0, &[]).await;
    let output = patch(&shop, &to("blue")).await;
    let told = verdict(&output);
    assert!(told.contains("Unverified: "), "{told}");
    shop.expect(&["verify", "web", "--interval", "100ms"], 0, &[])
        .await;
    shop.expect(&["switch", "web"], 0, &["web is blue now"])
        .await;
    let forward = ["web is green now", "switch web --to blue"];
    shop.expect(&["rollback", "web"], 0, &forward).await;
}
