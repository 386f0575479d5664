//! What a Service sees of the workloads through its selector, before anything is known of its purpose.

use std::collections::{BTreeMap, BTreeSet};

use crate::application::Rule;
use crate::selector::Labels;
use crate::words;
use crate::workload::Workload;

use super::index::Index;
use super::name;
use super::pair::{self, Pair, Side};

/// What a selector chooses between.
#[derive(Clone, Debug)]
pub(super) enum Sight<'a> {
    /// One of two sides.
    Pair(Pair<'a>),
    /// One of two sides, with the names of the several applications that they belong to.
    Mixed(Pair<'a>, BTreeSet<String>),
    /// One side, and there is more than one that could be the other.
    Tangled(Vec<&'a Workload>, Vec<Labels>),
    /// Pods of both sides.
    Blind(Vec<&'a Workload>),
    /// One side by its colour, and the other is not there.
    Alone(Vec<&'a Workload>),
    /// Pods, and nothing that looks like a side.
    Plain(Vec<&'a Workload>),
    /// No pods of any workload; those that the selector would match in another colour.
    Dead(Vec<&'a Workload>),
}

impl<'a> Sight<'a> {
    /// What a selector sees, by the rules of the colour pair and the suffix pair.
    pub(super) fn through(selector: &Labels, index: &Index<'a>) -> Self {
        let mut groups = index.alike(selector);
        let here = groups.remove(selector).unwrap_or_default();
        if here.is_empty() {
            return Self::Dead(groups.into_values().flatten().collect());
        }
        let mut related: BTreeMap<u8, Vec<_>> = BTreeMap::new();
        for (labels, workloads) in groups {
            if let Some(relation) = pair::relation(selector, &labels) {
                let nearness = u8::from(relation.0 == Rule::SuffixPair);
                related
                    .entry(nearness)
                    .or_default()
                    .push((relation, labels, workloads));
            }
        }
        // A side in the other colour is nearer than one without a colour, which may stand beside.
        let Some((_, mut nearest)) = related.pop_first() else {
            return Self::without_another(selector, here);
        };
        if nearest.len() > 1 {
            let others = nearest.into_iter().map(|(_, labels, _)| labels).collect();
            return Self::Tangled(here, others);
        }
        let Some(((decided_by, role, other), labels, workloads)) = nearest.pop() else {
            return Self::without_another(selector, here);
        };
        let here = Side {
            role: role.to_owned(),
            selector: selector.clone(),
            workloads: here,
        };
        let there = Side {
            role: other.to_owned(),
            selector: labels,
            workloads,
        };
        let pair = Pair::new(decided_by, here, there);
        let names = name::of_all(selector, pair.workloads());
        if names.len() > 1 {
            Self::Mixed(pair, names)
        } else {
            Self::Pair(pair)
        }
    }

    fn without_another(selector: &Labels, here: Vec<&'a Workload>) -> Self {
        if are_both_sides(&here) {
            Self::Blind(here)
        } else if coloured(selector).next().is_some() {
            Self::Alone(here)
        } else {
            Self::Plain(here)
        }
    }

    /// The workloads that the Service routes to.
    pub(super) fn here(&self, selector: &Labels) -> &[&'a Workload] {
        match self {
            Self::Pair(pair) | Self::Mixed(pair, _) => pair
                .sides
                .iter()
                .find(|side| side.selector == *selector)
                .map_or(&[], |side| &side.workloads),
            Self::Tangled(here, _) | Self::Blind(here) | Self::Alone(here) | Self::Plain(here) => {
                here
            }
            Self::Dead(_) => &[],
        }
    }

    /// All workloads that have to do with it.
    pub(super) fn workloads(&self) -> Vec<&'a Workload> {
        match self {
            Self::Pair(pair) | Self::Mixed(pair, _) => pair.workloads().collect(),
            Self::Tangled(here, _)
            | Self::Blind(here)
            | Self::Alone(here)
            | Self::Plain(here)
            | Self::Dead(here) => here.clone(),
        }
    }
}

/// The keys of a selector whose values have a colour word.
pub(super) fn coloured(selector: &Labels) -> impl Iterator<Item = &str> {
    selector
        .iter()
        .filter(|(_, value)| words::has_colour(value))
        .map(|(key, _)| key.as_str())
}

/// Whether some label of the pods has both colours, or one beside the plain value.
fn are_both_sides(workloads: &[&Workload]) -> bool {
    let mut seen: BTreeMap<(&str, String), BTreeSet<Option<&str>>> = BTreeMap::new();
    for (key, value) in workloads.iter().flat_map(|workload| workload.pod_labels()) {
        let rest = words::without_colour(value);
        let colour = words::colour(value);
        if colour.is_some() || !rest.is_empty() {
            seen.entry((key, rest)).or_default().insert(colour);
        }
    }
    seen.values().any(|colours| colours.len() > 1)
}
