//! A process of the cluster, with its log.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use super::order::Order;
use crate::progress::say;

const LAST_LINES: usize = 15;
const PAUSE: Duration = Duration::from_millis(20);

/// The processes that have been started.
#[derive(Debug)]
pub(crate) struct Components<'order> {
    order: &'order Order,
    running: Vec<Component>,
}

#[derive(Debug)]
struct Component {
    name: String,
    child: Child,
    log: PathBuf,
}

impl<'order> Components<'order> {
    pub(crate) fn new(order: &'order Order) -> Result<Self> {
        fs::create_dir(order.folder.join("logs"))?;
        Ok(Self {
            order,
            running: Vec::new(),
        })
    }

    /// Starts a program of the cluster. Its log is `logs/NAME.log` in the folder of the sandbox.
    pub(crate) fn start<Argument: AsRef<OsStr>>(
        &mut self,
        name: &str,
        arguments: impl IntoIterator<Item = Argument>,
    ) -> Result<()> {
        let log = self.order.folder.join("logs").join(format!("{name}.log"));
        let output = File::create(&log)?;
        let child = Command::new(self.order.program(name))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            // The terminal's Ctrl-C is meant for the command, not for the cluster.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        self.running.push(Component {
            name: name.to_owned(),
            child,
            log,
        });
        Ok(())
    }

    /// Asks again and again until the answer is yes.
    pub(crate) async fn wait_until<Answer>(
        &mut self,
        what: &str,
        patience: Duration,
        mut ask: impl FnMut() -> Answer,
    ) -> Result<()>
    where
        Answer: Future<Output = Result<()>>,
    {
        let deadline = Instant::now() + patience;
        loop {
            self.check()?;
            let Err(why) = ask().await else { return Ok(()) };
            if Instant::now() > deadline {
                return Err(why.context(format!(
                    "{what} after {} s\n{}",
                    patience.as_secs(),
                    self.logs()
                )));
            }
            sleep(PAUSE).await;
        }
    }

    /// Tells the user when a process ends that should not.
    pub(crate) fn watch(self) {
        for mut component in self.running {
            tokio::spawn(async move {
                if let Ok(status) = component.child.wait().await {
                    say(&component.ended(status));
                }
            });
        }
    }

    fn check(&mut self) -> Result<()> {
        for component in &mut self.running {
            if let Some(status) = component.child.try_wait()? {
                bail!(component.ended(status));
            }
        }
        Ok(())
    }

    fn logs(&self) -> String {
        let logs = self
            .running
            .iter()
            .map(|component| format!("{}:\n{}", component.name, last_lines(&component.log)));
        logs.collect::<Vec<_>>().join("\n")
    }
}

impl Component {
    fn ended(&self, status: std::process::ExitStatus) -> String {
        format!(
            "{} ended ({status}); its last lines:\n{}",
            self.name,
            last_lines(&self.log)
        )
    }
}

fn last_lines(log: &Path) -> String {
    let content = fs::read(log).unwrap_or_default();
    let content = String::from_utf8_lossy(&content);
    let lines: Vec<_> = content.lines().collect();
    let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
    last.iter().flat_map(|line| ["  ", line, "\n"]).collect()
}
