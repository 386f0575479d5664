//! Which role a workload says it has.

use std::collections::BTreeSet;

use crate::keys;
use crate::selector::Labels;
use crate::words;
use crate::workload::Workload;

/// Labels that say which application something is of.
const APPLICATION: [&str; 4] = [
    "app",
    "app.kubernetes.io/name",
    "app.kubernetes.io/instance",
    "k8s-app",
];

/// Whether the workload is one of two environments: a colour word among its labels, or in its
/// name beside an application label, or an annotation that says its role.
pub(crate) fn is_of_a_role(workload: &Workload) -> bool {
    workload.annotation(keys::ROLE).is_some()
        || has_colour(workload)
        || (words::has_colour(workload.name()) && has_application(workload))
}

/// The workload's role: its annotation, else the one colour of its labels, else that of its name.
pub(crate) fn of(workload: &Workload) -> Option<&str> {
    with(workload, workload.pod_labels())
}

/// Its role with these labels on its pods.
pub(super) fn with<'a>(workload: &'a Workload, pod_labels: &'a Labels) -> Option<&'a str> {
    workload.annotation(keys::ROLE).or_else(|| {
        let values = workload.labels().values().chain(pod_labels.values());
        let colours: BTreeSet<&str> = values.filter_map(|value| words::colour(value)).collect();
        match colours.len() {
            0 => words::colour(workload.name()),
            1 => colours.first().copied(),
            _ => pod_labels
                .get(keys::ROLE_LABEL)
                .and_then(|value| words::colour(value)),
        }
    })
}

/// Whether any label, of the workload or of its pods, has a colour word.
pub(super) fn has_colour(workload: &Workload) -> bool {
    values(workload).any(words::has_colour)
}

/// Whether a label, of the workload or of its pods, says which application it is of.
pub(super) fn has_application(workload: &Workload) -> bool {
    APPLICATION
        .into_iter()
        .any(|key| workload.labels().contains_key(key) || workload.pod_labels().contains_key(key))
}

fn values(workload: &Workload) -> impl Iterator<Item = &str> {
    workload
        .labels()
        .values()
        .chain(workload.pod_labels().values())
        .map(String::as_str)
}
