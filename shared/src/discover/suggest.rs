//! Which keys could carry a role, for the command that a message shows.

use std::collections::BTreeSet;

use crate::selector::Labels;
use crate::words;

use super::index::Index;
use super::name;
use super::pair;
use super::sight;

/// Words of the keys that people give to versions and sides; `tier`, `component` or `release`, which
/// tell parts and installations apart, are never proposed.
const ROLE_WORDS: [&str; 15] = [
    "version", "slot", "color", "colour", "track", "build", "role", "variant", "status",
    "revision", "commit", "sha", "tag", "channel", "stage",
];

/// Suggestions at most.
const MOST: usize = 3;

/// Sets of keys that tell the pods of this selector from others that share the rest of it, the
/// smallest first.
pub(super) fn role_keys(selector: &Labels, index: &Index<'_>) -> Vec<BTreeSet<String>> {
    let mut found: Vec<BTreeSet<String>> = single(selector, index)
        .chain(several(selector, index))
        .chain(contradicting(selector, index))
        .collect();
    found.sort_by_key(BTreeSet::len);
    found.dedup();
    found.truncate(MOST);
    found
}

/// One key of any value.
fn single(selector: &Labels, index: &Index<'_>) -> impl Iterator<Item = BTreeSet<String>> {
    let may_be_a_role = |key: &&String| {
        words::words(key).any(|word| ROLE_WORDS.contains(&word.to_ascii_lowercase().as_str()))
    };
    selector
        .keys()
        .filter(|_| selector.len() > 1)
        .filter(may_be_a_role)
        .filter(|key| {
            let groups = index.carrying(selector, |free| free == *key);
            groups.contains_key(selector) && groups.len() > 1
        })
        .map(|key| BTreeSet::from([key.clone()]))
}

/// Several keys beside the application's own, one of which changes its colour.
fn several(selector: &Labels, index: &Index<'_>) -> BTreeSet<BTreeSet<String>> {
    if !selector.keys().any(|key| name::is_application_key(key)) {
        return BTreeSet::new();
    }
    let groups = index.carrying(selector, |key| !name::is_application_key(key));
    if !groups.contains_key(selector) {
        return BTreeSet::new();
    }
    groups
        .keys()
        .map(|labels| (pair::differing(selector, labels), labels))
        .filter(|(keys, labels)| {
            keys.len() > 1 && keys.iter().any(|key| is_recoloured(selector, labels, key))
        })
        .map(|(keys, _)| keys.into_iter().map(str::to_owned).collect())
        .collect()
}

/// Several keys whose colours contradict, where just one other workload carries them.
fn contradicting(selector: &Labels, index: &Index<'_>) -> Option<BTreeSet<String>> {
    let keys: BTreeSet<String> = sight::coloured(selector).map(str::to_owned).collect();
    let is_it = sight::recoloured(selector).is_none()
        && keys.len() > 1
        && index.carrying(selector, |key| keys.contains(key)).len() == 2;
    is_it.then_some(keys)
}

fn is_recoloured(one: &Labels, other: &Labels, key: &str) -> bool {
    let colour = |labels: &Labels| labels.get(key).and_then(|value| words::colour(value));
    match (colour(one), colour(other)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}
