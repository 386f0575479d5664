//! Where both sides can't be selected, and what would be done where they can.

use serde_json::json;

use super::is;
use crate::fixture::guard;
use crate::release::exclusive::is_let_go_of;
use crate::shop::{Shop, deployment, service};

#[tokio::test]
async fn what_selects_by_nothing_but_the_role_can_not_overlap() {
    let shop = Shop::unguarded("overlap-role").await;
    let mut web = service("web", "blue");
    web["spec"]["selector"] = json!({"role": "blue"});
    shop.apply(&[web, deployment("blue", 1), deployment("green", 1)])
        .await;
    shop.ready().await;
    let said = [
        "selects by nothing but the role",
        "hint: flip without --overlap",
    ];
    shop.expect(&["switch", "web", "--overlap", "1s"], 3, &said)
        .await;
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn a_stranger_that_both_sides_would_be_selected_with_is_named_before_anything_is_done() {
    let shop = Shop::web("overlap-stranger").await;
    shop.kubectl(&["run", "stranger", "--image=web:1", "--labels=app=web"])
        .await;
    let said = [
        "web may not be switched to blue and green",
        "ForeignPods: ",
        "Pod/stranger",
    ];
    shop.expect(&["switch", "web", "--overlap", "1s"], 3, &said)
        .await;
    is(&shop, "blue", 0).await;
}

#[tokio::test]
async fn a_dry_run_shows_each_step_and_does_none() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("overlap-dry").await;
    let sides = [deployment("blue", 1), deployment("green", 1)];
    shop.apply(&[&[service("web", "blue")][..], &sides].concat())
        .await;
    shop.ready().await;
    let before = shop.state().await;
    for how in ["--dry-run=client", "--dry-run=server"] {
        let said = [
            "web: blue → blue and green (",
            "held       blue and green for 1m30s (",
            "service/web flipped: blue → green (",
        ];
        let switch = ["switch", "web", "--overlap", "90s", how];
        shop.expect(&switch, 0, &said).await;
    }
    assert_eq!(shop.state().await, before);
}
