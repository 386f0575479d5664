//! The commands that are compared, run one at a time.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use kube::Client;
use tokio::process::Command;

use super::watcher::Watcher;

/// Between two flips, so that none meets the work that the one before left behind.
pub(super) const REST: Duration = Duration::from_millis(400);

/// Who flips.
#[derive(Clone, Copy, Debug)]
pub(super) enum Competitor {
    Patch,
    Switch,
    SwitchThroughKubectl,
    Rollback,
}

/// From the start of the process.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) selector: Duration,
    pub(super) slices: Duration,
    pub(super) process: Duration,
}

/// Production goes back and forth between its two sides.
pub(super) struct Race {
    namespace: String,
    watcher: Watcher,
    role: &'static str,
}

impl Race {
    /// Production is at this role now.
    pub(super) async fn begin(namespace: &str, role: &'static str) -> Result<Self> {
        let client = Client::try_default().await?;
        let mut watcher = Watcher::begin(&client, namespace, "role");
        watcher.settle(role).await?;
        Ok(Self {
            namespace: namespace.to_owned(),
            watcher,
            role,
        })
    }

    pub(super) async fn flip(&mut self, competitor: Competitor) -> Result<Run> {
        let to = if self.role == "blue" { "green" } else { "blue" };
        let patch = format!(r#"{{"spec":{{"selector":{{"role":"{to}"}}}}}}"#);
        let namespace = self.namespace.as_str();
        let switch = ["switch", "web", "-n", namespace, "--to", to];
        let command = match competitor {
            Competitor::Patch => {
                vec![
                    "kubectl", "patch", "service", "web", "-n", namespace, "-p", &patch,
                ]
            }
            Competitor::Switch => [&["kubectl-bluegreen"][..], &switch].concat(),
            Competitor::SwitchThroughKubectl => [&["kubectl", "bluegreen"][..], &switch].concat(),
            Competitor::Rollback => {
                vec!["kubectl-bluegreen", "rollback", "web", "-n", namespace]
            }
        };
        let run = run(&command, &mut self.watcher, to).await?;
        self.role = to;
        Ok(run)
    }
}

/// Runs a command that brings production to that side, and rests.
pub(super) async fn run(command: &[&str], watcher: &mut Watcher, to: &str) -> Result<Run> {
    let began = Instant::now();
    let (process, seen) = tokio::try_join!(process(command), watcher.wait_for(to))?;
    tokio::time::sleep(REST).await;
    Ok(Run {
        selector: seen.selector.duration_since(began),
        slices: seen.slices.duration_since(began),
        process,
    })
}

/// How long a command takes as a whole.
pub(super) async fn process(command: &[&str]) -> Result<Duration> {
    let began = Instant::now();
    let output = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    let took = began.elapsed();
    if !output.status.success() {
        bail!(
            "`{}` failed: {}",
            command.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(took)
}

pub(super) async fn kubectl(arguments: &[&str]) -> Result<()> {
    process(&[&["kubectl"][..], arguments].concat())
        .await
        .map(drop)
}
