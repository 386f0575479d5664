//! Why a container does not do its part, in the words of its status.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus};

use crate::refusal::{counted, quote};

/// What a container's status says against it.
#[derive(Debug)]
pub(super) struct ContainerCause {
    pub(super) words: String,
    pub(super) log: Log,
}

/// Which log has the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Log {
    /// It has not ended so far, or never ran.
    None,
    /// That of the run that ended last, which is the newest one.
    Newest,
    /// That of the run before the present one.
    Previous,
}

/// Why a container that should be ready is not.
pub(super) fn not_ready(status: &ContainerStatus) -> ContainerCause {
    if let Some(cause) = stopped(status) {
        return cause;
    }
    let words = if status.started == Some(false) {
        "running, startup probe has not passed"
    } else {
        "running, not ready"
    };
    ContainerCause {
        words: if status.restart_count > 0 {
            format!("{words}, {}", restarts(status))
        } else {
            words.to_owned()
        },
        log: match ended(status.last_state.as_ref()) {
            Some(_) => Log::Previous,
            None => Log::None,
        },
    }
}

/// Why an init container has not ended well.
pub(super) fn not_done(status: &ContainerStatus) -> ContainerCause {
    stopped(status).unwrap_or_else(|| ContainerCause {
        words: "still runs".to_owned(),
        log: Log::None,
    })
}

/// What keeps the container from running.
fn stopped(status: &ContainerStatus) -> Option<ContainerCause> {
    let state = status.state.as_ref()?;
    if let Some(end) = &state.terminated {
        return Some(ContainerCause {
            words: format!("{}, {}", exit(end), restarts(status)),
            log: Log::Newest,
        });
    }
    let waiting = state.waiting.as_ref()?;
    let reason = waiting.reason.as_deref().unwrap_or("waiting");
    let message = quote(waiting.message.as_deref().unwrap_or_default());
    if let Some(end) = ended(status.last_state.as_ref())
        && (message.is_empty() || reason == "CrashLoopBackOff")
    {
        return Some(ContainerCause {
            words: format!("{reason}, {}, {}", exit(end), restarts(status)),
            log: Log::Newest,
        });
    }
    let words = if message.is_empty() {
        reason.to_owned()
    } else {
        format!("{reason}: {message}")
    };
    Some(ContainerCause {
        words,
        log: Log::None,
    })
}

fn ended(state: Option<&ContainerState>) -> Option<&ContainerStateTerminated> {
    state.and_then(|state| state.terminated.as_ref())
}

fn exit(end: &ContainerStateTerminated) -> String {
    match end.reason.as_deref() {
        // What the exit code says already.
        None | Some("" | "Error" | "Completed") => format!("exit code {}", end.exit_code),
        Some(reason) => format!("exit code {} ({reason})", end.exit_code),
    }
}

fn restarts(status: &ContainerStatus) -> String {
    let number = usize::try_from(status.restart_count).unwrap_or(0);
    counted(number, "restart")
}
