//! How soon production follows once the last pod of the new side is ready.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Pod;
use kube::Client;
use kube::api::{Api, Patch, PatchParams};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, Command};

use super::super::application::{self, Pods, ROLES};
use super::super::figure::{Figure, Series};
use super::super::held::Held;
use super::super::runs::REST;
use super::super::watcher::Watcher;
use super::{HASH, PODS, Rollout};
use crate::eventually::eventually;

/// Our application, whose pods are ready when they are told to be.
const OURS: &str = "ours-held";
const THEIRS: &str = "theirs-held";
/// For controllers to count pods.
const SOON: Duration = Duration::from_mins(1);
/// The longest pause between two looks that a command of ours could make: the last pod gets ready at another
/// moment of it in each run.
const A_PERIOD: Duration = Duration::from_millis(500);

/// `switch --wait` that waits already, against the controller with `autoPromotionEnabled`: from the last pod
/// that the watcher saw get ready to the selector that it saw flip.
pub(super) async fn figure(client: &Client, runs: usize) -> Result<Figure> {
    let mut ours = Ours::begin(client).await?;
    let mut theirs = Theirs::begin(client).await?;
    let (mut our_times, mut their_times) = (Series::new(), Series::new());
    for run in 0..runs {
        let part = u32::try_from(run)? * 7 % 24;
        our_times.add(ours.run(A_PERIOD * part / 24).await?);
        their_times.add(theirs.run().await?);
    }
    Ok(Figure::against(
        "switch --wait: last pod ready to selector seen",
        &our_times,
        "the controller of Argo Rollouts",
        &their_times,
    ))
}

struct Ours {
    held: Held,
    deployments: Api<Deployment>,
    watcher: Watcher,
    /// The one of the roles that is idle.
    idle: usize,
    release: u32,
}

impl Ours {
    async fn begin(client: &Client) -> Result<Self> {
        application::one_workload(OURS, PODS, Pods::Held).await?;
        let held = Held::watch(client, OURS);
        let deployments = Api::namespaced(client.clone(), OURS);
        // Something has to serve.
        let pods = held.running(&format!("role={}", ROLES[0]), PODS).await?;
        held.set_all(&pods, true).await?;
        ready_pods(&deployments, ROLES[0], PODS).await?;
        let mut watcher = Watcher::begin(client, OURS, "role");
        watcher.settle(ROLES[0]).await?;
        Ok(Self {
            held,
            deployments,
            watcher,
            idle: 1,
            release: 0,
        })
    }

    async fn run(&mut self, pause: Duration) -> Result<Duration> {
        let to = ROLES[self.idle];
        let pods = self.stage(to).await?;
        let (last, others) = pods.split_first().context("there is no pod")?;
        self.held.set_all(others, true).await?;
        ready_pods(&self.deployments, to, PODS - 1).await?;
        let (mut switch, mut said) = start(to)?;
        waits(&mut said).await?;
        tokio::time::sleep(REST + pause).await;
        let ready = self.held.set_and_see(last).await?;
        let seen = self.watcher.wait_for(to).await?;
        let ended = switch.wait().await?;
        ensure!(ended.success(), "switch --wait failed: {ended}");
        self.idle = 1 - self.idle;
        tokio::time::sleep(REST).await;
        Ok(after(ready, seen.selector))
    }

    /// Lets a side run what never served: for what did, half of the pods would do.
    async fn stage(&mut self, role: &str) -> Result<Vec<Pod>> {
        self.release += 1;
        let label = self.release.to_string();
        let template = json!({"metadata": {"labels": {"release": label}}});
        let patch = Patch::Merge(json!({"spec": {"template": template}}));
        let name = format!("web-simulated-{role}");
        self.deployments
            .patch(&name, &PatchParams::default(), &patch)
            .await?;
        let labels = format!("role={role},release={label}");
        self.held.running(&labels, PODS).await
    }
}

/// What flips at the same moment takes no time.
fn after(ready: Instant, selector: Instant) -> Duration {
    selector.saturating_duration_since(ready)
}

fn start(to: &str) -> Result<(Child, BufReader<ChildStderr>)> {
    let mut switch = Command::new("kubectl-bluegreen")
        .args(["switch", "web", "-n", OURS, "--to", to, "--wait"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot run kubectl-bluegreen")?;
    let said = switch.stderr.take().context("it has no standard error")?;
    Ok((switch, BufReader::new(said)))
}

/// Reads until the command says that it waits. What it says later fits into the pipe.
async fn waits(said: &mut BufReader<ChildStderr>) -> Result<()> {
    let mut all = String::new();
    while !all.contains("waiting for") {
        if said.read_line(&mut all).await? == 0 {
            bail!("switch --wait did not wait: {all}");
        }
    }
    Ok(())
}

async fn ready_pods(deployments: &Api<Deployment>, role: &str, pods: u32) -> Result<()> {
    eventually(SOON, || async {
        let deployment = deployments.get(&format!("web-simulated-{role}")).await?;
        let status = deployment.status.unwrap_or_default();
        let ready = status.ready_replicas.unwrap_or_default();
        ensure!(
            u32::try_from(ready)? == pods,
            "{ready} of {pods} pods of {role} are ready"
        );
        Ok(())
    })
    .await
}

struct Theirs {
    held: Held,
    rollout: Rollout,
    watcher: Watcher,
}

impl Theirs {
    async fn begin(client: &Client) -> Result<Self> {
        let rollout = Rollout::apply(client, THEIRS, "web", PODS, Pods::Held).await?;
        let held = Held::watch(client, THEIRS);
        let pods = held.running("app=web", PODS).await?;
        held.set_all(&pods, true).await?;
        let strategy = json!({"autoPromotionEnabled": true, "scaleDownDelaySeconds": 2});
        rollout.strategy(&strategy).await?;
        let serves = rollout.finished().await?;
        let mut watcher = Watcher::begin(client, THEIRS, HASH);
        watcher.settle(&serves).await?;
        Ok(Self {
            held,
            rollout,
            watcher,
        })
    }

    /// The old pods have gone by then, as nothing is left to do on our side.
    async fn run(&mut self) -> Result<Duration> {
        self.rollout.release().await?;
        let hash = self.rollout.newest().await?;
        let pods: Vec<Pod> = self.held.running(&format!("{HASH}={hash}"), PODS).await?;
        let (last, others) = pods.split_first().context("there is no pod")?;
        self.held.set_all(others, true).await?;
        self.rollout.ready(&hash, PODS - 1).await?;
        tokio::time::sleep(REST).await;
        let ready = self.held.set_and_see(last).await?;
        let seen = self.watcher.wait_for(&hash).await?;
        self.rollout.alone().await?;
        tokio::time::sleep(REST).await;
        Ok(after(ready, seen.selector))
    }
}
