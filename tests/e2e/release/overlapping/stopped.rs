//! A release that ends otherwise than it was to, while both sides serve.

use super::{BOTH, SWITCH, goes_back_when_interrupted, guarded, is};
use crate::fixture::guard;
use crate::fixture::running::Running;
use crate::release::exclusive::is_let_go_of;
use crate::shop::Shop;

#[tokio::test]
async fn ctrl_c_while_both_serve_goes_back_and_says_so() {
    let _guard = guard::standing().await;
    let shop = guarded("overlap-stopped", 1).await;
    goes_back_when_interrupted(&shop, Running::start(&shop, &SWITCH)).await;
}

#[tokio::test]
async fn a_new_side_that_breaks_while_both_serve_is_left_again() {
    let _guard = guard::standing().await;
    let shop = guarded("overlap-broken", 2).await;
    let mut switch = Running::start(&shop, &SWITCH);
    switch.says(BOTH).await;
    let broken =
        r#"{"spec":{"template":{"metadata":{"annotations":{"simulate/pod":"crash-loop"}}}}}"#;
    shop.kubectl(&["patch", "deployment", "web-green", "-p", broken])
        .await;
    switch
        .says("green may not serve alone any more: production goes back to blue")
        .await;
    assert_eq!(switch.ends().await, 7);
    is(&shop, "blue", 0).await;
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn who_goes_back_ends_the_overlap_of_who_releases() {
    let shop = Shop::web("overlap-overruled").await;
    let mut switch = Running::start(&shop, &SWITCH);
    switch.says(BOTH).await;
    shop.expect(&["switch", "web"], 8, &["web is being released by"])
        .await;
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
    switch
        .says("somebody else has ended the overlap of web")
        .await;
    assert_eq!(switch.ends().await, 8);
    is(&shop, "blue", 0).await;

    let mut switch = Running::start(&shop, &SWITCH);
    switch.says(BOTH).await;
    let ended = ["the release by", "under way any more; blue serves"];
    shop.expect(&["abort", "web"], 0, &ended).await;
    assert_eq!(switch.ends().await, 7);
    is(&shop, "blue", 0).await;
    is_let_go_of(&shop).await;
}
