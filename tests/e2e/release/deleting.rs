//! `delete`.

use serde_json::json;

use crate::fixture::guard;
use crate::fixture::policy::{Policy, until_refused};
use crate::fixture::rights::{OVERRIDE, Right, SWITCH, grant};
use crate::shop::{Shop, deployment, service};

const DELETE: [Right; 2] = [
    ("delete", "", "services"),
    ("delete", "apps", "deployments"),
];

async fn web(name: &str) -> Shop {
    let shop = Shop::guarded(name).await;
    shop.apply(&[
        service("web", "blue"),
        service("web-test-green", "green"),
        service("other", "none"),
        deployment("blue", 1),
        deployment("green", 1),
    ])
    .await;
    shop.ready().await;
    shop
}

async fn left(shop: &Shop) -> String {
    let names = ["get", "services,deployments", "-o", "name"];
    shop.kubectl(&names).await
}

#[tokio::test]
async fn an_application_is_taken_down_with_what_serves() {
    let _guard = guard::standing().await;
    let shop = web("taken-down").await;
    let refused = ["delete", "service", "web"];
    let output = shop.namespace.kubectl(&refused).await.unwrap();
    assert!(output.stderr.contains("Protected"), "{output:?}");
    let before = shop.state().await;
    for (dry_run, said) in [("client", "(dry run)"), ("server", "(server dry run)")] {
        let flag = format!("--dry-run={dry_run}");
        let delete = ["delete", "web", "--reason", "moved", &flag];
        let words = [
            "service/web deleted",
            "deployment.apps/web-green deleted",
            said,
        ];
        shop.expect(&delete, 0, &words).await;
    }
    assert_eq!(shop.state().await, before);
    let delete = ["delete", "web", "--reason", "moved"];
    shop.expect(&delete, 0, &["web is taken down"]).await;
    assert_eq!(left(&shop).await, "service/other\n");
}

#[tokio::test]
async fn who_may_not_override_takes_nothing_down() {
    let _guard = guard::standing().await;
    let shop = web("not-by-you").await;
    let rights = [&SWITCH[..], &DELETE].concat();
    grant(&shop, "ann", &rights).await;
    grant(&shop, "bob", &[&rights[..], &[OVERRIDE]].concat()).await;
    let before = shop.state().await;
    let delete = |user: &'static str| ["delete", "web", "--reason", "moved", "--as", user];
    shop.expect(&delete("ann"), 4, &["takes the RBAC verb \"override\""])
        .await;
    assert_eq!(shop.state().await, before);
    shop.expect(&["delete", "web"], 2, &["--reason"]).await;
    // Who may say that it is to go, and may not delete it: what stays is protected as before.
    grant(&shop, "cat", &[&SWITCH[..], &[OVERRIDE]].concat()).await;
    let left_over = ["cannot delete resource", "what is left: kubectl delete"];
    shop.expect(&delete("cat"), 1, &left_over).await;
    let path = r"jsonpath={.metadata.annotations.bluegreen\.dev/takedown}";
    let said = shop.kubectl(&["get", "service", "web", "-o", path]).await;
    assert_eq!(said, "");
    shop.expect(&delete("bob"), 0, &["web is taken down"]).await;
    assert_eq!(left(&shop).await, "service/other\n");
}

#[tokio::test]
async fn what_can_not_be_said_of_one_service_is_said_of_none() {
    let shop = Shop::unguarded("half-said").await;
    let mut objects: Vec<_> = ["web-inner", "web-public"]
        .map(|name| {
            let mut service = service(name, "blue");
            service["metadata"]["annotations"] = json!({"bluegreen.dev/production": "true"});
            service
        })
        .into();
    objects.extend([deployment("blue", 1), deployment("green", 1)]);
    shop.apply(&objects).await;
    let expression = "object.metadata.name != 'web-public' \
                      || !('bluegreen.dev/takedown' in object.metadata.annotations)";
    let policy = Policy::new(&shop, "services", expression, "it stays").await;
    let takedown = "bluegreen.dev/takedown=moved";
    let rehearsal = [
        "annotate",
        "service",
        "web-public",
        "--dry-run=server",
        takedown,
    ];
    until_refused(&shop, &rehearsal, "it stays").await;
    let delete = ["delete", "web", "--reason", "moved"];
    shop.expect(&delete, 1, &["it stays"]).await;
    let path = "jsonpath={.items[*].metadata.annotations}";
    let said = shop.kubectl(&["get", "services", "-o", path]).await;
    assert!(!said.contains("takedown"), "{said}");
    policy.end().await;
}
