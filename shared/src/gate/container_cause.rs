//! Why a container does not do its part, in the words of its status.

use k8s_openapi::api::core::v1::{ContainerState, ContainerStateTerminated, ContainerStatus};

use crate::refusal::{counted, quote};

/// What a container's status says against it.
#[derive(Debug)]
pub(super) struct ContainerCause {
    pub(super) words: String,
    /// Whether it ran and ended, so that its log has the reason.
    pub(super) has_ended: bool,
}

/// Why a container that should be ready is not.
pub(super) fn not_ready(status: &ContainerStatus) -> ContainerCause {
    if let Some(cause) = stopped(status) {
        return cause;
    }
    let mut words = if status.started == Some(false) {
        "running, startup probe has not passed".to_owned()
    } else {
        "running, not ready".to_owned()
    };
    if status.restart_count > 0 {
        words.push_str(&format!(", {}", restarts(status)));
    }
    ContainerCause {
        words,
        has_ended: status.restart_count > 0 && ended(status.last_state.as_ref()).is_some(),
    }
}

/// Why an init container has not ended well.
pub(super) fn not_done(status: &ContainerStatus) -> ContainerCause {
    stopped(status).unwrap_or_else(|| ContainerCause {
        words: "still runs".to_owned(),
        has_ended: false,
    })
}

/// What keeps the container from running.
fn stopped(status: &ContainerStatus) -> Option<ContainerCause> {
    let state = status.state.as_ref()?;
    if let Some(end) = &state.terminated {
        return Some(ContainerCause {
            words: format!("{}, {}", exit(end), restarts(status)),
            has_ended: true,
        });
    }
    let waiting = state.waiting.as_ref()?;
    let reason = waiting.reason.as_deref().unwrap_or("waiting");
    if let Some(end) = ended(status.last_state.as_ref()) {
        return Some(ContainerCause {
            words: format!("{reason}, {}, {}", exit(end), restarts(status)),
            has_ended: true,
        });
    }
    let message = quote(waiting.message.as_deref().unwrap_or_default());
    let words = if message.is_empty() {
        reason.to_owned()
    } else {
        format!("{reason}: {message}")
    };
    Some(ContainerCause {
        words,
        has_ended: false,
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
