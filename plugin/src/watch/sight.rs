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

    /// The lines for the person who waits.
    pub(crate) fn lines(&self, role: &str) -> Vec<String> {
        let (ready, wanted) = self.ready;
        let mut lines = vec![format!(
            "staging {role}: {ready} of {} of the new template ready",
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
mod tests {
    use bluegreen_shared::gate::Course;
    use bluegreen_shared::refusal::Cause;
    use serde_json::{Value, json};

    use super::*;

    fn workload() -> Workload {
        let set = json!({
            "metadata": { "name": "web", "uid": "s", "generation": 2 },
            "spec": {
                "selector": {}, "template": {}, "serviceName": "web", "replicas": 2,
                "podManagementPolicy": "Parallel",
            },
            "status": { "observedGeneration": 2, "updateRevision": "web-new", "replicas": 2 },
        });
        Workload::StatefulSet(Box::new(serde_json::from_value(set).unwrap()))
    }

    fn pod(number: usize, revision: &str, state: &Value, ready: bool) -> Pod {
        serde_json::from_value(json!({
            "spec": { "containers": [{ "name": "web" }] },
            "metadata": {
                "name": format!("web-{number}"),
                "labels": { "controller-revision-hash": revision },
                "ownerReferences": [{
                    "apiVersion": "apps/v1", "kind": "StatefulSet", "name": "web", "uid": "s",
                    "controller": true,
                }],
            },
            "status": {
                "phase": "Running",
                "conditions": [{ "type": "Ready", "status": if ready { "True" } else { "False" } }],
                "containerStatuses": [{
                    "name": "web", "image": "", "imageID": "", "ready": ready,
                    "restartCount": 1, "state": state,
                }],
            },
        }))
        .unwrap()
    }

    fn sight(pods: &[Pod], verdict: &Verdict) -> Sight {
        let workload = workload();
        let environment = Environment {
            role: "green".to_owned(),
            workloads: vec![&workload],
        };
        let newest = Newest::of(&[&workload], &[]);
        let restarts = Restarts::default();
        let now = Timestamp::UNIX_EPOCH;
        Sight::of(&environment, &[], pods, &newest, &restarts, verdict, now)
    }

    fn verdict(refusals: Vec<Refusal>) -> Verdict {
        Verdict {
            course: Course::Forward,
            refusals,
            warnings: Vec::new(),
        }
    }

    fn backing_off() -> Value {
        json!({ "waiting": { "reason": "CrashLoopBackOff" } })
    }

    #[test]
    fn only_pods_of_the_new_template_are_blamed() {
        let pods = [
            pod(0, "web-old", &backing_off(), false),
            pod(1, "web-new", &json!({ "running": {} }), true),
        ];
        let rolling = Refusal::new(Code::RollingOut, "is rolling out", "wait");
        let sight = sight(&pods, &verdict(vec![rolling]));
        assert_eq!(sight.faults, []);
        assert_eq!(
            sight.lines("green"),
            [
                "staging green: 1 of 2 pods of the new template ready",
                "  RollingOut: is rolling out",
            ]
        );
    }

    #[test]
    fn a_crashing_pod_of_the_new_template_is_a_fault_and_named_in_the_gates_words() {
        let pods = [pod(0, "web-new", &backing_off(), false)];
        let causes = vec![
            Cause::new("Pod/web-0", "crashes"),
            Cause::new("StatefulSet/web", "1 pod not there yet"),
        ];
        let refusal = Refusal::new(Code::NotReady, "not ready", "look").because(causes);
        let sight = sight(&pods, &verdict(vec![refusal]));
        assert_eq!(sight.faults[0].object, "Pod/web-0");
        assert_eq!(
            sight.missing,
            [
                "Pod/web-0: container web: CrashLoopBackOff",
                "StatefulSet/web: 1 pod not there yet",
            ]
        );
        assert!(!sight.complete);
    }

    #[test]
    fn it_is_complete_when_the_gate_has_nothing_to_say() {
        let pods = [0, 1].map(|number| pod(number, "web-new", &json!({ "running": {} }), true));
        let sight = sight(&pods, &verdict(Vec::new()));
        assert!(sight.complete);
        assert_eq!(sight.ready, (2, 2));
    }
}
