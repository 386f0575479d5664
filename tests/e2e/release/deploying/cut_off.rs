//! A release that ends before its time, at whatever point.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use futures::future::join_all;

use super::{borrowed, deploy, document, shop};
use crate::fixture::running::Running;
use crate::release::exclusive::is_let_go_of;

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
        is_let_go_of(&shop).await;
        let role = shop.role("web").await;
        assert_eq!(role, if flipped { "green" } else { "blue" }, "{point}");
        document(&shop, &deploy(&folder, "2", &["--yes"]), 0, &[]).await;
        assert_eq!(shop.role("web").await, "green");
    }
}

#[tokio::test]
async fn what_was_cut_off_after_the_flip_goes_back_where_production_fails() {
    let (shop, folder) = shop("killed-bad").await;
    let bakes = deploy(&folder, "2", &["--yes", "--bake", "10m"]);
    let mut killed = Running::start(&shop, &borrowed(&bakes));
    killed.says("baking").await;
    assert_eq!(killed.end_by("KILL").await, 137);
    let broken = deploy(&folder, "2", &["--yes", "--verify-path", "/nowhere"]);
    eventually(FREE, || async {
        let again = shop.run(&borrowed(&broken)).await;
        ensure!(again.code == 7, "{again:?}");
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
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
