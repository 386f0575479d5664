//! Starts the cluster, runs what was asked for, and ends.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use tokio::task::JoinSet;

use super::certificates::Authority;
use super::component::Components;
use super::order::Order;
use super::{command, control_plane, kubeconfig, machine, node, ready, simulation};
use crate::cluster::connect;
use crate::progress::say;

const PATIENCE: Duration = Duration::from_mins(1);

/// Starts the cluster, runs the command of the order, and gives its exit code.
///
/// # Errors
/// A part of the cluster does not come up: the message has its last lines.
pub async fn inside(order: &Order) -> Result<u8> {
    let started = Instant::now();
    let folder = &order.folder;
    machine::prepare(folder)?;
    let authority = Authority::create(folder.join("certificates"))?;
    let admin = kubeconfig::write(folder, &authority, "admin", Some("system:masters"))?;

    let mut components = Components::new(order)?;
    control_plane::start_api(&mut components, folder, &authority)?;
    node::start_containers(&mut components, folder)?;
    let mut images = import_images(order);

    let client = connect(admin.clone()).await?;
    let up = components.wait_until("the API server is not ready", PATIENCE, || {
        ready::api(&client)
    });
    up.await?;
    control_plane::start_controllers(&mut components, folder, &authority)?;
    node::start(&mut components, folder, &authority)?;
    simulation::start(&mut components, folder, &authority)?;
    simulation::register_nodes(&client).await?;
    let up = components.wait_until("the cluster is not ready", PATIENCE, || {
        ready::cluster(&client)
    });
    up.await?;
    while let Some(imported) = images.join_next().await {
        imported??;
    }
    say(&format!(
        "the cluster is up after {:.1} s",
        started.elapsed().as_secs_f64()
    ));
    components.watch();
    command::run(order, &admin).await
}

/// Loads all images at once, as soon as the container runtime listens.
fn import_images(order: &Order) -> JoinSet<Result<()>> {
    let mut imports = JoinSet::new();
    for tar in order.images.clone() {
        imports.spawn(import(node::socket(&order.folder), tar));
    }
    imports
}

async fn import(socket: PathBuf, tar: PathBuf) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !socket.exists() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let imported = Command::new("ctr")
        .arg("--address")
        .arg(&socket)
        .args(["--namespace", "k8s.io", "images", "import"])
        .arg(&tar)
        .output()
        .await
        .context("cannot run ctr: install containerd")?;
    if !imported.status.success() {
        bail!(
            "cannot load the image {}: {}",
            tar.display(),
            String::from_utf8_lossy(&imported.stderr).trim()
        );
    }
    Ok(())
}
