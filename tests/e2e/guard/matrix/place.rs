//! A namespace to try things in, which is put back to what it was after each.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use bluegreen_e2e::eventually::eventually;
use bluegreen_e2e::kubectl::Output;
use bluegreen_shared::keys;
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use kube::api::{Api, ListParams};
use serde_json::{Value, json};

use super::kept::{Kept, kept, undoing};
use crate::guard::SOON;
use crate::shop::Shop;

/// Flips in a history that are not many yet.
const OFTEN: usize = 6;

pub(super) struct Place {
    pub(super) shop: Shop,
    /// What was applied, as it is written by hand: `service/web` and the like.
    pub(super) manifests: BTreeMap<String, Value>,
    /// Those that Helm holds.
    pub(super) released: BTreeSet<String>,
    /// For what clients read from files.
    pub(super) folder: PathBuf,
}

/// All that somebody may have changed.
pub(super) type State = BTreeMap<String, Value>;

impl Place {
    /// Applies these, and waits until their pods are what they will be.
    pub(super) async fn open(shop: Shop, manifests: Vec<Value>) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(&shop.namespace.name);
        fs::create_dir_all(&folder).unwrap();
        shop.apply(&manifests).await;
        let named = |manifest: Value| {
            let kind = manifest["kind"].as_str().unwrap().to_lowercase();
            let name = manifest["metadata"]["name"].as_str().unwrap();
            (format!("{kind}/{name}"), manifest)
        };
        let manifests = manifests.into_iter().map(named).collect();
        let place = Self {
            shop,
            manifests,
            released: BTreeSet::new(),
            folder,
        };
        place.settle().await;
        place
    }

    /// The name of an object that a way speaks of: `pod/?` is any that serves.
    pub(super) async fn resolve(&self, object: &str) -> String {
        match object {
            "namespace/?" => format!("namespace/{}", self.shop.namespace.name),
            "pod/?" => {
                let pods = self.pods("app=web,role=blue").await.unwrap();
                let stays = |pod: &&Pod| pod.metadata.deletion_timestamp.is_none();
                let pod = pods.iter().find(stays).unwrap();
                format!("pod/{}", pod.metadata.name.as_ref().unwrap())
            }
            named => named.to_owned(),
        }
    }

    pub(super) async fn pods(&self, labels: &str) -> Result<Vec<Pod>> {
        let pods = self.shop.namespace.api::<Pod>();
        Ok(pods
            .list(&ListParams::default().labels(labels))
            .await?
            .items)
    }

    /// What is in it now.
    pub(super) async fn state(&self) -> State {
        self.look().await.unwrap()
    }

    async fn look(&self) -> Result<State> {
        let all = ListParams::default();
        let namespace = &self.shop.namespace;
        let mut state = State::new();
        for service in namespace.api::<Service>().list(&all).await? {
            let name = service.metadata.name.clone().unwrap_or_default();
            state.insert(format!("service/{name}"), serde_json::to_value(service)?);
        }
        for deployment in namespace.api::<Deployment>().list(&all).await? {
            let name = deployment.metadata.name.clone().unwrap_or_default();
            state.insert(
                format!("deployment/{name}"),
                serde_json::to_value(deployment)?,
            );
        }
        for pod in self.pods("app=web").await? {
            let name = pod.metadata.name.clone().unwrap_or_default();
            state.insert(format!("pod/{name}"), serde_json::to_value(pod)?);
        }
        let namespaces = Api::<Namespace>::all(namespace.client.clone());
        let own = namespaces.get(&namespace.name).await?;
        state.insert(
            format!("namespace/{}", namespace.name),
            serde_json::to_value(own)?,
        );
        Ok(state)
    }

    /// Puts everything back, as an administrator does whom the guard lets.
    pub(super) async fn restore(&self, before: &State) -> Result<()> {
        eventually(SOON, || async {
            let now = self.look().await?;
            let mut done = true;
            for (name, wanted) in before.iter().filter(|(name, _)| !name.starts_with("pod/")) {
                done &= self.put_back(name, wanted, now.get(name)).await?;
            }
            let relabelled = ["delete", "pods", "-l", "note", "--wait=false"];
            if now.iter().any(|(name, object)| {
                name.starts_with("pod/") && !object["metadata"]["labels"]["note"].is_null()
            }) {
                self.shop.kubectl(&relabelled).await;
            }
            ensure!(done, "it is being put back");
            Ok(())
        })
        .await?;
        self.settle().await;
        Ok(())
    }

    /// Whether it was back already.
    async fn put_back(&self, name: &str, wanted: &Value, now: Option<&Value>) -> Result<bool> {
        let Some(now) = now else {
            let again = kept(wanted, Kept::Create);
            self.shop.namespace.apply(&again.to_string()).await?;
            return Ok(false);
        };
        if !now["metadata"]["deletionTimestamp"].is_null() {
            bail!("{name} is on its way out");
        }
        let mut back = undoing(&kept(now, Kept::Restore), &kept(wanted, Kept::Restore));
        if back == json!({}) {
            return Ok(true);
        }
        if back["spec"]["selector"].is_object() && flips(now) > OFTEN {
            // Where it has gone back and forth for as long as is remembered, there is no way back.
            let anew = json!({keys::HISTORY: null, keys::OVERRIDE: "it begins anew"});
            let anew = json!({"metadata": {"annotations": anew}});
            self.patch(name, &anew).await?.succeeded()?;
        }
        let output = self.patch(name, &back).await?;
        if output.code != 0 {
            // The guard holds to what nobody should have got past it; the next round takes the reason away.
            json_patch::merge(
                &mut back,
                &json!({"metadata": {"annotations": {keys::OVERRIDE: "put back"}}}),
            );
            self.patch(name, &back).await?.succeeded()?;
        }
        Ok(false)
    }

    /// Changes an object, as an administrator.
    pub(super) async fn patch(&self, name: &str, patch: &Value) -> Result<Output> {
        let patch = patch.to_string();
        let arguments = ["patch", name, "--type=merge", "-p", &patch];
        self.shop.namespace.kubectl(&arguments).await
    }

    /// Waits until the controllers have done what they were asked for.
    pub(super) async fn settle(&self) {
        eventually(SOON, || async {
            let deployments = self.shop.namespace.api::<Deployment>();
            for deployment in deployments.list(&ListParams::default()).await? {
                let name = deployment.metadata.name.unwrap_or_default();
                let spec = deployment.spec.unwrap_or_default();
                let status = deployment.status.unwrap_or_default();
                let wanted = spec.replicas.unwrap_or(1);
                let template = spec.template.metadata.unwrap_or_default();
                let is_never_ready = template.annotations.is_some();
                ensure!(
                    status.observed_generation == deployment.metadata.generation
                        && status.replicas.unwrap_or(0) == wanted
                        && status.updated_replicas.unwrap_or(0) == wanted
                        && (is_never_ready || status.available_replicas.unwrap_or(0) == wanted),
                    "{name}: {status:?}"
                );
            }
            let pods = self.pods("app=web").await?;
            let runs = |pod: &Pod| {
                let phase = pod
                    .status
                    .as_ref()
                    .and_then(|status| status.phase.as_deref());
                phase == Some("Running") && pod.metadata.deletion_timestamp.is_none()
            };
            ensure!(pods.iter().all(runs), "not every pod runs");
            Ok(())
        })
        .await
        .unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // What is left lies among what is built, and is nobody's.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// How many flips are in a Service's history.
fn flips(service: &Value) -> usize {
    let history = service["metadata"]["annotations"][keys::HISTORY].as_str();
    history.map_or(0, |text| text.matches(r#""at":"#).count())
}
