//! A release that ends before its time, at whatever point.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use futures::future::join_all;

use super::{borrowed, deploy, document, shop};
use crate::fixture::running::Running;
use crate::release::exclusive::{is_let_go_of, its_lease_ends};
use crate::shop::Shop;

/// What a release says at each of its points, and whether production may be flipped by then.
const POINTS: [(&str, bool); 12] = [
    ("[1/7] check", false),
    ("checked", false),
    ("[2/7] stage", false),
    ("applied", false),
    ("ready", false),
    ("[3/7] verify", false),
    ("verified", false),
    ("[4/7] confirm", false),
    ("[5/7] switch", true),
    ("flipped", true),
    ("followed", true),
    ("baking", true),
];
/// Longer than a Lease holds that nobody renews.
const FREE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn killed_at_any_point_it_is_finished_by_the_next_run() {
    // A few at once: each waits for a Lease to end.
    for some in POINTS.chunks(4) {
        join_all(
            some.iter()
                .enumerate()
                .map(|(index, (point, _))| async move {
                    let name = format!("killed-{index}-{}", point.len());
                    let (shop, folder) = shop(&name).await;
                    let bakes = deploy(&folder, "2", &["--yes", "--bake", "2s"]);
                    let mut killed = Running::start(&shop, &borrowed(&bakes));
                    killed.says(point).await;
                    assert_eq!(killed.end_by("KILL").await, 137, "{point}");
                    eventually(FREE, || async {
                        let again = shop.run(&borrowed(&bakes)).await;
                        ensure!(again.code == 0, "{point}: {again:?}");
                        Ok(())
                    })
                    .await
                    .unwrap();
                    assert_eq!(shop.role("web").await, "green", "{point}");
                    is_let_go_of(&shop).await;
                }),
        )
        .await;
    }
}

#[tokio::test]
async fn who_presses_ctrl_c_is_told_where_things_stand() {
    for (point, flipped) in [POINTS[1], POINTS[4], POINTS[7], POINTS[11]] {
        let (shop, folder) = shop(&format!("stopped-{}", point.len())).await;
        let bakes = deploy(&folder, "2", &["--approvals", "1", "--bake", "10m"]);
        let bakes = if flipped {
            deploy(&folder, "2", &["--yes", "--bake", "10m"])
        } else {
            bakes
        };
        let mut release = Running::start(&shop, &borrowed(&bakes));
        release.says(point).await;
        let ended = release.interrupted().await;
        let stands = if flipped {
            "production may be flipped already"
        } else {
            "production is as it was"
        };
        assert!(ended.contains(stands), "{point}: {ended}");
        let role = shop.role("web").await;
        assert_eq!(role, if flipped { "green" } else { "blue" }, "{point}");
        if !flipped {
            is_let_go_of(&shop).await;
        }
        let again = deploy(&folder, "2", &["--yes"]);
        ends(&shop, &again, 0).await;
        assert_eq!(shop.role("web").await, "green");
        is_let_go_of(&shop).await;
    }
}

#[tokio::test]
async fn what_was_cut_off_after_the_flip_goes_back_where_production_fails() {
    let (shop, folder) = shop("killed-bad").await;
    let bakes = deploy(&folder, "2", &["--yes", "--bake", "10m"]);
    let mut killed = Running::start(&shop, &borrowed(&bakes));
    killed.says("baking").await;
    assert_eq!(killed.end_by("KILL").await, 137);
    its_lease_ends(&shop).await;
    // A run that ends before it has looked at production leaves it to the next one.
    let config =
        r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"web-${TARGET_ROLE}"}}"#;
    std::fs::write(folder.file("config.json"), config).unwrap();
    let nothing = ["deploy", "web", "-f", &folder.file("config.json"), "--yes"];
    shop.expect(&nothing, 2, &["the manifests have no workload"])
        .await;
    its_lease_ends(&shop).await;
    let broken = deploy(&folder, "2", &["--yes", "--verify-path", "/nowhere"]);
    ends(&shop, &broken, 7).await;
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
    // A pipeline that is cancelled asks for its end, and is cut off all the same.
    let mut cancelled = Running::start(&shop, &borrowed(&bakes));
    cancelled.says("baking").await;
    assert_eq!(cancelled.end_by("TERM").await, 130);
    ends(&shop, &broken, 7).await;
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}

/// Runs it until nobody else is in its way, and it ends with this exit code.
async fn ends(shop: &Shop, arguments: &[String], code: i32) {
    eventually(FREE, || async {
        let again = shop.run(&borrowed(arguments)).await;
        ensure!(again.code == code, "{again:?}");
        Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_serves_and_is_changed_while_it_bakes_is_not_what_was_released() {
    let (shop, folder) = shop("deploys-other").await;
    let bakes = deploy(&folder, "2", &["--yes", "--bake", "6s"]);
    let mut release = Running::start(&shop, &borrowed(&bakes));
    release.says("baking").await;
    shop.kubectl(&["set", "env", "deployment/web-green", "VERSION=9"])
        .await;
    release
        .says("was changed by somebody else since it was verified")
        .await;
    assert_eq!(release.ends().await, 8);
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn what_somebody_else_has_flipped_to_is_verified_all_the_same() {
    let (shop, folder) = shop("deploys-flipped").await;
    let fails = deploy(&folder, "2", &["--yes", "--", "false"]);
    document(&shop, &fails, 5, &["command false did not pass"]).await;
    let flip = r#"{"spec":{"selector":{"role":"green"}}}"#;
    shop.kubectl(&["patch", "service", "web", "-p", flip]).await;
    let again = document(&shop, &fails, 5, &["runs this already"]).await;
    assert_eq!(
        super::results(&again)[1..3],
        ["stage skipped", "verify failed"]
    );
    let passes = deploy(&folder, "2", &["--yes"]);
    let again = document(&shop, &passes, 0, &[]).await;
    assert_eq!(
        super::results(&again)[1..3],
        ["stage skipped", "verify passed"]
    );
}

#[tokio::test]
async fn while_one_release_runs_another_is_told_whose_it_is() {
    let (shop, folder) = shop("deploys-two").await;
    let waits = deploy(&folder, "2", &["--approvals", "1"]);
    let mut first = Running::start(&shop, &borrowed(&waits));
    first.says("waiting for green").await;
    let busy = ["web is being released by", "since", "abort web"];
    document(&shop, &waits, 8, &busy).await;
    assert_eq!(first.end_by("TERM").await, 130);
    is_let_go_of(&shop).await;
}
