//! An overlap that any client asks for: what opens the guard no wider than a flip may pass, and nothing else.

use serde_json::{Value, json};

use super::{never_ready, patch, settled, to, verdict, web};
use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

const MARK: &str = "bluegreen.dev/overlap";

/// Both sides selected, and a mark that says so.
fn both(from: &str, to: &str) -> Value {
    let mark = json!({"from": from, "to": to}).to_string();
    json!({"metadata": {"annotations": {MARK: mark}}, "spec": {"selector": {"role": null}}})
}

/// A change of the mark alone, or of a role beside it.
fn marked(mark: impl Into<Value>, role: Option<&str>) -> Value {
    let mut change = json!({"metadata": {"annotations": {MARK: mark.into()}}});
    if let Some(role) = role {
        change["spec"]["selector"]["role"] = role.into();
    }
    change
}

/// The API server refuses it by itself.
async fn refused_by_policy(shop: &Shop, change: &Value) {
    let output = patch(shop, change).await;
    let told = "Protected: bluegreen.dev/overlap of Service/web changes with the selector alone";
    assert_eq!(output.code, 1, "{change}: {output:?}");
    assert!(output.stderr.contains(told), "{change}: {output:?}");
}

/// The guard refuses it with these words, and nothing is changed.
async fn refused(shop: &Shop, change: &Value, words: &str) {
    let before = shop.state().await;
    let output = patch(shop, change).await;
    assert!(verdict(&output).contains(words), "{change}: {output:?}");
    assert_eq!(shop.state().await, before, "{change}");
}

async fn allowed(shop: &Shop, change: &Value) {
    let output = patch(shop, change).await;
    assert_eq!(output.code, 0, "{change}: {output:?}");
}

/// `web`, two pods a side, all of them ready.
async fn ready(name: &str) -> Shop {
    let shop = web(name, deployment("green", 2)).await;
    shop.ready().await;
    shop
}

#[tokio::test]
async fn no_mark_opens_the_guard() {
    let _guard = guard::standing().await;
    let shop = ready("overlap-forged").await;
    let whole = r#"{"from":"blue","to":"green"}"#;
    refused_by_policy(&shop, &marked(whole, None)).await;
    refused_by_policy(&shop, &marked("yes", None)).await;
    // With the role dropped and without a mark it is what it always was.
    let without = json!({"spec": {"selector": {"role": null}}});
    refused(&shop, &without, "NoEnvironment: ").await;
    for (change, words) in [
        (
            both("green", "blue"),
            "NoEnvironment: Service/web would be in an overlap from green, and it selects blue",
        ),
        (
            both("blue", "red"),
            "NoEnvironment: Service/web would select both blue and red",
        ),
        (
            both("blue", "blue"),
            "InvalidSetting: Service/web has bluegreen.dev/overlap: ",
        ),
        (
            marked("blue", Some("green")),
            "InvalidSetting: Service/web has bluegreen.dev/overlap: \"blue\"",
        ),
        (
            marked(whole, Some("green")),
            "NoEnvironment: Service/web would say that it selects both sides",
        ),
        (
            marked(whole, Some("gren")),
            "NoEnvironment: Service/web would say that it selects both sides",
        ),
    ] {
        refused(&shop, &change, words).await;
    }
    let stranger = ["run", "stranger", "--image=web:1", "--labels=app=web"];
    shop.kubectl(&stranger).await;
    refused(
        &shop,
        &both("blue", "green"),
        "ForeignPods: Service/web would select 1 object beside both sides",
    )
    .await;
    shop.kubectl(&["delete", "pod", "stranger", "--grace-period=0", "--force"])
        .await;
    // Nor on what has no role, what is for tests, or what is only just made.
    let mut plain = service("plain", "blue");
    plain["spec"]["selector"] = json!({"app": "web"});
    shop.apply(&[plain, service("web-test-blue", "blue")]).await;
    for (name, change) in [
        ("plain", marked(whole, None)),
        ("web-test-blue", both("blue", "green")),
    ] {
        let change = change.to_string();
        let tried = ["patch", "service", name, "--type=merge", "-p", &change];
        let output = shop.namespace.kubectl(&tried).await.unwrap();
        assert_eq!(output.code, 1, "{output:?}");
        assert!(output.stderr.contains("Forbidden"), "{output:?}");
    }
    let mut made = service("made", "blue");
    made["metadata"]["annotations"] = json!({MARK: whole});
    made["spec"]["selector"] = json!({"app": "web"});
    let made = shop.namespace.apply(&made.to_string()).await.unwrap_err();
    assert!(
        format!("{made:#}").contains("leave the annotation out"),
        "{made:#}"
    );
    let by_status = marked(whole, None).to_string();
    let by_status = [
        "patch",
        "service",
        "web",
        "--subresource=status",
        "--type=merge",
        "-p",
        &by_status,
    ];
    let output = shop.namespace.kubectl(&by_status).await.unwrap();
    assert_eq!(output.code, 1, "{output:?}");
}

