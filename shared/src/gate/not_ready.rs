//! Fewer pods of a target's workload are ready than must be, with the cause that each pod gives.

use k8s_openapi::api::core::v1::Pod;

use crate::pod;
use crate::refusal::{Cause, Code, Refusal, counted, three};

use super::case::Case;
use super::container_cause::Log;
use super::pod_cause::{self, Look, PodCause};
use super::side::Member;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    case.target.live().next()?;
    let percent = case.settings.min_ready;
    let short: Vec<&Member<'_>> = case
        .target
        .members
        .iter()
        .filter(|member| member.is_matched)
        .filter(|member| {
            let floor = (member.wanted() * usize::from(percent)).div_ceil(100);
            member.ready(case.after) < floor
        })
        .collect();
    let first = short.first()?;
    let mut causes = Vec::new();
    let mut remedy = None;
    let mut blamed = 0;
    for member in &short {
        for (name, cause) in unready(member, case) {
            if remedy.is_none() {
                remedy = look(case, name, &cause);
            }
            blamed += 1;
            causes.push(Cause::new(format!("Pod/{name}"), cause.words));
        }
        causes.extend(missing(member, case));
    }
    let wanted: usize = short.iter().map(|member| member.wanted()).sum();
    let ready: usize = short.iter().map(|member| member.ready(case.after)).sum();
    let named: Vec<String> = causes.iter().map(in_a_sentence).collect();
    let share = if percent == 100 {
        String::new()
    } else {
        format!(" (min-ready {percent}%)")
    };
    let is = |count: usize| if count == 1 { "is" } else { "are" };
    let (of, which, lacking) = (counted(wanted, "pod"), three(&named), wanted - ready);
    // A rollout has more pods than are wanted in the end.
    let message = if blamed > lacking {
        let verb = is(ready);
        format!("{ready} of {of} {verb} ready{share}, and these are not: {which}")
    } else {
        let verb = is(lacking);
        format!("{lacking} of {of} {verb} not ready{share}: {which}")
    };
    let wait = || case.kubectl(&format!("rollout status {}", first.workload.resource()));
    let remedy = remedy.unwrap_or_else(wait);
    Some(Refusal::new(Code::NotReady, &message, remedy).because(causes))
}

/// The pods that the Service would not route to. Those that are being deleted come last, and only as many as
/// nothing has taken the place of.
fn unready<'a>(member: &Member<'a>, case: &Case<'_>) -> impl Iterator<Item = (&'a str, PodCause)> {
    let leaving = leaving(member).take(absent(member));
    member
        .live()
        .chain(leaving)
        .filter_map(|pod| Some((pod::name(pod), pod_cause::of(pod, case.after)?)))
}

/// The pods that are being deleted.
fn leaving<'a>(member: &Member<'a>) -> impl Iterator<Item = &'a Pod> {
    let pods: Vec<&Pod> = member.pods.clone();
    pods.into_iter().filter(|pod| pod::is_terminating(pod))
}

/// How many pods are wanted beyond those that are to stay.
fn absent(member: &Member<'_>) -> usize {
    member.wanted().saturating_sub(member.live().count())
}

/// What no pod can say of itself.
fn missing(member: &Member<'_>, case: &Case<'_>) -> Option<Cause> {
    let available = member.ready(case.after);
    let name = member.workload.reference();
    let absent = absent(member).saturating_sub(leaving(member).count());
    if absent > 0 {
        let absent = counted(absent, "pod");
        Some(Cause::new(name, format!("{absent} not there yet")))
    } else if member.serving(case.after) > available {
        let seconds = member.workload.min_ready_seconds();
        let message = format!("{available} available so far, minReadySeconds {seconds}");
        Some(Cause::new(name, message))
    } else {
        None
    }
}

fn in_a_sentence(cause: &Cause) -> String {
    let name = cause.object.strip_prefix("Pod/").unwrap_or(&cause.object);
    format!("{name} ({})", cause.message)
}

/// Where to look; `None` where there is nothing but to wait.
fn look(case: &Case<'_>, name: &str, why: &PodCause) -> Option<String> {
    match &why.look {
        Look::Wait => None,
        Look::Describe => Some(case.kubectl(&format!("describe pod {name}"))),
        Look::Log(container, log) => {
            let which = if *log == Log::Previous {
                " --previous"
            } else {
                ""
            };
            Some(case.kubectl(&format!("logs {name} -c {container}{which}")))
        }
    }
}
