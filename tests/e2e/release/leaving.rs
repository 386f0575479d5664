//! A new side that goes away while production is flipped to it: either request was admitted against a
//! state without the other.

use crate::fixture::black_hole::BlackHole;
use crate::fixture::running::Running;
use crate::shop::Shop;

#[tokio::test]
async fn production_does_not_stay_on_a_side_that_is_going() {
    let shop = Shop::web("going").await;
    let keep = r#"{"metadata":{"finalizers":["example.com/keep"]}}"#;
    let deployment = ["deployment", "web-green"];
    shop.kubectl(&[&["patch"][..], &deployment, &["-p", keep]].concat())
        .await;
    // Its pods stay ready until somebody takes the finalizer away.
    let delete = [&["delete"][..], &deployment, &["--wait=false"]].concat();
    meets(&shop, &delete, "Deployment/web-green is being deleted").await;
    let free = r#"{"metadata":{"finalizers":null}}"#;
    shop.kubectl(&[&["patch"][..], &deployment, &["-p", free]].concat())
        .await;
}

#[tokio::test]
async fn production_does_not_wait_for_pods_that_will_not_come() {
    let shop = Shop::web("emptied").await;
    let scale = ["scale", "deployment", "web-green", "--replicas=0"];
    meets(&shop, &scale, "Deployment/web-green wants 0 replicas").await;
}

/// Lets a command in while the flip to green is under way, and the flip with it.
async fn meets(shop: &Shop, command: &[&str], words: &str) {
    let hole = BlackHole::yielding(shop).await;
    let mut switch = Running::start(shop, &["switch", "web", "--to", "green"]);
    let flip = hole.caught().await;
    shop.kubectl(command).await;
    hole.let_go(shop).await;
    drop(flip);
    switch.says(words).await;
    assert_eq!(switch.ends().await, 7);
    assert_eq!(shop.role("web").await, "blue");
}
