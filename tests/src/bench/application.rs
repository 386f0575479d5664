//! The applications that are measured.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::runs::kubectl;
use crate::kubectl::run;

pub(super) const ROLES: [&str; 2] = ["blue", "green"];

/// What becomes of the pods of a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pods {
    /// They run.
    Real,
    /// They run, and one failed probe makes them unready.
    Breakable,
    /// They are ready at once, and nothing runs.
    Simulated,
    /// The same, but they are ready when the benchmark says so.
    Held,
}

impl Pods {
    fn name(self) -> &'static str {
        match self {
            Self::Real | Self::Breakable => "real",
            Self::Simulated | Self::Held => "simulated",
        }
    }
}

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

/// One workload of so many pods a side, in a namespace of its own.
pub(super) async fn one_workload(namespace: &str, replicas: u32, pods: Pods) -> Result<()> {
    let sides = ROLES.map(|role| deployment(role, pods, replicas));
    create(namespace, sides.to_vec()).await?;
    if pods == Pods::Held {
        return Ok(());
    }
    all_ready(
        namespace,
        &format!("jsonpath={{.status.readyReplicas}}={replicas}"),
    )
    .await
}

async fn application(namespace: &str, simulated: u32) -> Result<()> {
    let mut sides = Vec::new();
    for role in ROLES {
        sides.push(deployment(role, Pods::Real, 2));
        if simulated > 0 {
            sides.push(deployment(role, Pods::Simulated, simulated));
        }
    }
    create(namespace, sides).await?;
    all_ready(namespace, "condition=Available").await
}

async fn create(namespace: &str, sides: Vec<Value>) -> Result<()> {
    kubectl(&["create", "namespace", namespace]).await?;
    let selector = json!({"app": "web", "role": "blue"});
    apply(namespace, [vec![service("web", &selector)], sides].concat()).await
}

async fn all_ready(namespace: &str, when: &str) -> Result<()> {
    let until = format!("--for={when}");
    let wait = ["wait", &until, "deployment", "--all"];
    let limits = ["--timeout=120s", "-n", namespace];
    kubectl(&[&wait[..], &limits].concat()).await
}

/// Lets green run something that has not served, of nothing but another annotation. A flip and its way back
/// again and again would be all that the history holds otherwise, which is too short to tell the two apart.
pub(super) async fn release(namespace: &str, pods: Pods, number: usize) -> Result<()> {
    let green = format!("deployment/web-{}-green", pods.name());
    let annotations = json!({"release": number.to_string()});
    let template = json!({"metadata": {"annotations": annotations}});
    let patch = json!({"spec": {"template": template}}).to_string();
    kubectl(&["patch", &green, "-n", namespace, "-p", &patch]).await?;
    let status = ["rollout", "status", &green, "-n", namespace];
    kubectl(&[&status[..], &["--timeout=120s"]].concat()).await
}

pub(super) fn service(name: &str, selector: &Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": selector, "ports": [{"port": 80, "targetPort": 8080}]}
    })
}

fn deployment(role: &str, pods: Pods, replicas: u32) -> Value {
    let part = pods.name();
    let labels = json!({"app": "web", "role": role, "part": part});
    // What is held would hold up a rolling update.
    let strategy = if pods == Pods::Held {
        "Recreate"
    } else {
        "RollingUpdate"
    };
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": format!("web-{part}-{role}"), "labels": labels},
        "spec": {
            "replicas": replicas,
            "strategy": {"type": strategy},
            "selector": {"matchLabels": labels},
            "template": template(&labels, pods)
        }
    })
}

/// Pods of the test server.
pub(super) fn template(labels: &Value, pods: Pods) -> Value {
    let mut spec = json!({
        "terminationGracePeriodSeconds": 1,
        "containers": [{
            "name": "web",
            "image": "bluegreen.dev/test-server:1",
            "imagePullPolicy": "Never",
            "ports": [{"containerPort": 8080}],
            "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 1}
        }]
    });
    let mut metadata = json!({"labels": labels});
    if pods == Pods::Breakable {
        spec["containers"][0]["readinessProbe"]["failureThreshold"] = json!(1);
    }
    if matches!(pods, Pods::Simulated | Pods::Held) {
        spec["nodeSelector"] = json!({"type": "simulated"});
        spec["tolerations"] = json!([{"key": "simulated", "operator": "Exists"}]);
    }
    if pods == Pods::Held {
        metadata["annotations"] = json!({"simulate/pod": "never-ready"});
    }
    json!({"metadata": metadata, "spec": spec})
}

/// Applies objects to a namespace, or those that belong to none.
pub(super) async fn apply(namespace: &str, items: Vec<Value>) -> Result<()> {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
    let applied = run(&["apply", "-n", namespace, "-f", "-"], Some(&list)).await?;
    applied
        .succeeded()
        .map(drop)
        .with_context(|| format!("what is measured in {namespace} could not be applied"))
}
