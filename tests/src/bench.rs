//! What `make bench` measures: our commands against what a user would otherwise run.
//!
//! Both sides of a comparison run in turns, in one process of one cluster, and one watcher that
//! runs already takes the time for both. Figures are medians with their minimum and maximum.

mod application;
mod crowd;
mod figure;
mod requests;
mod runs;
mod under_load;
mod watcher;

use std::path::Path;

use anyhow::{Context, Result};

use figure::{Figure, Series};
use runs::{Competitor, Race};

/// Runs of each side of a comparison.
const RUNS: usize = 24;

/// Measures everything, prints a line for each figure and writes `bench.json` into a folder.
///
/// # Errors
/// A command failed: there is no figure for what did not work.
pub async fn measure(target: &Path) -> Result<()> {
    let mut figures = Vec::new();
    application::install().await?;
    application::small().await?;
    figures.push(requests::of_a_switch("small", 2).await?);
    application::large().await?;
    figures.push(requests::of_a_switch("large", 52).await?);
    figures.extend(flips().await?);
    figures.push(version().await?);
    figures.extend(under_load::flips_and_a_rolling_update().await?);
    // Last: what gathers here would be in the way of everything else.
    figures.extend(crowd::decisions(RUNS).await?);
    for figure in &figures {
        crate::progress::say(&figure.to_string());
    }
    let file = target.join("bench.json");
    std::fs::write(&file, serde_json::to_string_pretty(&figures)?)
        .with_context(|| format!("cannot write {}", file.display()))
}

/// A switch against a patch of the selector, alone and through kubectl.
async fn flips() -> Result<Vec<Figure>> {
    let mut race = Race::begin("large").await?;
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
