//! Not every pod of the target runs what its workload says it should.

use std::collections::BTreeSet;

use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
use k8s_openapi::api::core::v1::Pod;

use crate::pod;
use crate::refusal::{Code, Refusal, counted, three};
use crate::workload::Workload;

use super::case::Case;
use super::side::Member;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    let rolling: Vec<(&Member<'_>, String)> = case
        .target
        .members
        .iter()
        .filter_map(|member| Some((member, unfinished(member)?)))
        .collect();
    let (first, _) = rolling.first()?;
    let sentences: Vec<String> = rolling
        .iter()
        .map(|(member, why)| format!("{} {why}", member.workload.reference()))
        .collect();
    Some(Refusal::new(
        Code::RollingOut,
        &three(&sentences),
        remedy(case, first),
    ))
}

fn remedy(case: &Case<'_>, member: &Member<'_>) -> String {
    let workload = member.workload;
    if !member.is_matched {
        let name = workload.reference();
        return format!("select labels that the template of {name} has");
    }
    let verb = if is_paused(workload) {
        "resume"
    } else {
        "status"
    };
    case.kubectl(&format!("rollout {verb} {}", workload.resource()))
}

/// A `StatefulSet` that is told to keep older pods is not rolling out, yet somebody may not know.
pub(super) fn remark(case: &Case<'_>) -> Option<Refusal> {
    let kept: Vec<String> = case
        .target
        .members
        .iter()
        .filter_map(|member| {
            let Workload::StatefulSet(set) = member.workload else {
                return None;
            };
            let first = meant_from(set);
            let old = older(member, set, |index| index < first);
            let why = if first == usize::MAX {
                "updates on delete".to_owned()
            } else {
                format!("has a partition of {first}")
            };
            let pods = counted(old.len(), "pod");
            let name = member.workload.reference();
            (!old.is_empty()).then(|| format!("{name} {why} and keeps {pods} of an older revision"))
        })
        .collect();
    (!kept.is_empty()).then(|| {
        Refusal::new(
            Code::RollingOut,
            &three(&kept),
            "lower the partition, or delete the pods, if they are to run the newest template",
        )
    })
}

fn unfinished(member: &Member<'_>) -> Option<String> {
    if !member.is_matched {
        return Some("would make its next pods without the labels that are selected".into());
    }
    match member.workload {
        Workload::Deployment(deployment) => of_deployment(member, deployment),
        Workload::StatefulSet(set) => {
            let first = meant_from(set);
            let old = older(member, set, |index| index >= first);
            let names: Vec<String> = old.iter().map(|pod| pod::name(pod).to_owned()).collect();
            let pods = counted(old.len(), "pod");
            (!old.is_empty()).then(|| {
                format!(
                    "is rolling out, {pods} of an older revision: {}",
                    three(&names)
                )
            })
        }
    }
}

fn of_deployment(member: &Member<'_>, deployment: &Deployment) -> Option<String> {
    let counts = member.workload.counts();
    let paused = if deployment.spec.as_ref().and_then(|spec| spec.paused) == Some(true) {
        " and is paused"
    } else {
        ""
    };
    if counts.updated < counts.replicas {
        return Some(format!(
            "is rolling out{paused}, {} of {} replicas run its newest template",
            counts.updated, counts.replicas
        ));
    }
    let templates: BTreeSet<&str> = member.live().filter_map(pod::revision).collect();
    (templates.len() > 1).then(|| {
        let named: Vec<String> = templates.iter().map(|&hash| hash.to_owned()).collect();
        format!(
            "is rolling out{paused}, its pods run {} templates: {}",
            templates.len(),
            three(&named)
        )
    })
}

fn is_paused(workload: &Workload) -> bool {
    match workload {
        Workload::Deployment(deployment) => {
            deployment.spec.as_ref().and_then(|spec| spec.paused) == Some(true)
        }
        Workload::StatefulSet(_) => false,
    }
}

/// The index of the first pod that the controller updates by itself (`updateStrategy`).
fn meant_from(set: &StatefulSet) -> usize {
    let strategy = set
        .spec
        .as_ref()
        .and_then(|spec| spec.update_strategy.as_ref());
    let Some(strategy) = strategy else {
        return 0;
    };
    if strategy.type_.as_deref() == Some("OnDelete") {
        return usize::MAX;
    }
    let partition = strategy
        .rolling_update
        .as_ref()
        .and_then(|rolling| rolling.partition);
    usize::try_from(partition.unwrap_or(0)).unwrap_or(0)
}

/// Pods of another revision than the newest, of those indexes.
fn older<'a>(
    member: &Member<'a>,
    set: &StatefulSet,
    is_asked_for: impl Fn(usize) -> bool,
) -> Vec<&'a Pod> {
    let newest = set
        .status
        .as_ref()
        .and_then(|status| status.update_revision.as_deref());
    let Some(newest) = newest else {
        return Vec::new();
    };
    let start = set
        .spec
        .as_ref()
        .and_then(|spec| spec.ordinals.as_ref())
        .and_then(|ordinals| ordinals.start)
        .and_then(|start| usize::try_from(start).ok())
        .unwrap_or(0);
    member
        .live()
        .filter(|pod| pod::revision(pod) != Some(newest))
        .filter(|pod| {
            ordinal(pod).is_some_and(|ordinal| is_asked_for(ordinal.saturating_sub(start)))
        })
        .collect()
}

/// The number at the end of the pod's name.
fn ordinal(pod: &Pod) -> Option<usize> {
    pod::name(pod).rsplit_once('-')?.1.parse().ok()
}
