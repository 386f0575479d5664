//! One look at an environment that comes up.

use std::collections::{HashMap, HashSet};

use bluegreen_shared::application::Environment;
use bluegreen_shared::gate::Verdict;
use bluegreen_shared::pod;
use bluegreen_shared::refusal::{Code, counted};
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::apps::v1::StatefulSet;
use k8s_openapi::api::core::v1::Pod;

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
        pods: &[Pod],
        newest: &Newest,
        restarts: &Restarts,
        verdict: &Verdict,
    ) -> Self {
        let mut faults = Vec::new();
        let mut unready = Vec::new();
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
                } else if pod::is_serving(pod) {
                    serving += 1;
                } else {
                    unready.push(pod::name(pod).to_owned());
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
        let mut missing = of_pods(verdict, &unready);
        missing.extend(
            open.iter()
                .filter(|refusal| refusal.code != Code::NotReady)
                .map(|refusal| short(&refusal.to_string())),
        );
        unready.sort();
        Self {
            complete: open.is_empty(),
            faults,
            missing,
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

/// Each pod of the newest template that is not ready, with the gate's words for it.
fn of_pods(verdict: &Verdict, unready: &[String]) -> Vec<String> {
    let unready: HashSet<&str> = unready.iter().map(String::as_str).collect();
    let causes: Vec<String> = verdict
        .refusals
        .iter()
        .chain(&verdict.warnings)
        .filter(|refusal| refusal.code == Code::NotReady)
        .flat_map(|refusal| &refusal.causes)
        .filter(|cause| match cause.object.strip_prefix("Pod/") {
            Some(pod) => unready.contains(pod),
            None => true,
        })
        .map(|cause| short(&format!("{}: {}", cause.object, cause.message)))
        .collect();
    let more = causes.len().saturating_sub(PODS);
    let mut named: Vec<String> = causes.into_iter().take(PODS).collect();
    if more > 0 {
        named.push(format!("and {more} more"));
    }
    named
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
    use bluegreen_shared::refusal::{Cause, Refusal};
    use serde_json::{Value, json};

    use super::*;

    fn workload() -> Workload {
        let set = json!({
            "metadata": { "name": "web", "uid": "s", "generation": 2 },
            "spec": {
                "selector": {}, "template": {}, "serviceName": "web", "replicas": 2,
            },
            "status": { "observedGeneration": 2, "updateRevision": "web-new", "replicas": 2 },
        });
        Workload::StatefulSet(Box::new(serde_json::from_value(set).unwrap()))
    }

    fn pod(number: usize, revision: &str, state: &Value, ready: bool) -> Pod {
        serde_json::from_value(json!({
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
        Sight::of(&environment, pods, &newest, &Restarts::default(), verdict)
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
        let cause = |name: &str| Cause::new(format!("Pod/{name}"), "container web: crashes");
        let refusal = Refusal::new(Code::NotReady, "not ready", "look")
            .because(vec![cause("web-0"), cause("web-9")]);
        let sight = sight(&pods, &verdict(vec![refusal]));
        assert_eq!(sight.faults[0].object, "Pod/web-0");
        assert_eq!(sight.missing, ["Pod/web-0: container web: crashes"]);
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
