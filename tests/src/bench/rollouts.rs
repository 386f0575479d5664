//! Argo Rollouts beside us: the same number of pods, one workload a side, the same watcher, in turns.
//!
//! Its programs are those of `cluster/rollouts`; its controller runs as long as the comparison does, by
//! itself as ours do, with its own defaults where nothing else is said.

mod back;
mod controller;
mod look;
mod promote;
mod ready;
mod relay;
mod rollout;

use anyhow::Result;
use kube::Client;
use serde_json::json;

use super::application::{self, Pods};
use super::figure::Figure;
use super::runs::Race;
use super::watcher::Watcher;

pub(super) use controller::Controller;
pub(super) use rollout::{HASH, Rollout};

/// Pods a side, of either.
const PODS: u32 = 52;
/// Where our application is.
const OURS: &str = "ours";
/// Where theirs is.
const THEIRS: &str = "theirs";

/// Looks, flips, ways back and reactions, in this order: flips leave old `ReplicaSets` behind.
pub(super) async fn figures(runs: usize) -> Result<Vec<Figure>> {
    let client = Client::try_default().await?;
    application::one_workload(OURS, PODS, Pods::Simulated).await?;
    let mut rollout = Rollout::create(&client, THEIRS, "web", PODS, Pods::Simulated).await?;
    // What it has left goes soon, and so not while the next one is timed.
    rollout
        .strategy(&json!({"scaleDownDelaySeconds": 2}))
        .await?;
    // Both sides are there, as ours are.
    let staged = rollout.stage().await?;
    let mut figures = Vec::from(look::figures(runs).await?);
    let mut race = Race::begin(OURS, "blue").await?;
    let mut watcher = Watcher::begin(&client, THEIRS, HASH);
    watcher.settle(&rollout.stable().await?).await?;
    let promotion = promote::Promotion {
        race: &mut race,
        rollout: &mut rollout,
        watcher: &mut watcher,
    };
    figures.extend(promote::figures(promotion, staged, runs).await?);
    figures.push(back::figure(&mut race, &mut rollout, &mut watcher, runs).await?);
    figures.push(ready::figure(&client, runs).await?);
    Ok(figures)
}
