//! Fewer pods of a target's workload are ready than must be, with the cause that each pod gives.

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
    for member in &short {
        for (name, cause) in unready(member, case) {
            if remedy.is_none() {
                remedy = look(case, name, &cause);
            }
            causes.push(Cause::new(format!("Pod/{name}"), cause.words));
        }
        causes.extend(missing(member, case));
    }
    let wanted: usize = short.iter().map(|member| member.wanted()).sum();
    let ready: usize = short.iter().map(|member| member.ready(case.after)).sum();
    let named: Vec<String> = causes.iter().map(in_a_sentence).collect();
    let verb = if wanted - ready == 1 { "is" } else { "are" };
    let share = if percent == 100 {
        String::new()
    } else {
        format!(" (min-ready {percent}%)")
    };
    let message = format!(
        "{} of {} {verb} not ready{share}: {}",
        wanted - ready,
        counted(wanted, "pod"),
        three(&named)
    );
    let wait = || case.kubectl(&format!("rollout status {}", first.workload.resource()));
    let remedy = remedy.unwrap_or_else(wait);
    Some(Refusal::new(Code::NotReady, &message, remedy).because(causes))
}

/// The pods that the Service would not route to; those that are being deleted come last.
fn unready<'a>(member: &Member<'a>, case: &Case<'_>) -> impl Iterator<Item = (&'a str, PodCause)> {
    let leaving = member.pods.iter().filter(|pod| pod::is_terminating(pod));
    member
        .live()
        .chain(leaving.copied())
        .filter_map(|pod| Some((pod::name(pod), pod_cause::of(pod, case.after)?)))
}

/// What no pod can say of itself.
fn missing(member: &Member<'_>, case: &Case<'_>) -> Option<Cause> {
    let wanted = member.wanted();
    let live = member.live().count();
    let available = member.ready(case.after);
    let name = member.workload.reference();
    if live < wanted {
        let absent = counted(wanted - live, "pod");
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
