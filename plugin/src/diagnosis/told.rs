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
/// Characters of a line that are kept.
const LINE: usize = 300;
/// What the kubelet answers with 200 in place of a log that is not there any more.
const NO_LOG: &str = "unable to retrieve container logs for ";
/// Objects that logs or events are read of at most.
const OBJECTS: usize = 3;

/// The last lines of containers that crashed, one crash for each container name.
pub(crate) async fn last_logs(cluster: &Cluster, faults: &[Fault]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for fault in faults {
        let (Some(log), Some(pod)) = (&fault.log, fault.object.strip_prefix("Pod/")) else {
            continue;
        };
        let container = log.container.as_str();
        if seen.contains(&container) || seen.len() == OBJECTS {
            continue;
        }
        seen.push(container);
        let mut lines = last_lines(cluster, pod, container, log.previous).await;
        if lines.is_empty() {
            // It has been started, or has ended, since it was looked at.
            lines = last_lines(cluster, pod, container, !log.previous).await;
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

/// The last lines of a container, without what would act on a terminal; none where they may not be
/// read.
pub(crate) async fn last_lines(
    cluster: &Cluster,
    pod: &str,
    container: &str,
    previous: bool,
) -> Vec<String> {
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
        .filter(|line| !line.starts_with(NO_LOG))
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
        if let Some(words) = warning(cluster, "Pod", pod).await {
            told.push(format!("Pod/{pod}: {words}"));
        }
    }
    told
}

/// The newest warning about an object.
pub(crate) async fn warning(cluster: &Cluster, kind: &str, name: &str) -> Option<String> {
    let events = events(cluster, kind, name).await;
    let newest = events
        .iter()
        .filter(|event| event.type_.as_deref() == Some("Warning"))
        .max_by_key(|event| last_seen(event))?;
    Some(quote(newest.message.as_deref().unwrap_or_default()))
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
            faults.push(Fault::new(
                Kind::CannotCreate,
                workload.reference(),
                format!("can't create pods: {words}"),
            ));
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
