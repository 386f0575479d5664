//! What `make bench` measures: our commands against what a user would otherwise run.
//!
//! Both sides of a comparison run in turns, in one process of one cluster, and one watcher that
//! runs already takes the time for both. Figures are medians with their minimum and maximum.

mod application;
mod broken;
mod crowd;
mod figure;
mod held;
mod requests;
mod rollouts;
mod runs;
mod under_load;
mod watcher;

use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::progress::say;
use figure::{Figure, Series};
use rollouts::Controller;
use runs::{Competitor, Race};

/// Runs of each side of a comparison.
const RUNS: usize = 24;
/// The same, where every run takes seconds.
const SLOW_RUNS: usize = 20;

/// Figures that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Group {
    /// A switch beside a patch of the selector, and its API requests
    Switch,
    /// A hundred flips under load
    Load,
    /// Argo Rollouts beside us
    Rollouts,
    /// Pods that break after a switch, here and with Argo Rollouts
    Broken,
    /// Thousands of pods of others
    Crowd,
}

/// Measures everything or one group, prints a line for each figure and writes `bench.json` into a folder.
///
/// # Errors
/// A command failed: there is no figure for what did not work.
pub async fn measure(target: &Path, only: Option<Group>) -> Result<()> {
    application::install().await?;
    let mut figures = Vec::new();
    // Last is the crowd: what gathers there would be in the way of everything else.
    for group in Group::value_variants() {
        if only.is_none_or(|only| only == *group) {
            let measured = of(*group).await?;
            for figure in &measured {
                say(&figure.to_string());
            }
            figures.extend(measured);
        }
    }
    let file = target.join("bench.json");
    std::fs::write(&file, serde_json::to_string_pretty(&figures)?)
        .with_context(|| format!("cannot write {}", file.display()))
}

async fn of(group: Group) -> Result<Vec<Figure>> {
    match group {
        Group::Switch => switch().await,
        Group::Load => under_load::flips_and_a_rolling_update().await,
        Group::Rollouts => beside(rollouts::figures(SLOW_RUNS)).await,
        Group::Broken => beside(broken::figures(SLOW_RUNS)).await,
        Group::Crowd => crowd::decisions(RUNS).await.map(Vec::from),
    }
}

/// Measures while the controller of Argo Rollouts runs.
async fn beside(measured: impl Future<Output = Result<Vec<Figure>>>) -> Result<Vec<Figure>> {
    let controller = Controller::start().await?;
    measured.await.inspect_err(|_| {
        say("the controller of Argo Rollouts said last:");
        say(&controller.last_lines());
    })
}

async fn switch() -> Result<Vec<Figure>> {
    application::small().await?;
    let mut figures = vec![requests::of_a_switch("small", 2).await?];
    application::large().await?;
    figures.push(requests::of_a_switch("large", 52).await?);
    figures.extend(flips().await?);
    figures.push(version().await?);
    Ok(figures)
}

/// A switch against a patch of the selector, alone and through kubectl.
async fn flips() -> Result<Vec<Figure>> {
    // The count of requests has left production there.
    let mut race = Race::begin("large", "green").await?;
    let mut patch = [Series::new(), Series::new(), Series::new()];
    let mut direct = patch.clone();
    let mut through_kubectl = patch.clone();
    for _ in 0..RUNS {
        for (competitor, series) in [
            (Competitor::Patch, &mut patch),
            (Competitor::Switch, &mut direct),
            (Competitor::SwitchThroughKubectl, &mut through_kubectl),
        ] {
            let run = race.flip(competitor).await?;
            for (series, took) in series
                .iter_mut()
                .zip([run.selector, run.slices, run.process])
            {
                series.add(took);
            }
        }
    }
    let what = ["selector seen", "slices all new", "process"];
    let figures = what.iter().enumerate().flat_map(|(place, what)| {
        [
            Figure::against(
                &format!("switch: start to {what}"),
                &direct[place],
                "kubectl patch",
                &patch[place],
            ),
            Figure::against(
                &format!("switch through kubectl: start to {what}"),
                &through_kubectl[place],
                "kubectl patch",
                &patch[place],
            ),
        ]
    });
    Ok(figures.collect())
}

async fn version() -> Result<Figure> {
    let mut ours = Series::new();
    let mut theirs = Series::new();
    for _ in 0..RUNS {
        theirs.add(runs::process(&["kubectl", "version", "--client"]).await?);
        ours.add(runs::process(&["kubectl-bluegreen", "version"]).await?);
    }
    Ok(Figure::against(
        "version",
        &ours,
        "kubectl version --client",
        &theirs,
    ))
}
