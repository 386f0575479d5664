//! The controller of a target's workload has not seen its newest spec, so its counts are of an older one.

use crate::refusal::{Code, Refusal, three};

use super::case::Case;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    let unseen: Vec<_> = case
        .target
        .members
        .iter()
        .map(|member| member.workload)
        .filter(|workload| !workload.is_observed())
        .collect();
    let first = unseen.first()?;
    let names: Vec<String> = unseen
        .iter()
        .map(|workload| {
            format!(
                "{} (generation {}, seen {})",
                workload.reference(),
                workload.metadata().generation.unwrap_or(0),
                workload.observed_generation(),
            )
        })
        .collect();
    Some(Refusal::new(
        Code::NotObserved,
        &format!(
            "the controller has not seen the newest spec of {}",
            three(&names)
        ),
        case.kubectl(&format!("rollout status {}", first.resource())),
    ))
}
