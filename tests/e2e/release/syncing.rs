//! `sync`.

use serde_json::json;

use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

const IMAGE: &str = "jsonpath={.spec.template.spec.containers[0].image}";
const REPLICAS: &str = "jsonpath={.spec.replicas}";

async fn field(shop: &Shop, deployment: &str, path: &str) -> String {
    let get = ["get", "deployment", deployment, "-o", path];
    shop.kubectl(&get).await
}

#[tokio::test]
async fn the_idle_side_gets_what_production_runs() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("synced").await;
    let settings = |side: &mut serde_json::Value, role: &str| {
        side["spec"]["template"]["spec"]["containers"][0]["env"] =
            json!([{"name": "SETTINGS", "value": format!("/etc/{role}.conf")}]);
    };
    let (mut blue, mut green) = (deployment("blue", 1), deployment("green", 3));
    settings(&mut blue, "blue");
    settings(&mut green, "green");
    green["spec"]["template"]["spec"]["containers"][0]["image"] = json!("web:2");
    // A field that the client's own types may not know stays.
    green["spec"]["template"]["spec"]["hostUsers"] = json!(true);
    shop.apply(&[service("web", "green"), blue, green]).await;
    shop.ready().await;
    let before = shop.state().await;
    let dry = ["sync", "web", "--drain", "0", "--dry-run=server"];
    let said = ["deployment/web-blue changed (server dry run)"];
    shop.expect(&dry, 0, &said).await;
    assert_eq!(shop.state().await, before);
    let sync = ["sync", "web", "--drain", "0"];
    let said = [
        "the template of Deployment/web-green, 1 → 3 replicas",
        "blue of web runs what production runs",
    ];
    shop.expect(&sync, 0, &said).await;
    assert_eq!(field(&shop, "web-blue", IMAGE).await, "web:2");
    assert_eq!(field(&shop, "web-blue", REPLICAS).await, "3");
    let path = "jsonpath={.spec.template.spec.containers[0].env[0].value} {.spec.template.metadata.labels.role} {.spec.template.spec.hostUsers}";
    assert_eq!(
        field(&shop, "web-blue", path).await,
        "/etc/blue.conf blue true"
    );
    let after = shop.state().await;
    // Nothing is taken from anybody, so no connections have to drain.
    let already = ["runs what production runs already"];
    shop.expect(&["sync", "web"], 0, &already).await;
    assert_eq!(shop.state().await, after);
    shop.expect(&["switch", "web"], 0, &["web is blue now"])
        .await;
}

#[tokio::test]
async fn what_served_a_moment_ago_is_kept_until_connections_had_time() {
    let shop = Shop::unguarded("sync-drains").await;
    let mut green = deployment("green", 2);
    green["spec"]["template"]["spec"]["containers"][0]["image"] = json!("web:2");
    shop.apply(&[service("web", "blue"), deployment("blue", 2), green])
        .await;
    shop.ready().await;
    shop.expect(&["switch", "web"], 0, &[]).await;
    let mut sync = crate::fixture::running::Running::start(&shop, &["sync", "web"]);
    sync.says("production left blue at").await;
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
    let code = sync.ends().await;
    assert!([3, 8].contains(&code), "{code}");
}
