//! The run that breaks Argo Rollouts: pods of the new side fail after the switch, and production has to go
//! back to the old side, which is ready.
//!
//! In every other run it is one pod that fails, and all of them in the others. All pods are real, two a side.

mod ours;
mod pods;
mod theirs;

use anyhow::Result;
use kube::Client;

use super::figure::Figure;
use crate::progress::say;

/// How much of the new side breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Break {
    OnePod,
    AllPods,
}

impl Break {
    fn of(run: usize) -> Self {
        if run.is_multiple_of(2) {
            Self::OnePod
        } else {
            Self::AllPods
        }
    }

    fn pods(self) -> usize {
        match self {
            Self::OnePod => 1,
            Self::AllPods => 2,
        }
    }
}

/// What came of it, ours and theirs.
pub(super) async fn figures(runs: usize) -> Result<Vec<Figure>> {
    let client = Client::try_default().await?;
    say("pods break after a switch");
    let ours = ours::runs(&client, runs).await?;
    say("pods break after a promotion");
    let theirs = theirs::runs(&client, runs).await?;
    let abort = format!(
        "abort of Argo Rollouts, within {} s",
        theirs::WATCHED.as_secs()
    );
    Ok(vec![
        Figure::outcomes(
            "production is back on the ready old side after new pods broke, by rollback",
            ours.rollback,
            &abort,
            theirs.aborted,
        ),
        Figure::outcomes(
            "the same by switch --bake, with nobody there",
            ours.bake,
            &abort,
            theirs.aborted,
        ),
        Figure::alone(
            "rollback after new pods broke: start to slices all on the old side",
            &ours.rollback_times,
        ),
        Figure::alone(
            "switch --bake: new pods break to slices all on the old side",
            &ours.bake_times,
        ),
        Figure::outcomes(
            "some pod serves after the rollback",
            ours.rollback,
            &format!(
                "{} s after the abort of Argo Rollouts",
                theirs::WATCHED.as_secs()
            ),
            theirs.served,
        ),
        Figure::outcomes(
            "production is back after one command more",
            ours.rollback,
            "undo of Argo Rollouts by hand after its abort",
            theirs.undone,
        ),
    ])
}
