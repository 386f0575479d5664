//! Pods that are ready when the benchmark says so: simulated ones, whose status nobody else writes.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use kube::Client;
use kube::api::{Api, ListParams, PostParams};
use kube::runtime::watcher::Config;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::watcher::pass_on;
use bluegreen_shared::pod;

use crate::eventually::eventually;

/// Long enough for a busy machine.
const SOON: Duration = Duration::from_mins(1);
const AT_ONCE: usize = 8;

/// The pods of a namespace, watched.
pub(super) struct Held {
    pods: Api<Pod>,
    seen: Mutex<UnboundedReceiver<(Instant, String)>>,
}

impl Held {
    pub(super) fn watch(client: &Client, namespace: &str) -> Self {
        let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
        let (send, seen) = unbounded_channel();
        tokio::spawn(pass_on(pods.clone(), Config::default(), move |one: Pod| {
            let now = Instant::now();
            !pod::is_ready(&one) || send.send((now, pod::name(&one).to_owned())).is_ok()
        }));
        Self {
            pods,
            seen: Mutex::new(seen),
        }
    }

    /// Waits until so many pods with these labels run.
    pub(super) async fn running(&self, labels: &str, number: u32) -> Result<Vec<Pod>> {
        let labels = ListParams::default().labels(labels);
        eventually(SOON, || async {
            let mut pods = self.pods.list(&labels).await?.items;
            pods.retain(|one| {
                let phase = one
                    .status
                    .as_ref()
                    .and_then(|status| status.phase.as_deref());
                phase == Some("Running") && !pod::is_terminating(one)
            });
            let running = u32::try_from(pods.len())?;
            ensure!(running == number, "{running} of {number} pods run");
            Ok(pods)
        })
        .await
    }

    pub(super) async fn set_all(&self, pods: &[Pod], ready: bool) -> Result<()> {
        stream::iter(pods)
            .map(|one| self.set(one, ready))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await
    }

    /// Writes what a kubelet would.
    pub(super) async fn set(&self, one: &Pod, ready: bool) -> Result<()> {
        let name = pod::name(one);
        let mut now = self.pods.get(name).await?;
        let status = now.status.as_mut().context("it has no status")?;
        for condition in status.conditions.iter_mut().flatten() {
            if condition.type_ == "Ready" || condition.type_ == "ContainersReady" {
                if ready { "True" } else { "False" }.clone_into(&mut condition.status);
                condition.last_transition_time = Some(Time(Timestamp::now()));
            }
        }
        for container in status.container_statuses.iter_mut().flatten() {
            container.ready = ready;
        }
        self.pods
            .replace_status(name, &PostParams::default(), &now)
            .await?;
        Ok(())
    }

    /// Makes one ready, and says when the watch showed it.
    pub(super) async fn set_and_see(&self, one: &Pod) -> Result<Instant> {
        let name = pod::name(one);
        let mut seen = self.seen.lock().await;
        while seen.try_recv().is_ok() {}
        self.set(one, true).await?;
        loop {
            let next = tokio::time::timeout(SOON, seen.recv()).await;
            let (at, ready) = next
                .with_context(|| format!("{name} was not seen to get ready"))?
                .context("the watch ended")?;
            if ready == name {
                return Ok(at);
            }
        }
    }
}
