//! The requests that meet, and how each ends.

use std::process::Stdio;

use anyhow::{Context, Result};
use serde_json::Value;
use tokio::process::Command;

use super::application::Application;
use crate::cluster::kubeconfig;

/// Who sends one of the two requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Contender {
    /// The plugin's process, as a user and a group by which the audit log tells it from another one.
    Switch { user: &'static str, group: String },
    /// A patch of the selector.
    Flip,
    /// A scale of the target to 0.
    Scale,
}

/// How it ended, as whoever sent it understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It was done.
    Done,
    /// A switch that found production where it should go.
    Already,
    /// Refused, by the plugin's judgement, by admission, or because somebody else is at it.
    Refused,
    /// A switch that flipped, and flipped back.
    TakenBack,
    /// Anything else.
    Failed(String),
}

impl Contender {
    /// Sends the request, and waits for its end.
    pub(super) async fn go(&self, application: &Application, target: &str) -> Result<End> {
        Ok(match self {
            Self::Switch { user, group } => switch(application, target, user, group).await?,
            Self::Flip => bare(application.flip(target).await),
            Self::Scale => bare(application.scale(target, 0).await),
        })
    }
}

fn bare(answer: kube::Result<()>) -> End {
    match answer {
        Ok(()) => End::Done,
        Err(kube::Error::Api(status)) if status.code == 403 => End::Refused,
        Err(error) => End::Failed(error.to_string()),
    }
}

async fn switch(application: &Application, target: &str, user: &str, group: &str) -> Result<End> {
    let output = Command::new("kubectl-bluegreen")
        .args(["switch", "web", "--to", target, "--output=json"])
        .args(["--namespace", &application.namespace, "--as", user])
        .args(["--as-group=system:masters", "--as-group", group])
        .env("KUBECONFIG", kubeconfig())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context("cannot run kubectl-bluegreen")?;
    let said: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    Ok(match output.status.code() {
        Some(0) if said["changed"] == true => End::Done,
        Some(0) => End::Already,
        Some(3 | 4 | 8) => End::Refused,
        Some(7) => End::TakenBack,
        code => {
            let words = String::from_utf8_lossy(&output.stderr);
            End::Failed(format!("exit code {code:?}: {}", words.trim()))
        }
    })
}
