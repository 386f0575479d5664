//! Two releases of one application, and one that is ended by somebody else.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::audit;
use bluegreen_e2e::eventually::eventually;

use crate::fixture::black_hole::BlackHole;
use crate::fixture::running::Running;
use crate::shop::{Shop, deployment, service};

use super::back::full;
use super::forward::never_ready;
use crate::fixture::served::{answer, pods, served};

/// The Lease ends by itself after 15 seconds.
const ENDED: Duration = Duration::from_secs(40);

/// Blue serves, and green does not come up.
async fn waiting(name: &str) -> Shop {
    let shop = Shop::unguarded(name).await;
    let green = never_ready(deployment("green", 1));
    shop.apply(&[service("web", "blue"), deployment("blue", 1), green])
        .await;
    shop
}

async fn leases(shop: &Shop) -> String {
    shop.kubectl(&["get", "leases", "-o", "name"]).await
}

async fn annotations(shop: &Shop) -> String {
    let path = "jsonpath={.metadata.annotations}";
    shop.kubectl(&["get", "service", "web", "-o", path]).await
}

/// Nothing is left on the cluster that says that somebody releases.
pub(super) async fn is_let_go_of(shop: &Shop) {
    assert_eq!(leases(shop).await, "");
    let annotations = annotations(shop).await;
    for key in ["bluegreen.dev/release", "bluegreen.dev/intent"] {
        assert!(!annotations.contains(key), "{annotations}");
    }
}

/// Lets the Lease of a release that was killed end now rather than in 15 seconds.
pub(super) async fn its_lease_ends(shop: &Shop) {
    let renewed = r#"{"spec":{"renewTime":"2026-05-01T12:00:00.000000Z"}}"#;
    let patch = ["patch", "lease", "bluegreen-web", "--type=merge", "-p"];
    shop.kubectl(&[&patch[..], &[renewed]].concat()).await;
}

#[tokio::test]
async fn while_somebody_releases_nobody_else_does() {
    let shop = waiting("one-at-a-time").await;
    let mut first = Running::start(&shop, &["switch", "web", "--wait"]);
    first.says("waiting for green: ").await;
    let busy = ["web is being released by", "kubectl bluegreen"];
    for second in [
        &["switch", "web", "--wait"][..],
        &["switch", "web", "--to", "green"],
        &["stage", "web", "--replicas", "2"],
        &["retire", "web", "--drain", "0"],
    ] {
        shop.expect(second, 8, &busy).await;
    }
    let told = ["a release is under way, by", "abort web"];
    shop.expect(&["status", "web"], 0, &told).await;
    assert_eq!(first.end_by("INT").await, 130);
    is_let_go_of(&shop).await;
    shop.expect(&["stage", "web", "--replicas", "2", "--wait=false"], 0, &[])
        .await;
}

