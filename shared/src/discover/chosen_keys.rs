//! The two sides where somebody says which keys carry the role.
//!
//! Here the values are free: versions, commit ids, `stable` and `beta`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Service;

use crate::application::Rule;
use crate::keys;
use crate::selector::{self, Labels};
use crate::workload::Workload;

use super::index::{Groups, Index};
use super::name;
use super::pair::{self, Pair, Side};
use super::undecided::Undecided;

/// The sides that these keys choose between.
///
/// # Errors
/// The Service doesn't select by them, or there is no other side, or more than one.
pub(super) fn pair<'a>(
    service: &Service,
    keys: &BTreeSet<String>,
    index: &Index<'a>,
) -> Result<Pair<'a>, Undecided> {
    let selector = selector::of(service);
    if let Some(missing) = keys.iter().find(|key| !selector.contains_key(*key)) {
        return Err(Undecided::no_such_key(service, missing));
    }
    let mut groups = index.carrying(selector, |key| keys.contains(key));
    let Some(here) = groups.remove(selector) else {
        return Err(Undecided::dead(service, &all(groups)));
    };
    groups.retain(|_, workloads| are_of_one_application(selector, &here, workloads));
    if groups.is_empty() {
        return Err(Undecided::alone(service, keys, &here));
    }
    let keys: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
    in_colours(selector, &here, &groups, &keys)
        .or_else(|| in_values(selector, &here, groups.clone()))
        .ok_or_else(|| Undecided::several_sides(service, groups.keys()))
}

/// One other side whose colour differs from this one's.
fn in_colours<'a>(
    selector: &Labels,
    here: &[&'a Workload],
    groups: &Groups<'a>,
    keys: &BTreeSet<&str>,
) -> Option<Pair<'a>> {
    let role = pair::colour(selector, keys)??;
    let mut others = groups.iter().filter_map(|(labels, workloads)| {
        let other = pair::colour(labels, keys)??;
        (other != role).then_some((other, labels, workloads))
    });
    let (other, labels, workloads) = others.next()?;
    others.next().is_none().then(|| {
        Pair::new(
            Rule::Mark,
            side(role, selector, here),
            side(other, labels, workloads),
        )
    })
}

/// One other side, or one other whose workloads are marked with a role.
fn in_values<'a>(
    selector: &Labels,
    here: &[&'a Workload],
    mut groups: Groups<'a>,
) -> Option<Pair<'a>> {
    if groups.values().any(|workloads| marked(workloads).is_some()) {
        groups.retain(|_, workloads| marked(workloads).is_some());
    }
    let (labels, there) = groups.pop_first()?;
    if !groups.is_empty() {
        return None;
    }
    let (role, other) = match (marked(here), marked(&there)) {
        (Some(role), Some(other)) if role != other => (role, other),
        _ => {
            let key = *pair::differing(selector, &labels).first()?;
            (selector.get(key)?.as_str(), labels.get(key)?.as_str())
        }
    };
    Some(Pair::new(
        Rule::Mark,
        side(role, selector, here),
        side(other, &labels, &there),
    ))
}

fn side<'a>(role: &str, selector: &Labels, workloads: &[&'a Workload]) -> Side<'a> {
    Side {
        role: role.to_owned(),
        selector: selector.clone(),
        workloads: workloads.to_vec(),
    }
}

/// The role that the annotations of all these workloads agree on.
fn marked<'w>(workloads: &[&'w Workload]) -> Option<&'w str> {
    let mut roles = workloads
        .iter()
        .map(|workload| workload.annotation(keys::ROLE).filter(|role| is_role(role)));
    let first = roles.next()??;
    roles.all(|role| role == Some(first)).then_some(first)
}

/// Whether a role can stand where roles are written: in a label, and in an annotation's key.
fn is_role(text: &str) -> bool {
    name::is_possible(text) && text.len() <= 50
}

fn are_of_one_application(selector: &Labels, here: &[&Workload], there: &[&Workload]) -> bool {
    name::of_all(selector, here.iter().chain(there).copied()).len() < 2
}

fn all(groups: Groups<'_>) -> Vec<&Workload> {
    groups.into_values().flatten().collect()
}
