//! The history would say of this flip what is not so.
//!
//! The way back is judged by the newest entry, so that a false one would open it. The API server's
//! policy sees to it that no update but a flip changes the history, and each only by one entry.

use k8s_openapi::api::core::v1::{Pod, Service};

use crate::history::{self, Entry};
use crate::keys;
use crate::metadata::annotation;
use crate::pod;
use crate::refusal::{Code, Refusal, counted};
use crate::selector;
use crate::workload::Workload;

use super::case::Case;
use super::change::Change;
use super::revision::{are_there, have_served, revision};
use super::side::{self, Side};

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    let (before, after) = (&case.before.metadata, &case.after.metadata);
    if annotation(before, keys::HISTORY) == annotation(after, keys::HISTORY) {
        return None;
    }
    let (was, is) = (history::of(case.before), history::of(case.after));
    let message = if case.change != Change::Environment || !case.step.is_recorded() {
        "would change, and no other environment is selected".to_owned()
    } else if is.len() < was.len() && was.ends_with(&is) {
        // What is taken back takes its entry with it, and leads to where that says.
        let taken = was.first()?;
        untrue(
            &case.target,
            are_there,
            taken.revision.from.as_deref(),
            "from",
        )?
    } else {
        let newest = is.first()?;
        if newest.overridden {
            return Some(not_overridden(case));
        }
        untold(case, newest)
            .or_else(|| keeps_quiet(case, newest))
            .or_else(|| silent(case, newest, was.first()?))?
    };
    let message = format!("{} of {} {message}", keys::HISTORY, case.service());
    let remedy = "leave the annotation as it is: every flip writes its own entry".to_owned();
    Some(Refusal::new(Code::Protected, &message, remedy))
}

/// Whoever may override the guard is not judged at all.
fn not_overridden(case: &Case<'_>) -> Refusal {
    let message = format!(
        "{} of {} would say that the guard was overridden, and it is not",
        keys::HISTORY,
        case.service()
    );
    let remedy = format!(
        "leave {} out: it takes the RBAC verb \"override\" on services.bluegreen.dev",
        keys::OVERRIDE
    );
    Refusal::new(Code::Protected, &message, remedy)
}

/// What a new entry says and is not so.
fn untold(case: &Case<'_>, entry: &Entry) -> Option<String> {
    let serving = serving(&case.left, case.before);
    let (left, next) = (&entry.revision.from, &entry.revision.to);
    let of_left = match &case.served {
        Some(served) => other_than(served, left.as_deref()),
        None => untrue(&case.left, have_served, left.as_deref(), "from"),
    };
    of_left
        .or_else(|| untrue(&case.target, are_there, next.as_deref(), "to"))
        // Between a look and the flip pods come and go; as few as half would open the way back, where
        // the revision is known that leads there, and more than twice as many would shut it.
        .or_else(|| {
            let said = entry.ready.from;
            let most = (serving + deleted(&case.left)).saturating_mul(2);
            let is_so = (serving.div_ceil(2)..=most).contains(&said);
            (left.is_some() && !is_so).then(|| {
                format!(
                    "would say that {} served, and {serving} do",
                    counted(said, "pod")
                )
            })
        })
}

/// That the entry says no revision of what is left, where that is known: nothing would tell later whether
/// a flip goes back there. A workload whose template has other labels by now is not of that side any more;
/// and what a selector leaves that only gets more keys can't be selected alone, as where an application is
/// adopted.
fn keeps_quiet(case: &Case<'_>, entry: &Entry) -> Option<String> {
    let (old, new) = (selector::of(case.before), selector::of(case.after));
    let is_overlap = annotation(&case.before.metadata, keys::OVERLAP).is_some();
    let gets_more = old.iter().all(|(key, value)| new.get(key) == Some(value));
    if entry.revision.from.is_some() || gets_more && !is_overlap {
        return None;
    }
    let stays = case.left.members.iter().filter(|member| member.is_matched);
    let workloads: Vec<&Workload> = stays.map(|member| member.workload).collect();
    let pods: Vec<&Pod> = case.left.live().collect();
    let ran = case.served.clone();
    let ran = ran.or_else(|| revision(&workloads, &pods))?;
    Some(format!(
        "would not say from which revision, and that is {ran}"
    ))
}

/// That the entry says no revision of what serves from then on, where the one before says what it left: a
/// flip that takes that one back could not be told from a release then.
fn silent(case: &Case<'_>, entry: &Entry, before: &Entry) -> Option<String> {
    before.revision.from.as_ref()?;
    let runs = runs(&case.target).filter(|_| entry.revision.to.is_none())?;
    Some(format!(
        "would not say to which revision, and that is {runs}"
    ))
}

/// A revision that is not the one that served until an overlap began.
fn other_than(served: &str, said: Option<&str>) -> Option<String> {
    let said = said.filter(|said| *said != served)?;
    Some(format!(
        "would say from revision {said}, and {served} served until both did"
    ))
}

/// A revision for which that does not hold of the side.
fn untrue(
    side: &Side<'_>,
    holds: fn(&[&Workload], &[&Pod], &str) -> bool,
    said: Option<&str>,
    key: &str,
) -> Option<String> {
    let said = said?;
    // Without a pod nothing tells, and nothing leads there.
    let runs = runs(side)?;
    let message = format!("would say {key} revision {said}, and that is {runs}");
    let (workloads, pods) = parts(side);
    (!holds(&workloads, &pods, said)).then_some(message)
}

fn runs(side: &Side<'_>) -> Option<String> {
    let (workloads, pods) = parts(side);
    revision(&workloads, &pods)
}

fn parts<'a>(side: &Side<'a>) -> (Vec<&'a Workload>, Vec<&'a Pod>) {
    let workloads = side.members.iter().map(|member| member.workload);
    (workloads.collect(), side.live().collect())
}

/// Pods that were ready until somebody deleted them.
fn deleted(side: &Side<'_>) -> usize {
    let deleted = side.pods().filter(|pod| pod::was_ready_when_deleted(pod));
    deleted.count()
}

fn serving(side: &Side<'_>, service: &Service) -> usize {
    side.pods().filter(|pod| side::serves(pod, service)).count()
}
