//! By which rules a flip is judged: a guard must never hold an outage in place.

use k8s_openapi::api::core::v1::Pod;

use crate::history;
use crate::overlap::Step;
use crate::pod;
use crate::refusal::Code;
use crate::selector;
use crate::workload::Workload;

use super::case::Case;
use super::change::Change;
use super::side;
use super::{Course, revision};

impl Course {
    /// The course of this flip.
    pub(super) fn of(case: &Case<'_>) -> Self {
        if case.change != Change::Environment {
            Self::Forward
        } else if is_return(case) || is_way_back(case) {
            Self::WayBack
        } else if is_rescue(case) {
            Self::Rescue
        } else {
            Self::Forward
        }
    }

    /// Whether what the code says stands in the way of such a flip, or is only said.
    pub(super) fn only_warns_of(self, code: Code) -> bool {
        self != Self::Forward && code.yields()
    }
}

/// Out of an overlap to the side that has served all the while, as long as half of it is ready.
fn is_return(case: &Case<'_>) -> bool {
    let ready = case.target.ready(case.after);
    case.step == Step::Return && ready > 0 && ready >= case.target.wanted().div_ceil(2)
}

/// To the environment that served last, as long as half of the pods that were ready when it was
/// left are, and it runs what it ran and nothing else: pods of any other revision have never served,
/// and those of a rollout that goes on would soon.
///
/// What was taken back, or may have been, or was left with no pod ready, is no way back: to go there
/// again is a release.
fn is_way_back(case: &Case<'_>) -> bool {
    let history = history::of(case.before);
    let Some(last) = history.first().filter(|last| last.ready.from > 0) else {
        return false;
    };
    if history::is_taken_back(&history) != Some(false) {
        return false;
    }
    let Some(served) = &last.revision.from else {
        return false;
    };
    let members = &case.target.members;
    if revision::places(served) != members.len() {
        return false;
    }
    let workloads: Vec<&Workload> = members.iter().map(|member| member.workload).collect();
    let live: Vec<&Pod> = case.target.live().collect();
    if !revision::runs_nothing_but(&workloads, &live, served) {
        return false;
    }
    let pods = members.iter().flat_map(|member| &member.pods);
    let ready = pods.filter(|pod| side::serves(pod, case.after)).count();
    ready >= last.ready.from.div_ceil(2)
}

/// Away from an environment that is broken, to one that has more ready pods.
///
/// A Service without a selector, or whose name is looked up elsewhere, is no outage; and where the old
/// selector routes to the new side as well, that serves as it is, and is only told apart from what is left.
fn is_rescue(case: &Case<'_>) -> bool {
    let routes_by = side::routes_by(case.before);
    let is_kept = |pod: &Pod| selector::matches(routes_by, pod::labels(pod));
    if routes_by.is_empty() || case.target.pods().any(is_kept) {
        return false;
    }
    let serves = case.left.pods().filter(|pod| served(case, pod)).count();
    is_broken(case, serves) && case.target.ready(case.after) > serves
}

/// Whether of every workload that still serves fewer than half is ready, or of all of them where none
/// serves: one more that never served breaks nothing.
///
/// Pods that have only just been made don't count, or scaling it up would open the gate. Where nothing
/// but such pods are left of a workload, somebody may have deleted what served: it is not broken yet.
fn is_broken(case: &Case<'_>, serves: usize) -> bool {
    let members = &case.left.members;
    let mut standing = members
        .iter()
        .map(|member| {
            let pods = member.pods.iter();
            let serves = pods.filter(|pod| served(case, pod)).count();
            (serves, member.established(case.now))
        })
        .filter(|(serves, _)| *serves > 0)
        .peekable();
    if standing.peek().is_some() {
        return standing.all(|(serves, established)| serves * 2 < established);
    }
    let is_starting = members.iter().any(|member| member.is_starting(case.now));
    !is_starting && (serves == 0 || serves * 2 < case.left.established(case.now))
}

/// Whether it serves, or did until somebody deleted it: deleting what is ready would open the gate.
fn served(case: &Case<'_>, pod: &Pod) -> bool {
    side::serves(pod, case.before) || pod::was_ready_when_deleted(pod)
}
