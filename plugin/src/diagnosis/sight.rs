//! One look at an environment that comes up.

use std::collections::HashMap;

use bluegreen_shared::application::{Environment, Production};
use bluegreen_shared::gate::{self, Verdict};
use bluegreen_shared::pod;
use bluegreen_shared::refusal::{Code, Refusal, counted};
use bluegreen_shared::workload::Workload;
use jiff::Timestamp;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::{Pod, Service};

use super::fault::Fault;
use super::newest::Newest;
use super::{open, pod_fault, workload_fault};

/// Pods that are named at most.
const PODS: usize = 8;
/// Characters of a line at most, so that it seldom breaks.
const LINE: usize = 160;

/// What it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    /// Whether nothing is missing any more.
    pub(crate) complete: bool,
    /// What will not heal, or may not.
    pub(crate) faults: Vec<Fault>,
    /// What is missing, for people.
    pub(crate) missing: Vec<String>,
    /// Pods that serve and had crashed a moment ago; what looks complete may not be.
    pub(crate) unsteady: Vec<Fault>,
    /// Pods of the newest template that serve, and pods that are wanted.
    pub(crate) ready: (usize, usize),
    /// Pods of the newest template that are not ready, by name.
    pub(crate) unready: Vec<String>,
}

/// How often containers had been restarted before anybody looked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Restarts(HashMap<(String, String), i32>);

impl Restarts {
    /// As they are at the first look.
    pub(crate) fn of(pods: &[Pod]) -> Self {
        let mut known = HashMap::new();
        for pod in pods {
            let status = pod.status.as_ref();
            let init = status.and_then(|status| status.init_container_statuses.as_ref());
            let regular = status.and_then(|status| status.container_statuses.as_ref());
            for container in init.into_iter().chain(regular).flatten() {
                let key = (pod::name(pod).to_owned(), container.name.clone());
                known.insert(key, container.restart_count);
            }
        }
        Self(known)
    }

    /// Of that container; 0 for a pod that came later.
    fn before(&self, pod: &Pod, container: &str) -> i32 {
        let key = (pod::name(pod).to_owned(), container.to_owned());
        self.0.get(&key).copied().unwrap_or(0)
    }
}

impl Sight {
    /// What `verdict` and the objects say of the environment.
    pub(crate) fn of(
        environment: &Environment<'_>,
        production: &[Production<'_>],
        pods: &[Pod],
        newest: &Newest,
        restarts: &Restarts,
        verdict: &Verdict,
        now: Timestamp,
    ) -> Self {
        let nobody = Service::default();
        let service = production.first().map_or(&nobody, |first| first.service);
        let mut faults = Vec::new();
        let mut unready = Vec::new();
        let mut missing = Vec::new();
        let mut unsteady: Vec<Fault> = Vec::new();
        let mut serving = 0;
        let mut rolling = false;
        for workload in &environment.workloads {
            faults.extend(workload_fault::of(workload));
            for pod in pods.iter().filter(|pod| workload.owns(pod)) {
                if pod::is_terminating(pod) || pod::is_finished(pod) {
                    continue;
                }
                if !newest.is(workload, pod) {
                    rolling |= !keeps_older(workload);
                    let why = gate::why_not_ready(pod, service).unwrap_or_default();
                    faults.extend(workload_fault::stuck(workload, pod, &why));
                } else if pod::is_serving(pod) {
                    serving += 1;
                    unsteady.extend(pod_fault::crashed_before(pod, now));
                } else {
                    let name = pod::name(pod);
                    let why = gate::why_not_ready(pod, service).unwrap_or_default();
                    missing.push(short(&format!("Pod/{name}: {why}")));
                    unready.push(name.to_owned());
                    faults.extend(pod_fault::of(pod, |name| restarts.before(pod, name)));
                }
            }
        }
        let open = open::of(verdict, rolling);
        faults.extend(open::settled(&open));
        let wanted = environment
            .workloads
            .iter()
            .map(|workload| usize::try_from(workload.replicas()).unwrap_or(0))
            .sum();
        missing.extend(
            unsteady
                .iter()
                .map(|fault| short(&format!("{}: {}", fault.object, fault.words))),
        );
        missing.sort();
        let more = missing.len().saturating_sub(PODS);
        if more > 0 {
            missing.truncate(PODS);
            missing.push(format!("and {more} more"));
        }
        missing.extend(open.iter().flat_map(|refusal| of_refusal(refusal)));
        unready.sort();
        Self {
            complete: open.is_empty(),
            faults,
            missing,
            unsteady,
            ready: (serving, wanted),
            unready,
        }
    }

    /// The lines for the person who waits: of `staging green` or the like.
    pub(crate) fn lines(&self, what: &str) -> Vec<String> {
        let (ready, wanted) = self.ready;
        let mut lines = vec![format!(
            "{what}: {ready} of {} of the new template ready",
            counted(wanted, "pod")
        )];
        lines.extend(self.missing.iter().map(|line| format!("  {line}")));
        lines
    }
}

/// A reason; of pods that are not ready, what they can't say themselves.
fn of_refusal(refusal: &Refusal) -> Vec<String> {
    if refusal.code != Code::NotReady {
        return vec![short(&refusal.to_string())];
    }
    refusal
        .causes
        .iter()
        .filter(|cause| !cause.object.starts_with("Pod/"))
        .map(|cause| short(&format!("{}: {}", cause.object, cause.message)))
        .collect()
}

/// Whether the workload is told to keep pods of an older template.
fn keeps_older(workload: &Workload) -> bool {
    let Workload::StatefulSet(set) = workload else {
        return false;
    };
    let strategy = |set: &StatefulSet| set.spec.as_ref()?.update_strategy.clone();
    strategy(set).is_some_and(|strategy| {
        let partition = strategy
            .rolling_update
            .and_then(|rolling| rolling.partition);
        strategy.type_.as_deref() == Some("OnDelete") || partition.unwrap_or(0) > 0
    })
}

fn short(line: &str) -> String {
    if line.chars().count() <= LINE {
        return line.to_owned();
    }
    let mut cut: String = line.chars().take(LINE).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests;
