//! A workload of the target wants no pods.

use crate::refusal::{Code, Refusal, three};

use super::case::Case;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    let empty: Vec<_> = case
        .target
        .members
        .iter()
        .filter(|member| member.wanted() == 0)
        .map(|member| member.workload)
        .collect();
    let first = empty.first()?;
    let names: Vec<String> = empty.iter().map(|workload| workload.reference()).collect();
    let verb = if names.len() == 1 { "wants" } else { "want" };
    let serves = case.left.ready(case.before);
    let replicas = serves.saturating_sub(case.target.ready(case.after)).max(1);
    let scale = format!("scale {} --replicas={replicas}", first.resource());
    Some(Refusal::new(
        Code::ScaledToZero,
        &format!("{} {verb} 0 replicas", three(&names)),
        case.kubectl(&scale),
    ))
}
