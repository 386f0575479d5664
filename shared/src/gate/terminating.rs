//! A workload of the target is being deleted.

use crate::refusal::{Code, Refusal, three};

use super::case::Case;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    let going: Vec<String> = case
        .target
        .members
        .iter()
        .filter(|member| member.workload.is_deleting())
        .map(|member| member.workload.reference())
        .collect();
    if going.is_empty() {
        return None;
    }
    let verb = if going.len() == 1 { "is" } else { "are" };
    let names = three(&going);
    Some(Refusal::new(
        Code::Terminating,
        &format!("{names} {verb} being deleted"),
        format!("let the deletion of {names} end, and create the environment again"),
    ))
}
