//! There is nothing that the Service could route to, or it would not know what.

use std::collections::BTreeSet;

use crate::pod;
use crate::refusal::{Code, Refusal, counted, three};
use crate::selector;
use crate::workload::Workload;

use super::case::Case;
use super::change::Change;
use super::side;

pub(super) fn check(case: &Case<'_>) -> Option<Refusal> {
    let (message, remedy) = if side::routes_by(case.before) == side::routes_by(case.after) {
        None
    } else if side::is_external(case.after) {
        Some(external(case))
    } else if selector::of(case.after).is_empty() {
        Some(unselected(case))
    } else {
        match case.change {
            Change::Nothing | Change::Routing => None,
            Change::Mixture => Some(mixture(case)),
            Change::Environment if case.target.members.is_empty() => Some(nothing(case)),
            Change::Environment => without_pods(case),
        }
        .or_else(|| Some(roleless(case, lost_role(case)?)))
    }?;
    Some(Refusal::new(Code::NoEnvironment, &message, remedy))
}

/// A key that the new selector drops, and a workload that it told from what the Service selects.
///
/// Without it the same pods may be selected now, and in the next step, which is no flip of a role any
/// more, others.
fn lost_role<'a>(case: &Case<'a>) -> Option<(&'a str, &'a Workload)> {
    let (old, new) = (selector::of(case.before), selector::of(case.after));
    let mut dropped = old.iter().filter(|(key, _)| !new.contains_key(*key));
    dropped.find_map(|(key, value)| {
        let told_apart = |workload: &&Workload| {
            let labels = workload.pod_labels();
            old.keys().all(|key| labels.contains_key(key)) && labels.get(key) != Some(value)
        };
        let others = case.objects.workloads.iter().filter(told_apart);
        // By name, so that an order in the answer never depends on one in the cluster.
        let workload = others.min_by_key(|workload| (workload.name(), workload.kind()))?;
        Some((key.as_str(), workload))
    })
}

fn roleless(case: &Case<'_>, (key, workload): (&str, &Workload)) -> (String, String) {
    let message = format!(
        "{} would lose {key}, which tells what it selects from {}",
        case.service(),
        workload.reference()
    );
    (message, format!("keep {key} in the selector"))
}

fn external(case: &Case<'_>) -> (String, String) {
    let service = case.service();
    (
        format!("{service} would become an ExternalName, which routes to no pod"),
        format!("keep the type of {service}; put the ExternalName into a Service of its own"),
    )
}

fn unselected(case: &Case<'_>) -> (String, String) {
    let service = case.service();
    let selector = selector::query(selector::of(case.before));
    (
        format!("{service} would lose its selector, and nothing would follow its endpoints"),
        format!("keep a selector that names one environment; it is {selector} now"),
    )
}

fn mixture(case: &Case<'_>) -> (String, String) {
    let strays = case.target.strays.iter();
    let matched: Vec<String> = case
        .target
        .members
        .iter()
        .map(|member| member.workload.reference())
        .chain(strays.map(|pod| format!("Pod/{}", pod::name(pod))))
        .collect();
    let new = selector::of(case.after);
    let dropped: Vec<String> = selector::of(case.before)
        .keys()
        .filter(|key| !new.contains_key(*key))
        .cloned()
        .collect();
    let remedy = if dropped.is_empty() {
        "select labels that only one environment has".to_owned()
    } else {
        format!(
            "keep {} in the selector, so that it names one environment",
            three(&dropped)
        )
    };
    let message = format!(
        "{} names no environment, it matches {} at once",
        case.query(),
        three(&matched)
    );
    (message, remedy)
}

fn nothing(case: &Case<'_>) -> (String, String) {
    let query = case.query();
    let pods = case.target.live().count();
    let message = if pods == 0 {
        format!("no Deployment, StatefulSet or pod matches {query}")
    } else {
        let pods = counted(pods, "pod");
        format!("no Deployment or StatefulSet matches {query}, only {pods} that none of them keeps")
    };
    let there = alternatives(case);
    let remedy = if there.is_empty() {
        let labels = case.kubectl("get deployments,statefulsets --show-labels");
        format!("create the environment first, or select one that exists: {labels}")
    } else {
        let there: Vec<String> = there.into_iter().take(3).collect();
        format!("select an environment that exists: {}", there.join(" or "))
    };
    (message, remedy)
}

/// What one other value of one key would find: `role=blue`, `role=green` for a typing error.
fn alternatives(case: &Case<'_>) -> Vec<String> {
    let new = selector::of(case.after);
    let mut found = BTreeSet::new();
    for workload in &case.objects.workloads {
        let labels = workload.pod_labels();
        let mut differing = new
            .iter()
            .filter(|(key, value)| labels.get(*key) != Some(value));
        if let (Some((key, _)), None) = (differing.next(), differing.next())
            && new.len() > 1
            && let Some(value) = labels.get(key)
        {
            found.insert(format!("{key}={value}"));
        }
    }
    found.into_iter().collect()
}

/// Where a workload wants none, that is said by a code of its own.
fn without_pods(case: &Case<'_>) -> Option<(String, String)> {
    let wanting = case
        .target
        .members
        .iter()
        .find(|member| member.wanted() > 0)?;
    if case.target.live().next().is_some() {
        return None;
    }
    let workload = wanting.workload;
    let wanted = case.target.wanted();
    let message = format!(
        "no pod matches {} yet, {} wants {wanted}",
        case.query(),
        workload.reference(),
    );
    let status = case.kubectl(&format!("rollout status {}", workload.resource()));
    Some((message, status))
}
