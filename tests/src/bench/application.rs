//! The applications that are measured.

use anyhow::{Result, bail};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::runs::kubectl;

/// Puts the webhook in, so that every flip is judged by it.
pub(super) async fn install() -> Result<()> {
    kubectl(&["bluegreen", "install"]).await
}

/// Two real pods a side.
pub(super) async fn small() -> Result<()> {
    two_a_side("small").await
}

/// The same in another namespace.
pub(super) async fn two_a_side(namespace: &str) -> Result<()> {
    application(namespace, 0).await
}

/// Two real and fifty simulated pods a side.
pub(super) async fn large() -> Result<()> {
    application("large", 50).await
}

async fn application(namespace: &str, simulated: u32) -> Result<()> {
    kubectl(&["create", "namespace", namespace]).await?;
    let mut items = vec![service()];
    for role in ["blue", "green"] {
        items.push(deployment(role, "real", 2));
        if simulated > 0 {
            items.push(deployment(role, "simulated", simulated));
        }
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    apply(namespace, &list).await?;
    let condition = ["wait", "--for=condition=Available", "deployment", "--all"];
    let limits = ["--timeout=120s", "-n", namespace];
    kubectl(&[&condition[..], &limits[..]].concat()).await
}

fn service() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"app": "web", "role": "blue"},
            "ports": [{"port": 80, "targetPort": 8080}]
        }
    })
}

fn deployment(role: &str, part: &str, replicas: u32) -> Value {
    let labels = json!({"app": "web", "role": role, "part": part});
    let mut pod = json!({
        "terminationGracePeriodSeconds": 1,
        "containers": [{
            "name": "web",
            "image": "bluegreen.dev/test-server:1",
            "imagePullPolicy": "Never",
            "ports": [{"containerPort": 8080}],
            "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1}
        }]
    });
    if part == "simulated" {
        pod["nodeSelector"] = json!({"type": "simulated"});
        pod["tolerations"] = json!([{"key": "simulated", "operator": "Exists"}]);
    }
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": format!("web-{part}-{role}"), "labels": labels},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod}
        }
    })
}

async fn apply(namespace: &str, list: &Value) -> Result<()> {
    let mut child = Command::new("kubectl")
        .args(["apply", "-n", namespace, "-f", "-"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(list.to_string().as_bytes()).await?;
    }
    if !child.wait().await?.success() {
        bail!("the application {namespace} could not be applied");
    }
    Ok(())
}
