//! The two sides that a selector without a role key finds.

use std::collections::{BTreeMap, BTreeSet};

use crate::selector::Labels;
use crate::words;
use crate::workload::Workload;

use super::Overlap;

/// One of the sides.
#[derive(Clone, Debug)]
pub(crate) struct Side<'a> {
    /// What selects it alone.
    pub(crate) selector: Labels,
    /// Its workloads, in the order in which they were given.
    pub(crate) workloads: Vec<&'a Workload>,
}

/// The side that is left and the one that is to serve, of the workloads that the selector finds; `None`
/// where they are not of both.
///
/// The role keys are those that are marked, or else all that have one value for the one role and
/// another for the other.
pub(crate) fn sides<'a>(
    selector: &Labels,
    marked: &BTreeSet<String>,
    overlap: &Overlap,
    found: &[&'a Workload],
) -> Option<[Side<'a>; 2]> {
    let keys = if marked.is_empty() {
        telling_keys(overlap, found)
    } else {
        marked.iter().map(String::as_str).collect()
    };
    let mut sides: BTreeMap<&str, Side<'a>> = BTreeMap::new();
    for workload in found {
        let values: Labels = keys
            .iter()
            .filter_map(|key| workload.pod_labels().get_key_value(*key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let role = values.values().find_map(|value| overlap.role_in(value));
        if let (Some(role), true) = (role, values.len() == keys.len()) {
            let mut selector = selector.clone();
            selector.extend(values);
            let side = sides.entry(role).or_insert_with(|| Side {
                selector: selector.clone(),
                workloads: Vec::new(),
            });
            if side.selector == selector {
                side.workloads.push(workload);
            }
        }
    }
    Some([
        sides.remove(overlap.from.as_str())?,
        sides.remove(overlap.to.as_str())?,
    ])
}

/// The keys whose values that speak of the roles are two, one for each, and differ in nothing else.
fn telling_keys<'w>(overlap: &Overlap, found: &[&'w Workload]) -> BTreeSet<&'w str> {
    let mut seen: BTreeMap<&str, BTreeSet<(&str, &str)>> = BTreeMap::new();
    for (key, value) in found.iter().flat_map(|workload| workload.pod_labels()) {
        if let Some(role) = overlap.role_in(value) {
            seen.entry(key).or_default().insert((role, value));
        }
    }
    let rest = |&(role, value): &(&str, &str)| {
        if role == value {
            return String::new();
        }
        words::without_colour(value)
    };
    seen.retain(|_, values| {
        let roles: BTreeSet<&str> = values.iter().map(|(role, _)| *role).collect();
        let rests: BTreeSet<_> = values.iter().map(rest).collect();
        values.len() == 2 && roles.len() == 2 && rests.len() == 1
    });
    seen.into_keys().collect()
}
