use serde_json::{Value, json};

use super::*;

fn pod(status: &Value) -> Pod {
    serde_json::from_value(json!({ "metadata": { "name": "web-1" }, "status": status })).unwrap()
}

fn container(restarts: i32, state: &Value, last: &Value) -> Value {
    json!({
        "name": "web", "image": "", "imageID": "", "ready": false,
        "restartCount": restarts, "state": state, "lastState": last,
    })
}

fn fault(containers: &Value) -> Option<(Kind, String)> {
    let pod = pod(&json!({ "phase": "Running", "containerStatuses": [containers] }));
    of(&pod, |_| 0).map(|fault| (fault.kind, fault.words))
}

fn ended(code: i32) -> Value {
    json!({ "terminated": { "exitCode": code, "reason": "Error" } })
}

fn waits(reason: &str, message: &str) -> Value {
    json!({ "waiting": { "reason": reason, "message": message } })
}

#[test]
fn the_first_crash_may_heal_and_the_second_is_one_too_many() {
    let running = json!({ "running": {} });
    assert_eq!(fault(&container(0, &ended(3), &json!({}))), None);
    assert_eq!(fault(&container(1, &running, &ended(3))), None);
    let words = "container web: exit code 3, 1 restart".to_owned();
    assert_eq!(
        fault(&container(1, &ended(3), &ended(3))),
        Some((Kind::Crash, words))
    );
    let words = "container web: exit code 3, 2 restarts".to_owned();
    assert_eq!(
        fault(&container(2, &running, &ended(3))),
        Some((Kind::Crash, words))
    );
}

#[test]
fn crashes_from_before_it_was_looked_at_do_not_count() {
    let status = container(7, &json!({ "running": {} }), &ended(3));
    let pod = pod(&json!({ "phase": "Running", "containerStatuses": [status] }));
    assert_eq!(of(&pod, |_| 7), None);
    assert_eq!(of(&pod, |_| 5).map(|fault| fault.kind), Some(Kind::Crash));
}

#[test]
fn the_kubelet_backing_off_is_a_crash_with_its_exit_code() {
    let words = "container web: CrashLoopBackOff, exit code 3, 1 restart".to_owned();
    assert_eq!(
        fault(&container(
            1,
            &waits("CrashLoopBackOff", "back-off 10s"),
            &ended(3)
        )),
        Some((Kind::Crash, words))
    );
}

#[test]
fn a_container_that_ends_well_has_not_crashed() {
    assert_eq!(fault(&container(3, &ended(0), &ended(0))), None);
}

#[test]
fn an_image_that_cannot_be_had_is_told_in_the_registrys_words() {
    let words = "container web: ErrImagePull: manifest for web:9 not found".to_owned();
    assert_eq!(
        fault(&container(
            0,
            &waits("ErrImagePull", "manifest for web:9\nnot found."),
            &json!({})
        )),
        Some((Kind::Image, words))
    );
    for reason in ["ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"] {
        let kind = fault(&container(0, &waits(reason, ""), &json!({}))).map(|found| found.0);
        assert_eq!(kind, Some(Kind::Image), "{reason}");
    }
}

#[test]
fn what_is_just_starting_is_no_fault() {
    for reason in ["ContainerCreating", "PodInitializing"] {
        assert_eq!(fault(&container(0, &waits(reason, ""), &json!({}))), None);
    }
    let config = waits("CreateContainerConfigError", "configmap \"web\" not found");
    let kind = fault(&container(0, &config, &json!({}))).map(|found| found.0);
    assert_eq!(kind, Some(Kind::Config));
}

#[test]
fn a_pod_without_a_node_is_told_in_the_schedulers_words() {
    let pod = pod(&json!({ "phase": "Pending", "conditions": [{
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
        "message": "0/3 nodes are available: 3 Insufficient cpu.",
    }]}));
    let fault = of(&pod, |_| 0).unwrap();
    assert_eq!(fault.kind, Kind::Unschedulable);
    assert_eq!(
        fault.words,
        "unschedulable: 0/3 nodes are available: 3 Insufficient cpu"
    );
}

#[test]
fn a_ready_pod_that_has_just_crashed_is_not_steady_yet() {
    let running = json!({ "running": { "startedAt": "2026-11-24T08:00:00Z" } });
    let pod = |code| {
        let status = container(1, &running, &ended(code));
        pod(&json!({ "phase": "Running", "containerStatuses": [status] }))
    };
    let at = |time: &str| time.parse().unwrap();
    let fault = crashed_before(&pod(42), at("2026-11-24T08:00:03Z")).unwrap();
    assert_eq!(
        fault.words,
        "container web has just started again: exit code 42, 1 restart"
    );
    assert_eq!(crashed_before(&pod(42), at("2026-11-24T08:00:10Z")), None);
    assert_eq!(crashed_before(&pod(0), at("2026-11-24T08:00:03Z")), None);
}

#[test]
fn an_init_container_is_called_one() {
    let status = container(1, &waits("CrashLoopBackOff", ""), &ended(5));
    let pod = pod(&json!({ "phase": "Pending", "initContainerStatuses": [status] }));
    let fault = of(&pod, |_| 0).unwrap();
    assert_eq!(
        fault.words,
        "init container web: CrashLoopBackOff, exit code 5, 1 restart"
    );
}

#[test]
fn a_ready_pod_has_no_fault() {
    let mut status = container(5, &json!({ "running": {} }), &ended(1));
    status["ready"] = json!(true);
    let pod = pod(&json!({
        "phase": "Running", "containerStatuses": [status],
        "conditions": [{ "type": "Ready", "status": "True" }],
    }));
    assert_eq!(of(&pod, |_| 0), None);
}
