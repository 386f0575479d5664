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
    let Some(here) = groups.get(selector).cloned() else {
        return Err(Undecided::dead(service, &all(groups)));
    };
    groups.retain(|_, workloads| are_of_one_application(selector, &here, workloads));
    if groups.len() < 2 {
        return Err(Undecided::no_other_value(service, keys, &here));
    }
    let keys: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
    in_colours(selector, &groups, &keys)
        .or_else(|| in_values(selector, &groups))
        .ok_or_else(|| {
            let others: Vec<_> = groups.keys().filter(|labels| *labels != selector).collect();
            Undecided::several_sides(service, others.into_iter())
        })
}

/// One side in each of two colours, of which the selector has one.
fn in_colours<'a>(
    selector: &Labels,
    groups: &Groups<'a>,
    keys: &BTreeSet<&str>,
) -> Option<Pair<'a>> {
    let coloured: Vec<Side<'a>> = groups
        .iter()
        .filter_map(|(labels, workloads)| {
            Some(side(pair::colour(labels, keys)??, labels, workloads))
        })
        .collect();
    match <[Side<'a>; 2]>::try_from(coloured) {
        Ok([one, other]) => {
            let is_one_of_them = one.selector == *selector || other.selector == *selector;
            (is_one_of_them && one.role != other.role).then(|| Pair::new(Rule::Mark, one, other))
        }
        Err(_) => None,
    }
}

/// The only two sides, or the only two whose workloads are marked with a role.
fn in_values<'a>(selector: &Labels, groups: &Groups<'a>) -> Option<Pair<'a>> {
    let mut sides: Vec<(&Labels, &Vec<&'a Workload>)> = groups.iter().collect();
    if sides.len() > 2 {
        sides.retain(|(_, workloads)| marked(workloads).is_some());
    }
    let [(one, here), (other, there)] = *sides.as_slice() else {
        return None;
    };
    if one != selector && other != selector {
        return None;
    }
    let roles = match (marked(here), marked(there)) {
        (Some(role), Some(role_there)) if role != role_there => (role, role_there),
        _ => pair::differing(one, other).into_iter().find_map(|key| {
            let values = (one.get(key)?.as_str(), other.get(key)?.as_str());
            (!values.0.is_empty() && !values.1.is_empty()).then_some(values)
        })?,
    };
    Some(Pair::new(
        Rule::Mark,
        side(roles.0, one, here),
        side(roles.1, other, there),
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
