//! The two sides where somebody says which keys carry the role.
//!
//! Here the values are free: versions, commit ids, `stable` and `beta`.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use k8s_openapi::api::core::v1::Service;

use crate::application::Rule;
use crate::keys;
use crate::selector::{self, Labels};
use crate::workload::Workload;

use super::index::{Groups, Index};
use super::name;
use super::pair::{self, Pair, Side};
use super::undecided::Undecided;

/// What is fixed beside the role keys, those keys, and the application where the selector does not fix it.
type Question = (Labels, BTreeSet<String>, BTreeSet<String>);

/// Answers which sides keys choose between, once for all Services that ask the same.
pub(super) struct Chooser<'i, 'a> {
    index: &'i Index<'a>,
    known: HashMap<Question, Option<Rc<Pair<'a>>>>,
}

impl<'i, 'a> Chooser<'i, 'a> {
    pub(super) fn new(index: &'i Index<'a>) -> Self {
        Self {
            index,
            known: HashMap::new(),
        }
    }

    /// The two sides that these keys choose between; `None` where there are not two, or the
    /// selector is on neither.
    pub(super) fn pair(
        &mut self,
        selector: &Labels,
        keys: &BTreeSet<String>,
    ) -> Option<Rc<Pair<'a>>> {
        let here = self.index.matching(selector);
        if here.is_empty() || !keys.iter().all(|key| selector.contains_key(key)) {
            return None;
        }
        let mut fixed = selector.clone();
        fixed.retain(|key, _| !keys.contains(key));
        let applications = name::of_all(selector, here.iter().copied());
        let index = self.index;
        self.known
            .entry((fixed, keys.clone(), applications))
            .or_insert_with(|| {
                let groups = groups(selector, keys, &here, index);
                let keys: BTreeSet<&str> = keys.iter().map(String::as_str).collect();
                let pair = in_colours(&groups, &keys).or_else(|| in_values(&groups))?;
                Some(Rc::new(pair))
            })
            .clone()
            .filter(|pair| pair.sides.iter().any(|side| side.selector == *selector))
    }
}

/// Why keys don't choose between two sides.
pub(super) fn why(service: &Service, keys: &BTreeSet<String>, index: &Index<'_>) -> Undecided {
    let selector = selector::of(service);
    if let Some(missing) = keys.iter().find(|key| !selector.contains_key(*key)) {
        return Undecided::no_such_key(service, missing);
    }
    let here = index.matching(selector);
    if here.is_empty() {
        let beside = index.carrying(selector, |key| keys.contains(key));
        let beside: Vec<&Workload> = beside.into_values().flatten().collect();
        return Undecided::dead(service, &beside);
    }
    let groups = groups(selector, keys, &here, index);
    let others: Vec<&Labels> = groups.keys().filter(|labels| *labels != selector).collect();
    if others.is_empty() {
        return Undecided::no_other_value(service, keys, &here);
    }
    Undecided::several_sides(service, others.into_iter())
}

/// The workloads of one application that differ in nothing but these keys, as a Service would see them.
fn groups<'a>(
    selector: &Labels,
    keys: &BTreeSet<String>,
    here: &[&Workload],
    index: &Index<'a>,
) -> Groups<'a> {
    let applications = name::of_all(selector, here.iter().copied());
    let mut groups = index.carrying(selector, |key| keys.contains(key));
    groups.retain(|_, there| name::of_all(selector, there.iter().copied()) == applications);
    groups
}

/// One side in each of two colours.
fn in_colours<'a>(groups: &Groups<'a>, keys: &BTreeSet<&str>) -> Option<Pair<'a>> {
    let coloured: Vec<Side<'a>> = groups
        .iter()
        .filter_map(|(labels, workloads)| {
            Some(side(pair::colour(labels, keys)??, labels, workloads))
        })
        .collect();
    match <[Side<'a>; 2]>::try_from(coloured) {
        Ok([one, other]) if one.role != other.role => Some(Pair::new(Rule::Mark, one, other)),
        _ => None,
    }
}

/// The only two sides, or the only two whose workloads are marked with a role.
fn in_values<'a>(groups: &Groups<'a>) -> Option<Pair<'a>> {
    let mut sides: Vec<(&Labels, &Vec<&'a Workload>)> = groups.iter().collect();
    if sides.len() > 2 {
        sides.retain(|(_, workloads)| marked(workloads).is_some());
    }
    let [(one, here), (other, there)] = *sides.as_slice() else {
        return None;
    };
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
