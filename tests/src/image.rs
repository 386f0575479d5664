//! Container images without a registry or Docker: tar files that `ctr images import` takes.
//!
//! The same content makes the same bytes: no clocks, no owners of this machine, sorted entries.

mod archive;
mod compile;
mod layer;
mod libraries;
pub(crate) mod run;
mod runtime;
mod servers;
mod stale;
mod tomcat;

use std::path::PathBuf;

use anyhow::Result;

use crate::cache::Cache;

/// The image that holds a pod's namespaces: containerd's `sandbox_image`.
pub const PAUSE: &str = "bluegreen.dev/pause:1";
/// The admission webhook, compiled from this checkout, by the name that the manifests give it.
pub const WEBHOOK: &str = concat!("bluegreen.dev/webhook:", env!("CARGO_PKG_VERSION"));

/// A tar file that brings images into a cluster. Images that share layers share a file, so that each layer is read once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// The names of the images in it, as a pod spec has them.
    pub images: Vec<String>,
    /// The file, in the cache.
    pub tar: PathBuf,
}

/// Makes all images, or finds them in the cache. The pause image comes first.
///
/// - [`PAUSE`]
/// - `bluegreen.dev/test-server:1`, `:2`, `:3`, which answer with their tag, and `:crash`, which exits with code 7
/// - [`WEBHOOK`]
/// - `tomcat:7` and `tomcat:7.0.109`, `tomcat:8` and `tomcat:8.5.100`, and `tomcat:8.5.100-broken`,
///   which exits with code 1 because its configuration can't be read
///
/// # Errors
/// A program doesn't compile, or cargo, Maven or the JDK is missing or fails. What was finished is kept.
pub fn build_all(cache: &Cache) -> Result<Vec<Archive>> {
    let [pause, test_server] = servers::of_the_tests(cache)?;
    let webhook = servers::webhook(cache)?;
    let archives = vec![pause, test_server, webhook, tomcat::build(cache)?];
    stale::remove(cache, &archives)?;
    Ok(archives)
}

/// Makes the webhook's image alone.
///
/// # Errors
/// It doesn't compile, or cargo is missing.
pub fn webhook(cache: &Cache) -> Result<Archive> {
    servers::webhook(cache)
}
