//! Applies the parts in the order in which nothing is ever guarded by a server that isn't there.

use std::time::{Duration, Instant};

use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Value, json};

use crate::cluster::{Cluster, Manifest};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::{Output, Progress};

use super::guarding::wait_until_it_guards;
use super::manifests::Part;

/// Between two looks at the server that starts.
const PAUSE: Duration = Duration::from_millis(200);
/// Where the webhook keeps its certificate: the CA that the hooks are to trust.
const SECRET: (&str, &str) = ("bluegreen-webhook-tls", "ca.crt");

/// What is to be installed, and how.
pub(crate) struct Order {
    /// The objects, in their order.
    pub(crate) parts: Vec<(Part, Manifest)>,
    /// For all of it.
    pub(crate) timeout: Duration,
    /// How far.
    pub(crate) dry_run: DryRun,
    /// Whether a request is to prove that it guards: in a cluster that is only warned there is none
    /// that it would refuse.
    pub(crate) is_proven: bool,
}

/// Applies all parts: the server, then, once it is ready, the hooks with its CA filled in.
pub(crate) async fn install(
    cluster: &Cluster,
    order: Order,
    output: &Output,
) -> Result<(), Failure> {
    let Order { parts, dry_run, .. } = order;
    let deadline = Instant::now() + order.timeout;
    let (hooks, server): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .partition(|(part, _)| *part == Part::Hooks);
    for (_, manifest) in &server {
        apply(cluster, manifest, dry_run, output).await?;
    }
    let mut known = None;
    if dry_run == DryRun::None {
        for (_, manifest) in &server {
            if manifest.kind() == "Deployment" {
                wait_until_ready(cluster, manifest, deadline, output).await?;
            }
        }
        known = Some((ca_bundle(cluster).await?, owner(cluster, &server).await?));
    }
    for (_, mut manifest) in hooks {
        if let Some((bundle, owner)) = &known {
            complete(&mut manifest.object, bundle, owner);
        }
        apply(cluster, &manifest, dry_run, output).await?;
    }
    if dry_run == DryRun::None && order.is_proven {
        wait_until_it_guards(cluster, deadline).await?;
        output.step(
            "guarding",
            "the API server asks the webhook, and it answers",
        );
    }
    Ok(())
}

/// Fills in what only the cluster knows. The webhook would do it as well, but nothing may depend on
/// whether it comes to it: a hook that outlives its server holds flips up.
fn complete(hooks: &mut Value, bundle: &str, owner: &Value) {
    hooks["metadata"]["ownerReferences"] = json!([owner]);
    let webhooks = hooks.get_mut("webhooks").and_then(Value::as_array_mut);
    for webhook in webhooks.into_iter().flatten() {
        webhook["clientConfig"]["caBundle"] = json!(bundle);
    }
}

async fn apply(
    cluster: &Cluster,
    manifest: &Manifest,
    dry_run: DryRun,
    output: &Output,
) -> Result<(), Failure> {
    if dry_run != DryRun::Client {
        cluster.apply(manifest, dry_run).await?;
    }
    output.step(
        "applied",
        format_args!("{}{}", manifest.reference(), dry_run.suffix()),
    );
    Ok(())
}

/// Every replica of the newest template ready, as `kubectl rollout status` has it.
async fn wait_until_ready(
    cluster: &Cluster,
    manifest: &Manifest,
    deadline: Instant,
    output: &Output,
) -> Result<(), Failure> {
    let mut progress = Progress::new(output);
    loop {
        let deployment = read(cluster, manifest).await?;
        let (counts, wanted) = (deployment.counts(), deployment.replicas());
        if deployment.is_observed()
            && counts.updated == wanted
            && counts.replicas == wanted
            && counts.available == wanted
        {
            progress.clear();
            output.step(
                "ready",
                format_args!("{} of {wanted} replicas of the webhook", counts.available),
            );
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(Failure::new(
                Exit::TimedOut,
                format!(
                    "the webhook is not ready: {} of {wanted} replicas are available, and nothing is guarded yet",
                    counts.available
                ),
            )
            .hint("kubectl describe pods -n bluegreen-system (a wrong --image?), then install again"));
        }
        progress.show(vec![format!(
            "waiting for the webhook: {} of {wanted} replicas are available",
            counts.available
        )]);
        tokio::time::sleep(PAUSE).await;
    }
}

async fn read(cluster: &Cluster, manifest: &Manifest) -> Result<Workload, Failure> {
    let object = cluster
        .fetch(manifest)
        .await?
        .ok_or_else(|| Failure::could_not("the webhook's Deployment was deleted meanwhile"))?;
    let deployment: Deployment = serde_json::to_value(object)
        .and_then(serde_json::from_value)
        .map_err(|error| Failure::could_not(format!("can't read the Deployment: {error}")))?;
    Ok(deployment.into())
}

/// The namespace as the owner that the hooks go with.
async fn owner(cluster: &Cluster, server: &[(Part, Manifest)]) -> Result<Value, Failure> {
    let missing = || Failure::could_not("the webhook's namespace was deleted meanwhile");
    let (_, namespace) = server
        .iter()
        .find(|(_, manifest)| manifest.kind() == "Namespace")
        .ok_or_else(missing)?;
    let found = cluster.fetch(namespace).await?.ok_or_else(missing)?;
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "name": found.metadata.name,
        "uid": found.metadata.uid,
    }))
}

/// The CA in the form that a webhook configuration takes it: base64, as the Secret has it.
async fn ca_bundle(cluster: &Cluster) -> Result<String, Failure> {
    let (name, key) = SECRET;
    let missing = || {
        Failure::could_not(format!(
            "the webhook is ready, but Secret/{name} in bluegreen-system has no {key}"
        ))
        .hint("kubectl logs -n bluegreen-system deployment/bluegreen-webhook")
    };
    let secret = Manifest::of(json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "bluegreen-system"},
    }))
    .ok_or_else(missing)?;
    let found = cluster.fetch(&secret).await?.ok_or_else(missing)?;
    found
        .data
        .pointer(&format!("/data/{key}"))
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(missing)
}
