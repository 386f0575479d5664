//! Another one completes workloads as well, as the injectors of service meshes do.

use std::time::Duration;

use anyhow::ensure;
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::kubectl;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use crate::fixture::guard;
use crate::shop::{Shop, deployment, service};

/// Until the API server knows of a policy.
const SOON: Duration = Duration::from_secs(30);

/// A policy that adds a proxy, which serves, and a container that doesn't; but only once the guard
/// has completed what there is, so that it is the guard's turn again.
async fn injector(shop: &Shop) -> [Value; 2] {
    let group = "admissionregistration.k8s.io";
    let flag = format!("--api-group={group}");
    let kinds = kubectl(&["api-resources", "--no-headers", &flag]).await;
    let kinds = kinds.unwrap().stdout;
    // Which version is served depends on Kubernetes' own.
    let mut lines = kinds.lines();
    let line = lines.find(|line| line.starts_with("mutatingadmissionpolicies "));
    let version = line.unwrap().split_whitespace().nth(1).unwrap();
    let name = &shop.namespace.name;
    // Who has not been asked before is not asked again, so it is no condition of the policy.
    let expression = "object.spec.template.spec.containers.exists(it, it.name == 'web' && has(it.readinessProbe))
        && !object.spec.template.spec.containers.exists(it, it.name == 'proxy')
        ? Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [
            Object.spec.template.spec.containers{name: 'proxy', image: 'proxy:1', ports: [
                Object.spec.template.spec.containers.ports{containerPort: 9901, protocol: 'TCP'}]},
            Object.spec.template.spec.containers{name: 'logs', image: 'logs:1'}]}}}}
        : Object{}";
    [
        json!({
            "apiVersion": version, "kind": "MutatingAdmissionPolicy", "metadata": {"name": name},
            "spec": {
                "failurePolicy": "Fail", "reinvocationPolicy": "IfNeeded",
                "matchConstraints": {"resourceRules": [{
                    "apiGroups": ["apps"], "apiVersions": ["v1"],
                    "resources": ["deployments"], "operations": ["CREATE", "UPDATE"]
                }]},
                "mutations": [{
                    "patchType": "ApplyConfiguration", "applyConfiguration": {"expression": expression}
                }]
            }
        }),
        json!({
            "apiVersion": version, "kind": "MutatingAdmissionPolicyBinding", "metadata": {"name": name},
            "spec": {
                "policyName": name,
                "matchResources": {"namespaceSelector": {
                    "matchLabels": {"kubernetes.io/metadata.name": name}
                }}
            }
        }),
    ]
}

/// The idle side as somebody writes it who leaves probe and role to the guard.
fn plain() -> Value {
    let labels = json!({"app": "web"});
    let mut side = deployment("green", 2);
    side["metadata"]["labels"] = labels.clone();
    side["spec"]["selector"]["matchLabels"] = labels.clone();
    let template = &mut side["spec"]["template"];
    template["metadata"]["labels"] = labels;
    let container = &mut template["spec"]["containers"][0];
    container.as_object_mut().unwrap().remove("readinessProbe");
    side
}

async fn stored(shop: &Shop) -> Value {
    let side = shop.namespace.api::<Deployment>().get("web-green").await;
    serde_json::to_value(side.unwrap()).unwrap()
}

/// Waits until the policy is in force.
async fn injects(shop: &Shop) {
    let rehearsal = ["create", "--dry-run=server", "-o", "json", "-f", "-"];
    let plain = plain().to_string();
    eventually(SOON, || async {
        let created = shop.namespace.kubectl_reading(&rehearsal, &plain).await?;
        ensure!(created.stdout.contains("proxy:1"), "{created:?}");
        anyhow::Ok(())
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn what_another_adds_is_completed_too_and_applying_again_changes_nothing() {
    let _guard = guard::standing().await;
    let shop = Shop::guarded("beside").await;
    let injector = injector(&shop).await;
    let mut web = service("web", "blue");
    web["spec"]["ports"] = json!([
        {"name": "web", "port": 80, "targetPort": 8080}, {"name": "proxy", "port": 81, "targetPort": 9901}
    ]);
    shop.apply(&[&[web], &injector[..]].concat()).await;
    injects(&shop).await;

    shop.apply(&[plain()]).await;
    let first = stored(&shop).await;
    let template = &first["spec"]["template"];
    let containers = template["spec"]["containers"].as_array().unwrap();
    let found: Vec<(&str, Option<&Value>)> = containers
        .iter()
        .map(|it| {
            (
                it["name"].as_str().unwrap(),
                it.pointer("/readinessProbe/tcpSocket/port"),
            )
        })
        .collect();
    let expected = [
        ("web", Some(&json!(8080))),
        ("proxy", Some(&json!(9901))),
        ("logs", None),
    ];
    assert_eq!(found, expected, "{template}");
    assert_eq!(containers[2].get("readinessProbe"), None);
    let role = json!({"app": "web", "role": "green"});
    assert_eq!(first["metadata"]["labels"], role);
    assert_eq!(template["metadata"]["labels"], role);

    let plain = plain().to_string();
    for again in [
        &["apply", "-f", "-"][..],
        &["diff", "-f", "-"],
        &["apply", "--server-side", "--force-conflicts", "-f", "-"],
    ] {
        let mut generations = Vec::new();
        // What one kubectl notes for itself in an annotation, another takes away: a generation of its own.
        for _ in 0..2 {
            let output = shop.namespace.kubectl_reading(again, &plain).await.unwrap();
            output.succeeded().unwrap();
            let second = stored(&shop).await;
            assert_eq!(second["spec"], first["spec"], "{again:?}");
            generations.push(second["metadata"]["generation"].clone());
        }
        assert_eq!(generations[0], generations[1], "{again:?}");
    }
    // All that was added is gone from this one, and comes back.
    let replace = ["replace", "-f", "-"];
    let output = shop.namespace.kubectl_reading(&replace, &plain).await;
    output.unwrap().succeeded().unwrap();
    assert_eq!(stored(&shop).await["spec"], first["spec"]);
    for kind in ["mutatingadmissionpolicy", "mutatingadmissionpolicybinding"] {
        shop.kubectl(&["delete", kind, &shop.namespace.name]).await;
    }
}
