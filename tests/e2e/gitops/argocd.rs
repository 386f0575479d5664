//! An application of Argo CD's that ignores which side serves.

use serde_json::Value;

use crate::shop::Shop;

use super::{Helm, document, image, sync, up};

const ARGO: &str = "argocd-controller";

#[tokio::test]
async fn a_sync_of_argo_cds_leaves_alone_which_side_serves() {
    let shop = Shop::unguarded("argocd").await;
    let helm = Helm::of(&shop);
    let application = document("argocd-application.yaml");
    sync(&shop, ARGO, &helm.rendered("tomcat:7").await).await;
    up(&shop).await;

    let released = helm.rendered("tomcat:8").await;
    sync(
        &shop,
        ARGO,
        &respecting(&shop, &application, &released).await,
    )
    .await;
    shop.expect(&["wait", "tomcat", "--for=ready"], 0, &[])
        .await;
    shop.expect(&["switch", "tomcat"], 0, &["tomcat is green now"])
        .await;
    let retire = ["scale", "deployment/tomcat-deployment-blue", "--replicas=0"];
    shop.kubectl(&retire).await;

    sync(
        &shop,
        ARGO,
        &respecting(&shop, &application, &released).await,
    )
    .await;
    assert_eq!(shop.role("tomcat-service").await, "green");
    assert_eq!(image(&shop, "green").await, "tomcat:8");
    let path = "jsonpath={.spec.replicas}";
    let idle = ["get", "deployment/tomcat-deployment-blue", "-o", path];
    assert_eq!(shop.kubectl(&idle).await, "0");

    // As it would be without the recipe and without a guard.
    sync(&shop, ARGO, &released).await;
    assert_eq!(shop.role("tomcat-service").await, "blue");
}

/// What is applied with `RespectIgnoreDifferences`: what is ignored is as it is live.
async fn respecting(shop: &Shop, application: &Value, wanted: &[Value]) -> Vec<Value> {
    let options = application["spec"]["syncPolicy"]["syncOptions"]
        .as_array()
        .unwrap();
    assert!(
        options
            .iter()
            .any(|option| option == "RespectIgnoreDifferences=true")
    );
    let ignored = application["spec"]["ignoreDifferences"].as_array().unwrap();
    let mut objects = wanted.to_vec();
    for object in &mut objects {
        let kind = object["kind"].as_str().unwrap();
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        let live = shop.kubectl(&["get", kind, &name, "-o", "json"]).await;
        let live: Value = serde_json::from_str(&live).unwrap();
        for rule in ignored {
            let is_named = rule["name"].is_null() || rule["name"] == name.as_str();
            if rule["kind"] != object["kind"] || !is_named {
                continue;
            }
            for pointer in rule["jsonPointers"].as_array().unwrap() {
                let pointer = pointer.as_str().unwrap();
                if let (Some(to), Some(from)) = (object.pointer_mut(pointer), live.pointer(pointer))
                {
                    to.clone_from(from);
                }
            }
        }
    }
    objects
}
