//! An application with two production Services.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bluegreen_e2e::audit;
use bluegreen_e2e::eventually::eventually;
use serde_json::{Value, json};

use crate::fixture::guard;
use crate::fixture::policy::{Policy, until_refused};
use crate::shop::{Shop, deployment, service};

const SOON: Duration = Duration::from_secs(30);

/// A production Service that selects a role.
pub(super) fn marked(name: &str, role: &str) -> Value {
    let mut service = service(name, role);
    service["metadata"]["annotations"] = json!({"bluegreen.dev/production": "true"});
    service
}

#[tokio::test]
async fn two_production_services_flip_as_one() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("pair").await;
    let services = ["web-public", "web-inner"];
    let mut objects: Vec<Value> = services.map(|name| marked(name, "blue")).into();
    objects.extend([deployment("blue", 1), deployment("green", 1)]);
    shop.apply(&objects).await;
    shop.ready().await;
    // Whichever is flipped second, one of them can't be.
    let stays = "!has(object.spec.selector.role) || object.spec.selector.role == 'blue'";
    let policy = one_that_stays(&shop, "web-public", stays).await;
    let refused = async || {
        let mark = audit::mark()?;
        let output = shop.run(&["switch", "web", "--to", "green"]).await;
        ensure!(output.stderr.contains("it stays"), "{output:?}");
        // Announced, flipped, put back.
        eventually(SOON, || async {
            let patches = patches_of(&shop, "web-inner", mark)?;
            ensure!(patches == 3, "{patches} patches");
            Ok(())
        })
        .await?;
        Ok::<_, anyhow::Error>(output)
    };
    // A policy takes a moment to hold; until then the switch is taken back by hand.
    let output = eventually(SOON, || async {
        let seen = refused().await;
        if seen.is_err() {
            shop.run(&["switch", "web", "--to", "blue"]).await;
        }
        seen
    })
    .await
    .unwrap();
    assert_ne!(output.code, 0);
    for service in services {
        assert_eq!(shop.role(service).await, "blue", "{service}");
    }
    policy.end().await;
    let began = Instant::now();
    while shop.run(&["switch", "web", "--to", "green"]).await.code != 0 {
        assert!(began.elapsed() < SOON);
    }
    for service in services {
        assert_eq!(shop.role(service).await, "green", "{service}");
    }
}

/// How often a Service was changed.
fn patches_of(shop: &Shop, service: &str, mark: audit::Mark) -> Result<usize> {
    let events = audit::since(mark)?.into_iter();
    let changed = events.filter(|event| {
        let object = event.object_ref.clone().unwrap_or_default();
        event.verb == "patch" && object.namespace == shop.namespace.name && object.name == service
    });
    Ok(changed.count())
}

/// A policy of somebody else, under which one Service only gets a selector of that kind.
pub(super) async fn one_that_stays(shop: &Shop, service: &str, selects: &str) -> Policy {
    let expression = format!(
        "object.metadata.name != '{service}' || object.spec.selector == oldObject.spec.selector || ({selects})"
    );
    Policy::new(shop, "services", &expression, "it stays").await
}

#[tokio::test]
async fn a_split_is_told_and_mended_by_who_names_the_side() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("split").await;
    shop.apply(&[
        marked("web-public", "blue"),
        marked("web-inner", "green"),
        deployment("blue", 1),
        deployment("green", 1),
    ])
    .await;
    shop.ready().await;
    let before = shop.state().await;
    let split = [
        "production of web is split",
        "Service/web-public selects blue",
        "Service/web-inner selects green",
        "--to blue or --to green",
    ];
    shop.expect(&["switch", "web"], 1, &split).await;
    shop.expect(&["status", "web"], 0, &["production is split"])
        .await;
    assert_eq!(shop.state().await, before);

    shop.expect(
        &["switch", "web", "--to", "green"],
        0,
        &["web is green now"],
    )
    .await;
    for service in ["web-public", "web-inner"] {
        assert_eq!(shop.role(service).await, "green", "{service}");
    }
    shop.expect(&["status", "web"], 0, &["production is green"])
        .await;
}

#[tokio::test]
async fn a_split_is_mended_by_a_rollback_that_tells_what_each_service_left() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("split-back").await;
    let services = ["web-public", "web-inner"];
    let mut objects: Vec<Value> = services.map(|name| marked(name, "blue")).into();
    objects.extend([deployment("blue", 1), deployment("green", 1)]);
    shop.apply(&objects).await;
    shop.ready().await;
    let green = r#"{"spec":{"selector":{"role":"green"}}}"#;
    shop.kubectl(&["patch", "service", "web-inner", "-p", green])
        .await;
    let mended = [
        "web-inner: green → blue",
        "web is blue now. Forward again: kubectl bluegreen",
        "switch web --to green",
    ];
    shop.expect(&["rollback", "web"], 0, &mended).await;
    let path = "jsonpath={.flips[0].service} {.flips[0].from} {.flips[0].to}";
    let told = shop.run(&["history", "web", "-o", path]).await;
    assert_eq!(told.stdout.trim(), "web-inner green blue", "{told:?}");
    shop.expect(&["rollback", "web"], 0, &["web is blue already"])
        .await;
    shop.expect(
        &["switch", "web", "--to", "green"],
        0,
        &["web is green now"],
    )
    .await;
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
}

#[tokio::test]
async fn a_split_that_can_not_be_put_back_is_told_with_both_causes_and_the_way_out() {
    let shop = Shop::unguarded("split-stays").await;
    shop.apply(&[
        marked("web-public", "blue"),
        marked("web-inner", "blue"),
        deployment("blue", 1),
        deployment("green", 1),
    ])
    .await;
    shop.ready().await;
    // The one that is flipped first may not go back, and the other may not go.
    let expression = "object.spec.selector == oldObject.spec.selector \
                      || (object.metadata.name == 'web-inner' && object.spec.selector.role == 'green')";
    let policy = Policy::new(&shop, "services", expression, "it stays").await;
    let green = r#"{"spec":{"selector":{"role":"green"}}}"#;
    let rehearsal = [
        "patch",
        "service",
        "web-public",
        "--dry-run=server",
        "-p",
        green,
    ];
    until_refused(&shop, &rehearsal, "it stays").await;
    let told = [
        "Service/web-inner was flipped, another was not, and it could not be put back: ",
        "Service/web-public was not flipped: ",
        "production is split: kubectl bluegreen",
        "switch web --to blue",
    ];
    let switch = ["switch", "web", "--to", "green"];
    let output = shop.expect(&switch, 1, &told).await;
    assert_eq!(output.stderr.matches("it stays").count(), 2, "{output:?}");
    policy.end().await;
    // What is printed works, once the policy is forgotten.
    eventually(SOON, || async {
        let output = shop.run(&["switch", "web", "--to", "blue"]).await;
        ensure!(output.code == 0, "{output:?}");
        anyhow::Ok(())
    })
    .await
    .unwrap();
    for service in ["web-inner", "web-public"] {
        assert_eq!(shop.role(service).await, "blue", "{service}");
    }
}
