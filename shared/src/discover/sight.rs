//! What a Service sees of the workloads through its selector, before anything is known of its purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::application::Rule;
use crate::selector::Labels;
use crate::words;
use crate::workload::Workload;

use super::index::{Groups, Index};
use super::name;
use super::pair::{self, Pair, Side};

/// What a selector chooses between.
#[derive(Clone, Debug)]
pub(super) enum Sight<'a> {
    /// One of two sides.
    Pair(Rc<Pair<'a>>),
    /// One of two sides, with the names of the several applications that they belong to.
    Mixed(Rc<Pair<'a>>, BTreeSet<String>),
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
        let here = groups.get(selector).cloned().unwrap_or_default();
        if here.is_empty() {
            return Self::Dead(groups.into_values().flatten().collect());
        }
        let nearest = nearest(selector, &groups);
        let Some(first) = nearest.first().copied().cloned() else {
            return Self::without_another(selector, here);
        };
        // After a flip the way back must be as clear, so what the other side sees must be this one alone.
        let from_there = self::nearest(&first, &groups);
        if nearest.len() > 1 || from_there != [selector] {
            let others: BTreeSet<&Labels> = nearest.into_iter().chain(from_there).collect();
            let others = others.into_iter().filter(|labels| *labels != selector);
            return Self::Tangled(here, others.cloned().collect());
        }
        let there = groups.remove(&first).unwrap_or_default();
        let Some((decided_by, role, other)) = pair::relation(selector, &first) else {
            return Self::without_another(selector, here);
        };
        let here = Side {
            role: role.to_owned(),
            selector: selector.clone(),
            workloads: here,
        };
        let there = Side {
            role: other.to_owned(),
            selector: first,
            workloads: there,
        };
        let pair = Rc::new(Pair::new(decided_by, here, there));
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

/// What could be the other side: those in the other colour, or else those that make a suffix pair,
/// since one without a colour may stand beside two that have one.
fn nearest<'g>(from: &Labels, groups: &'g Groups<'_>) -> Vec<&'g Labels> {
    let related = |wanted: Rule| {
        groups
            .keys()
            .filter(|labels| pair::relation(from, labels).is_some_and(|(rule, ..)| rule == wanted))
            .collect::<Vec<_>>()
    };
    let in_colour = related(Rule::ColourPair);
    if in_colour.is_empty() {
        related(Rule::SuffixPair)
    } else {
        in_colour
    }
}

/// The keys of a selector whose values have a colour word.
pub(super) fn coloured(selector: &Labels) -> impl Iterator<Item = &str> {
    selector
        .iter()
        .filter(|(_, value)| words::has_colour(value))
        .map(|(key, _)| key.as_str())
}

/// The selector in the other colour; `None` where its values speak of both.
pub(super) fn recoloured(selector: &Labels) -> Option<Labels> {
    let keys = coloured(selector).collect();
    let other = pair::opposite(pair::colour(selector, &keys)??)?;
    let recolour = |(key, value): (&String, &String)| (key.clone(), words::recolour(value, other));
    Some(selector.iter().map(recolour).collect())
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
