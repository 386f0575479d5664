//! Ours: somebody rolls back, or a switch that bakes does it by itself.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use kube::Client;
use tokio::process::Command;

use super::super::application::{self, Pods as Kind};
use super::super::figure::{Outcomes, Series};
use super::super::runs::{REST, process};
use super::super::watcher::Watcher;
use super::Break;
use super::pods::Pods;
use crate::progress::say;

const NAMESPACE: &str = "breaks";
const OLD: &str = "role=blue";
const NEW: &str = "role=green";
const A_SIDE: usize = 2;
/// After so many runs something is released anew.
const A_RELEASE: usize = 2;
/// What `switch --bake` exits with when it has taken production back.
const TAKEN_BACK: i32 = 7;
/// Long enough for a probe, a check and a flip.
const LONGEST: Duration = Duration::from_mins(1);

/// What came of all runs.
pub(super) struct Came {
    pub(super) rollback: Outcomes,
    pub(super) bake: Outcomes,
    pub(super) rollback_times: Series,
    pub(super) bake_times: Series,
}

struct Application {
    pods: Pods,
    watcher: Watcher,
}

pub(super) async fn runs(client: &Client, runs: usize) -> Result<Came> {
    application::one_workload(NAMESPACE, 2, Kind::Breakable).await?;
    let mut watcher = Watcher::begin(client, NAMESPACE, "role");
    watcher.settle("blue").await?;
    let pods = Pods::of(client, NAMESPACE);
    let mut application = Application { pods, watcher };
    let mut came = Came {
        rollback: Outcomes::default(),
        bake: Outcomes::default(),
        rollback_times: Series::new(),
        bake_times: Series::new(),
    };
    for run in 0..runs {
        let how = Break::of(run);
        if run.is_multiple_of(A_RELEASE) {
            application::release(NAMESPACE, Kind::Breakable, run).await?;
            application.mend().await?;
        }
        match application.rollback(how).await {
            Ok(took) => came.rollback_times.add(took),
            Err(why) => say(&format!("rollback, {how:?}: {why:#}")),
        }
        came.rollback.add(application.is_well().await?);
        application.mend().await?;
        match application.bake(how).await {
            Ok(took) => came.bake_times.add(took),
            Err(why) => say(&format!("switch --bake, {how:?}: {why:#}")),
        }
        came.bake.add(application.is_well().await?);
        application.mend().await?;
    }
    Ok(came)
}

impl Application {
    /// From the start of the command, once the pods are known to be broken.
    async fn rollback(&mut self, how: Break) -> Result<Duration> {
        process(&SWITCH).await?;
        self.watcher.wait_for("green").await?;
        self.pods.tell(NEW, how.pods(), false).await?;
        self.pods.ready(NEW, A_SIDE - how.pods()).await?;
        let rollback = ["kubectl-bluegreen", "rollback", "web", "-n", NAMESPACE];
        let began = Instant::now();
        let (_, seen) = tokio::try_join!(process(&rollback), self.watcher.wait_for("blue"))?;
        Ok(seen.slices.duration_since(began))
    }

    /// From the moment at which the pods break, which nobody knows yet.
    async fn bake(&mut self, how: Break) -> Result<Duration> {
        let mut switch = Command::new(SWITCH[0])
            .args(&SWITCH[1..])
            .args(["--bake", "1m"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("cannot run kubectl-bluegreen")?;
        self.watcher.wait_for("green").await?;
        // The first of its checks passes.
        tokio::time::sleep(REST).await;
        let began = Instant::now();
        self.pods.tell(NEW, how.pods(), false).await?;
        let seen = self.watcher.wait_for("blue").await?;
        let ended = tokio::time::timeout(LONGEST, switch.wait()).await;
        let ended = ended.context("the switch did not end")??;
        ensure!(ended.code() == Some(TAKEN_BACK), "it ended with {ended}");
        Ok(seen.slices.duration_since(began))
    }

    /// Whether the whole old side serves, and nothing else does.
    async fn is_well(&self) -> Result<bool> {
        let serving = self.pods.serving("web").await?;
        let old = serving.iter().filter(|pod| pod.contains("-blue-"));
        Ok(serving.len() == A_SIDE && old.count() == A_SIDE)
    }

    /// As a run begins.
    async fn mend(&mut self) -> Result<()> {
        self.pods.tell(NEW, A_SIDE, true).await?;
        for side in [OLD, NEW] {
            self.pods.ready(side, A_SIDE).await?;
        }
        tokio::time::sleep(REST).await;
        Ok(())
    }
}

const SWITCH: [&str; 7] = [
    "kubectl-bluegreen",
    "switch",
    "web",
    "-n",
    NAMESPACE,
    "--to",
    "green",
];
