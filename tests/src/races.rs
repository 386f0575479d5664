//! What `make races` shows: two requests that are under way at the same time, and that production
//! never ends without a ready pod behind it where one of them is a switch.
//!
//! A round counts only if the audit log says that the two overlapped, and a control of bare requests
//! has to lose some, or the races would show nothing.

mod aim;
mod application;
mod contender;
mod lane;
mod overlap;
mod race;
mod tally;
mod trail;
mod verdict;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use futures::future::try_join_all;

use crate::kubectl::kubectl;
use crate::progress::say;
use lane::Lane;
use race::Race;
use tally::Tally;

/// Applications that race at the same time, each in a namespace of its own.
const LANES: usize = 4;
/// Between two lines of progress.
const PAUSE: Duration = Duration::from_secs(10);

/// How long to race.
#[derive(Clone, Debug)]
pub struct Order {
    /// Rounds of each race in which the two requests overlapped.
    pub rounds: usize,
    /// How long one race may take.
    pub limit: Duration,
    /// Only the races whose name contains this.
    pub only: String,
    /// The folder that gets `races.json`.
    pub into: PathBuf,
}

/// Runs every race, prints a line for each and writes `races.json`.
///
/// # Errors
/// A switch lost, the control lost nothing, or a round could not be run.
pub async fn run(order: Order) -> Result<()> {
    kubectl(&["bluegreen", "install"]).await?.succeeded()?;
    let mut lanes = try_join_all((0..LANES).map(Lane::open)).await?;
    let mut tallies = Vec::new();
    for race in Race::ALL {
        if !race.name().contains(&order.only) {
            continue;
        }
        say(&format!("{}: {}", race.name(), race.rule()));
        let tally = Arc::new(Mutex::new(Tally::new(race, order.rounds)));
        let end = Instant::now() + order.limit;
        let racing = lanes
            .iter_mut()
            .map(|lane| race_on(lane, race, &tally, end));
        try_join_all(racing).await?;
        let tally = tally.lock().unwrap_or_else(PoisonError::into_inner).clone();
        say(&tally.to_string());
        tallies.push(tally);
    }
    let file = order.into.join("races.json");
    std::fs::write(&file, serde_json::to_string_pretty(&tallies)?)
        .with_context(|| format!("cannot write {}", file.display()))?;
    let failed: Vec<String> = tallies.iter().filter_map(Tally::failure).collect();
    if !failed.is_empty() {
        bail!("{}", failed.join("; "));
    }
    Ok(())
}

/// One round after the other, until all lanes together have enough of them.
async fn race_on(lane: &mut Lane, race: Race, tally: &Mutex<Tally>, end: Instant) -> Result<()> {
    lane.forget_the_aim();
    while Instant::now() < end {
        let round = lane.round(race).await?;
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.add(round);
        if let Some(progress) = tally.progress(PAUSE) {
            say(&progress);
        }
        if tally.is_enough() {
            break;
        }
    }
    Ok(())
}
