//! `rollback`.

use std::time::{Duration, Instant};

use crate::shop::Shop;

/// Seconds, on a machine that runs other tests beside this one.
const AT_ONCE: Duration = Duration::from_secs(5);

#[tokio::test]
async fn the_way_back_takes_no_time_and_is_gone_once() {
    let shop = Shop::web("back").await;
    let nothing = ["no flip of web is recorded", "hint: "];
    shop.expect(&["rollback", "web"], 3, &nothing).await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let began = Instant::now();
    let back = ["rollback", "web", "--reason", "a customer called"];
    shop.expect(&back, 0, &["web is blue now"]).await;
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    let after = shop.state().await;
    shop.expect(&["rollback", "web"], 0, &["web is blue already"])
        .await;
    assert_eq!(shop.state().await, after);
}

#[tokio::test]
async fn an_old_side_that_was_scaled_down_grows_first() {
    let shop = Shop::web("grows").await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let down = ["scale", "deployment", "web-blue", "--replicas=0"];
    shop.kubectl(&down).await;
    shop.ready().await;
    shop.expect(
        &["rollback", "web"],
        0,
        &["0 → 2 replicas", "web is blue now"],
    )
    .await;
    assert_eq!(shop.role("web").await, "blue");
}

#[tokio::test]
async fn an_old_side_that_runs_something_else_is_no_way_back() {
    let shop = Shop::web("restaged").await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let newer = ["stage", "web", "--image", "web:3"];
    shop.expect(&newer, 0, &[]).await;
    let before = shop.state().await;
    let words = ["no longer runs what served before", "--to blue"];
    shop.expect(&["rollback", "web"], 3, &words).await;
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn the_side_that_serves_need_not_be_well() {
    let shop = Shop::web("unwell").await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let broken =
        r#"{"spec":{"template":{"metadata":{"annotations":{"simulate/pod":"crash-loop"}}}}}"#;
    shop.kubectl(&["patch", "deployment", "web-green", "-p", broken])
        .await;
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
}
