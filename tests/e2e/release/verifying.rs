//! `verify`, before a switch and after it.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::audit;
use bluegreen_e2e::eventually::eventually;
use serde_json::json;

use crate::fixture::served::{QUICK, answer, pods, served};
use crate::shop::{Shop, real, service};

#[tokio::test]
async fn every_pod_is_asked_and_one_that_fails_is_named() {
    let shop = served("verify").await;
    let pods = pods(&shop).await;
    let verify = [&["verify", "web"][..], &QUICK].concat();
    answer(&shop, &pods[1], 500).await;
    shop.expect(&verify, 5, &[&pods[0], &pods[1], "500"]).await;
    let verified = "jsonpath={.metadata.annotations.bluegreen\\.dev/verified-green}";
    let recorded = ["get", "service", "web", "-o", verified];
    assert_eq!(shop.kubectl(&recorded).await, "");

    answer(&shop, &pods[1], 200).await;
    shop.expect(&verify, 0, &[&pods[0], &pods[1]]).await;
    assert!(shop.kubectl(&recorded).await.contains("revision"));
    let status = shop.expect(&["status", "web"], 0, &["ago"]).await;
    assert!(status.stdout.contains("ago"), "{status:?}");

    // Of another template it says nothing.
    let staged = ["stage", "web", "--image", "bluegreen.dev/test-server:2"];
    shop.expect(&staged, 0, &[]).await;
    let stale = shop.expect(&["status", "web"], 0, &[]).await;
    assert!(!stale.stdout.contains("ago"), "{}", stale.stdout);
}

#[tokio::test]
async fn production_that_fails_after_a_switch_goes_back_by_itself() {
    let shop = served("production").await;
    for pod in pods(&shop).await {
        answer(&shop, &pod, 500).await;
    }
    let switch = ["switch", "web", "--verify-path", "/"];
    shop.expect(&switch, 7, &["500", "production is back on blue"])
        .await;
    assert_eq!(shop.role("web").await, "blue");
    for pod in pods(&shop).await {
        answer(&shop, &pod, 200).await;
    }
    let again = ["switch", "web", "--to", "green", "--verify-path", "/"];
    shop.expect(&again, 0, &["5 of 5 checks passed", "web is green now"])
        .await;
}

#[tokio::test]
async fn a_service_that_leads_to_a_port_where_nobody_listens_passes_no_check() {
    let shop = served("astray").await;
    let ports = r#"{"spec":{"ports":[{"port":80,"targetPort":81}]}}"#;
    shop.kubectl(&["patch", "service", "web", "-p", ports])
        .await;
    let refused = "port 81, which a production Service leads to: connection refused";
    let verify = [&["verify", "web"][..], &QUICK].concat();
    shop.expect(&verify, 5, &[refused]).await;
    let named = r#"{"spec":{"ports":[{"port":80,"targetPort":"nosuch"}]}}"#;
    shop.kubectl(&["patch", "service", "web", "-p", named])
        .await;
    let unresolved = "no container of it has the Service's target port \"nosuch\"";
    shop.expect(&verify, 5, &[unresolved]).await;
    shop.kubectl(&["patch", "service", "web", "-p", ports])
        .await;
    let switch = ["switch", "web", "--verify-prod"];
    shop.expect(&switch, 7, &[refused, "production is back on blue"])
        .await;
    assert_eq!(shop.role("web").await, "blue");
}

#[tokio::test]
async fn a_pod_that_leaves_while_production_is_checked_is_no_reason_to_go_back() {
    let shop = served("leaving").await;
    let pods = pods(&shop).await;
    let switch = ["switch", "web", "--verify-path", "/"];
    let mark = audit::mark().unwrap();
    let leave = async {
        checks_have_begun(&shop, mark).await;
        shop.kubectl(&["delete", "pod", &pods[0], "--wait=false"])
            .await;
    };
    let passed = ["5 of 5 checks passed", "web is green now"];
    tokio::join!(shop.expect(&switch, 0, &passed), leave);
}

#[tokio::test]
async fn production_that_is_flipped_away_while_it_is_checked_is_not_done() {
    let shop = served("away").await;
    let switch = ["switch", "web", "--verify-path", "/"];
    let mark = audit::mark().unwrap();
    let away = async {
        checks_have_begun(&shop, mark).await;
        let selector = r#"{"spec":{"selector":{"role":"blue"}}}"#;
        shop.kubectl(&["patch", "service", "web", "-p", selector])
            .await;
    };
    let busy = ["flipped away from green by somebody else"];
    tokio::join!(shop.expect(&switch, 8, &busy), away);
    assert_eq!(shop.role("web").await, "blue");
}

/// Waits for the first of the checks, which take two seconds.
async fn checks_have_begun(shop: &Shop, mark: audit::Mark) {
    eventually(Duration::from_secs(30), || async {
        let is_check = |event: &audit::Event| {
            let object = event.object_ref.clone().unwrap_or_default();
            object.subresource == "portforward" && object.namespace == shop.namespace.name
        };
        ensure!(audit::since(mark)?.iter().any(is_check), "no check yet");
        Ok::<_, anyhow::Error>(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_verification_ends_with_its_time() {
    let shop = served("late").await;
    let pods = pods(&shop).await;
    let verify = ["verify", "web", "--path", "/"];
    let late = [&verify[..], &["--interval", "1h", "--timeout", "3s"]].concat();
    let words = [
        "2 of 2 pods of green had neither passed nor failed within 3s",
        &format!("Pod/{}: had passed 1 of 3 times in a row", pods[0]),
    ];
    shop.expect(&late, 6, &words).await;
}

#[tokio::test]
async fn stateful_sets_are_environments_too() {
    let shop = Shop::unguarded("stateful").await;
    let set = |role| {
        let mut set = real(role, 1);
        set["kind"] = json!("StatefulSet");
        set["spec"]["serviceName"] = json!("web");
        set
    };
    shop.apply(&[service("web", "blue"), set("blue"), set("green")])
        .await;
    for role in ["blue", "green"] {
        let set = format!("statefulset/web-{role}");
        shop.kubectl(&["rollout", "status", &set, "--timeout=60s"])
            .await;
    }
    let staged = ["stage", "web", "--image", "bluegreen.dev/test-server:2"];
    shop.expect(&staged, 0, &["StatefulSet/web-green"]).await;
    let verify = [&["verify", "web"][..], &QUICK].concat();
    shop.expect(&verify, 0, &["web-green-0"]).await;
    shop.expect(&["switch", "web"], 0, &["web is green now"])
        .await;
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
}
