//! The pipeline of GitLab's, which gitlab-ci-local runs: on this machine, without a container.

use tokio::process::Command;

use super::{BROKEN, Checkout, GOOD, ends};

#[tokio::test]
async fn a_pipeline_stages_and_verifies_and_releases_when_its_button_is_pressed() {
    let checkout = Checkout::of("gitlab").await;
    checkout.change("bluegreen.yaml", "bake: 1m", "bake: 2s");
    checkout.commit("gitlab-ci.yml", ".gitlab-ci.yml").await;
    let words = ["PASS  stage", "PASS  verify", "2 pods passed"];
    let staged = ends(pipeline(&checkout, GOOD, &[]), 0, &words).await;
    assert!(!staged.stdout.contains("PASS  release"));
    assert_eq!(checkout.serves().await, "tomcat:7");

    let words = ["tomcat-service: blue → green", "PASS  release"];
    ends(pipeline(&checkout, GOOD, &["release"]), 0, &words).await;
    assert_eq!(checkout.serves().await, "tomcat:8");
    let history = ["history", "tomcat"];
    checkout.shop.expect(&history, 0, &["pipeline 1"]).await;
    let report = std::fs::read_to_string(checkout.file("release.xml")).unwrap();
    assert!(report.contains(r#"tests="7" failures="0""#), "{report}");

    let words = ["will not come up", "FAIL  stage"];
    let failed = ends(pipeline(&checkout, BROKEN, &[]), 1, &words).await;
    assert!(!failed.stdout.contains("starting shell (verify)"));
    assert_eq!(checkout.serves().await, "tomcat:8");
}

#[tokio::test]
async fn a_pipeline_whose_production_fails_its_checks_goes_back_and_reports() {
    let checkout = Checkout::of("gitlab-back").await;
    let nowhere = "bake: 2s\n  verifyPath: /nowhere";
    checkout.change("bluegreen.yaml", "bake: 1m", nowhere);
    checkout.commit("gitlab-ci.yml", ".gitlab-ci.yml").await;
    ends(pipeline(&checkout, GOOD, &[]), 0, &["PASS  verify"]).await;
    let words = ["production is back on blue", "FAIL 7"];
    ends(pipeline(&checkout, GOOD, &["release"]), 1, &words).await;
    assert_eq!(checkout.serves().await, "tomcat:7");
    let report = std::fs::read_to_string(checkout.file("release.xml")).unwrap();
    assert!(report.contains(r#"failures="1""#), "{report}");
}

/// All jobs that start by themselves, or those that are named.
fn pipeline(checkout: &Checkout, version: &str, jobs: &[&str]) -> Command {
    let variables = [
        format!("TOMCAT_VERSION={version}"),
        format!("KUBECONFIG={}", checkout.kubeconfig()),
    ];
    let mut command = checkout.command("gitlab-ci-local", jobs);
    command.env_remove("KUBECONFIG");
    for variable in variables {
        command.args(["--variable", &variable]);
    }
    command
}
