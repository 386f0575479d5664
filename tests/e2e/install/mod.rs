//! Installing and uninstalling, in whatever order.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::kubectl;

use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

const SOON: Duration = Duration::from_mins(1);

#[tokio::test]
async fn whatever_is_deleted_first_nothing_is_left_and_nothing_is_blocked() {
    let _alone = guard::alone().await;
    guard::install().await;
    let shop = Shop::guarded("installed").await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 1),
        deployment("green", 0),
    ])
    .await;
    shop.ready().await;
    assert_eq!(flip(&shop).await, 1, "it guards");
    guard::install().await;
    assert_eq!(
        flip(&shop).await,
        1,
        "it still guards when it is installed again"
    );
    assert!(!remains().await.is_empty());

    let uninstalled = kubectl(&["bluegreen", "uninstall"]).await.unwrap();
    uninstalled.succeeded().unwrap();
    assert_eq!(remains().await, Vec::<String>::new());
    assert_eq!(flip(&shop).await, 0, "nobody guards");
    shop.kubectl(&["bluegreen", "uninstall"]).await;

    guard::install().await;
    kubectl(&["delete", "namespace", "bluegreen-system"])
        .await
        .unwrap()
        .succeeded()
        .unwrap();
    eventually(SOON, || async {
        let hooks = "mutatingwebhookconfigurations,validatingwebhookconfigurations";
        let left = kubectl(&["get", hooks, "-o", "name"]).await?.stdout;
        ensure!(!left.contains("bluegreen"), "{left}");
        anyhow::Ok(())
    })
    .await
    .unwrap();
    assert_eq!(flip(&shop).await, 0, "nothing is blocked");
    let uninstalled = kubectl(&["bluegreen", "uninstall"]).await.unwrap();
    uninstalled.succeeded().unwrap();
    assert_eq!(remains().await, Vec::<String>::new());
}

/// The exit code of a rehearsed flip to a side without pods.
async fn flip(shop: &Shop) -> i32 {
    let change = r#"{"spec":{"selector":{"role":"green"}}}"#;
    let patch = ["patch", "service", "web", "--dry-run=server", "-p", change];
    shop.namespace.kubectl(&patch).await.unwrap().code
}

/// The objects of every kind that have our name.
async fn remains() -> Vec<String> {
    let kinds = kubectl(&["api-resources", "--verbs=list", "-o", "name"])
        .await
        .unwrap();
    let kinds = kinds.succeeded().unwrap().stdout.trim().replace('\n', ",");
    let all = kubectl(&["get", &kinds, "-A", "-o", "name"]).await.unwrap();
    assert!(all.stdout.contains("namespace/default"), "{all:?}");
    all.stdout
        .lines()
        .filter(|line| line.contains("bluegreen"))
        .map(str::to_owned)
        .collect()
}
