//! What goes on in a cluster and must never be held up, however much of it serves.

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::kubectl;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{EvictParams, ListParams};

use super::{SOON, never_ready, patch, to, web};
use crate::fixture::guard;
use crate::shop::{Shop, deployment};

#[tokio::test]
async fn rollouts_evictions_and_deleted_pods_of_what_serves_go_on() {
    let _guard = guard::standing().await;
    let shop = web("peaceful", deployment("green", 2)).await;
    shop.ready().await;
    let rolled = ["set", "image", "deployment/web-blue", "web=web:2"];
    let output = shop.namespace.kubectl(&rolled).await.unwrap();
    assert_eq!(output.code, 0, "{output:?}");
    let told =
        "Warning: Deployment/web-blue serves: this rolls production; kubectl bluegreen stage";
    assert!(output.stderr.contains(told), "{output:?}");
    shop.ready().await;
    shop.kubectl(&["rollout", "restart", "deployment/web-blue"])
        .await;
    shop.ready().await;
    evict(&shop).await;
    shop.kubectl(&["delete", "pods", "--all", "--wait=false"])
        .await;
    shop.kubectl(&["delete", "replicasets", "--all", "--wait=false"])
        .await;
    shop.ready().await;
    shop.kubectl(&["scale", "deployment/web-blue", "--replicas=1"])
        .await;
    shop.ready().await;
    assert_eq!(shop.role("web").await, "blue");
}

/// Evicts every pod that serves, as a drain of their nodes does.
async fn evict(shop: &Shop) {
    let pods = shop.namespace.api::<Pod>();
    let serving = pods.list(&ListParams::default().labels("role=blue")).await;
    for pod in serving.unwrap() {
        let name = pod.metadata.name.unwrap();
        pods.evict(&name, &EvictParams::default()).await.unwrap();
    }
    shop.ready().await;
}

#[tokio::test]
async fn a_namespace_goes_with_all_that_serves_in_it_unless_it_is_protected() {
    let _guard = guard::standing().await;
    let shop = web("going", deployment("green", 2)).await;
    shop.ready().await;
    let name = shop.namespace.name.clone();
    shop.kubectl(&["label", "namespace", &name, "bluegreen.dev/protect=true"])
        .await;
    let delete = ["delete", "namespace", &name, "--wait=false"];
    let held = kubectl(&delete).await.unwrap();
    let told = format!(
        "Protected: Namespace/{name} is protected (bluegreen.dev/protect=true), and Deployment/web-blue in it serves"
    );
    assert!(held.stderr.contains(&told), "{held:?}");
    shop.kubectl(&["label", "namespace", &name, "bluegreen.dev/protect-"])
        .await;
    kubectl(&delete).await.unwrap().succeeded().unwrap();
    eventually(SOON, || async {
        let left = kubectl(&[
            "get",
            "namespace",
            &name,
            "--ignore-not-found",
            "-o",
            "name",
        ])
        .await?;
        ensure!(left.stdout.is_empty(), "{left:?}");
        anyhow::Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_namespace_that_wants_to_be_warned_is_only_warned() {
    let _guard = guard::standing().await;
    let shop = web("warned", never_ready(deployment("green", 2))).await;
    let name = shop.namespace.name.clone();
    shop.kubectl(&["label", "namespace", &name, "bluegreen.dev/policy=warn"])
        .await;
    let flipped = patch(&shop, &to("green")).await;
    assert_eq!(flipped.code, 0, "{flipped:?}");
    for told in ["Warning: NotReady: ", "Warning: BelowCapacity: "] {
        assert!(flipped.stderr.contains(told), "{flipped:?}");
    }
    patch(&shop, &to("blue")).await.succeeded().unwrap();
    shop.kubectl(&["label", "namespace", &name, "bluegreen.dev/protect=true"])
        .await;
    let deleted = ["delete", "namespace", &name, "--dry-run=server"];
    let deleted = kubectl(&deleted).await.unwrap();
    let told = format!("Warning: Protected: Namespace/{name} is protected");
    assert!(
        deleted.code == 0 && deleted.stderr.contains(&told),
        "{deleted:?}"
    );
    let told = "Warning: Protected: Deployment/web-blue serves through Service/web and would be";
    for (change, what) in [
        ("scale deployment/web-blue --replicas=0", "scaled to 0"),
        ("delete deployment/web-blue", "deleted"),
    ] {
        let change: Vec<&str> = change.split(' ').collect();
        let output = shop.namespace.kubectl(&change).await.unwrap();
        assert_eq!(output.code, 0, "{output:?}");
        assert!(
            output.stderr.contains(&format!("{told} {what}")),
            "{output:?}"
        );
    }
    shop.expect(&["status", "web"], 1, &[]).await;
}
