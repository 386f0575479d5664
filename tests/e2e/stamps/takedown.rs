//! Only who may override says that something is to go, and it is in the audit log who did.

use std::time::Duration;

use anyhow::{Result, ensure};
use bluegreen_e2e::audit::{self, Mark};
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::kubectl;
use serde_json::json;

use super::{OVERRIDE, TAKEDOWN, patch, refused, rights, web};
use crate::fixture::guard;
use crate::fixture::rights::{OVERRIDE as MAY_OVERRIDE, grant};
use crate::shop::{Shop, deployment};

const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn who_may_not_override_takes_nothing_down() {
    let _guard = guard::standing().await;
    let shop = web("takedown").await;
    let deployments = ("*", "apps", "deployments");
    grant(&shop, "bob", &rights(&[deployments])).await;
    grant(&shop, "captain", &rights(&[deployments, MAY_OVERRIDE])).await;
    let takes =
        |what: &str| format!("bluegreen.dev/takedown on {what} takes the RBAC verb \"override\"");

    let gone = json!({TAKEDOWN: "we close"});
    let output = patch(&shop, "bob", gone.clone(), None).await;
    refused(&output, &takes("Service/web"));
    let mark = audit::mark().unwrap();
    patch(&shop, "captain", gone, None)
        .await
        .succeeded()
        .unwrap();
    noted(
        mark,
        "bluegreen-takedown/takedown",
        "captain says that Service/web is to go: we close",
    )
    .await;
    // It may be taken back by anybody, and changed by nobody.
    let other = json!({TAKEDOWN: "they said so"});
    refused(
        &patch(&shop, "bob", other, None).await,
        &takes("Service/web"),
    );
    let no = json!({TAKEDOWN: null});
    patch(&shop, "bob", no, None).await.succeeded().unwrap();

    let flag = format!("{TAKEDOWN}=we close");
    for (user, code) in [("bob", 1), ("captain", 0)] {
        let annotate = ["annotate", "deployment", "web-green", &flag, "--as", user];
        let output = shop.namespace.kubectl(&annotate).await.unwrap();
        assert_eq!(output.code, code, "{output:?}");
        if code == 1 {
            refused(&output, &takes("Deployment/web-green"));
        }
    }
    // Nor is it created with one.
    let mut created = deployment("blue", 0);
    created["metadata"] = json!({"name": "other", "annotations": {TAKEDOWN: "at once"}});
    let refusal = created_by(&shop, "bob", &created.to_string()).await;
    assert!(refusal.contains(&takes("Deployment/other")), "{refusal}");
    assert_eq!(created_by(&shop, "captain", &created.to_string()).await, "");

    let place = &shop.namespace.name;
    for (user, code) in [("bob", 1), ("captain", 0)] {
        let name = format!("{place}-{user}");
        let role = [
            "create",
            "clusterrole",
            &name,
            "--verb=*",
            "--resource=namespaces",
        ];
        kubectl(&role).await.unwrap();
        let subject = format!("--user={user}");
        let bind = [
            "create",
            "rolebinding",
            "place",
            "--clusterrole",
            &name,
            &subject,
        ];
        shop.namespace.kubectl(&bind).await.unwrap();
        let annotate = ["annotate", "namespace", place, &flag, "--as", user];
        eventually(SOON, || async {
            let output = kubectl(&annotate).await?;
            ensure!(
                output.code == code
                    && (code == 0
                        || output
                            .stderr
                            .contains(&takes(&format!("Namespace/{place}")))),
                "{output:?}"
            );
            anyhow::Ok(())
        })
        .await
        .unwrap();
        shop.kubectl(&["delete", "rolebinding", "place"]).await;
        kubectl(&["delete", "clusterrole", &name]).await.unwrap();
    }
}

#[tokio::test]
async fn an_override_is_in_the_audit_log() {
    let _guard = guard::standing().await;
    let shop = web("noted").await;
    grant(&shop, "captain", &rights(&[MAY_OVERRIDE])).await;
    let mark = audit::mark().unwrap();
    let reason = json!({OVERRIDE: "nobody buys at night"});
    // Who may not override does not write down that they did, and so there is nothing to note.
    let bobs = patch(&shop, "bob", reason.clone(), Some("green")).await;
    let words = "would say that the guard was overridden, and it is not";
    assert!(bobs.code == 1 && bobs.stderr.contains(words), "{bobs:?}");
    let captains = patch(&shop, "captain", reason, Some("green")).await;
    captains.succeeded().unwrap();
    noted(
        mark,
        "bluegreen-override/override",
        "captain overrides the guard of Service/web: nobody buys at night",
    )
    .await;
}

/// Waits until the audit log has this note since then, and no other one of its kind from the shop.
async fn noted(mark: Mark, key: &str, words: &str) {
    eventually(SOON, || async {
        let notes: Vec<String> = audit::since(mark)?
            .into_iter()
            .filter(|event| event.impersonated_user.is_some())
            .filter_map(|event| event.annotations.get(key).cloned())
            .collect();
        ensure!(notes == [words], "{notes:?}");
        Ok::<_, anyhow::Error>(())
    })
    .await
    .unwrap();
}

/// What a user is told who creates this; nothing where it is created.
async fn created_by(shop: &Shop, user: &str, object: &str) -> String {
    let path = std::env::temp_dir().join(format!("{}-{user}.json", shop.namespace.name));
    std::fs::write(&path, object).unwrap();
    let create = ["create", "-f", path.to_str().unwrap(), "--as", user];
    let output: Result<_> = shop.namespace.kubectl(&create).await;
    std::fs::remove_file(&path).unwrap();
    output.unwrap().stderr
}