#[tokio::test]
async fn who_goes_back_does_not_wait_for_who_releases() {
    let shop = served("goes-back").await;
    let to_green = ["switch", "web", "--to", "green", "--bake", "10m"];
    let mut release = Running::start(&shop, &to_green);
    release.says("production is checked for 10m").await;
    let told = ["a release is under way", "web is blue now"];
    shop.expect(&["rollback", "web"], 0, &told).await;
    assert_eq!(release.ends().await, 8);
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn what_was_killed_is_told_of_and_cleared_away_by_the_next() {
    let shop = waiting("killed").await;
    let mut killed = Running::start(&shop, &["switch", "web", "--wait"]);
    killed.says("waiting for green: ").await;
    assert_eq!(killed.end_by("KILL").await, 137);
    assert_eq!(
        leases(&shop).await,
        "lease.coordination.k8s.io/bluegreen-web\n"
    );
    eventually(ENDED, || async {
        let status = shop.run(&["status", "web"]).await;
        ensure!(status.stdout.contains("was cut off"), "{status:?}");
        Ok(())
    })
    .await
    .unwrap();
    let settled = [
        "was cut off; this one takes its place",
        "may not be switched to green",
    ];
    shop.expect(&["switch", "web"], 3, &settled).await;
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn a_release_is_ended_from_another_terminal() {
    let shop = waiting("ended").await;
    let before = shop.run(&["status", "web", "-o", "json"]).await.stdout;
    assert!(before.contains("blue"), "{before}");
    let mut release = Running::start(&shop, &["switch", "web", "--wait"]);
    release.says("waiting for green: ").await;
    let abort = ["abort", "web", "--reason", "wrong build"];
    let ended = [
        "the release by",
        "nothing of web is under way any more; blue serves",
    ];
    let (output, ()) = tokio::join!(
        shop.run(&abort),
        release.says("the release of web was aborted by")
    );
    crate::shop::says(&abort, &output, 0, &ended);
    assert_eq!(release.ends().await, 8);
    is_let_go_of(&shop).await;
    let nothing = ["nothing of web is under way; blue serves"];
    shop.expect(&["abort", "web"], 0, &nothing).await;
}

#[tokio::test]
async fn production_that_is_still_checked_goes_back_when_the_release_is_ended() {
    let shop = served("ended-late").await;
    let mut release = Running::start(&shop, &["switch", "web", "--bake", "10m"]);
    release.says("production is checked for 10m").await;
    assert_eq!(shop.role("web").await, "green");
    let ended = ["under way any more; blue serves"];
    shop.expect(&["abort", "web"], 0, &ended).await;
    assert_eq!(release.ends().await, 7);
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}

/// Waits until so many questions were asked of pods.
async fn checked(shop: &Shop, mark: audit::Mark, times: usize) {
    eventually(ENDED, || async {
        let is_check = |event: &&audit::Event| {
            let object = event.object_ref.clone().unwrap_or_default();
            event.stage == "ResponseComplete"
                && object.subresource == "portforward"
                && object.namespace == shop.namespace.name
        };
        let checks = audit::since(mark)?.iter().filter(is_check).count();
        ensure!(checks >= times, "{checks} checks");
        Ok::<_, anyhow::Error>(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn production_that_breaks_while_it_bakes_goes_back() {
    let shop = served("bakes").await;
    let switch = ["switch", "web", "--verify-path", "/", "--bake", "10m"];
    let mark = audit::mark().unwrap();
    let mut release = Running::start(&shop, &switch);
    release.says("production is checked for 10m").await;
    checked(&shop, mark, 12).await;
    let all = pods(&shop).await;
    let green = all.iter().find(|pod| pod.contains("green")).unwrap();
    answer(&shop, green, 500).await;
    release.says("of production failed, after").await;
    assert_eq!(release.ends().await, 7);
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn production_goes_back_as_soon_as_the_api_server_takes_it() {
    let shop = served("goes-back-late").await;
    let hole = BlackHole::open(&shop).await;
    hole.let_go(&shop).await;
    let switch = ["switch", "web", "--verify-path", "/", "--bake", "10m"];
    let mut release = Running::start(&shop, &switch);
    release.says("production is checked for 10m").await;
    hole.hold(&shop).await;
    answer(&shop, &pods(&shop).await[0], 500).await;
    // The hook ends without an answer, and every flip fails with it.
    drop(hole.caught().await);
    release.says("it is tried again").await;
    let again = hole.caught().await;
    hole.let_go(&shop).await;
    drop(again);
    assert_eq!(release.ends().await, 7);
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn the_side_that_was_left_is_scaled_up_again_where_production_must_go_back() {
    let shop = served("bakes-alone").await;
    let switch = ["switch", "web", "--verify-path", "/", "--bake", "10m"];
    let mut release = Running::start(&shop, &switch);
    release.says("production is checked for 10m").await;
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=0"])
        .await;
    let all = pods(&shop).await;
    answer(&shop, &all[1], 500).await;
    release.says("of production failed").await;
    release.says("Deployment/web-blue: 0 → 2 replicas").await;
    assert_eq!(release.ends().await, 7);
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn production_that_has_no_room_to_go_back_to_is_told_of_at_once() {
    let shop = served("bakes-full").await;
    let switch = ["switch", "web", "--verify-path", "/", "--bake", "10m"];
    let mut release = Running::start(&shop, &switch);
    release.says("production is checked for 10m").await;
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=0"])
        .await;
    full(&shop, 2).await;
    answer(&shop, &pods(&shop).await[0], 500).await;
    for word in [
        "Deployment/web-blue: 0 → 2 replicas",
        "blue can't be made larger",
        "Deployment/web-blue: 2 → 0 replicas",
        "could not be taken back to blue",
        "exceeded quota: full",
    ] {
        release.says(word).await;
    }
    assert_eq!(release.ends().await, 5);
    assert_eq!(shop.role("web").await, "green");
}

#[tokio::test]
async fn what_was_cut_off_before_its_checks_is_checked_by_the_next() {
    let shop = served("checked-later").await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let checked = ["switch", "web", "--to", "green", "--verify-prod"];
    let said = ["checks passed", "web is green already"];
    shop.expect(&checked, 0, &said).await;
    for pod in pods(&shop).await {
        answer(&shop, &pod, 500).await;
    }
    let fails = ["switch", "web", "--to", "green", "--verify-path", "/"];
    let said = ["of production failed", "rollback web"];
    shop.expect(&fails, 5, &said).await;
    assert_eq!(shop.role("web").await, "green");
}

#[tokio::test]
async fn what_was_cut_off_while_it_baked_is_checked_and_taken_back_by_the_next() {
    let shop = served("baked-half").await;
    let mut release = Running::start(&shop, &["switch", "web", "--bake", "10m"]);
    release.says("production is checked for 10m").await;
    let said = release.interrupted().await;
    let told = "was not checked to the end";
    assert!(
        said.contains(told) && said.contains("rollback web"),
        "{said}"
    );
    assert_eq!(shop.role("web").await, "green");
    shop.expect(&["status", "web"], 0, &["was cut off"]).await;
    let before = (leases(&shop).await, annotations(&shop).await);
    shop.expect(
        &["stage", "web", "--replicas=3", "--dry-run=client"],
        0,
        &[],
    )
    .await;
    assert_eq!((leases(&shop).await, annotations(&shop).await), before);
    for pod in pods(&shop).await {
        answer(&shop, &pod, 500).await;
    }
    let forward = ["switch", "web", "--verify-path", "/"];
    shop.expect(&forward, 3, &["was cut off"]).await;
    let again = ["switch", "web", "--to", "green", "--verify-path", "/"];
    shop.expect(&again, 7, &["production is back on blue"])
        .await;
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn production_that_was_split_stays_where_its_checks_fail() {
    let shop = served("split-checked").await;
    shop.apply(&[service("web-grpc", "green")]).await;
    let services = ["service/web", "service/web-grpc"];
    let mark = "bluegreen.dev/production=true";
    shop.kubectl(&[&["annotate"], &services[..], &[mark]].concat())
        .await;
    for pod in pods(&shop).await {
        answer(&shop, &pod, 500).await;
    }
    let mend = ["switch", "web", "--to", "green", "--verify-path", "/"];
    let said = ["of production failed", "production stays on green"];
    shop.expect(&mend, 5, &said).await;
    assert_eq!(shop.role("web").await, "green");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn who_releases_by_a_clock_that_is_behind_is_asked_to_end() {
    let shop = Shop::web("behind").await;
    let lease = |seconds: u8| {
        let renewed = format!("2026-05-01T12:00:{seconds:02}.000000Z");
        serde_json::json!({"apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
            "metadata": {"name": "bluegreen-web"},
            "spec": {"holderIdentity": "ann (1-2)", "leaseDurationSeconds": 15, "renewTime": renewed}})
    };
    shop.apply(&[lease(0)]).await;
    let asked = "jsonpath={.metadata.annotations.bluegreen\\.dev/abort}";
    let asked = ["get", "lease", "bluegreen-web", "-o", asked];
    let holder = async {
        for seconds in 1..60 {
            if shop.kubectl(&asked).await.contains("wrong build") {
                break;
            }
            shop.apply(&[lease(seconds)]).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        shop.kubectl(&["delete", "lease", "bluegreen-web"]).await;
    };
    let abort = ["abort", "web", "--reason=wrong build"];
    let (output, ()) = tokio::join!(shop.run(&abort), holder);
    crate::shop::says(&abort, &output, 0, &["the release by ann (1-2)"]);
}

#[tokio::test]
async fn what_is_well_to_the_end_of_the_time_stays() {
    let shop = served("stays").await;
    let switch = ["switch", "web", "--bake", "6s"];
    let said = ["checks passed", "web is green now"];
    shop.expect(&switch, 0, &said).await;
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn an_intent_that_was_left_is_taken_away() {
    let shop = Shop::web("left-over").await;
    let intent = r#"{"metadata":{"annotations":{"bluegreen.dev/intent":"{\"to\":\"green\",\"until\":\"2026-05-01T12:00:00Z\"}"}}}"#;
    shop.kubectl(&["patch", "service", "web", "-p", intent])
        .await;
    let ended = ["the switch to green by somebody", "blue serves"];
    shop.expect(&["abort", "web"], 0, &ended).await;
    is_let_go_of(&shop).await;
}
