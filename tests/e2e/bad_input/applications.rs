//! Applications that are not there, are several, or lack something.

use serde_json::{Value, json};

use crate::shop::{Shop, deployment, service};

/// The verbs that would change something, if they could.
const VERBS: [&[&str]; 4] = [
    &["switch", "web"],
    &["rollback", "web"],
    &["stage", "web", "--image", "web:2"],
    &["verify", "web"],
];

/// Every verb ends with 1, says the words, and leaves the objects as they were.
async fn refused_by_all(name: &str, objects: &[Value], words: &[&str]) -> Shop {
    let shop = Shop::unguarded(name).await;
    if !objects.is_empty() {
        shop.apply(objects).await;
    }
    let before = shop.state().await;
    for verb in VERBS {
        shop.expect(verb, 1, words).await;
    }
    shop.expect(&["status", "web"], 1, words).await;
    assert_eq!(shop.state().await, before);
    shop
}

#[tokio::test]
async fn no_such_application() {
    let words = ["there is no application \"web\"", "init web --image IMAGE"];
    let shop = refused_by_all("none", &[], &words).await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 0),
        deployment("green", 0),
    ])
    .await;
    let words = ["there is no application \"wob\"; there are:", "web"];
    shop.expect(&["switch", "wob"], 1, &words).await;
    let nowhere = ["switch", "web", "--service", "wob"];
    shop.expect(&nowhere, 1, &["there is no Service \"wob\""])
        .await;
}

#[tokio::test]
async fn two_candidates_are_listed_until_one_is_marked() {
    let objects = [
        service("web-public", "blue"),
        service("web-inner", "blue"),
        deployment("blue", 0),
        deployment("green", 0),
    ];
    let words = [
        "2 Services of \"web\" could be production",
        "web-public",
        "web-inner",
    ];
    let shop = refused_by_all("two", &objects, &words).await;
    let said = shop.run(&["status", "web"]).await;
    let hint = said
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("hint: kubectl bluegreen "))
        .unwrap();
    assert!(hint.starts_with("-n "), "{hint}");
    // Just as it is shown, but for the namespace, which comes by itself.
    let command: Vec<&str> = hint.split_whitespace().skip(2).collect();
    shop.expect(&command, 0, &["marked"]).await;
    shop.expect(&["status", "web"], 0, &["production is blue"])
        .await;
}

#[tokio::test]
async fn only_one_environment() {
    let objects = [service("web", "blue"), deployment("blue", 0)];
    refused_by_all("one", &objects, &["only one environment", "role=green"]).await;
}

#[tokio::test]
async fn no_production_service() {
    let objects = [
        service("web-test-blue", "blue"),
        service("web-test-green", "green"),
        deployment("blue", 0),
        deployment("green", 0),
    ];
    let words = ["no Service of \"web\" may be flipped", "web-test-blue"];
    refused_by_all("untold", &objects, &words).await;
}

#[tokio::test]
async fn a_service_without_role() {
    let mut both = service("web", "blue");
    both["spec"]["selector"] = json!({"app": "web"});
    let objects = [both, deployment("blue", 0), deployment("green", 0)];
    refused_by_all("blind", &objects, &["both sides at once", "hint: "]).await;
}

#[tokio::test]
async fn an_environment_that_does_not_exist() {
    let shop = Shop::unguarded("role").await;
    shop.apply(&[
        service("web", "blue"),
        deployment("blue", 0),
        deployment("green", 0),
    ])
    .await;
    let before = shop.state().await;
    let words = ["web has no environment \"red\"", "--to blue or --to green"];
    shop.expect(&["switch", "web", "--to", "red"], 1, &words)
        .await;
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn a_target_port_that_no_container_has() {
    let shop = Shop::unguarded("port").await;
    let mut named = service("web", "blue");
    named["spec"]["ports"][0]["targetPort"] = json!("http");
    let mut blue = deployment("blue", 1);
    blue["spec"]["template"]["spec"]["containers"][0]["ports"][0]["name"] = json!("http");
    shop.apply(&[named, blue, deployment("green", 1)]).await;
    shop.ready().await;
    let before = shop.state().await;
    shop.expect(&["switch", "web"], 3, &["PortMismatch", "http"])
        .await;
    assert_eq!(shop.state().await, before);
}
