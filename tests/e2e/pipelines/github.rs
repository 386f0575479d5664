//! The workflow of GitHub's, which act runs: on this machine, without a container.

use tokio::process::Command;

use super::{BROKEN, Checkout, GOOD, ends};

#[tokio::test]
async fn a_workflow_releases_what_it_has_staged_and_verified() {
    let checkout = Checkout::of("workflow").await;
    checkout.change("bluegreen.yaml", "bake: 1m", "bake: 2s");
    let place = ".github/workflows/release.yml";
    checkout.commit("github-workflow.yml", place).await;
    let words = [
        "green of tomcat is staged and ready",
        "green of tomcat: 2 pods passed",
        "tomcat-service: blue → green",
        // The summary, which has nothing but data.
        "switch       passed",
        "tomcat is green now",
    ];
    ends(act(&checkout, GOOD), 0, &words).await;
    assert_eq!(checkout.serves().await, "tomcat:8");
    let history = ["history", "tomcat"];
    checkout.shop.expect(&history, 0, &["release 1"]).await;

    // The second job is not begun where the first one fails.
    let failed = ends(
        act(&checkout, BROKEN),
        1,
        &["will not come up", "exit status 3"],
    )
    .await;
    let all = failed.stdout + &failed.stderr;
    assert!(!all.contains("Switch, Verify Prod"), "{all}");
    assert_eq!(checkout.serves().await, "tomcat:8");
}

#[tokio::test]
async fn a_workflow_whose_production_fails_its_checks_goes_back_and_says_so() {
    let checkout = Checkout::of("workflow-back").await;
    let nowhere = "bake: 2s\n  verifyPath: /nowhere";
    checkout.change("bluegreen.yaml", "bake: 1m", nowhere);
    let place = ".github/workflows/release.yml";
    checkout.commit("github-workflow.yml", place).await;
    let words = [
        "production is back on blue",
        "exit status 7",
        "production   failed",
    ];
    ends(act(&checkout, GOOD), 1, &words).await;
    assert_eq!(checkout.serves().await, "tomcat:7");
}

fn act(checkout: &Checkout, version: &str) -> Command {
    let version = format!("version={version}");
    let arguments = [
        "workflow_dispatch",
        // What is fetched from GitHub can't be had here. The checkout is of what lies in the folder.
        "--no-cache-server",
        // Its steps have a terminal, which those of GitHub have not.
        "--env",
        "NO_COLOR=1",
        "--platform",
        "ubuntu-latest=-self-hosted",
        "--secret",
        "KUBECONFIG",
        "--input",
        &version,
    ];
    let mut command = checkout.command("act", &arguments);
    let secret = std::fs::read_to_string(checkout.kubeconfig()).unwrap();
    command.env("KUBECONFIG", secret);
    command
}
