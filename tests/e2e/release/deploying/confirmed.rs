//! Who says that a release may go to production.

use std::process::Stdio;
use std::time::Duration;

use bluegreen_e2e::cluster::kubeconfig;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

use super::{borrowed, deploy, document, results, shop};
use crate::fixture::running::Running;
use crate::release::exclusive::is_let_go_of;
use crate::shop::Shop;

#[tokio::test]
async fn a_release_waits_for_the_approval_of_another() {
    let (shop, folder) = shop("deploys-approved").await;
    let brief = ["--approvals", "1", "--confirm-timeout", "1s"];
    let words = [
        "1 approval by others needed, nobody has approved it",
        "approve web",
    ];
    let waited = document(&shop, &deploy(&folder, "2", &brief), 9, &words).await;
    assert_eq!(
        results(&waited)[2..5],
        ["verify passed", "confirm failed", "switch skipped"]
    );
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
    let patient = deploy(&folder, "2", &["--approvals", "1"]);
    let mut release = Running::start(&shop, &borrowed(&patient));
    release
        .says("waiting for green: 1 approval by others")
        .await;
    let bob = [
        "approve",
        "web",
        "--as",
        "bob",
        "--as-group",
        "system:masters",
    ];
    shop.expect(&bob, 0, &[]).await;
    release.says("by bob").await;
    assert_eq!(release.ends().await, 0);
    assert_eq!(shop.role("web").await, "green");
}

/// Answers the question of a release at a terminal of its own; what was on the screen, and its exit code.
pub(in crate::release) async fn answered(
    shop: &Shop,
    arguments: &[String],
    answer: &str,
) -> (String, i32) {
    let command = format!(
        "kubectl-bluegreen --namespace {} {}",
        shop.namespace.name,
        arguments.join(" ")
    );
    let mut child = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .env("KUBECONFIG", kubeconfig())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut typed = child.stdin.take().unwrap();
    typed.write_all(answer.as_bytes()).await.unwrap();
    let ended = timeout(Duration::from_mins(2), child.wait_with_output());
    let output = ended.await.unwrap().unwrap();
    drop(typed);
    let screen = String::from_utf8_lossy(&output.stdout).into_owned();
    (screen, output.status.code().unwrap())
}

#[tokio::test]
async fn a_person_at_a_terminal_is_shown_what_will_change_and_asked() {
    let (shop, folder) = shop("deploys-asked").await;
    let arguments = deploy(&folder, "2", &[]);
    let (screen, code) = answered(&shop, &arguments, "n\n").await;
    assert_eq!(code, 9, "{screen}");
    for part in [
        "the gate allows it",
        "Switch production of web to green? [y/N]",
        "the answer was no",
        "it stays staged and verified",
        "switch web",
    ] {
        assert!(screen.contains(part), "no {part} in {screen}");
    }
    assert_eq!(shop.role("web").await, "blue");
    let (screen, code) = answered(&shop, &arguments, "yes\n").await;
    assert_eq!(code, 0, "{screen}");
    assert_eq!(shop.role("web").await, "green");
    let silent = deploy(&folder, "3", &["--confirm-timeout", "1s"]);
    let (screen, code) = answered(&shop, &silent, "").await;
    assert_eq!(code, 9, "{screen}");
    assert!(screen.contains("nobody answered within 1s"), "{screen}");
    is_let_go_of(&shop).await;
}

#[tokio::test]
async fn what_is_changed_while_somebody_decides_is_not_switched_to() {
    let (shop, folder) = shop("deploys-changed").await;
    let patient = deploy(&folder, "2", &["--approvals", "1"]);
    let mut release = Running::start(&shop, &borrowed(&patient));
    release
        .says("waiting for green: 1 approval by others")
        .await;
    let other = ["set", "env", "deployment/web-green", "VERSION=9"];
    shop.kubectl(&other).await;
    shop.kubectl(&["rollout", "status", "deployment/web-green"])
        .await;
    // An approval now would be of what nobody has verified.
    release.says("was changed since it was verified").await;
    assert_eq!(release.ends().await, 3);
    assert_eq!(shop.role("web").await, "blue");
    is_let_go_of(&shop).await;
}
