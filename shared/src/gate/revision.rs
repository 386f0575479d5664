//! What an environment runs, in one line that can be compared later.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Pod;

use crate::pod;
use crate::workload::Workload;

/// Between the workloads of an environment.
const BETWEEN_WORKLOADS: char = '+';
/// Between the revisions of a workload that runs several.
const BETWEEN_REVISIONS: char = ',';

/// The revision of each workload, in the order of their names, joined by `+`; `None` where no
/// workload has a pod.
///
/// A workload runs what its serving pods run, or where none serves, what its pods run. One
/// without a pod leaves its place empty.
#[must_use]
pub fn revision(workloads: &[&Workload], pods: &[&Pod]) -> Option<String> {
    let mut makers: BTreeMap<(&str, &str), Vec<&Pod>> = workloads
        .iter()
        .map(|workload| ((workload.name(), workload.kind()), Vec::new()))
        .collect();
    for pod in pods {
        if !pod::is_terminating(pod)
            && !pod::is_finished(pod)
            && let Some((kind, name)) = pod::maker(pod)
            && let Some(made) = makers.get_mut(&(name, kind))
        {
            made.push(pod);
        }
    }
    let each: Vec<String> = makers.values().map(|pods| of_workload(pods)).collect();
    let some = each.iter().any(|revision| !revision.is_empty());
    some.then(|| each.join(&BETWEEN_WORKLOADS.to_string()))
}

fn of_workload(pods: &[&Pod]) -> String {
    let serving: BTreeSet<&str> = pods
        .iter()
        .filter(|pod| pod::is_serving(pod))
        .filter_map(|pod| pod::revision(pod))
        .collect();
    let all = || pods.iter().filter_map(|pod| pod::revision(pod)).collect();
    let found: BTreeSet<&str> = if serving.is_empty() { all() } else { serving };
    let found: Vec<&str> = found.into_iter().collect();
    found.join(&BETWEEN_REVISIONS.to_string())
}

/// Whether a pod of the workload at that place runs what was written down.
pub(super) fn is_of(pod: &Pod, place: usize, written: &str) -> bool {
    let of_place = written.split(BETWEEN_WORKLOADS).nth(place);
    of_place.is_some_and(|revisions| {
        pod::revision(pod).is_some_and(|runs| {
            revisions
                .split(BETWEEN_REVISIONS)
                .any(|revision| revision == runs)
        })
    })
}
