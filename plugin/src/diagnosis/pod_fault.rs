//! What a pod of the newest template says that will not heal.

use bluegreen_shared::pod;
use bluegreen_shared::refusal::{counted, quote};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{ContainerStateTerminated, ContainerStatus, Pod};

use super::fault::{Fault, Kind, Log};

/// So many ends with an error count as crashing, whatever the kubelet does about it now.
const CRASHES: i32 = 2;

/// A container that has run for so long since it crashed counts as healed.
const STEADY: SignedDuration = SignedDuration::from_secs(10);

/// Why the pod will not become ready; `None` if it still may. `restarts` tells how often a
/// container had been restarted when it was first seen.
///
/// One crash may heal: the kubelet restarts a container at once, and many programs come up when
/// what they need is there by then. The second crash, or the kubelet's own `CrashLoopBackOff`, is one
/// too many.
pub(super) fn of(pod: &Pod, restarts: impl Fn(&str) -> i32) -> Option<Fault> {
    if pod::is_ready(pod) || pod::is_terminating(pod) || pod::is_finished(pod) {
        return None;
    }
    let object = format!("Pod/{}", pod::name(pod));
    if let Some(words) = unscheduled(pod) {
        return Some(Fault::new(Kind::Unschedulable, object, words));
    }
    let status = pod.status.as_ref()?;
    let init = status.init_container_statuses.iter().flatten();
    let regular = status.container_statuses.iter().flatten();
    init.chain(regular).find_map(|container| {
        let kind = of_container(container, restarts(&container.name))?;
        let fault = Fault::new(kind, object.clone(), words(container, pod));
        let log = (kind == Kind::Crash).then(|| Log {
            container: container.name.clone(),
            previous: is_running(container),
        });
        Some(Fault { log, ..fault })
    })
}

/// Of a pod that is ready: the container that had crashed before, and since when it runs again.
pub(super) fn crashed_before(pod: &Pod, now: Timestamp) -> Option<Fault> {
    let status = pod.status.as_ref()?;
    status
        .container_statuses
        .iter()
        .flatten()
        .find_map(|container| {
            let end = container.last_state.as_ref()?.terminated.as_ref()?;
            let running = container.state.as_ref()?.running.as_ref()?;
            let since = running.started_at.as_ref()?.0;
            let fresh = now.duration_since(since) < STEADY;
            (fresh && end.exit_code != 0).then(|| {
                let restarts = container.restart_count;
                let object = format!("Pod/{}", pod::name(pod));
                let words = format!(
                    "container {} has just started again: {}",
                    container.name,
                    ended(end, restarts)
                );
                Fault::new(Kind::Unsteady, object, words)
            })
        })
}

fn unscheduled(pod: &Pod) -> Option<String> {
    let scheduled = pod::condition(pod, "PodScheduled")?;
    let refused =
        scheduled.status == "False" && scheduled.reason.as_deref() == Some("Unschedulable");
    refused.then(|| {
        let message = quote(scheduled.message.as_deref().unwrap_or_default());
        format!("unschedulable: {message}")
    })
}

fn is_running(status: &ContainerStatus) -> bool {
    let state = status.state.as_ref();
    state.is_some_and(|state| state.running.is_some())
}

fn of_container(status: &ContainerStatus, before: i32) -> Option<Kind> {
    let waiting = status
        .state
        .as_ref()
        .and_then(|state| state.waiting.as_ref())
        .and_then(|waiting| waiting.reason.as_deref());
    match waiting {
        Some("CrashLoopBackOff") => return Some(Kind::Crash),
        Some(
            "ErrImagePull"
            | "ImagePullBackOff"
            | "InvalidImageName"
            | "ErrImageNeverPull"
            | "ImageInspectError"
            | "RegistryUnavailable"
            | "SignatureValidationFailed",
        ) => return Some(Kind::Image),
        Some("CreateContainerConfigError" | "CreateContainerError") => return Some(Kind::Config),
        _ => {}
    }
    let ends = [&status.state, &status.last_state];
    let mut failed = ends.into_iter().flatten().filter_map(|state| {
        let end = state.terminated.as_ref()?;
        (end.exit_code != 0).then_some(end)
    });
    let ended_now = status
        .state
        .as_ref()
        .is_some_and(|state| state.terminated.is_some());
    let crashes = status.restart_count - before + i32::from(ended_now);
    (!status.ready && failed.next().is_some() && crashes >= CRASHES).then_some(Kind::Crash)
}

fn words(status: &ContainerStatus, pod: &Pod) -> String {
    let state = status.state.as_ref();
    let waiting = state.and_then(|state| state.waiting.as_ref());
    let reason = waiting.and_then(|waiting| waiting.reason.clone());
    let end = state
        .and_then(|state| state.terminated.as_ref())
        .or_else(|| status.last_state.as_ref()?.terminated.as_ref());
    let why = match end {
        Some(end) => Some(ended(end, status.restart_count)),
        None => waiting
            .and_then(|waiting| waiting.message.as_deref())
            .map(quote)
            .filter(|words| !words.is_empty()),
    };
    let between = if end.is_some() { ", " } else { ": " };
    let said: Vec<String> = reason.into_iter().chain(why).collect();
    let init = pod
        .status
        .iter()
        .flat_map(|status| status.init_container_statuses.iter().flatten());
    let kind = if init.map(|init| &init.name).any(|name| *name == status.name) {
        "init container"
    } else {
        "container"
    };
    format!("{kind} {}: {}", status.name, said.join(between))
}

fn ended(end: &ContainerStateTerminated, restarts: i32) -> String {
    let reason = match end.reason.as_deref() {
        None | Some("" | "Error" | "Completed") => String::new(),
        Some(reason) => format!(" ({reason})"),
    };
    let restarts = counted(usize::try_from(restarts).unwrap_or(0), "restart");
    format!("exit code {}{reason}, {restarts}", end.exit_code)
}

#[cfg(test)]
mod tests;
