//! What each Service leaves and gets, as its history will have it.

use k8s_openapi::api::core::v1::Pod;

use crate::application::Environment;
use crate::gate;
use crate::history::{Ready, Revisions};
use crate::pod;

/// What one Service leaves and gets: of an application of several parts, its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) revision: Revisions,
    pub(super) ready: Ready,
    pub(super) images: Vec<String>,
}

impl Part {
    /// Of the environments that it leaves and that it goes to, those of its own.
    pub(super) fn of(
        left: Option<&Environment<'_>>,
        next: Option<&Environment<'_>>,
        pods: &[Pod],
    ) -> Self {
        let runs = |side: Option<&Environment<'_>>| side.and_then(|side| revision(side, pods));
        let ready = |side: Option<&Environment<'_>>| side.map_or(0, |side| ready(side, pods));
        let workloads = next.into_iter().flat_map(|side| &side.workloads);
        let images = workloads.flat_map(|workload| workload.images());
        Self {
            revision: Revisions {
                from: runs(left),
                to: runs(next),
            },
            ready: Ready {
                from: ready(left),
                to: ready(next),
            },
            images: images.map(str::to_owned).collect(),
        }
    }
}

/// How many pods of a side take traffic.
pub(super) fn ready(side: &Environment<'_>, pods: &[Pod]) -> usize {
    let pods = side.pods(pods).into_iter();
    pods.filter(|pod| pod::is_serving(pod)).count()
}

/// What the workloads of a side run, as the history has it.
pub(in crate::plan) fn revision(side: &Environment<'_>, pods: &[Pod]) -> Option<String> {
    gate::revision(&side.workloads, &side.pods(pods))
}
