//! An update that is killed is finished, or taken back, by the next run.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use serde_json::{Value, json};

use super::{CRASHES, DEPLOYMENT, ONE, TWO, deploy, image, is_settled, pattern, spec};
use crate::fixture::running::Running;
use crate::release::deploying::borrowed;
use crate::shop::{Shop, says};

/// Longer than a Lease holds that nobody renews.
const FREE: Duration = Duration::from_mins(1);

/// Runs it until nobody else is in its way, and it ends so.
async fn ends(shop: &Shop, arguments: &[String], code: i32, words: &[&str]) {
    let arguments = borrowed(arguments);
    let output = eventually(FREE, || async {
        let output = shop.run(&arguments).await;
        ensure!(output.code != 8, "{output:?}");
        Ok(output)
    });
    says(&arguments, &output.await.unwrap(), code, words);
}

#[tokio::test]
async fn killed_at_any_point_it_is_finished_or_taken_back_by_the_next_run() {
    let shop = pattern("rolls-killed").await;
    let before = spec(&shop).await;
    let found = ["was cut off, before which it ran bluegreen.dev/test-server:1"];
    for point in [
        "changed    ",
        "updating Deployment",
        "[4/6] verify",
        "baking",
    ] {
        let bakes = deploy(TWO, &["--bake", "10m", "--replicas", "3"]);
        let mut killed = Running::start(&shop, &borrowed(&bakes));
        killed.says(point).await;
        assert_eq!(killed.end_by("KILL").await, 137, "{point}");
        // The same release, which now fails: it goes back to what was before the one that was killed.
        let fails = deploy(TWO, &["--replicas", "3", "--verify-path", "/nowhere"]);
        let words = [found[0], "is back on bluegreen.dev/test-server:1"];
        ends(&shop, &fails, 7, &words).await;
        assert_eq!(spec(&shop).await, before, "{point}");
        is_settled(&shop, ONE).await;
    }
    let bakes = deploy(CRASHES, &[]);
    let mut killed = Running::start(&shop, &borrowed(&bakes));
    killed.says("updating Deployment").await;
    assert_eq!(killed.end_by("KILL").await, 137);
    // Another one repairs what that has left.
    ends(&shop, &deploy(TWO, &[]), 0, &found).await;
    is_settled(&shop, TWO).await;
}

#[tokio::test]
async fn an_abort_leaves_it_to_the_next_run_and_says_so() {
    let shop = pattern("rolls-aborted").await;
    let mut killed = Running::start(&shop, &borrowed(&deploy(TWO, &["--bake", "10m"])));
    killed.says("baking").await;
    assert_eq!(killed.end_by("KILL").await, 137);
    let abort = ["abort", "tomcat-deployment"].map(str::to_owned);
    let words = [
        "an update of Deployment/tomcat-deployment was cut off",
        "deploy tomcat-deployment --strategy rolling",
    ];
    ends(&shop, &abort, 3, &words).await;
}

#[tokio::test]
async fn what_somebody_has_taken_back_by_hand_is_not_taken_for_cut_off() {
    let shop = pattern("rolls-by-hand").await;
    let mut killed = Running::start(&shop, &borrowed(&deploy(TWO, &["--bake", "10m"])));
    killed.says("baking").await;
    assert_eq!(killed.end_by("KILL").await, 137);
    let image = "tomcat-container=bluegreen.dev/test-server:3";
    shop.kubectl(&["set", "image", DEPLOYMENT, image]).await;
    shop.ready().await;
    let third = "is back on bluegreen.dev/test-server:3";
    let fails = deploy(TWO, &["--verify-path", "/nowhere"]);
    ends(&shop, &fails, 7, &[third]).await;
    is_settled(&shop, "bluegreen.dev/test-server:3").await;
}

#[tokio::test]
async fn what_was_noted_and_never_sent_does_not_undo_what_came_instead() {
    let shop = pattern("rolls-unsent").await;
    let mut killed = Running::start(&shop, &borrowed(&deploy(TWO, &["--bake", "10m"])));
    killed.says("baking").await;
    let path = r"jsonpath={.metadata.annotations.bluegreen\.dev/rolling-update}";
    let note = ["get", "service", "tomcat-service", "-o", path];
    let note = shop.kubectl(&note).await;
    assert_eq!(killed.end_by("INT").await, 7);
    // Two templates later it is as if it had been killed before it could send the second one.
    let path = r"jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}";
    let revision = ["get", DEPLOYMENT, "-o", path];
    let revision: u64 = shop.kubectl(&revision).await.parse().unwrap();
    let mut note: Value = serde_json::from_str(&note).unwrap();
    note["revision"] = json!(revision);
    let note = format!("bluegreen.dev/rolling-update={note}");
    shop.kubectl(&["annotate", "service", "tomcat-service", &note])
        .await;
    let image = "tomcat-container=bluegreen.dev/test-server:3";
    shop.kubectl(&["set", "image", DEPLOYMENT, image]).await;
    shop.ready().await;
    let fails = deploy(TWO, &["--verify-path", "/nowhere"]);
    let third = "is back on bluegreen.dev/test-server:3";
    ends(&shop, &fails, 7, &[third]).await;
    is_settled(&shop, "bluegreen.dev/test-server:3").await;
}

#[tokio::test]
async fn what_nobody_can_take_back_any_more_is_said_and_stays() {
    let shop = pattern("rolls-forgotten").await;
    let path = "jsonpath={.items[0].metadata.name}";
    let old = ["get", "replicasets", "-o", path];
    let old = shop.kubectl(&old).await;
    let mut killed = Running::start(&shop, &borrowed(&deploy(TWO, &["--bake", "10m"])));
    killed.says("baking").await;
    assert_eq!(killed.end_by("KILL").await, 137);
    shop.kubectl(&["delete", "replicaset", &old]).await;
    let fails = deploy(TWO, &["--verify-path", "/nowhere"]);
    let gone = format!(
        "what Deployment/tomcat-deployment ran before is not known any more: ReplicaSet/{old} is gone"
    );
    let words = [
        "can't go back to that, of which no ReplicaSet is left",
        "and it could not be taken back",
        &gone,
        "rollout undo deployment/tomcat-deployment",
    ];
    ends(&shop, &fails, 5, &words).await;
    assert_eq!(image(&shop).await, TWO);
    // What serves is well all the same, and finished by the release that asks for no more.
    ends(&shop, &deploy(TWO, &[]), 0, &[]).await;
    is_settled(&shop, TWO).await;
}
