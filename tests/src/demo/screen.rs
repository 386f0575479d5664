//! What is seen: commands as they are typed, their output, and what was claimed of it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

/// No command of the story may take longer.
const LONGEST: Duration = Duration::from_mins(3);

/// A command that ran.
pub(super) struct Ran {
    /// Its exit code.
    pub(super) code: i32,
    /// What it wrote to stdout and stderr, in the order of a terminal.
    pub(super) text: String,
    /// How long it took.
    pub(super) took: Duration,
}

/// The screen, kept to be pasted.
pub(super) struct Screen {
    text: String,
    claims: usize,
    failed: usize,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self {
            text: String::new(),
            claims: 0,
            failed: 0,
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn claims(&self) -> usize {
        self.claims
    }

    pub(super) fn failed(&self) -> usize {
        self.failed
    }

    /// A line of the story.
    pub(super) fn say(&mut self, line: &str) {
        crate::progress::say(line);
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A heading.
    pub(super) fn act(&mut self, title: &str) {
        self.say("");
        self.say(&format!("# {title}"));
    }

    /// Types a command and shows what it answers.
    pub(super) async fn run(&mut self, line: &str) -> Result<Ran> {
        self.say(&format!("$ {line}"));
        let ran = quietly(line).await?;
        for output in ran.text.lines() {
            self.say(output);
        }
        Ok(ran)
    }

    /// Types a command that has to succeed for the story to go on.
    pub(super) async fn must(&mut self, line: &str) -> Result<Ran> {
        let ran = self.run(line).await?;
        if ran.code != 0 {
            bail!("`{line}` exited with {}", ran.code);
        }
        Ok(ran)
    }

    /// Says whether something is so, and remembers when it is not.
    pub(super) fn claim(&mut self, holds: bool, what: &str) {
        self.claims += 1;
        if holds {
            self.say(&format!("  ✓ {what}"));
        } else {
            self.failed += 1;
            self.say(&format!("  ✗ NOT SO: {what}"));
        }
    }
}

/// Runs a command that nobody needs to see.
pub(super) async fn quietly(line: &str) -> Result<Ran> {
    let began = Instant::now();
    let output = tokio::time::timeout(
        LONGEST,
        Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {line}")])
            .stdin(std::process::Stdio::null())
            .kill_on_drop(true)
            .output(),
    )
    .await
    .with_context(|| format!("`{line}` took longer than {LONGEST:?}"))??;
    Ok(Ran {
        code: output.status.code().unwrap_or(-1),
        text: String::from_utf8_lossy(&output.stdout).into_owned(),
        took: began.elapsed(),
    })
}
