//! What a look costs: time, memory and bytes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::super::figure::{Figure, Series};
use super::super::runs::process;
use super::relay::Relay;
use super::{OURS, THEIRS};
use crate::cluster::SANDBOX;

/// Times that memory and bytes are looked at: they hardly differ.
const FEW: usize = 5;
const LOOK: &str = "status";
const ITS_LOOK: &str = "get rollout of Argo Rollouts";

/// Both have two sides of the same size, and nothing else in their namespaces.
pub(super) async fn figures(runs: usize) -> Result<[Figure; 3]> {
    let ours = ["kubectl-bluegreen", "status", "web", "-n", OURS];
    let theirs = [
        "kubectl-argo-rollouts",
        "get",
        "rollout",
        "web",
        "-n",
        THEIRS,
    ];
    let sides = [&ours[..], &theirs];
    let mut times = [Series::new(), Series::new()];
    for _ in 0..runs {
        for (command, series) in sides.iter().zip(&mut times) {
            series.add(process(command).await?);
        }
    }
    let sandbox = PathBuf::from(std::env::var(SANDBOX).context("this is no sandbox")?);
    let relay = Relay::open(&sandbox).await?;
    let (mut memory, mut bytes) = (
        times.clone().map(|_| Series::new()),
        [Series::new(), Series::new()],
    );
    for _ in 0..FEW {
        for (place, command) in sides.iter().enumerate() {
            memory[place].add_amount(peak(command, &sandbox).await?);
            bytes[place].add_amount(relay.bytes_of(command).await?);
        }
    }
    let figure = |what: &str, unit, [ours, theirs]: &[Series; 2]| {
        let name = format!("{LOOK}: {what}");
        Figure::amounts(&name, unit, ours, ITS_LOOK, theirs)
    };
    Ok([
        figure("wall time", "ms", &times),
        figure("peak memory", "MiB", &memory),
        figure("bytes from the API server", "KiB", &bytes),
    ])
}

/// The most memory that a command had, in MiB: `time` asks the kernel, and is itself too small to count.
async fn peak(command: &[&str], sandbox: &Path) -> Result<f64> {
    let file = sandbox.join("peak");
    let told = file.to_string_lossy();
    let time = ["/usr/bin/time", "--format=%M", "--output", &told];
    process(&[&time[..], command].concat()).await?;
    let kibibytes: f64 = std::fs::read_to_string(&file)?
        .trim()
        .parse()
        .context("`time` says no number")?;
    Ok(kibibytes / 1024.0)
}
