//! Theirs: an abort, while the analysis after the promotion is under way and so there is something to abort.
//!
//! All of it as by default, the 30 s too after which an abort scales the new side down. Every run has a
//! Rollout of its own; they go side by side, since each takes as long as it is watched.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use k8s_openapi::api::core::v1::Service;
use kube::Client;
use kube::api::Api;
use serde_json::json;

use super::super::application::{Pods as Kind, apply};
use super::super::figure::Outcomes;
use super::super::rollouts::{HASH, Rollout};
use super::super::runs::process;
use super::Break;
use super::pods::Pods;
use crate::eventually::eventually;
use crate::progress::say;

const NAMESPACE: &str = "aborts";
/// How long production has after the abort to come back.
pub(super) const WATCHED: Duration = Duration::from_secs(45);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);
/// For an undo by hand to bring it back.
const SOON: Duration = Duration::from_secs(20);
const REPLICAS: u32 = 2;

/// What came of all runs.
#[derive(Default)]
pub(super) struct Came {
    /// The active Service selected the old side again.
    pub(super) aborted: Outcomes,
    /// The active Service had a ready endpoint in the end.
    pub(super) served: Outcomes,
    /// Where it did not come back by itself, it did after an undo.
    pub(super) undone: Outcomes,
}

struct Run {
    came_back: bool,
    serving: usize,
    undone: bool,
}

pub(super) async fn runs(client: &Client, runs: usize) -> Result<Came> {
    let namespaced = json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}
    });
    apply(NAMESPACE, vec![namespaced, analysis()]).await?;
    let mut rollouts = Vec::new();
    for run in 0..runs {
        let name = format!("web-{run}");
        let pods = Kind::Breakable;
        rollouts.push(Rollout::apply(client, NAMESPACE, &name, REPLICAS, pods).await?);
    }
    let all = rollouts.into_iter().enumerate();
    let all = all.map(|(run, rollout)| one(client, rollout, Break::of(run)));
    let mut came = Came::default();
    for (number, run) in try_join_all(all).await?.into_iter().enumerate() {
        say(&format!(
            "abort, {:?}: production {}, {} of {REPLICAS} pods serve after {} s",
            Break::of(number),
            if run.came_back {
                "came back"
            } else {
                "stayed on the broken side"
            },
            run.serving,
            WATCHED.as_secs()
        ));
        came.aborted.add(run.came_back);
        came.served.add(run.serving > 0);
        if !run.came_back {
            came.undone.add(run.undone);
        }
    }
    Ok(came)
}

async fn one(client: &Client, mut rollout: Rollout, how: Break) -> Result<Run> {
    let pods = Pods::of(client, NAMESPACE);
    let services: Api<Service> = Api::namespaced(client.clone(), NAMESPACE);
    let name = rollout.name.clone();
    let old = rollout.finished().await?;
    let after = json!({"postPromotionAnalysis": {"templates": [{"templateName": "later"}]}});
    rollout.strategy(&after).await?;
    let new = rollout.stage().await?;
    plugin("promote", &name).await?;
    eventually(SOON, || selects(&services, &name, &new)).await?;
    let side = format!("{HASH}={new},app={name}");
    pods.tell(&side, how.pods(), false).await?;
    pods.ready(&side, 2 - how.pods()).await?;
    plugin("abort", &name).await?;
    let came_back = comes_back(&services, &name, &old).await;
    let serving = pods.serving(&name).await?.len();
    // It stands by all the time, ready.
    pods.ready(&format!("{HASH}={old},app={name}"), 2).await?;
    plugin("undo", &name).await?;
    let undone = eventually(SOON, || selects(&services, &name, &old))
        .await
        .is_ok();
    Ok(Run {
        came_back,
        serving,
        undone,
    })
}

/// Looks for as long as it has, whatever the looks find.
async fn comes_back(services: &Api<Service>, name: &str, old: &str) -> bool {
    let end = Instant::now() + WATCHED;
    let mut is_back = false;
    while Instant::now() < end {
        is_back = selects(services, name, old).await.is_ok();
        tokio::time::sleep(PAUSE).await;
    }
    is_back
}

async fn selects(services: &Api<Service>, name: &str, hash: &str) -> Result<()> {
    let spec = services.get(name).await?.spec.context("it has no spec")?;
    let selector = spec.selector.unwrap_or_default();
    let now = selector.get(HASH).map_or("", String::as_str);
    ensure!(now == hash, "{name} selects {now}");
    Ok(())
}

async fn plugin(verb: &str, name: &str) -> Result<()> {
    process(&["kubectl-argo-rollouts", verb, name, "-n", NAMESPACE])
        .await
        .map(drop)
}

/// An analysis that is under way for longer than anybody looks.
fn analysis() -> serde_json::Value {
    json!({
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": {"name": "later"},
        "spec": {"metrics": [{
            "name": "later",
            "initialDelay": "1h",
            "successCondition": "true",
            "provider": {"web": {"url": "http://127.0.0.1:9/", "jsonPath": "{$.ok}"}}
        }]}
    })
}
