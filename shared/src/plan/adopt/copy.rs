//! A Deployment with a role, made like one that is there.
//!
//! Objects are handled as the API server sent them: typed ones would lose the fields that only a newer
//! Kubernetes knows.

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::Deployment;
use serde_json::{Map, Value, json};

use crate::keys;
use crate::manifests::{self, difference};
use crate::objects::Objects;
use crate::plan::init::Side;
use crate::plan::{Declined, Why};
use crate::workload::Workload;

use super::scene::Scene;
use super::{Beside, declined};

/// Annotations that say of an object what is not so of its copy: what applied it, to which release of
/// which tool it belongs, what its controller counts, what it was made like.
const NOT_COPIED: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    "deployment.kubernetes.io/",
    "meta.helm.sh/",
    "argocd.argoproj.io/",
    "kustomize.toolkit.fluxcd.io/",
    keys::ADOPTED,
];
/// Labels of the object itself by which delivery tools know what is theirs.
const OF_TOOLS: [&str; 4] = [
    "app.kubernetes.io/managed-by",
    "argocd.argoproj.io/",
    "kustomize.toolkit.fluxcd.io/",
    "helm.toolkit.fluxcd.io/",
];

/// The Deployments of both sides as they are to be created.
#[derive(Clone, Debug)]
pub(super) struct Manifests {
    /// What takes the place of the old one.
    pub(super) active: Value,
    /// The other side, without pods.
    pub(super) idle: Value,
    /// What could not be added, as the webhook would say it.
    pub(super) warnings: Vec<String>,
}

/// Both, with the readiness probes that the webhook would inject.
///
/// # Errors
/// The old one was changed after it had been copied.
pub(super) fn of(
    scene: &Scene<'_>,
    objects: &Objects,
    beside: &Beside<'_>,
    now: Timestamp,
) -> Result<Manifests, Declined> {
    let mut warnings = Vec::new();
    let active = match beside.old {
        Some(old) => {
            let replicas = old["spec"]["replicas"].as_i64().unwrap_or(1);
            let mut copy = side(old, scene, scene.role, replicas);
            copy["metadata"]["annotations"][keys::ADOPTED] = json!(scene.origin.text());
            warnings = complete(&mut copy, objects, now)?;
            copy
        }
        None => beside.made.cloned().unwrap_or_default(),
    };
    if let (Some(made), Some(_)) = (beside.made, beside.old)
        && !scene.is_flipped()
    {
        is_like(scene, &active, made)?;
    }
    let idle = side(beside.made.unwrap_or(&active), scene, scene.idle(), 0);
    Ok(Manifests {
        active,
        idle,
        warnings,
    })
}

/// Production would go back to what ran before the change.
fn is_like(scene: &Scene<'_>, wanted: &Value, made: &Value) -> Result<(), Declined> {
    let template = |object: &Value| object["spec"]["template"].clone();
    let Some(differs) = difference::between(&template(made), &template(wanted), "template") else {
        return Ok(());
    };
    let (old, name) = (&scene.origin.name, scene.side_name(scene.role));
    Err(declined(
        Why::Unfit,
        format!(
            "Deployment/{old} was changed after Deployment/{name} had been made like it: {differs}"
        ),
        format!(
            "make it anew: kubectl annotate deployment/{name} {}=outdated, kubectl delete deployment/{name}, \
             then once more",
            keys::TAKEDOWN
        ),
    ))
}

fn complete(
    manifest: &mut Value,
    objects: &Objects,
    now: Timestamp,
) -> Result<Vec<String>, Declined> {
    let unreadable = |error: String| {
        declined(
            Why::Unfit,
            format!("a copy of the Deployment can't be read: {error}"),
            "kubectl get deployments -o yaml",
        )
    };
    let merged = typed(manifest).map_err(unreadable)?;
    manifests::complete(manifest, &merged, None, &objects.services, now)
        .map_err(|error| unreadable(error.to_string()))
}

/// The manifest as the rules see it.
pub(super) fn typed(manifest: &Value) -> Result<Workload, String> {
    let deployment = serde_json::from_value::<Deployment>(manifest.clone());
    deployment
        .map(Workload::from)
        .map_err(|error| error.to_string())
}

/// The same with another name and a role: in its own labels, its selector and those of its pods.
fn side(like: &Value, scene: &Scene<'_>, role: Side, replicas: i64) -> Value {
    let key = scene.origin.key.as_str();
    let value = json!(role.as_str());
    let metadata = &like["metadata"];
    let mut spec = like["spec"].clone();
    spec["replicas"] = json!(replicas);
    spec["selector"]["matchLabels"][key] = value.clone();
    spec["template"]["metadata"]["labels"][key] = value.clone();
    let mut labels = kept(&metadata["labels"], &OF_TOOLS);
    labels.insert(key.to_owned(), value);
    let annotations = kept(&metadata["annotations"], &NOT_COPIED);
    let mut copy = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": scene.side_name(role), "labels": labels},
        "spec": spec,
    });
    if let Some(namespace) = metadata["namespace"].as_str() {
        copy["metadata"]["namespace"] = json!(namespace);
    }
    if !annotations.is_empty() {
        copy["metadata"]["annotations"] = Value::Object(annotations);
    }
    copy
}

fn kept(map: &Value, dropped: &[&str]) -> Map<String, Value> {
    let entries = map.as_object().into_iter().flatten();
    entries
        .filter(|(key, _)| !dropped.iter().any(|one| key.starts_with(one)))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}
