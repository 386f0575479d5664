//! The certificate, against whoever deletes it or overwrites what the API server is to trust.

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::kubectl;
use k8s_openapi::ByteString;
use serde_json::json;

use super::{SOON, done, fell, guards, one_sided};
use crate::fixture::guard;

const SYSTEM: [&str; 2] = ["-n", "bluegreen-system"];
const HOOKS: [&str; 2] = [
    "mutatingwebhookconfiguration/bluegreen",
    "validatingwebhookconfiguration/bluegreen",
];

#[tokio::test]
async fn a_certificate_that_is_deleted_or_not_trusted_any_more_comes_back() {
    let _alone = guard::alone().await;
    guard::install().await;
    let shop = one_sided("certificate").await;

    let kept = ca().await;
    done(&[&["delete", "secret", "bluegreen-webhook-tls"][..], &SYSTEM].concat()).await;
    guards(&shop).await.unwrap();
    eventually(SOON, || async {
        let now = ca().await;
        ensure!(now == kept, "the CA is {now:?}");
        anyhow::Ok(())
    })
    .await
    .unwrap();
    guards(&shop).await.unwrap();

    let path = r"jsonpath={.data.ca\.crt}";
    let strangers = done(&["get", "configmap", "kube-root-ca.crt", "-o", path]).await;
    let strangers = json!(ByteString(strangers.into_bytes()));
    for hooks in HOOKS {
        let change = json!([
            {"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": strangers}
        ]);
        done(&["patch", hooks, "--type=json", "-p", &change.to_string()]).await;
    }
    trusted_are(&kept).await;
    eventually(SOON, || guards(&shop)).await.unwrap();

    // Once no replica is left that could remember it there is another one, and it is published.
    fell().await;
    done(&[&["delete", "secret", "bluegreen-webhook-tls"][..], &SYSTEM].concat()).await;
    let again = ["scale", "deployment", "bluegreen-webhook", "--replicas=2"];
    done(&[&again[..], &SYSTEM].concat()).await;
    eventually(SOON, || guards(&shop)).await.unwrap();
    let another = ca().await;
    assert_ne!(another, kept);
    trusted_are(&another).await;
}

/// The CA in the Secret; empty where there is none.
async fn ca() -> String {
    let path = r"jsonpath={.data.ca\.crt}";
    let get = ["get", "secret", "bluegreen-webhook-tls", "-o", path];
    let output = kubectl(&[&get[..], &SYSTEM].concat()).await.unwrap();
    output.stdout
}

/// Waits until both configurations trust exactly this.
async fn trusted_are(ca: &str) {
    eventually(SOON, || async {
        for hooks in HOOKS {
            let path = "jsonpath={.webhooks[*].clientConfig.caBundle}";
            let trusted = kubectl(&["get", hooks, "-o", path]).await?.stdout;
            let all = trusted.split(' ').all(|trusted| trusted == ca);
            ensure!(all, "{hooks} trusts {trusted:.2000}");
        }
        anyhow::Ok(())
    })
    .await
    .unwrap();
}
