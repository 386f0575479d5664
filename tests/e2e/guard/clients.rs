//! Whoever flips reads the same words.

use serde_json::Value;

use super::{never_ready, patch, to, verdict, web};
use crate::fixture::guard;
use crate::shop::deployment;

#[tokio::test]
async fn the_plugin_and_the_guard_say_the_same() {
    let _guard = guard::standing().await;
    let shop = web("words", never_ready(deployment("green", 2))).await;
    // Both see the pods as they stay: two, running, not ready.
    let running = [
        "wait",
        "pod",
        "--all",
        "--for=jsonpath={.status.phase}=Running",
        "--timeout=30s",
    ];
    shop.kubectl(&running).await;
    super::settled(&shop, "web-green", 2).await;

    let plugin = shop.expect(&["switch", "web"], 3, &[]).await;
    let refused = patch(&shop, &to("green")).await;
    let lines =
        |text: &str| -> Vec<String> { text.lines().map(|line| line.trim().to_owned()).collect() };
    assert_eq!(
        lines(&plugin.stderr)[1..],
        lines(verdict(&refused)),
        "{plugin:?}"
    );

    let json = shop.run(&["status", "web", "-o", "json"]).await;
    let status: Value = serde_json::from_str(&json.stdout).unwrap();
    assert!(status.to_string().contains("NotReady"), "{status}");
}