#[tokio::test]
async fn a_side_that_may_not_serve_is_not_selected_beside_the_other_either() {
    let _guard = guard::standing().await;
    let shop = web("overlap-unready", never_ready(deployment("green", 2))).await;
    settled(&shop, "web-green", 2).await;
    refused(&shop, &both("blue", "green"), "NotReady: ").await;
    shop.kubectl(&["scale", "deployment/web-green", "--replicas=0"])
        .await;
    settled(&shop, "web-green", 0).await;
    refused(&shop, &both("blue", "green"), "ScaledToZero: ").await;
}

#[tokio::test]
async fn an_overlap_of_any_client_ends_in_one_of_its_sides_and_nowhere_else() {
    let _guard = guard::standing().await;
    let shop = ready("overlap-ends").await;
    allowed(&shop, &both("blue", "green")).await;
    let turned = r#"{"from":"green","to":"blue"}"#;
    refused_by_policy(&shop, &marked(Value::Null, None)).await;
    refused_by_policy(&shop, &marked(turned, None)).await;
    for (change, words) in [
        (
            marked(turned, Some("green")),
            "Protected: Service/web would have bluegreen.dev/overlap changed",
        ),
        (
            to("green"),
            "NoEnvironment: Service/web is in an overlap, and would select app=web,role=green",
        ),
        (marked(Value::Null, Some("gren")), "which is neither"),
        (
            json!({"spec": {"selector": {"app": null, "role": "green"}}, "metadata": {"annotations": {MARK: null}}}),
            "which is neither",
        ),
    ] {
        refused(&shop, &change, words).await;
    }
    let told_otherwise = json!({"metadata": {"annotations": {"bluegreen.dev/role-key": "app"}}});
    refused(&shop, &told_otherwise, "bluegreen.dev/role-key changed").await;
    both_are_protected(&shop).await;
    allowed(&shop, &marked(Value::Null, Some("blue"))).await;
    // That was no flip; the next one is.
    assert_eq!(flips(&shop).await, "");
    allowed(&shop, &both("blue", "green")).await;
    allowed(&shop, &marked(Value::Null, Some("green"))).await;
    assert_eq!(flips(&shop).await, "blue green");
    shop.expect(&["rollback", "web"], 0, &["web is blue now"])
        .await;
}

/// The roles of the newest flip.
async fn flips(shop: &Shop) -> String {
    let path = "jsonpath={.flips[0].from} {.flips[0].to}";
    let told = shop.run(&["history", "web", "-o", path]).await.stdout;
    told.trim().to_owned()
}

async fn both_are_protected(shop: &Shop) {
    for role in ["blue", "green"] {
        let name = format!("deployment/web-{role}");
        for command in [&["scale", &name, "--replicas=0"][..], &["delete", &name]] {
            let output = shop.namespace.kubectl(command).await.unwrap();
            assert!(
                output.stderr.contains("Protected: "),
                "{command:?}: {output:?}"
            );
        }
        // Of two pods one may go another way, and the last one not.
        let label = format!("role={role}");
        let pods = ["get", "pods", "-l", &label, "-o", "name"];
        let pods = shop.kubectl(&pods).await;
        let one = pods.lines().next().unwrap();
        shop.kubectl(&["scale", &name, "--replicas=1"]).await;
        shop.ready().await;
        let left = shop
            .kubectl(&[
                "get",
                "pods",
                "-l",
                &label,
                "-o",
                "name",
                "--field-selector=status.phase=Running",
            ])
            .await;
        let last = left.lines().next().unwrap_or(one);
        let output = shop
            .namespace
            .kubectl(&["label", last, "role=debug", "--overwrite"])
            .await
            .unwrap();
        assert!(
            output
                .stderr
                .contains("is the only ready one behind Service/web"),
            "{output:?}"
        );
    }
    let delete = ["delete", "service", "web"];
    let output = shop.namespace.kubectl(&delete).await.unwrap();
    assert!(output.stderr.contains("Protected: "), "{output:?}");
}
