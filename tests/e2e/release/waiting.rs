//! `wait`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::audit;
use bluegreen_e2e::eventually::eventually;
use serde_json::{Value, json};

use crate::fixture::rights::{SWITCH, grant};
use crate::fixture::running::Running;
use crate::fixture::served::served;
use crate::shop::{Shop, deployment, service};

/// The API server writes its log a moment after it answers.
const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_is_so_already_is_not_waited_for_and_nothing_is_changed() {
    let shop = Shop::web("so-already").await;
    let before = shop.state().await;
    for (goal, said) in [
        ("--for=staged", "green of web is staged"),
        ("--for=ready", "green of web is ready"),
        ("--for=active=blue", "blue of web is active"),
        ("--for=idle=green", "green of web is idle"),
    ] {
        shop.expect(&["wait", "web", goal, "--timeout", "5s"], 0, &[said])
            .await;
    }
    let serves = ["wait", "web", "--for=ready", "--role", "blue"];
    shop.expect(&serves, 0, &["blue of web is ready"]).await;
    let data = shop
        .run(&["wait", "web", "--for=ready", "-o", "json"])
        .await;
    let data: Value = serde_json::from_str(&data.stdout).unwrap();
    let wanted = json!({
        "application": "web", "namespace": shop.namespace.name, "role": "green", "goal": "ready", "seconds": 0,
    });
    assert_eq!(data, wanted);
    assert_eq!(shop.state().await, before);
}

#[tokio::test]
async fn a_side_that_comes_up_is_waited_for() {
    let shop = Shop::unguarded("comes-up").await;
    let mut green = deployment("green", 2);
    green["spec"]["replicas"] = json!(0);
    shop.apply(&[service("web", "blue"), deployment("blue", 2), green])
        .await;
    shop.ready().await;
    let mut ready = Running::start(&shop, &["wait", "web", "--for=ready", "--timeout", "2m"]);
    ready.says("ScaledToZero").await;
    let mut staged = Running::start(&shop, &["wait", "web", "--for=staged", "--timeout", "2m"]);
    staged.says("ScaledToZero").await;
    shop.kubectl(&["scale", "deployment/web-green", "--replicas=1"])
        .await;
    // One of two is all that it wants, and less than production has.
    assert_eq!(staged.ends().await, 0);
    ready.says("BelowCapacity").await;
    shop.kubectl(&["scale", "deployment/web-green", "--replicas=2"])
        .await;
    assert_eq!(ready.ends().await, 0);
}

/// Whoever may not watch looks from time to time.
#[tokio::test]
async fn a_side_that_comes_up_is_seen_with_and_without_the_right_to_watch() {
    let shop = Shop::unguarded("unwatched").await;
    let mut green = deployment("green", 1);
    green["spec"]["replicas"] = json!(0);
    shop.apply(&[service("web", "blue"), deployment("blue", 1), green])
        .await;
    shop.ready().await;
    let watch = [
        ("watch", "", "pods"),
        ("watch", "apps", "deployments"),
        ("watch", "apps", "statefulsets"),
    ];
    let looks = &SWITCH[..4];
    grant(&shop, "looker", looks).await;
    grant(&shop, "watcher", &[looks, &watch].concat()).await;
    let mark = audit::mark().unwrap();
    let wait = ["wait", "web", "--for=ready", "--timeout", "2m"];
    let mut looker = Running::start(&shop, &[&wait[..], &["--as=looker"]].concat());
    let mut informed = Running::start(&shop, &[&wait[..], &["--as=watcher"]].concat());
    looker.says("ScaledToZero").await;
    informed.says("ScaledToZero").await;
    shop.kubectl(&["scale", "deployment/web-green", "--replicas=1"])
        .await;
    assert_eq!(looker.ends().await, 0);
    assert_eq!(informed.ends().await, 0);
    let watched = eventually(SOON, || async {
        let events = audit::since(mark)?.into_iter();
        let namespace = &shop.namespace.name;
        let codes: BTreeMap<_, _> = events
            .filter(|event| event.verb == "watch" && event.stage == "ResponseComplete")
            .filter(|event| {
                event
                    .object_ref
                    .as_ref()
                    .is_some_and(|object| object.namespace == *namespace)
            })
            .filter_map(|event| {
                Some((
                    event.impersonated_user?.username,
                    event.response_status?.code,
                ))
            })
            .collect();
        ensure!(codes.len() == 2, "{codes:?}");
        anyhow::Ok(codes)
    });
    let wanted = [("looker", 403), ("watcher", 200)];
    assert_eq!(
        watched.await.unwrap(),
        wanted.map(|(who, code)| (who.to_owned(), code)).into()
    );
}

#[tokio::test]
async fn a_switch_and_a_verification_by_somebody_else_are_waited_for() {
    let shop = served("by-others").await;
    let mut verified = Running::start(&shop, &["wait", "web", "--for=verified"]);
    verified.says("green has no verification").await;
    let mut active = Running::start(&shop, &["wait", "web", "--for=active=green"]);
    active.says("Service/web selects blue").await;
    let mut idle = Running::start(&shop, &["wait", "web", "--for=idle=blue"]);
    idle.says("Service/web selects blue").await;
    shop.expect(&["verify", "web", "--passes", "1"], 0, &[])
        .await;
    assert_eq!(verified.ends().await, 0);
    shop.expect(&["switch", "web"], 0, &[]).await;
    assert_eq!(active.ends().await, 0);
    assert_eq!(idle.ends().await, 0);
}

#[tokio::test]
async fn what_does_not_become_so_ends_with_its_own_code() {
    let shop = served("never-so").await;
    let late = ["wait", "web", "--for=active=green", "--timeout", "1s"];
    let said = [
        "green of web was not active within 1s",
        "Service/web selects blue",
    ];
    shop.expect(&late, 6, &said).await;
    let patch = json!({"spec": {"progressDeadlineSeconds": 2, "template": {"spec": {"containers": [
        {"name": "web", "image": "bluegreen.dev/nowhere:1"}]}}}});
    shop.kubectl(&["patch", "deployment", "web-green", "-p", &patch.to_string()])
        .await;
    let stuck = ["green of web will not be ready", "Stalled"];
    shop.expect(
        &["wait", "web", "--for=ready", "--timeout", "2m"],
        3,
        &stuck,
    )
    .await;
}

#[tokio::test]
async fn what_can_not_be_waited_for_is_said_at_once() {
    let shop = Shop::web("no-goal").await;
    for (args, code, said) in [
        (vec!["--for=done"], 2, "none of staged, ready, verified"),
        (vec!["--for=active=red"], 1, "no environment \"red\""),
        (
            vec!["--for=ready", "--role", "red"],
            1,
            "no environment \"red\"",
        ),
        (
            vec!["--for=idle=blue", "--role", "green"],
            2,
            "names a role itself",
        ),
    ] {
        let all: Vec<&str> = ["wait", "web"].into_iter().chain(args).collect();
        shop.expect(&all, code, &[said]).await;
    }
    shop.expect(&["wait", "shop", "--for=ready"], 1, &["shop"])
        .await;
    let patch = r#"{"spec":{"selector":{"role":null}}}"#;
    shop.kubectl(&["patch", "service", "web", "-p", patch])
        .await;
    shop.expect(&["wait", "web", "--for=ready"], 1, &["both sides at once"])
        .await;
}
