//! A release that is killed while both sides serve.

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;

use super::{BOTH, FREE, SWITCH, guarded, is, is_in_an_overlap};
use crate::fixture::guard;
use crate::fixture::running::Running;
use crate::release::exclusive::is_let_go_of;
use crate::shop::Shop;

/// A guarded application of simulated pods whose release was killed while both sides served.
async fn killed(name: &str) -> Shop {
    let shop = guarded(name, 2).await;
    let mut switch = Running::start(&shop, &SWITCH);
    switch.says(BOTH).await;
    is_in_an_overlap(&shop).await;
    let told = [
        "production is blue and green, in an overlap",
        "under way: blue and green serve",
    ];
    shop.expect(&["status", "web"], 0, &told).await;
    assert_eq!(switch.end_by("KILL").await, 137);
    is_in_an_overlap(&shop).await;
    // Its Lease ends by itself.
    eventually(FREE, || async {
        let status = shop.run(&["status", "web"]).await;
        ensure!(
            status.stdout.contains("interrupted in an overlap"),
            "{status:?}"
        );
        ensure!(
            status.stdout.contains("kubectl bluegreen") && status.stdout.contains("rollback web"),
            "{status:?}"
        );
        Ok(())
    })
    .await
    .unwrap();
    shop
}

#[tokio::test]
async fn what_was_killed_while_both_served_is_finished_by_the_next() {
    let _guard = guard::standing().await;
    let shop = killed("overlap-finish").await;
    for role in ["blue", "green"] {
        let name = format!("deployment/web-{role}");
        let down = ["scale", &name, "--replicas=0"];
        let refused = shop.namespace.kubectl(&down).await.unwrap();
        assert!(refused.stderr.contains("Protected: "), "{refused:?}");
        let delete = ["delete", &name];
        let refused = shop.namespace.kubectl(&delete).await.unwrap();
        assert!(refused.stderr.contains("Protected: "), "{refused:?}");
    }
    let stage = ["stage", "web", "--image", "web:2"];
    shop.expect(
        &stage,
        1,
        &["no side of web is idle: blue and green serve, in an overlap"],
    )
    .await;
    let said = ["blue and green → green", "web is green now"];
    shop.expect(&["switch", "web"], 0, &said).await;
    is(&shop, "green", 1).await;
    is_let_go_of(&shop).await;
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
}

#[tokio::test]
async fn what_was_killed_while_both_served_is_taken_back_by_a_rollback() {
    let _guard = guard::standing().await;
    let shop = killed("overlap-back").await;
    let said = ["blue and green → blue", "web is blue now"];
    shop.expect(&["rollback", "web"], 0, &said).await;
    is(&shop, "blue", 0).await;
    let nothing = ["no flip of web is recorded"];
    shop.expect(&["rollback", "web"], 3, &nothing).await;
}

#[tokio::test]
async fn what_was_killed_while_both_served_is_cleared_away_by_an_abort() {
    let _guard = guard::standing().await;
    let shop = killed("overlap-abort").await;
    let ended = [
        "the overlap of blue and green",
        "under way any more; blue serves",
    ];
    shop.expect(&["abort", "web"], 0, &ended).await;
    is(&shop, "blue", 0).await;
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn a_way_back_that_was_killed_while_both_served_does_not_end_in_the_bad_side() {
    let shop = Shop::web("overlap-way-back").await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let mut back = Running::start(&shop, &["rollback", "web", "--overlap", "10m"]);
    back.says("green and blue serve, for 10m").await;
    assert_eq!(back.end_by("KILL").await, 137);
    let told = ["interrupted in an overlap", "switch web --to green"];
    eventually(FREE, || async {
        let status = shop.run(&["status", "web"]).await;
        ensure!(
            told.iter().all(|word| status.stdout.contains(word)),
            "{status:?}"
        );
        Ok(())
    })
    .await
    .unwrap();
    shop.expect(&["rollback", "web"], 0, &["green and blue → blue"])
        .await;
    is(&shop, "blue", 2).await;
}

#[tokio::test]
async fn where_the_old_side_has_died_the_verb_that_works_is_named() {
    let _guard = guard::standing().await;
    let shop = killed("overlap-old-dead").await;
    let dead =
        r#"{"spec":{"template":{"metadata":{"annotations":{"simulate/pod":"crash-loop"}}}}}"#;
    shop.kubectl(&["patch", "deployment", "web-blue", "-p", dead])
        .await;
    // Pods of the template that was well come again only as long as its ReplicaSet is there.
    shop.kubectl(&["delete", "replicasets", "-l", "role=blue"])
        .await;
    let alone = "hint: green alone: kubectl bluegreen";
    eventually(FREE, || async {
        let status = shop.run(&["status", "web"]).await.stdout;
        ensure!(
            status.contains(alone) && !status.contains("blue alone"),
            "{status}"
        );
        Ok(())
    })
    .await
    .unwrap();
    for verb in ["rollback", "abort"] {
        let refused = shop.expect(&[verb, "web"], 3, &[alone, "switch web"]).await;
        assert!(!refused.stderr.contains("blue alone"), "{refused:?}");
    }
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;
    is(&shop, "green", 1).await;
    // Blue does not run any more what served alone before.
    let changed = [
        "blue no longer runs what served before",
        "switch web --to blue",
    ];
    shop.expect(&["rollback", "web"], 3, &changed).await;
}
