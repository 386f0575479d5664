//! `switch`.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use bluegreen_e2e::audit;
use bluegreen_e2e::eventually::eventually;
use serde_json::{Value, json};

use crate::shop::{Shop, deployment, service};

const SOON: Duration = Duration::from_secs(30);

/// What keeps a simulated pod from getting ready.
fn never_ready(mut side: Value) -> Value {
    side["spec"]["template"]["metadata"]["annotations"] = json!({"simulate/pod": "never-ready"});
    side
}

#[tokio::test]
async fn a_switch_goes_forward_and_only_forward() {
    let shop = Shop::web("forward").await;
    shop.kubectl(&["label", "service", "web", "role=blue"])
        .await;
    let before = shop.state().await;
    for rehearsal in ["--dry-run=client", "--dry-run=server"] {
        shop.expect(
            &["switch", "web", rehearsal],
            0,
            &["blue → green", "dry run"],
        )
        .await;
        assert_eq!(shop.state().await, before, "{rehearsal}");
    }
    shop.expect(
        &["switch", "web", "--to", "blue"],
        0,
        &["web is blue already"],
    )
    .await;
    assert_eq!(shop.state().await, before);

    let output = shop.expect(&["switch", "web", "-o", "json"], 0, &[]).await;
    let value: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(value["to"], "green");
    assert_eq!(value["changed"], true);
    assert_eq!(shop.role("web").await, "green");
    let own = [
        "get",
        "service",
        "web",
        "-o",
        "jsonpath={.metadata.labels.role}",
    ];
    assert_eq!(
        shop.kubectl(&own).await,
        "green",
        "its own label moves along"
    );

    let after = shop.state().await;
    shop.expect(
        &["switch", "web"],
        3,
        &["a switch goes forward only", "rollback"],
    )
    .await;
    assert_eq!(shop.state().await, after);
    shop.expect(&["switch", "web", "--to", "blue"], 0, &["web is blue now"])
        .await;
}

#[tokio::test]
async fn a_side_that_is_not_ready_is_refused_or_waited_for() {
    let shop = Shop::unguarded("waiting").await;
    let green = never_ready(deployment("green", 2));
    shop.apply(&[service("web", "blue"), deployment("blue", 2), green])
        .await;
    let before = shop.state().await;
    shop.expect(
        &["switch", "web"],
        3,
        &["web may not be switched to green", "NotReady: "],
    )
    .await;
    let brief = ["switch", "web", "--wait", "--timeout", "1s"];
    shop.expect(&brief, 6, &["could not be switched to green within 1s"])
        .await;
    assert_eq!(shop.state().await, before);

    let patient = ["switch", "web", "--wait", "--timeout", "1m"];
    let (_, ()) = tokio::join!(shop.expect(&patient, 0, &["web is green now"]), async {
        shop.apply(&[deployment("green", 2)]).await;
    });
    assert_eq!(shop.role("web").await, "green");
}

#[tokio::test]
async fn somebody_elses_switch_is_not_run_over() {
    let shop = Shop::web("busy").await;
    let until = in_a_minute().await;
    let intent =
        format!(r#"bluegreen.dev/intent={{"to":"green","by":"somebody","until":"{until}"}}"#);
    shop.kubectl(&["annotate", "service", "web", &intent]).await;
    let before = shop.state().await;
    shop.expect(
        &["switch", "web"],
        8,
        &["somebody is switching web to green"],
    )
    .await;
    assert_eq!(shop.state().await, before);
    shop.expect(&["status", "web"], 0, &["somebody"]).await;
}

/// A time a minute from now, as the machine's clock writes it.
async fn in_a_minute() -> String {
    let date = ["-u", "-d", "+1 minute", "+%Y-%m-%dT%H:%M:%SZ"];
    let date = tokio::process::Command::new("date")
        .args(date)
        .output()
        .await;
    String::from_utf8(date.unwrap().stdout)
        .unwrap()
        .trim()
        .to_owned()
}

#[tokio::test]
async fn two_production_services_flip_as_one() {
    let shop = Shop::unguarded("pair").await;
    let services = ["web-public", "web-inner"];
    let marked = |name| {
        let mut service = service(name, "blue");
        service["metadata"]["annotations"] = json!({"bluegreen.dev/production": "true"});
        service
    };
    let mut objects: Vec<Value> = services.map(marked).into();
    objects.extend([deployment("blue", 1), deployment("green", 1)]);
    shop.apply(&objects).await;
    shop.ready().await;
    // Whichever is flipped second, one of them can't be.
    let policy = one_that_stays(&shop.namespace.name, "web-public");
    shop.apply(&policy).await;
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
    for object in [
        "validatingadmissionpolicybinding",
        "validatingadmissionpolicy",
    ] {
        shop.kubectl(&["delete", object, &shop.namespace.name])
            .await;
    }
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

/// A policy of somebody else, which keeps the selector of one Service.
fn one_that_stays(namespace: &str, service: &str) -> [Value; 2] {
    [
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy",
            "metadata": {"name": namespace},
            "spec": {
                "matchConstraints": {"resourceRules": [{
                    "apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE"], "resources": ["services"]
                }]},
                "validations": [{
                    "expression": format!(
                        "object.metadata.name != '{service}' || object.spec.selector == oldObject.spec.selector"
                    ),
                    "message": "it stays"
                }]
            }
        }),
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicyBinding",
            "metadata": {"name": namespace},
            "spec": {
                "policyName": namespace, "validationActions": ["Deny"],
                "matchResources": {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}}
            }
        }),
    ]
}

#[tokio::test]
async fn other_shapes_flip_as_well() {
    for (name, keys) in [
        ("version", &["version"][..]),
        ("app", &["app"]),
        ("keys", &["slot", "color"]),
    ] {
        let shop = Shop::unguarded(name).await;
        let labels = |role: &str| {
            let mut labels = json!({"part": "web"});
            for key in keys {
                let value = if *key == "app" {
                    format!("web-{role}")
                } else {
                    role.to_owned()
                };
                labels[*key] = json!(value);
            }
            labels
        };
        let side = |role: &str| {
            let mut side = deployment(role, 1);
            side["metadata"]["labels"] = labels(role);
            side["spec"]["selector"]["matchLabels"] = labels(role);
            side["spec"]["template"]["metadata"]["labels"] = labels(role);
            side
        };
        let mut production = service("web", "blue");
        production["spec"]["selector"] = labels("blue");
        shop.apply(&[production, side("blue"), side("green")]).await;
        shop.ready().await;
        shop.expect(&["switch", "web"], 0, &["is green now"]).await;
        let selector = ["get", "service", "web", "-o", "jsonpath={.spec.selector}"];
        let selector: Value = serde_json::from_str(&shop.kubectl(&selector).await).unwrap();
        assert_eq!(selector, labels("green"), "{name}");
    }
}
