//! `status`, `list` and `history`.

use std::process::Stdio;
use std::time::Duration;

use bluegreen_e2e::cluster::kubeconfig;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::shop::{Shop, service};

const SOON: Duration = Duration::from_secs(30);
/// Longer than from one look of a watch to the next.
const A_LOOK: Duration = Duration::from_millis(1500);

#[tokio::test]
async fn status_is_told_in_every_format() {
    let shop = Shop::web("status").await;
    let words = ["production is blue", "web-blue", "web-green", "2/2"];
    shop.expect(&["status", "web"], 0, &words).await;
    shop.expect(&["status", "web", "-o", "wide"], 0, &words)
        .await;
    shop.expect(&["status", "web", "-o", "name"], 0, &["service/web"])
        .await;
    shop.expect(&["status", "web", "-o", "yaml"], 0, &["application: web"])
        .await;
    let json = shop.expect(&["status", "web", "-o", "json"], 0, &[]).await;
    let value: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(value["application"], "web");
    let picked = ["status", "web", "-o", "jsonpath={.application}"];
    assert_eq!(shop.expect(&picked, 0, &[]).await.stdout.trim(), "web");
}

#[tokio::test]
async fn list_shows_applications_of_one_or_of_all_namespaces() {
    let shop = Shop::web("list").await;
    shop.kubectl(&["label", "service", "web", "team=red"]).await;
    shop.expect(&["list"], 0, &["web", "blue"]).await;
    let everywhere = shop.expect(&["list", "-A"], 0, &[]).await;
    assert!(everywhere.stdout.contains(&shop.namespace.name));
    shop.expect(&["list", "-l", "team=red"], 0, &["web"]).await;
    let others = shop.expect(&["list", "-l", "team=none"], 0, &[]).await;
    assert!(!others.stdout.contains("web"), "{others:?}");
}

#[tokio::test]
async fn history_tells_who_flipped_what_and_why() {
    let shop = Shop::web("history").await;
    shop.expect(&["history", "web"], 0, &["No flip of web"])
        .await;
    let switch = ["switch", "web", "--reason", "release 2"];
    shop.expect(&switch, 0, &[]).await;
    let words = ["blue", "green", "2", "release 2"];
    shop.expect(&["history", "web"], 0, &words).await;
    let picked = ["history", "web", "-o", "jsonpath={.flips[0].reason}"];
    assert_eq!(
        shop.expect(&picked, 0, &[]).await.stdout.trim(),
        "release 2"
    );
}

#[tokio::test]
async fn a_watch_goes_on_until_ctrl_c() {
    let shop = Shop::web("watch").await;
    let mut child = Command::new("kubectl-bluegreen")
        .args(["status", "web", "--watch", "-n", &shop.namespace.name])
        .env("KUBECONFIG", kubeconfig())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut seen = async |word: &str| {
        timeout(SOON, async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains(word) {
                    return;
                }
            }
            panic!("it ended before it showed {word:?}");
        })
        .await
        .unwrap();
    };
    seen("production is blue").await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    seen("production is green").await;
    // A look or two fail, and then none any more.
    shop.kubectl(&["delete", "service", "web"]).await;
    tokio::time::sleep(A_LOOK).await;
    shop.apply(&[service("web", "blue")]).await;
    seen("production is blue").await;
    let pid = child.id().unwrap().to_string();
    let interrupt = Command::new("kill").args(["-INT", &pid]).status().await;
    assert!(interrupt.unwrap().success());
    let ended = timeout(SOON, child.wait()).await.unwrap().unwrap();
    assert_eq!(ended.code(), Some(130));
}
