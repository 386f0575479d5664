//! A switch against a promotion, alone and through kubectl.

use anyhow::Result;

use super::super::figure::{Figure, Series};
use super::super::runs::{Competitor, Race, Run, run};
use super::super::watcher::Watcher;
use super::{Rollout, THEIRS};

/// What takes turns.
pub(super) struct Promotion<'a> {
    pub(super) race: &'a mut Race,
    pub(super) rollout: &'a mut Rollout,
    pub(super) watcher: &'a mut Watcher,
}

/// Selector, slices and process.
#[derive(Clone)]
struct Times([Series; 3]);

impl Times {
    fn new() -> Self {
        Self([Series::new(), Series::new(), Series::new()])
    }

    fn add(&mut self, run: &Run) {
        let took = [run.selector, run.slices, run.process];
        for (series, took) in self.0.iter_mut().zip(took) {
            series.add(took);
        }
    }
}

/// `staged` is the hash that waits for the first promotion. Every further one is of new pods, which are
/// made ready before and not timed: a promotion has nothing to do otherwise. Ours goes back and forth.
pub(super) async fn figures(
    promotion: Promotion<'_>,
    mut staged: String,
    runs: usize,
) -> Result<Vec<Figure>> {
    let Promotion {
        race,
        rollout,
        watcher,
    } = promotion;
    let promote = ["promote", "web", "-n", THEIRS];
    let mut ours = [Times::new(), Times::new()];
    let mut theirs = ours.clone();
    for _ in 0..runs {
        let ways = [
            (Competitor::Switch, &["kubectl-argo-rollouts"][..]),
            (
                Competitor::SwitchThroughKubectl,
                &["kubectl", "argo", "rollouts"],
            ),
        ];
        for (place, (competitor, program)) in ways.into_iter().enumerate() {
            ours[place].add(&race.flip(competitor).await?);
            let command = [program, &promote].concat();
            theirs[place].add(&run(&command, watcher, &staged).await?);
            rollout.alone().await?;
            staged = rollout.stage().await?;
        }
    }
    let what = [
        "start to selector seen",
        "start to slices all new",
        "process",
    ];
    let ways = ["", " through kubectl"];
    let mut figures = Vec::new();
    for (way, (ours, theirs)) in ways.iter().zip(ours.iter().zip(&theirs)) {
        for (what, (ours, theirs)) in what.iter().zip(ours.0.iter().zip(&theirs.0)) {
            let name = format!("switch{way}, beside Argo Rollouts: {what}");
            figures.push(Figure::against(
                &name,
                ours,
                &format!("promote{way}"),
                theirs,
            ));
        }
    }
    Ok(figures)
}
