//! What runs inside: a command, or a shell to play in.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

use super::init::exit_code;
use super::order::Order;
use crate::progress::say;

/// What shells report when there is no such command.
const NOT_FOUND: u8 = 127;

const GREETING: &str = "
A Kubernetes of your own: everything in it is gone when you leave this shell (exit, Ctrl-D).
";

const TO_TRY: &str = "
Tomcat 7 is blue, and serves. Try:

  kubectl bluegreen status tomcat
  kubectl bluegreen stage tomcat --image tomcat:8
  kubectl bluegreen switch tomcat
  kubectl bluegreen rollback tomcat
";

const SHELL_SETTINGS: &str = r"PS1='sandbox \w \$ '
HISTFILE=
. /usr/share/bash-completion/bash_completion
. <(kubectl completion bash)
. <(kubectl-bluegreen completion bash)
";

/// What is there when the user comes: the guard, and an application with both of its sides running.
const FURNITURE: &[&[&str]] = &[
    &["install"],
    &["init", "tomcat", "--image", "tomcat:7", "--port", "8080"],
];

/// Runs the command of the order and gives its exit code.
pub(crate) async fn run(order: &Order, kubeconfig: &Path) -> Result<u8> {
    let environment = environment(order, kubeconfig)?;
    if !order.bare {
        furnish(&environment).await?;
    }
    let arguments = if order.command.is_empty() {
        shell(order)?
    } else {
        order.command.clone()
    };
    // The terminal's Ctrl-C reaches the command as well; this process outlives it to report its code.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let spawned = Command::new(&arguments[0])
        .args(&arguments[1..])
        .envs(environment)
        .spawn();
    let mut child = match spawned {
        Ok(child) => child,
        Err(error) => {
            say(&format!("cannot run {}: {error}", arguments[0]));
            return Ok(NOT_FOUND);
        }
    };
    loop {
        tokio::select! {
            status = child.wait() => return Ok(exit_code(status?)),
            _ = interrupt.recv() => {}
        }
    }
}

fn environment(order: &Order, kubeconfig: &Path) -> Result<Vec<(&'static str, OsString)>> {
    let path = env::var_os("PATH").unwrap_or_default();
    let sbin = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let folders = [order.folder.join("bin"), programs()?].into_iter();
    let folders = folders
        .chain(order.programs.clone())
        .chain(env::split_paths(&path))
        .chain(sbin);
    Ok(vec![
        ("KUBECONFIG", kubeconfig.into()),
        ("BLUEGREEN_SANDBOX", order.folder.clone().into()),
        // What kubectl remembers of a cluster is as short-lived as the cluster.
        ("KUBECACHEDIR", order.folder.join("kubectl-cache").into()),
        ("PATH", env::join_paths(folders)?),
    ])
}

async fn furnish(environment: &[(&'static str, OsString)]) -> Result<()> {
    for arguments in FURNITURE {
        say(&format!("kubectl bluegreen {}", arguments.join(" ")));
        let status = Command::new("kubectl")
            .arg("bluegreen")
            .args(*arguments)
            .envs(environment.iter().cloned())
            .status()
            .await
            .context("cannot run kubectl")?;
        if !status.success() {
            bail!(
                "kubectl bluegreen {} failed ({status}); --bare starts without it",
                arguments.join(" ")
            );
        }
    }
    Ok(())
}

/// A shell with completion, and a prompt that says where one is.
fn shell(order: &Order) -> Result<Vec<String>> {
    // By this name kubectl asks a plugin how a line may go on.
    let links = order.folder.join("bin");
    fs::create_dir(&links)?;
    symlink(
        programs()?.join("kubectl-bluegreen"),
        links.join("kubectl_complete-bluegreen"),
    )?;
    let settings = order.folder.join("bashrc");
    fs::write(&settings, SHELL_SETTINGS)?;
    say(GREETING.trim());
    if !order.bare {
        say(TO_TRY);
    }
    Ok(["bash", "--rcfile", &settings.to_string_lossy(), "-i"]
        .map(str::to_owned)
        .to_vec())
}

/// Where cargo has put the programs that are tested: beside this one, compiled as it is.
fn programs() -> Result<PathBuf> {
    let this = env::current_exe()?;
    Ok(this.parent().map(Path::to_path_buf).unwrap_or_default())
}
