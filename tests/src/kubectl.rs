//! The sandbox's kubectl, and with it the plugin, as a user runs them.

use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::cluster::kubeconfig;

/// What a command left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The exit code; 128 and more for a signal, as in a shell.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// The output, if the command succeeded.
    ///
    /// # Errors
    /// It failed: the message is what it printed.
    pub fn succeeded(self) -> Result<Self> {
        if self.code != 0 {
            bail!("exit code {}: {}{}", self.code, self.stderr, self.stdout);
        }
        Ok(self)
    }
}

/// Runs `kubectl ARGUMENTS` on the cluster of the test: `kubectl(&["get", "pods"])`.
///
/// # Errors
/// kubectl can't be run. Whether it succeeded is for the test to see.
pub async fn kubectl(arguments: &[&str]) -> Result<Output> {
    run(arguments, None).await
}

/// The same, with something to read on standard input.
pub(crate) async fn run(arguments: &[&str], input: Option<&str>) -> Result<Output> {
    let mut child = Command::new("kubectl")
        .args(arguments)
        .env("KUBECONFIG", kubeconfig())
        .stdin(if input.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("cannot run kubectl")?;
    if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
        stdin.write_all(input.as_bytes()).await?;
    }
    Ok(read(&child.wait_with_output().await?))
}

/// For where nothing can be awaited: what kubectl said, whatever came of it.
pub(crate) fn run_blocking(arguments: &[&str]) -> String {
    let mut command = std::process::Command::new("kubectl");
    command
        .args(arguments)
        .env("KUBECONFIG", kubeconfig())
        .stdin(Stdio::null());
    match command.output() {
        Ok(output) => {
            let output = read(&output);
            output.stdout + &output.stderr
        }
        Err(error) => format!("cannot run kubectl: {error}"),
    }
}

fn read(output: &std::process::Output) -> Output {
    use std::os::unix::process::ExitStatusExt;
    let status = output.status;
    Output {
        code: status
            .code()
            .or_else(|| Some(128 + status.signal()?))
            .unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
