//! The sides of a Service that selects both on purpose.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Service;

use crate::application::Rule;
use crate::selector::{self, Labels};
use crate::words;
use crate::workload::Workload;

use super::index::Index;
use super::mark::Overlap;
use super::pair::{Pair, Side};
use super::undecided::{self, Undecided};

/// The sides that `bluegreen.dev/overlap` names.
///
/// The role keys are not in the selector then. They are those of the mark, or else all whose values
/// are the two colours on the pods that are selected.
///
/// # Errors
/// The pods that are selected are not of the two roles.
pub(super) fn pair<'a>(
    service: &Service,
    role_keys: &BTreeSet<String>,
    overlap: &Overlap,
    index: &Index<'a>,
) -> Result<Pair<'a>, Undecided> {
    let here = index.matching(selector::of(service));
    let keys = if role_keys.is_empty() {
        coloured_keys(&here, overlap)
    } else {
        role_keys.iter().map(String::as_str).collect()
    };
    let mut sides: BTreeMap<&str, Side<'a>> = BTreeMap::new();
    for workload in here {
        let values: Labels = keys
            .iter()
            .filter_map(|key| workload.pod_labels().get_key_value(*key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        let role = [&overlap.from, &overlap.to]
            .into_iter()
            .find(|role| values.values().any(|value| speaks_of(value, role)));
        if let (Some(role), true) = (role, values.len() == keys.len()) {
            let mut selector = selector::of(service).clone();
            selector.extend(values);
            let side = sides.entry(role).or_insert_with(|| Side {
                role: role.clone(),
                selector: selector.clone(),
                workloads: Vec::new(),
            });
            if side.selector == selector {
                side.workloads.push(workload);
            }
        }
    }
    let mut sides = sides.into_values();
    match (sides.next(), sides.next()) {
        (Some(one), Some(other)) => Ok(Pair::new(Rule::Mark, one, other)),
        _ => Err(Undecided::new(format!(
            "{} is in an overlap of {:?} and {:?}, and does not select workloads of both",
            undecided::reference(service),
            overlap.from,
            overlap.to
        ))
        .hint("set its selector to one role again, with kubectl apply or kubectl patch")
        .between([service])),
    }
}

fn coloured_keys<'w>(workloads: &[&'w Workload], overlap: &Overlap) -> BTreeSet<&'w str> {
    let mut colours: BTreeMap<(&str, String), BTreeSet<&str>> = BTreeMap::new();
    for (key, value) in workloads.iter().flat_map(|workload| workload.pod_labels()) {
        if let Some(colour) = words::colour(value) {
            let rest = words::without_colour(value);
            colours.entry((key, rest)).or_default().insert(colour);
        }
    }
    let wanted = BTreeSet::from([overlap.from.as_str(), overlap.to.as_str()]);
    colours
        .into_iter()
        .filter(|(_, seen)| *seen == wanted)
        .map(|((key, _), _)| key)
        .collect()
}

fn speaks_of(value: &str, role: &str) -> bool {
    value == role || words::colour(value).is_some_and(|colour| colour == role)
}
