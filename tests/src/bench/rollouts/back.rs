//! The way back, while the old side is still there.

use anyhow::Result;
use serde_json::json;

use super::super::application::{self, Pods};
use super::super::figure::{Figure, Series};
use super::super::runs::{Competitor, REST, Race, process, run};
use super::super::watcher::Watcher;
use super::{OURS, PODS, Rollout, THEIRS};

/// After so many ways back something is released anew.
const A_RELEASE: usize = 4;

/// A rollback against an undo, from the start of either to the last slice. By default Argo Rollouts scales
/// the old side down after 30 s, and an undo has to wait for new pods then; ours stays. So that the commands
/// are compared and not that, its old side stays here, too.
pub(super) async fn figure(
    race: &mut Race,
    rollout: &mut Rollout,
    watcher: &mut Watcher,
    runs: usize,
) -> Result<Figure> {
    rollout
        .strategy(&json!({"scaleDownDelaySeconds": 3600}))
        .await?;
    // One more was staged than promoted.
    let old = rollout.stable().await?;
    let (mut ours, mut theirs) = (Series::new(), Series::new());
    for number in 0..runs {
        if number.is_multiple_of(A_RELEASE) {
            application::release(OURS, Pods::Simulated, number).await?;
            tokio::time::sleep(REST).await;
        }
        race.flip(Competitor::Switch).await?;
        ours.add(race.flip(Competitor::Rollback).await?.slices);

        let new = rollout.staged().await?;
        run(&plugin("promote"), watcher, &new).await?;
        rollout.finished().await?;
        rollout.ready(&old, PODS).await?;
        theirs.add(run(&plugin("undo"), watcher, &old).await?.slices);
        rollout.finished().await?;
        // The other way it is no way back to the controller, but a release that waits for its promotion.
        process(&plugin("undo")).await?;
    }
    Ok(Figure::against(
        "rollback: start to slices all on the old side",
        &ours,
        "undo of Argo Rollouts",
        &theirs,
    ))
}

fn plugin(verb: &str) -> [&str; 5] {
    ["kubectl-argo-rollouts", verb, "web", "-n", THEIRS]
}
