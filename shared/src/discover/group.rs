//! The Services that belong to one application.

use std::collections::{BTreeMap, HashMap};

use crate::selector::{self, Labels};
use crate::words;
use crate::workload::Workload;

use super::bystanders::{Id, id};
use super::member::Member;
use super::name::{self, Identity};
use super::survey::Survey;

/// Services of one application, in the order of their names; never empty.
pub(super) struct Group<'a> {
    pub(super) members: Vec<Member<'a>>,
}

impl Group<'_> {
    /// What the application is called: as most of its Services say, the first in the alphabet of those.
    pub(super) fn name(&self) -> &str {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in &self.members {
            *votes.entry(member.identity.name()).or_default() += 1;
        }
        votes
            .into_iter()
            .rev()
            .max_by_key(|(_, votes)| *votes)
            .map_or("", |(name, _)| name)
    }

    /// Whether it looks like blue/green even where nothing more can be said of it: there are two
    /// sides, somebody marked it, or a whole value is a colour.
    pub(super) fn is_telling(&self) -> bool {
        self.members.iter().any(|member| {
            member.is_switchable
                || member.is_said_to_be_production
                || selector::of(member.service)
                    .values()
                    .any(|value| words::as_colour(value).is_some())
        })
    }

    /// Whether it may be asked for by this name.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.members.iter().any(|member| member.is_called(name))
    }
}

/// Sorts Services into applications: those with the same workloads, and those that call themselves the same.
pub(super) fn of<'a>(members: Vec<Member<'a>>, survey: &Survey<'a>) -> Vec<Group<'a>> {
    let mut forest = Forest::new(members.len());
    let mut by_identity: HashMap<&Identity, usize> = HashMap::new();
    let mut by_selector: HashMap<&Labels, usize> = HashMap::new();
    let mut by_workload: HashMap<Id<'a>, usize> = HashMap::new();
    for (position, member) in members.iter().enumerate() {
        let alike = *by_identity.entry(&member.identity).or_insert(position);
        forest.join(alike, position);
        // Services with one selector have the same ties, which need not be followed again.
        let is_first = *by_selector
            .entry(selector::of(member.service))
            .or_insert(position)
            == position;
        for workload in ties(member, survey, is_first) {
            let first = *by_workload.entry(id(workload)).or_insert(position);
            forest.join(first, position);
        }
    }
    let mut groups: BTreeMap<usize, Vec<Member<'_>>> = BTreeMap::new();
    for (position, member) in members.into_iter().enumerate() {
        let first = forest.root(position);
        groups.entry(first).or_default().push(member);
    }
    groups
        .into_values()
        .map(|members| Group { members })
        .collect()
}

/// The workloads that tie a Service to others, or the first of them.
///
/// Pods of several applications tie nothing together: they would make one of all.
fn ties<'a>(member: &Member<'a>, survey: &Survey<'a>, all: bool) -> Vec<&'a Workload> {
    let most = if all { usize::MAX } else { 1 };
    let selector = selector::of(member.service);
    let chosen = member.pair.as_ref().filter(|_| member.is_chosen);
    match (chosen, survey.view(member.service)) {
        (Some(pair), _) if name::of_all(selector, pair.workloads()).len() < 2 => {
            pair.workloads().take(most).collect()
        }
        (None, Some(view)) => view.ties.iter().copied().take(most).collect(),
        _ => Vec::new(),
    }
}

/// Positions that are joined into sets; the root of a set is its first position.
struct Forest {
    parents: Vec<usize>,
}

impl Forest {
    fn new(size: usize) -> Self {
        Self {
            parents: (0..size).collect(),
        }
    }

    fn root(&mut self, position: usize) -> usize {
        let mut at = position;
        while let Some(parent) = self.parents.get(at).copied().filter(|parent| *parent != at) {
            let above = self.parents.get(parent).copied().unwrap_or(parent);
            if let Some(slot) = self.parents.get_mut(at) {
                *slot = above;
            }
            at = parent;
        }
        at
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.root(one), self.root(other));
        if let Some(slot) = self.parents.get_mut(one.max(other)) {
            *slot = one.min(other);
        }
    }
}
