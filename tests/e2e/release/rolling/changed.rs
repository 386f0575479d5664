//! Somebody else is at it at the same time.

use serde_json::json;

use super::{DEPLOYMENT, ONE, TWO, deploy, image, is_settled, pattern};
use crate::fixture::running::Running;
use crate::release::deploying::borrowed;

#[tokio::test]
async fn while_one_update_runs_another_is_refused_and_abort_takes_it_back() {
    let shop = pattern("rolls-two").await;
    let bakes = deploy(TWO, &["--bake", "10m"]);
    let mut first = Running::start(&shop, &borrowed(&bakes));
    first.says("baking").await;
    let busy = [
        "tomcat-deployment is being released by",
        "abort tomcat-deployment",
    ];
    shop.expect(&borrowed(&bakes), 8, &busy).await;
    // By another of its names it is the same.
    let other = deploy(TWO, &["--service", "tomcat-service"]);
    shop.expect(&borrowed(&other), 8, &busy).await;
    let abort = ["abort", "tomcat-deployment"];
    let words = ["nothing of tomcat-deployment is under way any more"];
    shop.expect(&abort, 0, &words).await;
    assert_eq!(first.ends().await, 7);
    is_settled(&shop, ONE).await;
}

#[tokio::test]
async fn what_somebody_else_has_changed_meanwhile_stays_as_they_left_it() {
    let shop = pattern("rolls-other").await;
    let bakes = deploy(TWO, &["--bake", "10m"]);
    let mut release = Running::start(&shop, &borrowed(&bakes));
    release.says("baking").await;
    let third = "tomcat-container=bluegreen.dev/test-server:3";
    shop.kubectl(&["set", "image", DEPLOYMENT, third]).await;
    release
        .says("was changed by somebody else meanwhile, and stays as they left it")
        .await;
    assert_eq!(release.ends().await, 8);
    assert_eq!(image(&shop).await, "bluegreen.dev/test-server:3");
}

#[tokio::test]
async fn an_autoscaler_may_go_on_meanwhile() {
    let shop = pattern("rolls-scaled").await;
    let bakes = deploy(TWO, &["--bake", "10m"]);
    let mut release = Running::start(&shop, &borrowed(&bakes));
    release.says("baking").await;
    shop.kubectl(&["scale", DEPLOYMENT, "--replicas=3"]).await;
    shop.ready().await;
    assert_eq!(release.end_by("INT").await, 7);
    is_settled(&shop, ONE).await;
    let path = "jsonpath={.spec.replicas}";
    let replicas = shop.kubectl(&["get", DEPLOYMENT, "-o", path]).await;
    assert_eq!(json!(replicas), "3");
}
