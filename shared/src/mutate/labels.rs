//! The role label, on the workload and on its pods; never in `spec.selector`.
//!
//! A selector is immutable: one that admission had extended would make the next apply of the
//! manifest without it fail for good.

use json_patch::jsonptr::{PointerBuf, Token};
use serde_json::{Value, json};

use super::{Mutation, role};
use crate::keys;
use crate::selector::Labels;
use crate::words;
use crate::workload::Workload;

const METADATA: [&str; 1] = ["metadata"];
const TEMPLATE: [&str; 3] = ["spec", "template", "metadata"];

/// Adds the labels that say the role, and returns those that the pods are to have.
pub(super) fn add(mutation: &mut Mutation, after: &Workload, before: Option<&Workload>) -> Labels {
    let (own, pods) = match before {
        Some(before) => lost(after, before),
        None => new(mutation, after),
    };
    let metadata = after.metadata();
    put(mutation, &METADATA, true, metadata.labels.as_ref(), &own);
    let template = after.template().and_then(|it| it.metadata.as_ref());
    let labels = template.and_then(|it| it.labels.as_ref());
    put(mutation, &TEMPLATE, template.is_some(), labels, &pods);
    let mut all = after.pod_labels().clone();
    all.extend(pods);
    all
}

/// What a new workload lacks: the role that its annotation or name says and no label does.
fn new(mutation: &mut Mutation, after: &Workload) -> (Labels, Labels) {
    let none = (Labels::new(), Labels::new());
    let Some(role) = role::of(after) else {
        return none;
    };
    if role::has_colour(after) || says(after.pod_labels(), role) || !role::has_application(after) {
        return none;
    }
    if !is_label_value(role) {
        mutation.warn(&format!(
            "{}: {role:?} is no label value, no label {} is added",
            keys::ROLE,
            keys::ROLE_LABEL
        ));
        return none;
    }
    let places = [after.labels(), after.pod_labels()];
    if let Some(taken) = places
        .iter()
        .find_map(|labels| labels.get(keys::ROLE_LABEL))
    {
        mutation.warn(&format!(
            "{} stays with the label {}={taken}, which does not say its role {role}",
            after.reference(),
            keys::ROLE_LABEL
        ));
        return none;
    }
    let label = Labels::from([(keys::ROLE_LABEL.to_owned(), role.to_owned())]);
    (label.clone(), label)
}

/// What an update drops: the labels that said the role of the pods, where no other says one now.
fn lost(after: &Workload, before: &Workload) -> (Labels, Labels) {
    let marked = before.annotation(keys::ROLE);
    let of_a_role = |value: &str| words::has_colour(value) || marked == Some(value);
    if after.pod_labels().values().any(|value| of_a_role(value)) {
        return (Labels::new(), Labels::new());
    }
    let dropped = |then: &Labels, now: &Labels| -> Labels {
        then.iter()
            .filter(|(key, value)| of_a_role(value) && !now.contains_key(*key))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    };
    let pods = dropped(before.pod_labels(), after.pod_labels());
    let own = dropped(before.labels(), after.labels())
        .into_iter()
        .filter(|(key, _)| pods.contains_key(key))
        .collect();
    (own, pods)
}

fn put(
    mutation: &mut Mutation,
    parent: &[&'static str],
    has_parent: bool,
    present: Option<&Labels>,
    wanted: &Labels,
) {
    if wanted.is_empty() {
        return;
    }
    let mut path = PointerBuf::from_tokens(parent.iter().copied());
    if !has_parent {
        mutation.add(path.clone(), json!({}));
    }
    path.push_back("labels");
    if present.is_none() {
        mutation.add(path.clone(), json!({}));
    }
    for (key, value) in wanted {
        let mut label = path.clone();
        label.push_back(Token::new(key.as_str()));
        mutation.add(label, Value::from(value.as_str()));
    }
}

fn says(labels: &Labels, role: &str) -> bool {
    labels.values().any(|value| value == role)
}

/// Whether the API server takes it as a label's value (`IsValidLabelValue`).
fn is_label_value(text: &str) -> bool {
    let ends = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && ends(text.chars().next())
        && ends(text.chars().last())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}
