//! A Rollout, changed as its users do it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use k8s_openapi::api::apps::v1::ReplicaSet;
use kube::Client;
use kube::api::{Api, ApiResource, DynamicObject, ListParams, Patch, PatchParams};
use kube::core::GroupVersionKind;
use serde_json::{Value, json};

use super::super::application::{Pods, apply, service, template};
use crate::eventually::eventually;

/// The label of Argo Rollouts' that says which `ReplicaSet` a pod belongs to, and that it adds to selectors.
pub(in super::super) const HASH: &str = "rollouts-pod-template-hash";
/// Long enough for a busy machine.
const SOON: Duration = Duration::from_mins(2);

/// A Rollout with the strategy `blueGreen`, and its active Service of the same name.
pub(in super::super) struct Rollout {
    pub(in super::super) name: String,
    rollouts: Api<DynamicObject>,
    replica_sets: Api<ReplicaSet>,
    release: u32,
}

impl Rollout {
    /// Creates one that nobody but a user promotes, and waits until its first pods serve.
    pub(in super::super) async fn create(
        client: &Client,
        namespace: &str,
        name: &str,
        replicas: u32,
        pods: Pods,
    ) -> Result<Self> {
        let rollout = Self::apply(client, namespace, name, replicas, pods).await?;
        rollout.finished().await?;
        Ok(rollout)
    }

    /// The same, without waiting.
    pub(in super::super) async fn apply(
        client: &Client,
        namespace: &str,
        name: &str,
        replicas: u32,
        pods: Pods,
    ) -> Result<Self> {
        let labels = json!({"app": name});
        let rollout = json!({
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Rollout",
            "metadata": {"name": name},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": labels},
                "template": template(&labels, pods),
                "strategy": {"blueGreen": {"activeService": name, "autoPromotionEnabled": false}}
            }
        });
        let namespaced = json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}
        });
        apply(namespace, vec![namespaced, service(name, &labels), rollout]).await?;
        let kind = GroupVersionKind::gvk("argoproj.io", "v1alpha1", "Rollout");
        let kind = ApiResource::from_gvk(&kind);
        Ok(Self {
            name: name.to_owned(),
            rollouts: Api::namespaced_with(client.clone(), namespace, &kind),
            replica_sets: Api::namespaced(client.clone(), namespace),
            release: 0,
        })
    }

    /// Changes the strategy.
    pub(in super::super) async fn strategy(&self, blue_green: &Value) -> Result<()> {
        self.patch(&json!({"spec": {"strategy": {"blueGreen": blue_green}}}))
            .await
    }

    /// Changes the template, and waits until its new pods are ready and it pauses; their hash.
    pub(in super::super) async fn stage(&mut self) -> Result<String> {
        self.release().await?;
        self.staged().await
    }

    /// Changes the template.
    pub(in super::super) async fn release(&mut self) -> Result<()> {
        self.release += 1;
        let annotations = json!({"release": self.release.to_string()});
        let template = json!({"metadata": {"annotations": annotations}});
        self.patch(&json!({"spec": {"template": template}})).await
    }

    /// Waits until it pauses before it would promote what is new; the hash of that.
    pub(in super::super) async fn staged(&self) -> Result<String> {
        self.until("is not staged", |status, hash| {
            let paused = status["pauseConditions"].as_array();
            status["phase"] == "Paused"
                && paused.is_some_and(|conditions| !conditions.is_empty())
                && status["stableRS"] != hash
        })
        .await
    }

    /// Waits until nothing is left to do, and says which hash serves.
    pub(in super::super) async fn finished(&self) -> Result<String> {
        self.until("is not done", |status, hash| {
            status["phase"] == "Healthy"
                && status["stableRS"] == hash
                && status["blueGreen"]["activeSelector"] == hash
        })
        .await
    }

    /// Waits until what served before has no pods any more.
    pub(in super::super) async fn alone(&self) -> Result<()> {
        let serves = self.finished().await?;
        eventually(SOON, || async {
            let sets = self.replica_sets.list(&ListParams::default()).await?;
            let others = sets.items.iter().filter(|set| hash_of(set) != serves);
            let left: i32 = others
                .filter_map(|set| Some(set.status.as_ref()?.replicas))
                .sum();
            ensure!(left == 0, "{left} old pods of {} are left", self.name);
            Ok(())
        })
        .await
    }

    /// Waits until its `ReplicaSet` of that hash has so many ready pods.
    pub(in super::super) async fn ready(&self, hash: &str, pods: u32) -> Result<()> {
        let labels = ListParams::default().labels(&format!("{HASH}={hash}"));
        eventually(SOON, || async {
            let sets = self.replica_sets.list(&labels).await?;
            let ready = sets
                .items
                .iter()
                .find_map(|set| set.status.as_ref()?.ready_replicas);
            let ready = u32::try_from(ready.unwrap_or_default())?;
            ensure!(ready == pods, "{ready} of {pods} pods of {hash} are ready");
            Ok(())
        })
        .await
    }

    /// The hash of what is known to serve well.
    pub(in super::super) async fn stable(&self) -> Result<String> {
        let object = self.rollouts.get(&self.name).await?;
        let stable = object.data["status"]["stableRS"].as_str();
        stable.map(str::to_owned).context("nothing is stable")
    }

    /// Waits until the controller has made something of the newest template; its hash.
    pub(in super::super) async fn newest(&self) -> Result<String> {
        self.until("has nothing new", |status, hash| status["stableRS"] != hash)
            .await
    }

    /// Waits until the controller has seen the newest spec, and its status and current hash are so.
    async fn until(&self, else_it: &str, is_so: impl Fn(&Value, &str) -> bool) -> Result<String> {
        eventually(SOON, || async {
            let object = self.rollouts.get(&self.name).await?;
            let status = &object.data["status"];
            let generation = object.metadata.generation.unwrap_or_default().to_string();
            let hash = status["currentPodHash"].as_str().unwrap_or_default();
            ensure!(
                status["observedGeneration"] == generation.as_str() && is_so(status, hash),
                "{} {else_it}: {}",
                self.name,
                status["message"]
            );
            Ok(hash.to_owned())
        })
        .await
    }

    async fn patch(&self, patch: &Value) -> Result<()> {
        self.rollouts
            .patch(&self.name, &PatchParams::default(), &Patch::Merge(patch))
            .await?;
        Ok(())
    }
}

fn hash_of(set: &ReplicaSet) -> &str {
    let labels = set.metadata.labels.as_ref();
    labels
        .and_then(|labels| labels.get(HASH))
        .map_or("", String::as_str)
}
