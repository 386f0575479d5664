//! A Kustomization of Flux's that makes the production Service once.

use serde_json::{Value, json};

use crate::fixture::folder::Folder;
use crate::shop::Shop;

use super::{Helm, document, documents, image, sync, up};

const FLUX: &str = "kustomize-controller";

#[tokio::test]
async fn a_reconciliation_of_fluxs_leaves_alone_which_side_serves() {
    let shop = Shop::unguarded("flux").await;
    let (first, released) = {
        let helm = Helm::of(&shop);
        (
            helm.rendered("tomcat:7").await,
            helm.rendered("tomcat:8").await,
        )
    };
    sync(&shop, FLUX, &built(&shop, &first).await).await;
    up(&shop).await;
    assert_eq!(shop.role("tomcat-service").await, "blue");

    sync(&shop, FLUX, &built(&shop, &released).await).await;
    shop.expect(&["wait", "tomcat", "--for=ready"], 0, &[])
        .await;
    shop.expect(&["switch", "tomcat"], 0, &["tomcat is green now"])
        .await;

    sync(&shop, FLUX, &built(&shop, &released).await).await;
    assert_eq!(shop.role("tomcat-service").await, "green");
    assert_eq!(image(&shop, "green").await, "tomcat:8");
}

/// What is applied: built with the patches by kustomize, without what is there already and is to be made but
/// once.
async fn built(shop: &Shop, wanted: &[Value]) -> Vec<Value> {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": wanted});
    let patches = &document("flux-kustomization.yaml")["spec"]["patches"];
    let kustomization = json!({"resources": ["all.json"], "patches": patches});
    let files = [
        ("all.json", list.to_string()),
        ("kustomization.yaml", kustomization.to_string()),
    ];
    let folder = Folder::of(
        shop,
        &files.each_ref().map(|(name, text)| (*name, text.as_str())),
    );
    let objects = documents(&shop.kubectl(&["kustomize", folder.path()]).await);
    let mut applied = Vec::new();
    for object in objects {
        let once = &object["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/ssa"];
        let kind = object["kind"].as_str().unwrap();
        let name = object["metadata"]["name"].as_str().unwrap();
        let found = ["get", kind, name, "--ignore-not-found", "-o", "name"];
        if once == "IfNotPresent" && !shop.kubectl(&found).await.is_empty() {
            continue;
        }
        applied.push(object);
    }
    applied
}
