//! What logs and events add to a fault. None of it is needed to know the fault, so that whoever may
//! not read them is told the rest.

use bluegreen_shared::application::Environment;
use bluegreen_shared::pod;
use bluegreen_shared::refusal::quote;
use bluegreen_shared::workload::Workload;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Event, Pod};

use crate::cluster::{Cluster, Tail};

use super::fault::{Fault, Kind};

/// Lines of a log.
const LINES: i64 = 10;
/// Bytes of a line that are kept.
const LINE: usize = 300;
/// Objects that logs or events are read of at most.
const OBJECTS: usize = 3;

/// The last lines of containers that crashed, one crash for each container name.
pub(crate) async fn last_logs(cluster: &Cluster, faults: &[Fault]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    let crashes = faults.iter().filter(|fault| fault.kind == Kind::Crash);
    for fault in crashes {
        let (Some(container), Some(pod)) = (&fault.container, fault.object.strip_prefix("Pod/"))
        else {
            continue;
        };
        if seen.contains(&container.as_str()) || seen.len() == OBJECTS {
            continue;
        }
        seen.push(container);
        // Of a container that has just been started again, the last words are in the run before.
        let mut lines = tail(cluster, pod, container, true).await;
        if lines.is_empty() {
            lines = tail(cluster, pod, container, false).await;
        }
        if !lines.is_empty() {
            told.push(format!(
                "last lines of container {container} of {}:",
                fault.object
            ));
            told.extend(lines.into_iter().map(|line| format!("  | {line}")));
        }
    }
    told
}

async fn tail(cluster: &Cluster, pod: &str, container: &str, previous: bool) -> Vec<String> {
    let tail = Tail {
        pod,
        container,
        previous,
        lines: LINES,
    };
    let lines = cluster.tail(cluster.namespace(), tail).await;
    lines
        .unwrap_or_default()
        .into_iter()
        .map(|line| {
            let plain = line.chars().filter(|c| !c.is_control());
            plain.take(LINE).collect()
        })
        .collect()
}

/// The newest warning about each of these pods.
pub(crate) async fn warnings(cluster: &Cluster, pods: &[String]) -> Vec<String> {
    let mut told = Vec::new();
    for pod in pods.iter().take(OBJECTS) {
        let events = events(cluster, "Pod", pod).await;
        let newest = events
            .iter()
            .filter(|event| event.type_.as_deref() == Some("Warning"))
            .max_by_key(|event| last_seen(event));
        if let Some(event) = newest {
            let words = quote(event.message.as_deref().unwrap_or_default());
            told.push(format!("Pod/{pod}: {words}"));
        }
    }
    told
}

/// Whether an autoscaler makes room for the pod (Cluster Autoscaler, Karpenter).
pub(crate) async fn scale_up_is_coming(cluster: &Cluster, fault: &Fault) -> bool {
    let Some(pod) = fault.object.strip_prefix("Pod/") else {
        return false;
    };
    events(cluster, "Pod", pod).await.iter().any(|event| {
        matches!(
            event.reason.as_deref(),
            Some("TriggeredScaleUp" | "Nominated")
        )
    })
}

/// What keeps a `StatefulSet` from creating its pods: it has no condition that would say so.
pub(crate) async fn refused_pods(
    cluster: &Cluster,
    environment: &Environment<'_>,
    pods: &[Pod],
    since: Timestamp,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for workload in &environment.workloads {
        let there = pods.iter().filter(|pod| workload.owns(pod));
        let live = there.filter(|pod| !pod::is_terminating(pod)).count();
        let wanted = usize::try_from(workload.replicas()).unwrap_or(0);
        let short = matches!(workload, Workload::StatefulSet(_)) && live < wanted;
        if !short {
            continue;
        }
        let events = events(cluster, workload.kind(), workload.name()).await;
        let newest = events
            .iter()
            .filter(|event| event.reason.as_deref() == Some("FailedCreate"))
            .filter(|event| last_seen(event).is_some_and(|seen| seen >= since))
            .max_by_key(|event| last_seen(event));
        if let Some(event) = newest {
            let words = quote(event.message.as_deref().unwrap_or_default());
            faults.push(Fault {
                kind: Kind::CannotCreate,
                object: workload.reference(),
                container: None,
                words: format!("can't create pods: {words}"),
            });
        }
    }
    faults
}

async fn events(cluster: &Cluster, kind: &str, name: &str) -> Vec<Event> {
    let found = cluster.events_of(cluster.namespace(), kind, name).await;
    found.unwrap_or_default()
}

fn last_seen(event: &Event) -> Option<Timestamp> {
    let series = event.series.as_ref();
    let of_series = series.and_then(|series| series.last_observed_time.as_ref());
    of_series
        .map(|time| time.0)
        .or(event.last_timestamp.as_ref().map(|time| time.0))
        .or(event.event_time.as_ref().map(|time| time.0))
}
