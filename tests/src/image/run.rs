//! Other programs, run to their end.

use std::process::Command;

use anyhow::{Context, Result, bail};

/// So much of what a failed program said is shown.
const LAST_LINES: usize = 20;

/// Runs the command and gives what it printed. `need` tells what to install if it isn't there.
pub(crate) fn output(command: &mut Command, need: &str) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("cannot run {name}: {need}"))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let said = printed + &String::from_utf8_lossy(&output.stderr);
        let lines: Vec<_> = said.lines().collect();
        let last = &lines[lines.len().saturating_sub(LAST_LINES)..];
        bail!("{name} failed ({}): {}", output.status, last.join("\n"));
    }
    Ok(printed)
}
