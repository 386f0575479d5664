//! The Jenkinsfile, which runs outside a Jenkins: its shell steps for real, its mails are said.

use std::path::PathBuf;

use tokio::process::Command;

use super::{BROKEN, Checkout, GOOD, ends};

#[tokio::test]
async fn a_jenkinsfile_releases_once_somebody_said_yes() {
    let checkout = Checkout::of("jenkins").await;
    checkout.change("bluegreen.yaml", "bake: 1m", "bake: 2s");
    let asked = [
        "mail to ops@example.com: Tomcat 8 is staged | It takes over production once you agree: https://",
        "timeout 30 MINUTES",
        "input Switch production to Tomcat 8?",
    ];
    let refused = [&asked[..], &["ops@example.com: Tomcat 8: FAILURE"]].concat();
    let refused = ends(build(&checkout, GOOD, "no"), 1, &refused).await;
    assert!(!refused.stdout.contains("stage: Switch"));
    assert_eq!(checkout.serves().await, "tomcat:7");

    let words = ["junit 7 tests", "ops@example.com: Tomcat 8: SUCCESS"];
    let words = [&asked[..], &words].concat();
    let released = ends(build(&checkout, GOOD, "yes"), 0, &words).await;
    let stages = released.stdout.lines();
    let stages = stages.filter_map(|line| line.strip_prefix("stage: "));
    assert_eq!(
        stages.collect::<Vec<_>>(),
        [
            "Checkout",
            "Check Env",
            "Deploy",
            "Verify Staged",
            "Confirm",
            "Switch",
            "Verify Prod"
        ]
    );
    assert_eq!(checkout.serves().await, "tomcat:8");
    let history = ["history", "tomcat"];
    let reason = ["jenkins-tomcat-1"];
    checkout.shop.expect(&history, 0, &reason).await;

    // Nobody is asked about what never came up.
    let words = ["script returned exit code 3", "8.5.100-broken: FAILURE"];
    let failed = ends(build(&checkout, BROKEN, "yes"), 1, &words).await;
    assert!(!failed.stdout.contains("input"));
    assert_eq!(checkout.serves().await, "tomcat:8");
}

#[tokio::test]
async fn a_jenkinsfile_whose_production_fails_its_checks_goes_back_and_mails() {
    let checkout = Checkout::of("jenkins-back").await;
    let nowhere = "bake: 2s\n  verifyPath: /nowhere";
    checkout.change("bluegreen.yaml", "bake: 1m", nowhere);
    let words = [
        "production is back on blue",
        "script returned exit code 7",
        "junit 7 tests",
        "ops@example.com: Tomcat 8: FAILURE",
    ];
    ends(build(&checkout, GOOD, "yes"), 1, &words).await;
    assert_eq!(checkout.serves().await, "tomcat:7");
}

/// A build whose `input` is answered so.
fn build(checkout: &Checkout, version: &str, answer: &str) -> Command {
    let run = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("pipelines/jenkins/run.groovy");
    let version = format!("TOMCAT_VERSION={version}");
    let arguments = [
        run.to_str().unwrap(),
        "Jenkinsfile",
        &version,
        "NOTIFY=ops@example.com",
    ];
    let mut command = checkout.command("pipeline-groovy", &arguments);
    command
        .env_remove("KUBECONFIG")
        .env("CREDENTIAL", checkout.kubeconfig())
        .env("INPUT", answer);
    command
}
