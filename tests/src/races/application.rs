//! An application of one simulated pod a side, read and changed as anybody could.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use bluegreen_shared::history::{self, Entry};
use bluegreen_shared::{intent, keys, pod, selector};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Pod, Service};
use kube::Client;
use kube::api::{Api, ListParams, Patch, PatchParams};
use serde_json::{Value, json};

use crate::cluster::{connect, kubeconfig};
use crate::eventually::eventually;
use crate::kubectl::run;

/// Long enough for a busy machine.
const SOON: Duration = Duration::from_mins(1);

/// `web` in a namespace of its own, with connections of its own.
pub(super) struct Application {
    pub(super) namespace: String,
    client: Client,
}

/// What is known of it at one moment.
pub(super) struct Seen {
    /// The role that production selects.
    pub(super) role: String,
    /// Pods that production selects, that are ready and stay.
    pub(super) serving: usize,
    pub(super) history: Vec<Entry>,
    /// Whether an announcement is left on the Service.
    pub(super) announced: bool,
    /// Whether the controllers have done all that is wanted of them.
    settled: bool,
    /// Roles whose side is not of the size that a round begins with.
    scaled: Vec<String>,
}

impl Application {
    pub(super) async fn create(namespace: String) -> Result<Self> {
        let client = connect(kubeconfig()).await?;
        let arguments = ["create", "namespace", &namespace];
        run(&arguments, None).await?.succeeded()?;
        let items = [service(), deployment("blue"), deployment("green")];
        let list = json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string();
        let arguments = ["apply", "--namespace", &namespace, "--filename=-"];
        run(&arguments, Some(&list)).await?.succeeded()?;
        Ok(Self { namespace, client })
    }

    /// Puts back what a round has changed, but for the role that serves, and waits until it is so.
    pub(super) async fn ready(&self) -> Result<Seen> {
        eventually(SOON, || async {
            let seen = self.look().await?;
            for role in &seen.scaled {
                self.scale(role, 1).await?;
            }
            if seen.announced {
                self.withdraw().await?;
            }
            ensure!(
                seen.settled && seen.scaled.is_empty() && !seen.announced,
                "{} is not as a round begins",
                self.namespace
            );
            Ok(seen)
        })
        .await
    }

    /// What is left once the controllers have nothing more to do.
    pub(super) async fn settled(&self) -> Result<Seen> {
        eventually(SOON, || async {
            let seen = self.look().await?;
            ensure!(seen.settled, "{} does not settle", self.namespace);
            Ok(seen)
        })
        .await
    }

    /// What is there now.
    pub(super) async fn look(&self) -> Result<Seen> {
        let service = self.api::<Service>().get("web").await?;
        let all = ListParams::default();
        let deployments = self.api::<Deployment>().list(&all).await?.items;
        let pods = self.api::<Pod>().list(&all).await?.items;
        let labels = selector::of(&service);
        let serving = pods.iter().filter(|one| {
            selector::matches(labels, pod::labels(one))
                && pod::is_ready(one)
                && !pod::is_terminating(one)
        });
        let going = pods.iter().any(pod::is_terminating);
        let scaled = deployments.iter().filter(|one| wanted(one) != 1);
        let role = |one: &Deployment| one.metadata.labels.as_ref()?.get("role").cloned();
        Ok(Seen {
            role: labels.get("role").cloned().context("production is blind")?,
            serving: serving.count(),
            history: history::of(&service),
            announced: intent::Intent::of(&service).is_some(),
            settled: !going && deployments.iter().all(is_done),
            scaled: scaled.filter_map(role).collect(),
        })
    }

    /// Wants so many pods of a side.
    pub(super) async fn scale(&self, role: &str, replicas: i32) -> kube::Result<()> {
        let patch = json!({"spec": {"replicas": replicas}});
        let params = PatchParams::default();
        let name = format!("web-{role}");
        let deployments = self.api::<Deployment>();
        deployments
            .patch_scale(&name, &params, &Patch::Merge(patch))
            .await
            .map(drop)
    }

    /// Flips production as `kubectl patch` would.
    pub(super) async fn flip(&self, role: &str) -> kube::Result<()> {
        self.patch(json!({"spec": {"selector": {"role": role}}}))
            .await
    }

    async fn withdraw(&self) -> kube::Result<()> {
        self.patch(json!({"metadata": {"annotations": {keys::INTENT: null}}}))
            .await
    }

    async fn patch(&self, patch: Value) -> kube::Result<()> {
        let params = PatchParams::default();
        let services = self.api::<Service>();
        services
            .patch("web", &params, &Patch::Merge(patch))
            .await
            .map(drop)
    }

    fn api<K>(&self) -> Api<K>
    where
        K: kube::Resource<Scope = k8s_openapi::NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.client.clone(), &self.namespace)
    }
}

fn wanted(deployment: &Deployment) -> i32 {
    let spec = deployment.spec.as_ref();
    spec.and_then(|spec| spec.replicas).unwrap_or(1)
}

fn is_done(deployment: &Deployment) -> bool {
    let status = deployment.status.clone().unwrap_or_default();
    status.observed_generation == deployment.metadata.generation
        && status.replicas.unwrap_or(0) == wanted(deployment)
        && status.available_replicas.unwrap_or(0) == wanted(deployment)
}

fn service() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"},
        "spec": {
            "selector": {"app": "web", "role": "blue"},
            "ports": [{"port": 80, "targetPort": 8080}]
        }
    })
}

fn deployment(role: &str) -> Value {
    let labels = json!({"app": "web", "role": role});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": format!("web-{role}"), "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "nodeSelector": {"type": "simulated"},
                    "tolerations": [{"key": "simulated", "operator": "Exists"}],
                    "containers": [{
                        "name": "web", "image": "web:1",
                        "ports": [{"containerPort": 8080}],
                        "readinessProbe": {"httpGet": {"path": "/healthz", "port": 8080}}
                    }]
                }
            }
        }
    })
}
