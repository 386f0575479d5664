//! Which keys could carry a role, for the command that a message shows.

use std::collections::BTreeSet;

use crate::selector::Labels;
use crate::words;

use super::index::Index;
use super::name;
use super::pair;

/// Suggestions at most.
const MOST: usize = 3;

/// Sets of keys that tell the pods of this selector from others that share the rest of it, the
/// smallest first.
///
/// One key of any value, or several of which one changes its colour.
pub(super) fn role_keys(selector: &Labels, index: &Index<'_>) -> Vec<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let may_vary = selector.keys().filter(|key| !name::is_application_key(key));
    for key in may_vary {
        let others = index.carrying(selector, |free| free == key);
        if selector.len() > 1 && others.contains_key(selector) && others.len() > 1 {
            found.insert((1, BTreeSet::from([key.clone()])));
        }
    }
    let is_free = |key: &str| !name::is_application_key(key);
    let groups = index.carrying(selector, is_free);
    if groups.contains_key(selector) && !selector.keys().all(|key| is_free(key)) {
        for labels in groups.keys() {
            let keys = pair::differing(selector, labels);
            let recoloured = keys.iter().any(|key| {
                let (Some(a), Some(b)) = (selector.get(*key), labels.get(*key)) else {
                    return false;
                };
                words::colour(a).is_some()
                    && words::colour(b).is_some()
                    && words::colour(a) != words::colour(b)
            });
            if keys.len() > 1 && recoloured {
                let keys: BTreeSet<String> = keys.into_iter().map(str::to_owned).collect();
                found.insert((keys.len(), keys));
            }
        }
    }
    found.into_iter().map(|(_, keys)| keys).take(MOST).collect()
}
