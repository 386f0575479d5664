//! What a workload's controller says that will not heal.

use bluegreen_shared::pod;
use bluegreen_shared::refusal::quote;
use bluegreen_shared::workload::Workload;
use k8s_openapi::api::core::v1::Pod;

use super::fault::{Fault, Kind};

/// What is wrong with the workload, if its controller has seen its newest spec.
pub(super) fn of(workload: &Workload) -> Vec<Fault> {
    if !workload.is_observed() {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let mut found = |kind, words| {
        faults.push(Fault::new(kind, workload.reference(), words));
    };
    if let Some(failure) = workload.condition("ReplicaFailure")
        && failure.status == "True"
    {
        found(
            Kind::CannotCreate,
            format!("can't create pods: {}", quote(failure.message)),
        );
    }
    if let Some(progress) = workload.condition("Progressing")
        && progress.status == "False"
        && progress.reason == "ProgressDeadlineExceeded"
    {
        found(Kind::Deadline, "exceeded its progress deadline".to_owned());
    }
    faults
}

/// What keeps a `StatefulSet` from rolling out: with the policy `OrderedReady`, its controller waits for
/// every pod to be ready before it replaces one, and so for ever where a pod is broken.
pub(super) fn stuck(workload: &Workload, older: &Pod, why: &str) -> Option<Fault> {
    let Workload::StatefulSet(set) = workload else {
        return None;
    };
    let policy = set
        .spec
        .as_ref()
        .and_then(|spec| spec.pod_management_policy.as_deref());
    if policy == Some("Parallel") || !workload.is_observed() || pod::is_ready(older) {
        return None;
    }
    let name = pod::name(older);
    let namespace = workload.metadata().namespace.as_deref();
    let namespace = namespace.map_or(String::new(), |namespace| format!(" -n {namespace}"));
    let words = format!(
        "waits for Pod/{name} of an older template, which is not ready: {why}; a StatefulSet does \
         not replace it by itself"
    );
    Some(Fault {
        remedy: Some(format!(
            "kubectl delete pod {name}{namespace}; its successor runs the newest template"
        )),
        ..Fault::new(Kind::Stuck, workload.reference(), words)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn faults(generation: i64, conditions: &Value) -> Vec<(Kind, String)> {
        let deployment = json!({
            "metadata": { "name": "web", "generation": generation },
            "spec": { "selector": {}, "template": {} },
            "status": { "observedGeneration": 1, "conditions": conditions },
        });
        let deployment = serde_json::from_value(deployment).unwrap();
        of(&Workload::Deployment(Box::new(deployment)))
            .into_iter()
            .map(|fault| (fault.kind, fault.words))
            .collect()
    }

    #[test]
    fn a_quota_is_told_in_its_own_words_and_a_deadline_too() {
        let conditions = json!([
            {
                "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
                "message": "pods \"web-1\" is forbidden: exceeded quota: small",
            },
            { "type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded" },
        ]);
        let words = "can't create pods: pods \"web-1\" is forbidden: exceeded quota: small";
        let expected = [
            (Kind::CannotCreate, words.to_owned()),
            (Kind::Deadline, "exceeded its progress deadline".to_owned()),
        ];
        assert_eq!(faults(1, &conditions), expected);
        assert_eq!(
            faults(2, &conditions),
            [],
            "said of a spec that is replaced"
        );
    }

    #[test]
    fn a_rollout_that_goes_on_has_no_fault() {
        let conditions = json!([
            { "type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated" },
            { "type": "ReplicaFailure", "status": "False" },
        ]);
        assert_eq!(faults(1, &conditions), []);
    }

    #[test]
    fn a_stateful_set_waits_for_a_broken_pod_for_ever_unless_it_is_parallel() {
        let older: Pod = serde_json::from_value(json!({ "metadata": { "name": "db-1" } })).unwrap();
        let set = |policy: &str| {
            let set = json!({
                "metadata": { "name": "db", "namespace": "shop" },
                "spec": {
                    "selector": {}, "template": {}, "serviceName": "db",
                    "podManagementPolicy": policy,
                },
            });
            Workload::StatefulSet(Box::new(serde_json::from_value(set).unwrap()))
        };
        let fault = stuck(&set("OrderedReady"), &older, "crashes").unwrap();
        assert_eq!(
            fault.remedy.as_deref(),
            Some("kubectl delete pod db-1 -n shop; its successor runs the newest template")
        );
        assert_eq!(stuck(&set("Parallel"), &older, "crashes"), None);
    }
}
