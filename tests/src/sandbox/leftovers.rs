//! What outlives the processes of a sandbox on the machine: its folder, and the cgroups named after it.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::cgroups;

/// The kernel needs a moment to bury the last processes.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(10);

/// Removes the cgroups of the sandbox, then its folder.
pub(crate) fn remove(folder: &Path) -> Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let deadline = Instant::now() + PATIENCE;
    insist(deadline, || cgroups::remove(&name))
        .context("cannot remove the cgroups of the sandbox")?;
    insist(deadline, || match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result,
    })
    .with_context(|| format!("cannot remove {}", folder.display()))
}

fn insist(
    deadline: Instant,
    mut attempt: impl FnMut() -> std::io::Result<()>,
) -> std::io::Result<()> {
    loop {
        match attempt() {
            Err(_) if Instant::now() < deadline => thread::sleep(PAUSE),
            result => return result,
        }
    }
}
