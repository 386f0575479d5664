//! `rollback`.

use std::time::{Duration, Instant};

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use serde_json::json;

use crate::fixture::rights::{SWITCH, grant};
use crate::shop::{Shop, deployment, service};

/// Seconds, on a machine that runs other tests beside this one.
const AT_ONCE: Duration = Duration::from_secs(5);
/// Until controllers have seen that a side can't grow, and that it need not.
const SETTLED: Duration = Duration::from_secs(40);

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

/// Production went from blue to green, which was given more pods since; and no further pod may be made.
async fn crowded(name: &str, blue: u32) -> Shop {
    let shop = Shop::unguarded(name).await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 2),
        deployment("green", 2),
    ])
    .await;
    shop.ready().await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    shop.kubectl(&["scale", "deployment", "web-green", "--replicas=3"])
        .await;
    let replicas = format!("--replicas={blue}");
    shop.kubectl(&["scale", "deployment", "web-blue", &replicas])
        .await;
    shop.ready().await;
    full(&shop, blue + 3).await;
    shop
}

/// No pod may be made beyond these, which are all that there are.
pub(super) async fn full(shop: &Shop, pods: u32) {
    let pods = pods.to_string();
    shop.apply(&[json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "full"},
        "spec": {"hard": {"pods": pods}}
    })])
    .await;
    let used = [
        "get",
        "resourcequota",
        "full",
        "-o",
        "jsonpath={.status.used.pods}",
    ];
    eventually(SETTLED, || async {
        let used = shop.kubectl(&used).await;
        ensure!(used == pods, "{used} pods of {pods}");
        anyhow::Ok(())
    })
    .await
    .unwrap();
}

async fn replicas_of_blue(shop: &Shop) -> String {
    let path = "jsonpath={.spec.replicas}";
    shop.kubectl(&["get", "deployment", "web-blue", "-o", path])
        .await
}

#[tokio::test]
async fn a_way_back_that_is_open_stays_open_where_there_is_no_room_to_grow() {
    let shop = crowded("no-room", 2).await;
    let said = [
        "2 → 3 replicas",
        "blue can't be made larger",
        "exceeded quota: full",
        "3 → 2 replicas",
        "web is blue now",
    ];
    let began = Instant::now();
    shop.expect(&["rollback", "web", "--timeout", "0"], 0, &said)
        .await;
    assert!(began.elapsed() < SETTLED, "{:?}", began.elapsed());
    assert_eq!(shop.role("web").await, "blue");
    assert_eq!(replicas_of_blue(&shop).await, "2");
}

#[tokio::test]
async fn an_old_side_that_can_not_grow_from_nothing_is_refused_at_once_and_with_the_cause() {
    let shop = crowded("no-way", 0).await;
    let refused = [
        "web may not go back to blue",
        "Stalled: Deployment/web-blue can't create pods",
        "exceeded quota: full",
        "describe deployment/web-blue",
    ];
    let began = Instant::now();
    shop.expect(&["rollback", "web"], 3, &refused).await;
    assert!(began.elapsed() < SETTLED, "{:?}", began.elapsed());
    assert_eq!(shop.role("web").await, "green");
    assert_eq!(replicas_of_blue(&shop).await, "0");
}

#[tokio::test]
async fn who_may_not_scale_goes_back_all_the_same_where_that_is_open() {
    let shop = crowded("not-scaled", 2).await;
    grant(&shop, "ann", &SWITCH).await;
    let said = ["blue can't be made larger", "forbidden", "web is blue now"];
    shop.expect(&["rollback", "web", "--as", "ann"], 0, &said)
        .await;
    assert_eq!(replicas_of_blue(&shop).await, "2");
}
