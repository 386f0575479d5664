//! The new selector also matches pods that no workload of the target keeps.

use crate::pod;
use crate::refusal::{Cause, Code, Refusal, counted, three};

use super::case::Case;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    if case.target.members.is_empty() {
        return None;
    }
    let causes: Vec<Cause> = case
        .target
        .strays
        .iter()
        .filter(|pod| !pod::is_terminating(pod))
        .map(|pod| {
            let owner = pod::controller(pod).map_or_else(
                || "made by no controller".to_owned(),
                |owner| format!("made by {}/{}", owner.kind, owner.name),
            );
            Cause::new(format!("Pod/{}", pod::name(pod)), owner)
        })
        .collect();
    let first = causes.first()?;
    let names: Vec<String> = causes
        .iter()
        .map(|cause| format!("{} ({})", cause.object, cause.message))
        .collect();
    let keepers: Vec<String> = case
        .target
        .members
        .iter()
        .map(|member| member.workload.reference())
        .collect();
    let message = format!(
        "{} also matches {} beside {}: {}",
        case.query(),
        counted(causes.len(), "pod"),
        three(&keepers),
        three(&names)
    );
    let keys: Vec<String> = super::side::routes_by(case.after).keys().cloned().collect();
    let remedy = format!(
        "delete {} or take one of its labels {} away",
        first.object,
        three(&keys)
    );
    Some(Refusal::new(Code::ForeignPods, &message, remedy).because(causes))
}
