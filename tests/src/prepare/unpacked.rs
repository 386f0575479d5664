//! Programs of packages that would start a service on this machine, were they installed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::packages::{apt_get, find_program};
use crate::cache::Cache;
use crate::progress::Progress;

/// The package, and its program of the same name.
const PROMETHEUS: &str = "prometheus";

/// The folders with the programs that this machine lacks, unpacked into the cache.
///
/// # Errors
/// A package can't be had: the message has the command that installs it.
pub(super) fn unpack_missing(cache: &Cache) -> Result<Vec<PathBuf>> {
    if find_program(PROMETHEUS).is_some() {
        return Ok(Vec::new());
    }
    let key = format!("packages/{PROMETHEUS}");
    let mut progress = Progress::new("Debian packages", usize::from(!cache.entry(&key).exists()));
    let unpacked = cache
        .get_or_make(&key, |folder| {
            progress.part(PROMETHEUS, || unpack(PROMETHEUS, folder))
        })
        .with_context(|| {
            format!("cannot unpack what is missing; try: apt-get install {PROMETHEUS}")
        })?;
    Ok(vec![unpacked.join("usr/bin")])
}

fn unpack(package: &str, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    apt_get(&["update"], folder)?;
    apt_get(&["download", package], folder)?;
    for entry in fs::read_dir(folder)? {
        let archive = entry?.path();
        if archive
            .extension()
            .is_none_or(|extension| extension != "deb")
        {
            continue;
        }
        let unpacked = Command::new("dpkg-deb")
            .arg("--extract")
            .arg(&archive)
            .arg(folder)
            .output()
            .context("cannot run dpkg-deb")?;
        if !unpacked.status.success() {
            bail!(
                "dpkg-deb failed: {}",
                String::from_utf8_lossy(&unpacked.stderr).trim()
            );
        }
        fs::remove_file(archive)?;
        return Ok(());
    }
    bail!("apt-get download {package} left nothing")
}
