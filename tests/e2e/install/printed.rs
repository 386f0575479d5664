//! The manifests as they are printed, applied by somebody else: nobody fills in the CA but the webhook.

use bluegreen_e2e::cluster::kubeconfig;
use bluegreen_e2e::eventually::eventually;
use tokio::process::Command;

use super::{SOON, done, fell, flip, guards, one_sided, remains};
use crate::fixture::guard;

#[tokio::test]
async fn what_is_printed_guards_once_it_is_applied() {
    let _alone = guard::alone().await;
    fell().await;
    done(&["bluegreen", "uninstall"]).await;
    assert_eq!(remains().await, Vec::<String>::new());
    let shop = one_sided("printed").await;
    assert_eq!(flip(&shop).await, 0, "nobody guards");

    apply_what_is_printed().await;
    eventually(SOON, || guards(&shop)).await.unwrap();
    // A GitOps tool does so again and again, and takes nothing away that the webhook has filled in.
    apply_what_is_printed().await;
    guards(&shop).await.unwrap();

    fell().await;
    done(&["bluegreen", "uninstall"]).await;
    assert_eq!(remains().await, Vec::<String>::new());
    assert_eq!(flip(&shop).await, 0, "nobody guards any more");
}

async fn apply_what_is_printed() {
    let command = "set -o pipefail; kubectl bluegreen install -o yaml | kubectl apply -f -";
    let output = Command::new("bash")
        .args(["-c", command])
        .env("KUBECONFIG", kubeconfig())
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}
