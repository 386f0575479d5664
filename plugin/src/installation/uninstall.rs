//! Takes the webhook out of a cluster, the hooks first, so that nothing ever waits for a server that is gone.

use std::time::{Duration, Instant};

use crate::cluster::{Cluster, Manifest};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::flags::DryRun;
use crate::render::Output;

use super::manifests::Part;

/// Deletes every part that is there and returns how many there were.
pub(crate) async fn uninstall(
    cluster: &Cluster,
    parts: Vec<(Part, Manifest)>,
    timeout: Duration,
    dry_run: DryRun,
    output: &Output,
) -> Result<usize, Failure> {
    let deadline = Instant::now() + timeout;
    let (hooks, server): (Vec<_>, Vec<_>) = parts
        .into_iter()
        .partition(|(part, _)| *part == Part::Hooks);
    let mut deleted = 0;
    for (_, manifest) in &hooks {
        deleted += usize::from(remove(cluster, manifest, deadline, dry_run, output).await?);
    }
    // What is in the namespace goes with it, which comes first in the manifests and so last here.
    for (_, manifest) in server.iter().rev() {
        let in_namespace = manifest.object["metadata"]["namespace"].is_string();
        if !in_namespace {
            deleted += usize::from(remove(cluster, manifest, deadline, dry_run, output).await?);
        }
    }
    Ok(deleted)
}

async fn remove(
    cluster: &Cluster,
    manifest: &Manifest,
    deadline: Instant,
    dry_run: DryRun,
    output: &Output,
) -> Result<bool, Failure> {
    let was_there = match dry_run {
        DryRun::Client => cluster.fetch(manifest).await?.is_some(),
        _ => cluster.delete(manifest, dry_run).await?,
    };
    if !was_there {
        return Ok(false);
    }
    if dry_run == DryRun::None {
        let left = deadline.saturating_duration_since(Instant::now());
        if !cluster.gone(manifest, left).await? {
            return Err(Failure::new(
                Exit::TimedOut,
                format!("{} is still being deleted", manifest.reference()),
            )
            .hint("run uninstall again: it goes on where this one stopped"));
        }
    }
    output.step(
        "deleted",
        format_args!("{}{}", manifest.reference(), dry_run.suffix()),
    );
    Ok(true)
}
