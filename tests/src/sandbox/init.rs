//! The first process of the namespace.

use std::env;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result};
use rustix::process::{Pid, WaitOptions, WaitStatus, wait};

use super::order::Order;

/// Starts the cluster as a child, and buries every orphan until that child has ended.
/// Then everything else in the namespace dies with this process.
///
/// # Errors
/// The child can't be started.
pub fn init(order: &Order) -> Result<u8> {
    let child = Command::new(env::current_exe()?)
        .arg("inside")
        .arg(&order.folder)
        .spawn()
        .context("cannot start the sandbox's own process")?;
    let child = Pid::from_child(&child);
    loop {
        // Interrupted waits are waited again: signals are the business of the child.
        if let Ok(Some((ended, status))) = wait(WaitOptions::empty())
            && ended == child
        {
            return Ok(exit_code(raw(status)));
        }
    }
}

fn raw(status: WaitStatus) -> ExitStatus {
    ExitStatus::from_raw(status.as_raw())
}

/// The code that a shell would report.
pub(crate) fn exit_code(status: ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| Some(128 + status.signal()?))
        .unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}
