//! The same as a stage of `deploy`.

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;

use super::{BOTH, FREE, goes_back_when_interrupted, is, is_in_an_overlap};
use crate::fixture::running::Running;
use crate::release::deploying::{borrowed, deploy, shop as delivered};
use crate::release::exclusive::is_let_go_of;
use crate::shop::says;

#[tokio::test]
async fn a_deployment_that_was_killed_while_both_served_is_finished_by_the_next_run() {
    let (shop, folder) = delivered("overlap-deploy").await;
    let release = |more: &[&str]| deploy(&folder, "2", &[&["--yes", "--overlap"], more].concat());
    let long = release(&["10m"]);
    let mut killed = Running::start(&shop, &borrowed(&long));
    killed.says(BOTH).await;
    assert_eq!(killed.end_by("KILL").await, 137);
    is_in_an_overlap(&shop).await;
    // Another release is not what is on its way.
    let other = deploy(&folder, "3", &["--yes"]);
    eventually(FREE, || async {
        let refused = shop.run(&borrowed(&other)).await;
        ensure!(refused.code == 3, "{refused:?}");
        ensure!(
            refused
                .stderr
                .contains("is in an overlap, and green does not run"),
            "{refused:?}"
        );
        Ok(())
    })
    .await
    .unwrap();
    is_in_an_overlap(&shop).await;
    let short = release(&["1s"]);
    let said = [
        "blue and green serve, in an overlap",
        "blue and green → green",
        "web is green now",
    ];
    let output = shop.run(&borrowed(&short)).await;
    says(&borrowed(&short), &output, 0, &said);
    is(&shop, "green", 1).await;
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn ctrl_c_in_a_deployment_while_both_serve_goes_back() {
    let (shop, folder) = delivered("overlap-deploy-stopped").await;
    let release = deploy(&folder, "2", &["--yes", "--overlap", "10m"]);
    goes_back_when_interrupted(&shop, Running::start(&shop, &borrowed(&release))).await;
}

#[tokio::test]
async fn a_deployment_that_could_not_overlap_stages_nothing() {
    let (shop, folder) = delivered("overlap-deploy-role").await;
    let by_role = r#"{"spec":{"selector":{"app":null}}}"#;
    shop.kubectl(&["patch", "service", "web", "--type=merge", "-p", by_role])
        .await;
    let release = deploy(&folder, "2", &["--yes", "--overlap", "1s"]);
    let generation = [
        "get",
        "deployments",
        "-o",
        "jsonpath={.items[*].metadata.generation}",
    ];
    let before = shop.kubectl(&generation).await;
    let said = ["selects by nothing but the role"];
    shop.expect(&borrowed(&release), 3, &said).await;
    assert_eq!(shop.kubectl(&generation).await, before);
}

#[tokio::test]
async fn an_overlap_that_fails_is_reported_as_the_switch_that_failed() {
    let (shop, folder) = delivered("overlap-deploy-fails").await;
    let mut release = deploy(&folder, "2", &["--yes", "--overlap", "10m"]);
    release.extend(["--output-junit".to_owned(), folder.file("result.xml")]);
    let mut release = Running::start(&shop, &borrowed(&release));
    release.says(BOTH).await;
    let broken = r#"{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"bluegreen.dev/none:1"}]}}}}"#;
    shop.kubectl(&["patch", "deployment", "web-green", "-p", broken])
        .await;
    release
        .says("green may not serve alone any more: production goes back to blue")
        .await;
    assert_eq!(release.ends().await, 7);
    is(&shop, "blue", 0).await;
    let xml = std::fs::read_to_string(folder.file("result.xml")).unwrap();
    let of = |stage: &str| {
        let from = xml.find(&format!("name=\"{stage}\"")).expect(stage);
        xml[from..].lines().take(2).collect::<String>()
    };
    let switch = of("switch");
    assert!(
        switch.contains("may not serve alone any more; production is back on blue"),
        "{xml}"
    );
    assert!(of("production").contains("skipped"), "{xml}");
}
