//! Installing and uninstalling, in whatever order.

mod certificate;
mod orders;
mod printed;

use std::time::Duration;

use anyhow::{Result, ensure};
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::{Output, kubectl};

use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

const SOON: Duration = Duration::from_mins(1);

#[tokio::test]
async fn whatever_is_deleted_first_nothing_is_left_and_nothing_is_blocked() {
    let _alone = guard::alone().await;
    guard::install().await;
    let shop = one_sided("installed").await;
    assert_eq!(flip(&shop).await, 1, "it guards");
    guard::install().await;
    assert_eq!(
        flip(&shop).await,
        1,
        "it still guards when it is installed again"
    );
    assert!(!remains().await.is_empty());

    done(&["bluegreen", "uninstall"]).await;
    assert_eq!(remains().await, Vec::<String>::new());
    assert_eq!(flip(&shop).await, 0, "nobody guards");
    shop.kubectl(&["bluegreen", "uninstall"]).await;

    guard::install().await;
    done(&["delete", "namespace", "bluegreen-system"]).await;
    unhooked().await;
    assert_eq!(flip(&shop).await, 0, "nothing is blocked");
    done(&["bluegreen", "uninstall"]).await;
    assert_eq!(remains().await, Vec::<String>::new());
}

/// `web`, whose green has no pods: a guard that guards refuses to flip it.
async fn one_sided(name: &str) -> Shop {
    let shop = Shop::guarded(name).await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 1),
        deployment("green", 0),
    ])
    .await;
    shop.ready().await;
    shop
}

/// The exit code of a rehearsed flip to a side without pods.
async fn flip(shop: &Shop) -> i32 {
    rehearsed(shop).await.code
}

/// Whether the guard itself refuses that flip, and was not just out of reach.
async fn guards(shop: &Shop) -> Result<()> {
    let output = rehearsed(shop).await;
    let refused = "\"flip.bluegreen.dev\" denied the request: ScaledToZero: ";
    ensure!(output.stderr.contains(refused), "{output:?}");
    Ok(())
}

async fn rehearsed(shop: &Shop) -> Output {
    let change = r#"{"spec":{"selector":{"role":"green"}}}"#;
    let patch = ["patch", "service", "web", "--dry-run=server", "-p", change];
    shop.namespace.kubectl(&patch).await.unwrap()
}

/// kubectl, which must succeed.
async fn done(arguments: &[&str]) -> String {
    kubectl(arguments)
        .await
        .unwrap()
        .succeeded()
        .unwrap()
        .stdout
}

/// Ends every replica of the webhook that there is, sooner than it would have drained.
async fn fell() {
    for step in [
        "scale deployment bluegreen-webhook --replicas=0",
        "rollout status deployment bluegreen-webhook --timeout=30s",
        "delete pods --all --grace-period=1",
    ] {
        let arguments: Vec<&str> = step.split(' ').collect();
        let arguments = [&arguments[..], &["-n", "bluegreen-system"]].concat();
        // Where nothing is installed there is nothing to end.
        kubectl(&arguments).await.unwrap();
    }
}

/// Waits until the API server has neither of the two configurations.
async fn unhooked() {
    eventually(SOON, || async {
        let hooks = "mutatingwebhookconfigurations,validatingwebhookconfigurations";
        let left = kubectl(&["get", hooks, "-o", "name"]).await?.stdout;
        ensure!(!left.contains("bluegreen"), "{left}");
        anyhow::Ok(())
    })
    .await
    .unwrap();
}

/// The objects of every kind that have our name.
async fn remains() -> Vec<String> {
    let kinds = done(&["api-resources", "--verbs=list", "-o", "name"]).await;
    let kinds = kinds.trim().replace('\n', ",");
    let all = kubectl(&["get", &kinds, "-A", "-o", "name"]).await.unwrap();
    assert!(all.stdout.contains("namespace/default"), "{all:?}");
    all.stdout
        .lines()
        .filter(|line| line.contains("bluegreen"))
        // Other tests release something meanwhile.
        .filter(|line| !line.starts_with("lease."))
        .map(str::to_owned)
        .collect()
}
