//! What each production Service leaves and gets, as its history will have it.

use k8s_openapi::api::core::v1::Pod;

use crate::application::{Application, Environment, Production};
use crate::gate;
use crate::history::{Ready, Revisions};
use crate::overlap;
use crate::pod;

/// What one Service leaves and gets: of an application of several parts, its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    /// The role that it selects no more afterwards.
    pub(super) left: Option<String>,
    pub(super) revision: Revisions,
    pub(super) ready: Ready,
    pub(super) images: Vec<String>,
    /// Whether the side that is left runs something else by now than what the history will say of it.
    pub(super) changed: bool,
}

impl Part {
    pub(super) fn of<'a>(
        application: &Application<'a>,
        production: &Production<'a>,
        to: &str,
        pods: &[Pod],
    ) -> Self {
        let left = leaves(production, to);
        let side = |role: &str| {
            let side = application.environment(role)?;
            Some(production.part_of(side))
        };
        let (from, next) = (left.and_then(side), side(to));
        let runs = |side: &Option<Environment<'_>>| revision(side.as_ref()?, pods);
        // Whatever it was given while both served has not served alone.
        let served = overlap::served(production.service);
        let served = served.filter(|_| left == production.overlap.as_ref().map(|one| &*one.from));
        let now = runs(&from);
        let ready =
            |side: &Option<Environment<'_>>| side.as_ref().map_or(0, |side| ready(side, pods));
        let workloads = next.iter().flat_map(|side| &side.workloads);
        let images = workloads.flat_map(|workload| workload.images());
        Self {
            changed: served.is_some() && served != now,
            left: left.map(str::to_owned),
            revision: Revisions {
                from: served.or(now),
                to: runs(&next),
            },
            ready: Ready {
                from: ready(&from),
                to: ready(&next),
            },
            images: images.map(str::to_owned).collect(),
        }
    }
}

/// The role that a Service selects no more once it selects that one; `None` where it selects neither.
fn leaves<'p>(production: &'p Production<'_>, to: &str) -> Option<&'p str> {
    match &production.overlap {
        Some(overlap) if overlap.from == to => Some(&overlap.to),
        Some(overlap) => Some(&overlap.from),
        None => production.selects().filter(|role| *role != to),
    }
}

/// How many pods of a side would be routed to.
pub(super) fn ready(side: &Environment<'_>, pods: &[Pod]) -> usize {
    let pods = side.pods(pods).into_iter();
    pods.filter(|pod| pod::is_serving(pod)).count()
}

/// What the workloads of a side run, as the history has it.
pub(in crate::plan) fn revision(side: &Environment<'_>, pods: &[Pod]) -> Option<String> {
    gate::revision(&side.workloads, &side.pods(pods))
}
