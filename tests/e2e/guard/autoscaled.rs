//! An autoscaler does its work on what serves, and goes no further.

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::Output;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use super::{SOON, web};
use crate::fixture::guard;
use crate::shop::{Shop, deployment};

/// Who scales: kube-controller-manager, under the name of this controller.
const AUTOSCALER: &str = "--as=system:serviceaccount:kube-system:horizontal-pod-autoscaler";

/// It needs no metrics to keep within these bounds.
fn autoscaler(min: u32, max: u32) -> Value {
    json!({
        "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "web"},
        "spec": {
            "minReplicas": min, "maxReplicas": max,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web-blue"}
        }
    })
}

/// Waits until the side that serves is to have so many pods.
async fn wants(shop: &Shop, replicas: i32) {
    eventually(SOON, || async {
        let blue = shop.namespace.api::<Deployment>().get("web-blue").await?;
        let wanted = blue.spec.and_then(|spec| spec.replicas);
        ensure!(wanted == Some(replicas), "{wanted:?}");
        anyhow::Ok(())
    })
    .await
    .unwrap();
    shop.ready().await;
}

/// What the autoscaler sends.
async fn scale(shop: &Shop, replicas: u32) -> Output {
    let place = &shop.namespace.name;
    let path = format!("/apis/apps/v1/namespaces/{place}/deployments/web-blue/scale");
    let scale = json!({
        "apiVersion": "autoscaling/v1", "kind": "Scale",
        "metadata": {"name": "web-blue", "namespace": place}, "spec": {"replicas": replicas}
    });
    let replace = ["replace", AUTOSCALER, "--raw", &path, "-f", "-"];
    let scale = scale.to_string();
    let output = shop.namespace.kubectl_reading(&replace, &scale).await;
    output.unwrap()
}

#[tokio::test]
async fn an_autoscaler_grows_and_shrinks_what_serves_but_not_to_nothing() {
    let _guard = guard::standing().await;
    let shop = web("autoscaled", deployment("green", 2)).await;
    shop.ready().await;
    shop.apply(&[autoscaler(3, 5)]).await;
    wants(&shop, 3).await;
    shop.apply(&[autoscaler(1, 1)]).await;
    wants(&shop, 1).await;
    shop.kubectl(&["delete", "horizontalpodautoscaler", "web"])
        .await;

    scale(&shop, 2).await.succeeded().unwrap();
    wants(&shop, 2).await;
    let refused = scale(&shop, 0).await;
    let told = "Protected: Deployment/web-blue serves through Service/web and would be scaled to 0";
    assert!(
        refused.code == 1 && refused.stderr.contains(told),
        "{refused:?}"
    );
    wants(&shop, 2).await;
}
