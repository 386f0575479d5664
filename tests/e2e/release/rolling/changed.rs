//! Somebody else is at it at the same time.

use std::process::Stdio;
use std::time::Duration;

use bluegreen_e2e::cluster::kubeconfig;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;
use tokio::time::timeout;

use super::{DEPLOYMENT, ONE, TWO, deploy, deployment, image, is_settled, pattern};
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

#[tokio::test]
async fn what_is_changed_while_somebody_is_asked_is_not_updated() {
    let shop = pattern("rolls-decided").await;
    let mut arguments = deploy(TWO, &["--verify-path", "/nowhere"]);
    arguments.retain(|one| one != "--yes");
    let command = format!(
        "kubectl-bluegreen --namespace {} {}",
        shop.namespace.name,
        arguments.join(" ")
    );
    let mut terminal = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("KUBECONFIG", kubeconfig())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut typed = terminal.stdin.take().unwrap();
    let mut screen = terminal.stdout.take().unwrap();
    let mut said = Vec::new();
    timeout(Duration::from_secs(30), async {
        while !String::from_utf8_lossy(&said).contains("in place? [y/N]") {
            assert!(screen.read_buf(&mut said).await.unwrap() > 0);
        }
        let other = ["set", "env", DEPLOYMENT, "THEIRS=1"];
        shop.kubectl(&other).await;
        typed.write_all(b"y\n").await.unwrap();
        screen.read_to_end(&mut said).await.unwrap();
    })
    .await
    .unwrap();
    let said = String::from_utf8_lossy(&said).into_owned();
    let code = terminal.wait().await.unwrap().code();
    assert_eq!(code, Some(8), "{said}");
    let words = "was changed by somebody else since it was looked at";
    assert!(said.contains(words), "{said}");
    is_settled(&shop, ONE).await;
    let listed = ["set", "env", DEPLOYMENT, "--list"];
    let listed = shop.kubectl(&listed).await;
    assert!(listed.contains("THEIRS=1"), "{listed}");
}

#[tokio::test]
async fn it_is_taken_back_though_its_name_means_several_by_then() {
    let shop = pattern("rolls-several").await;
    let bakes = deploy(TWO, &["--bake", "10m"]);
    let mut release = Running::start(&shop, &borrowed(&bakes));
    release.says("baking").await;
    let mut other = deployment(ONE);
    other["metadata"]["name"] = json!("tomcat-canary");
    shop.apply(&[other]).await;
    assert_eq!(release.end_by("INT").await, 7);
    is_settled(&shop, ONE).await;
}

#[tokio::test]
async fn production_that_was_taken_from_it_is_not_a_success() {
    let shop = pattern("rolls-taken").await;
    let labels = json!({"app": "other"});
    let mut other = deployment(ONE);
    other["metadata"]["name"] = json!("other");
    other["spec"]["selector"]["matchLabels"] = labels.clone();
    other["spec"]["template"]["metadata"]["labels"] = labels;
    shop.apply(&[other]).await;
    shop.ready().await;
    let arguments = deploy(TWO, &["--service", "tomcat-service", "--bake", "10m"]);
    let mut release = Running::start(&shop, &borrowed(&arguments));
    release.says("updating Deployment").await;
    let elsewhere = r#"{"spec": {"selector": {"app": "other", "role": null}}}"#;
    let patch = ["patch", "service", "tomcat-service", "-p", elsewhere];
    shop.kubectl(&patch).await;
    release
        .says("production was taken from Deployment/tomcat-deployment by somebody else meanwhile")
        .await;
    assert_eq!(release.ends().await, 8);
}
