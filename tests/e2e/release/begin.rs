//! `init` and `mark`.

use bluegreen_e2e::kubectl::kubectl;

use crate::fixture::value_pair::{production, serving, versioned};
use crate::shop::{Shop, service};

const INIT: [&str; 6] = [
    "init",
    "tomcat",
    "--image",
    "bluegreen.dev/test-server:1",
    "--port",
    "8080",
];

#[tokio::test]
async fn init_prints_what_kubectl_takes_and_creates_it_once() {
    let shop = Shop::unguarded("init").await;
    let printed = [&INIT[..], &["--dry-run=client", "-o", "yaml"]].concat();
    let printed = shop.expect(&printed, 0, &["tomcat-service"]).await;
    assert_eq!(shop.state().await, Vec::<String>::new(), "a dry run");
    shop.namespace.apply(&printed.stdout).await.unwrap();
    let names = ["delete", "services,deployments", "--all"];
    shop.kubectl(&names).await;

    shop.expect(&INIT, 0, &[]).await;
    assert_eq!(shop.role("tomcat-service").await, "blue");
    let made = shop.state().await;
    assert_eq!(made.len(), 5, "{made:?}");
    shop.expect(&INIT, 0, &["unchanged"]).await;
    assert_eq!(shop.state().await, made);
    let other = [&INIT[..4], &["--port", "9090"]].concat();
    shop.expect(&other, 1, &["differ", "would be 9090", "hint: "])
        .await;
    assert_eq!(shop.state().await, made, "nothing that is there is changed");

    // What is missing of it is made again, for the Services that are there already.
    let one = ["delete", "deployment/tomcat-deployment-blue"];
    shop.kubectl(&one).await;
    shop.expect(&INIT, 0, &["tomcat-deployment-blue created", "unchanged"])
        .await;
}

#[tokio::test]
async fn init_makes_nothing_that_would_serve_at_once() {
    let shop = Shop::unguarded("init-selected").await;
    let mut there = service("tomcat", "blue");
    there["spec"]["selector"]["app"] = "tomcat".into();
    shop.apply(&[there]).await;
    let before = shop.state().await;
    let words = [
        "would serve at once, so nothing was created",
        "Service/tomcat selects app=tomcat,role=blue, and so the pods of deployment.apps/tomcat-deployment-blue",
    ];
    shop.expect(&INIT, 3, &words).await;
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn roles_that_no_colour_tells_are_marked_first() {
    let shop = Shop::unguarded("value").await;
    let sides = [versioned("1.10", 1), versioned("1.11", 1)];
    shop.apply(&[&[production("1.10")][..], &sides].concat())
        .await;
    shop.ready().await;

    let mark = ["mark", "web", "--role-key", "version"];
    shop.expect(&["switch", "web"], 1, &["--role-key version"])
        .await;
    let before = shop.state().await;
    let rehearsed = [&mark[..], &["--dry-run=server"]].concat();
    shop.expect(&rehearsed, 0, &["marked", "(server dry run)"])
        .await;
    assert_eq!(shop.state().await, before);
    shop.expect(
        &mark,
        0,
        &["marked as 1.10", "marked as 1.11", "service/web marked"],
    )
    .await;
    shop.expect(&mark, 0, &["service/web unchanged"]).await;
    shop.expect(&["switch", "web"], 0, &["web is 1.11 now"])
        .await;
    assert_eq!(serving(&shop).await, "1.11");
}

#[tokio::test]
async fn the_client_knows_its_version_without_a_cluster() {
    let version = kubectl(&["bluegreen", "version"]).await.unwrap();
    assert!(version.succeeded().unwrap().stdout.contains("0."));
}
