//! Why a Service would not route to a pod, in the words of the pod's status.

use k8s_openapi::api::core::v1::{Container, ContainerStatus, Pod, PodStatus, Service};

use crate::pod;
use crate::refusal::{quote, three};
use crate::serving;

use super::container_cause::{self, ContainerCause, Log};
use super::side;

/// What a pod's status says against it.
#[derive(Debug)]
pub(super) struct PodCause {
    pub(super) words: String,
    pub(super) look: Look,
}

/// Where the reason can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// In time it may become ready.
    Wait,
    /// In the pod's conditions and events.
    Describe,
    /// In what this container wrote before it ended.
    Log(String, Log),
}

/// Why the Service would not route to the pod; `None` if it would.
pub(super) fn of(pod: &Pod, service: &Service) -> Option<PodCause> {
    if side::serves(pod, service) {
        return None;
    }
    let default = PodStatus::default();
    let status = pod.status.as_ref().unwrap_or(&default);
    let found = deleted(pod)
        .or_else(|| unscheduled(pod))
        .or_else(|| initializing(pod, status))
        .or_else(|| containers(pod, status))
        .or_else(|| gates(pod))
        .or_else(|| unreachable(pod, service));
    Some(found.unwrap_or_else(|| unexplained(pod, status)))
}

fn waiting(words: impl Into<String>) -> PodCause {
    PodCause {
        words: words.into(),
        look: Look::Wait,
    }
}

fn described(words: String) -> PodCause {
    PodCause {
        words,
        look: Look::Describe,
    }
}

fn deleted(pod: &Pod) -> Option<PodCause> {
    pod::is_terminating(pod).then(|| waiting("is being deleted"))
}

fn unscheduled(pod: &Pod) -> Option<PodCause> {
    let scheduled = pod::condition(pod, "PodScheduled")?;
    if scheduled.status == "True" {
        return None;
    }
    let reason = match scheduled.reason.as_deref() {
        None | Some("" | "Unschedulable") => "unschedulable",
        Some(other) => other,
    };
    let words = quote(scheduled.message.as_deref().unwrap_or_default());
    Some(described(if words.is_empty() {
        reason.to_owned()
    } else {
        format!("{reason}: {words}")
    }))
}

/// The first init container that has not done its part; those behind it wait for it.
fn initializing(pod: &Pod, status: &PodStatus) -> Option<PodCause> {
    let containers = pod
        .spec
        .iter()
        .flat_map(|spec| spec.init_containers.iter().flatten());
    for container in containers {
        let found = find(status.init_container_statuses.as_ref(), container)?;
        let (kind, is_done) = if serving::is_sidecar(container) {
            ("sidecar", found.started == Some(true))
        } else {
            let end = found
                .state
                .as_ref()
                .and_then(|state| state.terminated.as_ref());
            ("init container", end.is_some_and(|end| end.exit_code == 0))
        };
        if !is_done {
            let cause = if kind == "sidecar" {
                container_cause::not_ready(found)
            } else {
                container_cause::not_done(found)
            };
            return Some(of_container(kind, &container.name, cause));
        }
    }
    None
}

/// All containers that are not ready, native sidecars among them.
fn containers(pod: &Pod, status: &PodStatus) -> Option<PodCause> {
    let spec = pod.spec.as_ref()?;
    let causes: Vec<PodCause> = serving::containers(spec)
        .filter_map(|container| {
            let found = find(status.container_statuses.as_ref(), container)
                .or_else(|| find(status.init_container_statuses.as_ref(), container))?;
            let cause = || container_cause::not_ready(found);
            (!found.ready).then(|| of_container("container", &container.name, cause()))
        })
        .collect();
    let look = causes
        .iter()
        .map(|cause| cause.look.clone())
        .find(|look| *look != Look::Wait)
        .unwrap_or(Look::Wait);
    let words: Vec<String> = causes.into_iter().map(|cause| cause.words).collect();
    (!words.is_empty()).then(|| PodCause {
        words: three(&words),
        look,
    })
}

/// Conditions beyond the containers' that the pod must have (`readinessGates`).
fn gates(pod: &Pod) -> Option<PodCause> {
    let gates = pod.spec.as_ref()?.readiness_gates.as_ref()?;
    let missing = gates.iter().find_map(|gate| {
        let kind = &gate.condition_type;
        match pod::condition(pod, kind) {
            None => Some(format!("readiness gate {kind} is not set")),
            Some(condition) if condition.status != "True" => {
                let words = quote(condition.message.as_deref().unwrap_or_default());
                let status = &condition.status;
                Some(if words.is_empty() {
                    format!("readiness gate {kind} is {status}")
                } else {
                    format!("readiness gate {kind} is {status}: {words}")
                })
            }
            Some(_) => None,
        }
    });
    missing.map(described)
}

fn unreachable(pod: &Pod, service: &Service) -> Option<PodCause> {
    let family = side::lacks_family(pod, service)?;
    Some(described(format!(
        "has no {family} address, as the Service asks for"
    )))
}

fn unexplained(pod: &Pod, status: &PodStatus) -> PodCause {
    let phase = status.phase.as_deref().unwrap_or("Pending");
    if phase != "Running" {
        return waiting(format!("phase {phase}"));
    }
    let said = pod::condition(pod, "Ready").map_or("missing", |ready| ready.status.as_str());
    described(format!(
        "its condition Ready is {said} though its containers run"
    ))
}

fn of_container(kind: &str, name: &str, cause: ContainerCause) -> PodCause {
    let ContainerCause { words, log } = cause;
    let starting = [
        "running",
        "still runs",
        "ContainerCreating",
        "PodInitializing",
    ];
    let look = if log != Log::None {
        Look::Log(name.to_owned(), log)
    } else if starting.iter().any(|start| words.starts_with(start)) {
        Look::Wait
    } else {
        Look::Describe
    };
    PodCause {
        words: format!("{kind} {name}: {words}"),
        look,
    }
}

fn find<'a>(
    statuses: Option<&'a Vec<ContainerStatus>>,
    container: &Container,
) -> Option<&'a ContainerStatus> {
    statuses?
        .iter()
        .find(|status| status.name == container.name)
}
