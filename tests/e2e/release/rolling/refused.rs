//! What is not updated in place.

use serde_json::json;

use super::{DEPLOYMENT, ONE, TWO, deploy, deployment, is_settled, pattern, production, spec};
use crate::release::deploying::borrowed;
use crate::shop::Shop;

#[tokio::test]
async fn what_has_two_environments_is_not_updated_in_place() {
    let shop = Shop::web("rolls-sides").await;
    let before = shop.state().await;
    for name in ["web", "web-blue"] {
        let deploy = [
            "deploy",
            name,
            "--strategy",
            "rolling",
            "--image",
            "web:2",
            "--yes",
        ];
        let words = [
            "web has two environments, blue and green, and blue serves: what serves is not updated in place",
            "leave --strategy rolling out",
        ];
        shop.expect(&deploy, 3, &words).await;
    }
    let surge = [
        "deploy",
        "web",
        "--image",
        "web:2",
        "--yes",
        "--max-surge",
        "1",
    ];
    shop.expect(
        &surge,
        2,
        &["--max-surge is of a Deployment", "--strategy rolling"],
    )
    .await;
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn which_deployment_is_meant_must_be_plain() {
    let shop = pattern("rolls-which").await;
    let arguments = deploy(TWO, &[]);
    let mut other = deployment(ONE);
    other["metadata"]["name"] = json!("tomcat-canary");
    shop.apply(&[other]).await;
    let words = [
        "Deployment/tomcat-canary and Deployment/tomcat-deployment",
        "--service NAME",
    ];
    shop.expect(&borrowed(&arguments), 1, &words).await;
    shop.kubectl(&["delete", "deployment", "tomcat-canary"])
        .await;
    let nobody = [
        "deploy",
        "nobody",
        "--strategy",
        "rolling",
        "--image",
        TWO,
        "--yes",
    ];
    shop.expect(&nobody, 1, &["there is no Service \"nobody\""])
        .await;
    is_settled(&shop, ONE).await;
}

#[tokio::test]
async fn flags_of_two_environments_and_bounds_that_cannot_be_are_refused() {
    let shop = pattern("rolls-flags").await;
    let before = spec(&shop).await;
    for (more, words) in [
        (
            &["--approvals", "1"][..],
            "--approvals is of two environments",
        ),
        (&["--after", "retire"], "--after is of two environments"),
        (&["--after", "sync"], "--after is of two environments"),
        (&["--drain", "1s"], "--drain is of two environments"),
        (&["--overlap", "1s"], "--overlap is of two environments"),
        (&["--match-active"], "--match-active is of two environments"),
        (&["--role-key", "role"], "--role-key is of two environments"),
        (
            &["--max-surge", "half"],
            "neither a number of pods nor a percentage",
        ),
        (
            &["--max-surge", "0", "--max-unavailable", "0%"],
            "with maxSurge 0 and maxUnavailable 0 no pod could be replaced",
        ),
        (&["--max-unavailable", "101%"], "is more than all pods"),
        (
            &["--image", "nobody=x"],
            "no container \"nobody\" in Deployment/tomcat-deployment",
        ),
    ] {
        let arguments = deploy(TWO, more);
        shop.expect(&borrowed(&arguments), 2, &[words]).await;
    }
    assert_eq!(spec(&shop).await, before);
    is_settled(&shop, ONE).await;
}

#[tokio::test]
async fn what_production_could_not_do_with_is_refused_before_anything_is_changed() {
    let shop = Shop::unguarded("rolls-unfit").await;
    let mut unprobed = deployment(ONE);
    let container = &mut unprobed["spec"]["template"]["spec"]["containers"][0];
    container.as_object_mut().unwrap().remove("readinessProbe");
    shop.apply(&[production(), unprobed]).await;
    shop.ready().await;
    let arguments = deploy(TWO, &[]);
    let words = [
        "NoReadinessProbe",
        "container tomcat-container of Deployment/tomcat-deployment has no readiness probe, so ready says nothing",
        "add a readinessProbe to container tomcat-container of Deployment/tomcat-deployment",
    ];
    shop.expect(&borrowed(&arguments), 3, &words).await;
    is_settled(&shop, ONE).await;
    shop.apply(&[deployment(ONE)]).await;
    shop.ready().await;
    let all = deploy(TWO, &["--max-unavailable", "2"]);
    let words = ["maxUnavailable 2 with 2 replicas: all of its pods would stop"];
    shop.expect(&borrowed(&all), 3, &words).await;
    shop.kubectl(&["rollout", "pause", DEPLOYMENT]).await;
    shop.expect(&borrowed(&arguments), 3, &["is paused", "rollout resume"])
        .await;
    shop.kubectl(&["rollout", "resume", DEPLOYMENT]).await;
    let stuck = "tomcat-container=bluegreen.dev/test-server:crash";
    shop.kubectl(&["set", "image", DEPLOYMENT, stuck]).await;
    let words = [
        "is rolling out",
        "rollout undo deployment/tomcat-deployment",
    ];
    shop.expect(&borrowed(&arguments), 3, &words).await;
}
