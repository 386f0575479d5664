//! A switch that is ended before it is done.

use crate::fixture::black_hole::BlackHole;
use crate::fixture::guard;
use crate::fixture::running::Running;
use crate::shop::{Shop, deployment, service};

use super::exclusive::is_let_go_of;
use super::forward::never_ready;

#[tokio::test]
async fn ctrl_c_while_it_waits_leaves_nothing_behind() {
    let shop = Shop::unguarded("patient").await;
    let green = never_ready(deployment("green", 1));
    shop.apply(&[service("web", "blue"), deployment("blue", 1), green])
        .await;
    let mut switch = Running::start(&shop, &["switch", "web", "--wait"]);
    switch.says("waiting for green: ").await;
    assert_eq!(switch.end_by("INT").await, 130);
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn whoever_switches_next_settles_what_was_cut_off_midway() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("midway").await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 1),
        deployment("green", 1),
    ])
    .await;
    shop.ready().await;
    let hole = BlackHole::open(&shop).await;
    for (signal, code) in [("KILL", 137), ("INT", 130)] {
        let switch = Running::start(&shop, &["switch", "web", "--to", "green"]);
        let flip = hole.caught().await;
        assert!(shop.intent().await.contains("green"), "{signal}: announced");
        assert_eq!(switch.end_by(signal).await, code);
        drop(flip);
        hole.let_go(&shop).await;
        assert_eq!(shop.role("web").await, "blue", "{signal}");

        let settled = ["web is green now"];
        shop.expect(&["switch", "web", "--to", "green"], 0, &settled)
            .await;
        assert_eq!(shop.intent().await, "", "{signal}");
        shop.expect(&["rollback", "web"], 0, &["web is blue now"])
            .await;
        hole.hold(&shop).await;
    }
}
