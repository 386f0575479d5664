//! What a workload's controller says that will not heal.

use bluegreen_shared::refusal::quote;
use bluegreen_shared::workload::Workload;

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
}
