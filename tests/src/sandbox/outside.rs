//! What the user started: prepares, enters, waits, cleans up.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Duration, timeout};

use super::folder::Folder;
use super::init::exit_code;
use super::leftovers;
use super::order::Order;
use crate::cache::Cache;
use crate::image;
use crate::prepare::{self, Extra, prepare};
use crate::versions::Kubernetes;

/// A terminal gives Ctrl-C to everybody in it; this long the inside may take to end in its own way.
const GRACE: Duration = Duration::from_secs(5);

/// What a user asks for.
#[derive(Debug)]
pub struct Request {
    /// The version to run.
    pub kubernetes: Kubernetes,
    /// What to run inside; a shell where it is empty.
    pub command: Vec<String>,
    /// Without the webhook, and without an application.
    pub bare: bool,
    /// With more than a cluster.
    pub with: Vec<Extra>,
}

/// Runs the command in a new sandbox and gives its exit code.
///
/// # Errors
/// Something that the sandbox is made of is missing and can't be made.
pub async fn enter(request: Request) -> Result<u8> {
    prepare::check()?;
    let cache = Cache::open()?;
    let programs = prepare(&cache, request.kubernetes, &request.with)?;
    let archives = image::build_all(&cache)?;

    let mut interrupts = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ]
    .map(|kind| signal(kind).map(|stream| (kind, stream)));
    let [Ok((_, interrupt)), Ok((_, terminate)), Ok((_, hangup))] = &mut interrupts else {
        anyhow::bail!("cannot listen to signals");
    };
    let folder = Folder::create()?;
    let order = Order {
        folder: folder.path.clone(),
        programs,
        images: archives.into_iter().map(|archive| archive.tar).collect(),
        command: request.command,
        bare: request.bare,
    };
    order.write()?;
    let mut janitor = start_janitor(&folder.path)?;
    let mut inside = start_inside(&folder.path)?;
    let status = tokio::select! {
        status = inside.wait() => status.map(exit_code),
        _ = interrupt.recv() => end(&mut inside, GRACE).await.map(|()| 130),
        _ = terminate.recv() => end(&mut inside, Duration::ZERO).await.map(|()| 143),
        _ = hangup.recv() => end(&mut inside, Duration::ZERO).await.map(|()| 129),
    };
    leftovers::remove(&folder.path)?;
    janitor.kill().await?;
    Ok(status?)
}

/// Waits as long as it may take, then kills: the namespace dies with its parent.
async fn end(inside: &mut Child, grace: Duration) -> std::io::Result<()> {
    match timeout(grace, inside.wait()).await {
        Ok(status) => status.map(drop),
        Err(_) => inside.kill().await,
    }
}

/// In a process group of its own: the terminal's Ctrl-C must not reach it.
fn start_janitor(folder: &Path) -> Result<Child> {
    let mut command = std::process::Command::new(env::current_exe()?);
    command.arg("janitor").arg(folder).process_group(0);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Command::from(command)
        .spawn()
        .context("cannot start the sandbox's janitor")
}

/// Started by the main thread, which lives as long as this process: `--pdeathsig` is about the thread.
fn start_inside(folder: &Path) -> Result<Child> {
    Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "unshare"])
        .args([
            "--mount",
            "--net",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ])
        .arg(env::current_exe()?)
        .arg("init")
        .arg(folder)
        .spawn()
        .context("cannot run setpriv and unshare: install util-linux")
}
