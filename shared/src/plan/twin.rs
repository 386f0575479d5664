//! Two workloads that play the same part, one on each side.

use crate::application::Environment;
use crate::objects::Objects;
use crate::pod;
use crate::words;
use crate::workload::Workload;

/// The workload of the other side that plays the same part: the same kind and name but for the colour.
pub(super) fn twin<'a>(workload: &Workload, environment: &Environment<'a>) -> Option<&'a Workload> {
    match environment.workloads.as_slice() {
        [only] => Some(only),
        several => several.iter().copied().find(|other| {
            other.kind() == workload.kind()
                && words::without_colour(other.name()) == words::without_colour(workload.name())
        }),
    }
}

/// How many of its pods serve.
pub(super) fn ready_pods(workload: &Workload, objects: &Objects) -> i32 {
    let ready = objects
        .pods
        .iter()
        .filter(|pod| workload.owns(pod) && pod::is_serving(pod))
        .count();
    i32::try_from(ready).unwrap_or(i32::MAX)
}
