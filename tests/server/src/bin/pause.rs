//! Process 1 of a pod: holds its namespaces until it is told to go, and reaps what is orphaned to it.

use std::process::ExitCode;

use rustix::process::{WaitOptions, wait};
use tokio::signal::unix::{SignalKind, signal};

/// One thread, since a node runs one of these for each pod.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut child)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::child()),
    ) else {
        return ExitCode::FAILURE;
    };
    loop {
        // Signals of several children may have been merged into one.
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        tokio::select! {
            _ = terminate.recv() => return ExitCode::SUCCESS,
            _ = interrupt.recv() => return ExitCode::SUCCESS,
            _ = child.recv() => {}
        }
    }
}
