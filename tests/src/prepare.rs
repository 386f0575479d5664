//! What must be there before a sandbox is entered, since nothing can be fetched from inside.

mod packages;
mod pipelines;
mod programs;
mod rights;
mod unpacked;

use std::path::PathBuf;

use anyhow::Result;
use clap::ValueEnum;

use crate::cache::Cache;
use crate::versions::Kubernetes;

pub use programs::DEFINITIONS;
pub use rights::check;

/// What a sandbox can have beside a cluster. Each takes minutes to fetch or to compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Extra {
    /// Helm, Prometheus, a mail server, and what runs pipelines
    Clients,
    /// Argo Rollouts
    Rollouts,
}

/// Fetches and compiles what this machine and the cache lack, and gives the folders with the programs.
///
/// # Errors
/// Something that a sandbox is made of can't be had: the message says what to do.
pub fn prepare(cache: &Cache, kubernetes: Kubernetes, with: &[Extra]) -> Result<Vec<PathBuf>> {
    let clients = with.contains(&Extra::Clients);
    packages::install_missing(clients)?;
    let mut folders = programs::build(cache, kubernetes, with)?;
    if clients {
        folders.extend(unpacked::unpack_missing(cache)?);
        folders.extend(pipelines::fetch_pipelines(cache)?);
    }
    Ok(folders)
}
