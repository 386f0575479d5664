//! The target has fewer ready pods than what serves now, or the share of it that is asked for.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Pod, Service};

use crate::intent::Intent;
use crate::pod;
use crate::refusal::{Code, Refusal, counted, three};

use super::case::Case;
use super::side::{self, Member, Side};

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    let intent = Intent::of(case.before).filter(|intent| intent.holds(case.now));
    let counted_then = intent.and_then(|intent| {
        // Anybody can write a number; pods that are older than the intent served when it was set.
        let older = serving_since(case, intent.set_at());
        intent.serving.map(|serving| serving.max(older))
    });
    let serves = counted_then.unwrap_or_else(|| serving(case.before, &case.left, case.now));
    let percent = case.settings.min_capacity;
    let floor = serves.saturating_mul(usize::from(percent)).div_ceil(100);
    let ready = case.target.ready(case.after);
    let has_pods = case
        .target
        .members
        .iter()
        .any(|member| member.live().next().is_some());
    if ready >= floor || !has_pods {
        return None;
    }
    let verb = if ready == 1 { "is" } else { "are" };
    let share = if percent == 100 {
        format!("min-capacity {percent}%")
    } else {
        format!("min-capacity {percent}%: {floor}")
    };
    let message = format!(
        "{} {verb} ready, {} {} ({share})",
        counted(ready, "pod"),
        case.service(),
        match counted_then {
            Some(serves) => format!("had {serves} when the switch was announced"),
            None if is_starting(case) => format!("has {serves} with those that are starting"),
            None => format!("has {serves} now"),
        }
    );
    Some(Refusal::new(
        Code::BelowCapacity,
        &message,
        remedy(case, floor),
    ))
}

/// Whether pods of what is left count that are starting.
fn is_starting(case: &Case<'_>) -> bool {
    let mut members = case.left.members.iter();
    members.any(|member| counts_as_wanted(member, case.before, case.now))
}

/// Whether a workload has no pod that serves, and those that it has are starting.
fn counts_as_wanted(member: &Member<'_>, service: &Service, now: Timestamp) -> bool {
    member.serving(service) == 0 && member.is_starting(now)
}

/// Pods that serve now. One that somebody has just deleted counts as long as its workload wants
/// it back, or deleting pods would lower the bar; and where a workload has none but pods that are
/// starting, all that it wants, since those that were deleted by force are gone at once.
pub(super) fn serving(service: &Service, left: &Side<'_>, now: Timestamp) -> usize {
    let of_workloads: usize = left
        .members
        .iter()
        .map(|member| {
            if counts_as_wanted(member, service, now) {
                return member.wanted();
            }
            let deleted = member
                .pods
                .iter()
                .filter(|pod| pod::was_ready_when_deleted(pod))
                .count();
            let serves = member.serving(service);
            serves.max(member.wanted().min(serves + deleted))
        })
        .sum();
    let strays = left.strays.iter();
    of_workloads + strays.filter(|pod| side::serves(pod, service)).count()
}

/// Pods that serve and were made before that time.
fn serving_since(case: &Case<'_>, time: Timestamp) -> usize {
    let is_older = |pod: &&Pod| {
        let created = pod.metadata.creation_timestamp.as_ref();
        created.is_some_and(|created| created.0 < time)
    };
    let pods = case.left.pods().filter(is_older);
    pods.filter(|pod| side::serves(pod, case.before)).count()
}

fn remedy(case: &Case<'_>, floor: usize) -> String {
    match case.target.members.as_slice() {
        [only] if only.wanted() < floor => {
            let resource = only.workload.resource();
            case.kubectl(&format!("scale {resource} --replicas={floor}"))
        }
        [first, ..] if case.target.wanted() >= floor => {
            let resource = first.workload.resource();
            case.kubectl(&format!("rollout status {resource}"))
        }
        members => {
            let names: Vec<String> = members
                .iter()
                .map(|member| member.workload.reference())
                .collect();
            format!("scale {} up to {floor} pods in all", three(&names))
        }
    }
}
