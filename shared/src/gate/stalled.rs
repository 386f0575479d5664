//! A rollout of the target gave up, or its pods can't be created.

use crate::refusal::{Cause, Code, Refusal, quote, three};
use crate::workload::Workload;

use super::case::Case;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    let causes: Vec<Cause> = case
        .target
        .members
        .iter()
        .flat_map(|member| reasons(member.workload))
        .collect();
    let first = case
        .target
        .members
        .iter()
        .map(|member| member.workload)
        .find(|workload| !reasons(workload).is_empty())?;
    let sentences: Vec<String> = causes
        .iter()
        .map(|cause| format!("{} {}", cause.object, cause.message))
        .collect();
    let remedy = case.kubectl(&format!("describe {}", first.resource()));
    Some(Refusal::new(Code::Stalled, &three(&sentences), remedy).because(causes))
}

fn reasons(workload: &Workload) -> Vec<Cause> {
    let cause = |message: String| Cause::new(workload.reference(), message);
    let mut reasons = Vec::new();
    if let Some(progress) = workload.condition("Progressing")
        && progress.status == "False"
        && progress.reason == "ProgressDeadlineExceeded"
    {
        reasons.push(cause("exceeded its progress deadline".to_owned()));
    }
    if let Some(failure) = workload.condition("ReplicaFailure")
        && failure.status == "True"
    {
        let words = match quote(failure.message) {
            words if words.is_empty() => quote(failure.reason),
            words => words,
        };
        reasons.push(cause(format!("can't create pods: {words}")));
    }
    reasons
}
