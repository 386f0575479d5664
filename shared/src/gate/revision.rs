//! What an environment runs.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::Pod;

use crate::pod;
use crate::workload::Workload;

/// The revision of each workload's pods, joined by `+` in the order of the workloads' names.
///
/// `None` where it can't be told: a workload without pods, or with pods of several revisions.
#[must_use]
pub fn revision(workloads: &[&Workload], pods: &[&Pod]) -> Option<String> {
    let mut workloads = workloads.to_vec();
    workloads.sort_by_key(|workload| (workload.name(), workload.kind()));
    let each: Option<Vec<&str>> = workloads
        .iter()
        .map(|workload| {
            let mut seen: BTreeSet<&str> = pods
                .iter()
                .filter(|pod| {
                    workload.owns(pod) && !pod::is_terminating(pod) && !pod::is_finished(pod)
                })
                .filter_map(|pod| pod::revision(pod))
                .collect();
            let only = seen.pop_first()?;
            seen.is_empty().then_some(only)
        })
        .collect();
    each.filter(|each| !each.is_empty())
        .map(|each| each.join("+"))
}
