//! Nowhere to connect to, and nobody to connect as.

use std::process::Stdio;

use bluegreen_e2e::kubectl::Output;
use tokio::process::Command;

use crate::shop::{Shop, deployment, says, service};

#[tokio::test]
async fn without_a_kubeconfig_it_says_where_it_looked() {
    let output = plugin(&["status", "web"], "").await;
    says(
        &["status", "web"],
        &output,
        1,
        &["error: no kubeconfig", "hint: "],
    );
}

#[tokio::test]
async fn a_kubeconfig_that_is_missing_is_named_if_it_was_asked_for() {
    let arguments = ["status", "web", "--kubeconfig", "/nowhere/config"];
    let output = plugin(&arguments, "").await;
    says(&arguments, &output, 1, &["/nowhere/config"]);
    // A list of files may name some that are not there, as with kubectl.
    let output = plugin(&["status", "web"], "/nowhere/config").await;
    says(&["status", "web"], &output, 1, &["no kubeconfig"]);
}

#[tokio::test]
async fn an_api_server_that_does_not_listen_is_named_with_the_cause() {
    // Nothing listens on the port of discard.
    let arguments = ["switch", "web", "--server", "https://127.0.0.1:9"];
    let output = plugin(&arguments, "").await;
    let words = [
        "can't reach the API server https://127.0.0.1:9",
        "refused",
        "hint: ",
    ];
    says(&arguments, &output, 1, &words);
}

#[tokio::test]
async fn a_token_that_nobody_gave_out_is_unauthorised() {
    let shop = Shop::unguarded("unauthorised").await;
    let server = shop
        .kubectl(&[
            "config",
            "view",
            "--minify",
            "-o",
            "jsonpath={.clusters[0].cluster.server}",
        ])
        .await;
    let arguments = [
        "status",
        "web",
        "--server",
        &server,
        "--token",
        "made-up",
        "--insecure-skip-tls-verify",
    ];
    let output = plugin(&arguments, "").await;
    says(
        &arguments,
        &output,
        1,
        &["Unauthorized", "hint: log in again"],
    );
}

#[tokio::test]
async fn whoever_may_not_look_reads_which_right_is_missing() {
    let shop = Shop::unguarded("forbidden").await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 0),
        deployment("green", 0),
    ])
    .await;
    let before = shop.state().await;
    for verb in ["status", "switch", "rollback", "verify", "history"] {
        shop.expect(
            &[verb, "web", "--as=nobody"],
            1,
            &["Error from server (Forbidden)", "\"nobody\" cannot list"],
        )
        .await;
    }
    assert_eq!(shop.state().await, before);
}

/// The plugin itself, with this KUBECONFIG and no home.
async fn plugin(arguments: &[&str], kubeconfig: &str) -> Output {
    let output = Command::new("kubectl-bluegreen")
        .args(arguments)
        .env("KUBECONFIG", kubeconfig)
        .env("HOME", "/nowhere")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    Output {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
