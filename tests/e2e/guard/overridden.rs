//! `switch --override`: who may, and what is known of it afterwards.

use crate::fixture::guard;
use crate::fixture::rights::{OVERRIDE, SWITCH, grant};
use crate::shop::deployment;

use super::web;

const REASON: &str = "the shop is empty at night";

#[tokio::test]
async fn who_holds_the_verb_passes_the_gate_and_is_recorded() {
    let _guard = guard::standing().await;
    let shop = web("overridden", deployment("green", 1)).await;
    grant(&shop, "releaser", &SWITCH).await;
    let all = [&SWITCH[..], &[OVERRIDE]].concat();
    grant(&shop, "captain", &all).await;
    shop.ready().await;

    let before = shop.state().await;
    let overriding = ["switch", "web", "--to", "green", "--override", REASON];
    let as_releaser = [&overriding[..], &["--as=releaser"]].concat();
    let may_not = ["you may not override the gate", "RBAC verb \"override\""];
    shop.expect(&as_releaser, 3, &may_not).await;
    // The verb alone overrides nothing: it takes a reason, too.
    shop.expect(&["switch", "web", "--as=captain"], 3, &["BelowCapacity: "])
        .await;
    assert_eq!(shop.state().await, before);

    let as_captain = [&overriding[..], &["--as=captain"]].concat();
    // The second time, the reason of the first is still there, and opens nothing by itself.
    for _ in 0..2 {
        let told = ["overridden", "BelowCapacity: ", "web is green now"];
        shop.expect(&as_captain, 0, &told).await;
        assert_eq!(shop.role("web").await, "green");
        let recorded = ["captain", "the shop is empty at night (override)"];
        shop.expect(&["history", "web"], 0, &recorded).await;
        shop.expect(&["rollback", "web"], 0, &["web is blue now"])
            .await;
    }
    let newest = ["history", "web", "-o", "jsonpath={.flips[*].override}"];
    let overrides = shop.expect(&newest, 0, &[]).await.stdout;
    assert_eq!(overrides.matches("true").count(), 2, "{overrides}");
}
