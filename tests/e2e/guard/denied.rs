//! What only the guard knows: the plugin would have done it, and is told no.

use crate::fixture::guard;
use crate::fixture::rights::{SWITCH, grant};
use crate::shop::{Shop, deployment};

use super::web;

#[tokio::test]
async fn a_floor_that_the_user_may_not_read_holds_all_the_same() {
    let _guard = guard::standing().await;
    let shop = web("floor", deployment("green", 2)).await;
    let floor = "bluegreen.dev/min-capacity=200%";
    shop.kubectl(&["annotate", "namespace", &shop.namespace.name, floor])
        .await;
    grant(&shop, "releaser", &SWITCH).await;
    shop.ready().await;

    let by_the_guard = ["switch", "web", "--as=releaser"];
    let denied = shop.expect(&by_the_guard, 4, &[]).await;
    let rehearsed = [&by_the_guard[..], &["--dry-run=server"]].concat();
    shop.expect(&rehearsed, 4, &["min-capacity 200%"]).await;
    // Whoever may read the floor is refused before anybody is asked, and with the same words.
    let refused = shop.expect(&["switch", "web"], 3, &[]).await;
    assert_eq!(sentence(&denied.stderr), sentence(&refused.stderr));
    assert_untouched(&shop).await;

    shop.kubectl(&["scale", "deployment", "web-green", "--replicas=4"])
        .await;
    shop.ready().await;
    shop.expect(&by_the_guard, 0, &["web is green now"]).await;
}

async fn assert_untouched(shop: &Shop) {
    assert_eq!(shop.role("web").await, "blue");
    assert_eq!(shop.intent().await, "");
}

/// The refusal itself, from its code on.
fn sentence(told: &str) -> &str {
    let from = told.find("BelowCapacity: ");
    let rest = from.map(|from| &told[from..]);
    let line = rest.and_then(|rest| rest.lines().next());
    line.unwrap_or_else(|| panic!("no BelowCapacity in: {told}"))
}
