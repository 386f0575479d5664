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
        sight.lines("staging green"),
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
