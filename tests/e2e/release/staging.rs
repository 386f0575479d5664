//! `stage`.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::shop::{Shop, deployment, real, service};

/// Long before the five minutes of the default timeout.
const EARLY: Duration = Duration::from_mins(1);

/// What serves: its generation tells whether anybody wrote to it.
async fn active(shop: &Shop) -> String {
    let path = "jsonpath={.metadata.generation} {.spec.template.spec.containers[0].image}";
    shop.kubectl(&["get", "deployment", "web-blue", "-o", path])
        .await
}

#[tokio::test]
async fn only_the_idle_side_is_changed() {
    let shop = Shop::web("stage").await;
    let before = shop.state().await;
    let wanted = ["stage", "web", "--image", "web:2", "--replicas", "3"];
    let rehearsed = [&wanted[..], &["--dry-run=server"]].concat();
    shop.expect(&rehearsed, 0, &["web:1 → web:2", "dry run"])
        .await;
    assert_eq!(shop.state().await, before);
    shop.expect(&wanted, 0, &["web:1 → web:2", "2 → 3 replicas"])
        .await;
    assert_eq!(active(&shop).await, "1 web:1");
    let after = shop.state().await;
    shop.expect(&wanted, 0, &["so already"]).await;
    assert_eq!(shop.state().await, after);
    shop.expect(&["stage", "web", "--image", "none=web:2"], 2, &["none"])
        .await;
}

#[tokio::test]
async fn a_crash_is_told_with_its_code_and_its_last_words() {
    let shop = Shop::unguarded("crash").await;
    shop.apply(&[service("web", "blue"), real("blue", 1), real("green", 1)])
        .await;
    shop.ready().await;
    let began = Instant::now();
    let crash = ["stage", "web", "--image", "bluegreen.dev/test-server:crash"];
    shop.expect(
        &crash,
        3,
        &["green of web will not come up", "exit code 7", "crash"],
    )
    .await;
    assert!(began.elapsed() < EARLY, "{:?}", began.elapsed());
    let blue = active(&shop).await;
    assert_eq!(blue, "1 bluegreen.dev/test-server:1");

    let missing = [
        "stage",
        "web",
        "--image",
        "bluegreen.dev/test-server:missing",
    ];
    shop.expect(&missing, 3, &["will not come up", "Image"])
        .await;
    assert_eq!(active(&shop).await, blue);
}

#[tokio::test]
async fn a_quota_that_is_exhausted_is_told_in_its_words() {
    let shop = Shop::web("quota").await;
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few"},
        "spec": {"hard": {"pods": "4"}}
    });
    shop.apply(&[quota]).await;
    let more = ["stage", "web", "--image", "web:2", "--replicas", "4"];
    shop.expect(&more, 3, &["exceeded quota: few"]).await;
}

#[tokio::test]
async fn what_never_gets_ready_ends_with_the_time_that_was_given() {
    let shop = Shop::unguarded("late").await;
    let mut green = deployment("green", 1);
    green["spec"]["template"]["metadata"]["annotations"] = json!({"simulate/pod": "never-ready"});
    shop.apply(&[service("web", "blue"), deployment("blue", 1), green])
        .await;
    let late = ["stage", "web", "--image", "web:2", "--timeout", "5s"];
    shop.expect(&late, 6, &["did not come up within 5s"]).await;
    // Whoever does not wait is not told.
    let unwaited = ["stage", "web", "--image", "web:3", "--wait=false"];
    shop.expect(&unwaited, 0, &["web:2 → web:3"]).await;
}
