//! Two versions that no colour tells: marked, the guard holds them to the same rules.

use serde_json::{Value, json};

use super::{never_ready, patch, verdict};
use crate::fixture::guard;
use crate::fixture::value_pair::{production, serving, versioned};
use crate::shop::Shop;

#[tokio::test]
async fn a_marked_pair_of_versions_is_guarded_goes_forward_and_back() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("versions").await;
    shop.apply(&[
        production("1.10"),
        versioned("1.10", 2),
        never_ready(versioned("1.11", 2)),
    ])
    .await;
    let mark = ["mark", "web", "--role-key", "version"];
    shop.expect(&mark, 0, &["marked as 1.10", "marked as 1.11"])
        .await;
    shop.expect(&["switch", "web"], 3, &["NotReady: "]).await;
    let refused = patch(&shop, &to("1.11")).await;
    assert!(verdict(&refused).contains("NotReady: "), "{refused:?}");
    let nowhere = patch(&shop, &to("1.12")).await;
    assert!(
        verdict(&nowhere).starts_with("NoEnvironment: "),
        "{nowhere:?}"
    );
    assert_eq!(serving(&shop).await, "1.10");
    keeps_its_mark(&shop).await;

    shop.apply(&[versioned("1.11", 2)]).await;
    shop.ready().await;
    shop.expect(&["switch", "web"], 0, &["web is 1.11 now"])
        .await;
    assert_eq!(serving(&shop).await, "1.11");
    shop.expect(&["rollback", "web"], 0, &["web is 1.10 now"])
        .await;
    assert_eq!(serving(&shop).await, "1.10");
    shop.expect(&["history", "web"], 0, &["1.10", "1.11"]).await;
}

/// Without it nobody would know that it has a role, and it could be scaled to 0 or deleted.
async fn keeps_its_mark(shop: &Shop) {
    for change in [
        "annotate deployment web-1-10 bluegreen.dev/role-",
        "scale deployment web-1-10 --replicas=0",
        "delete deployment web-1-10 --wait=false",
    ] {
        let change: Vec<&str> = change.split(' ').collect();
        let output = shop.namespace.kubectl(&change).await.unwrap();
        let told = "Protected: Deployment/web-1-10 serves through Service/web and would ";
        assert!(output.stderr.contains(told), "{change:?}: {output:?}");
    }
    let idle = ["annotate", "deployment", "web-1-11", "bluegreen.dev/role-"];
    shop.kubectl(&idle).await;
    let again = ["mark", "web", "--role-key", "version"];
    shop.expect(&again, 0, &["marked as 1.11"]).await;
}

/// What flips it to a version.
fn to(version: &str) -> Value {
    json!({"spec": {"selector": {"version": version}}})
}
