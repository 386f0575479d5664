//! As many pods as production has.

use jiff::Timestamp;
use json_patch::Patch;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;

use crate::application::Application;
use crate::keys;
use crate::objects::Objects;
use crate::patch;
use crate::plan::idle::idle;
use crate::plan::minimum::{self, Raised, scales};
use crate::plan::twin::{ready_pods, twin};
use crate::plan::{Declined, Why};
use crate::workload::Workload;

/// How many pods a workload of the idle side must have to be a match for production.
#[derive(Clone, Copy, Debug)]
pub struct Match<'a> {
    /// The workload.
    pub workload: &'a Workload,
    /// What its twin on the other side has ready or wants, whichever is more; at least 1.
    pub replicas: i32,
}

/// An autoscaler that would make fewer pods than that.
#[derive(Clone, Debug)]
pub struct ScalerPatch<'a> {
    /// The autoscaler as it was read.
    pub scaler: &'a HorizontalPodAutoscaler,
    /// Its least replicas until now and from now on.
    pub minimum: (i32, i32),
    /// Tests of what was read, then the change.
    pub patch: Patch,
}

/// What each workload of the idle side must have. One without a twin is left out.
///
/// # Errors
/// No side is idle, or a switch to it is under way.
pub fn matching<'a>(
    application: &Application<'a>,
    objects: &Objects,
    now: Timestamp,
) -> Result<Vec<Match<'a>>, Declined> {
    let idle = idle(application, now)?;
    let serving = application.other(&idle.role);
    let workloads = idle.workloads.iter().copied();
    let matches = workloads.filter_map(|workload| {
        let twin = twin(workload, serving?)?;
        let replicas = twin.replicas().max(ready_pods(twin, objects)).max(1);
        Some(Match { workload, replicas })
    });
    Ok(matches.collect())
}

/// The autoscalers of these workloads whose minimum must be raised; none is ever lowered.
///
/// # Errors
/// One allows fewer pods at most.
pub fn scalers<'s>(
    matches: &[Match<'_>],
    scalers: &'s [HorizontalPodAutoscaler],
) -> Result<Vec<ScalerPatch<'s>>, Declined> {
    let mut patches = Vec::new();
    for one in matches {
        for scaler in scalers.iter().filter(|scaler| scales(scaler, one.workload)) {
            patches.extend(raised(scaler, one)?);
        }
    }
    Ok(patches)
}

fn raised<'s>(
    scaler: &'s HorizontalPodAutoscaler,
    one: &Match<'_>,
) -> Result<Option<ScalerPatch<'s>>, Declined> {
    let Some(spec) = &scaler.spec else {
        return Ok(None);
    };
    let wanted = one.replicas;
    let minimum = minimum::of(scaler);
    if spec.max_replicas < wanted {
        let name = scaler.metadata.name.as_deref().unwrap_or_default();
        return Err(Declined {
            why: Why::NoRoom,
            message: format!(
                "HorizontalPodAutoscaler/{name} allows {} of {} at most, and production has {wanted} pods",
                crate::refusal::counted(usize::try_from(spec.max_replicas).unwrap_or(0), "pod"),
                one.workload.reference()
            ),
            hint: format!("raise its spec.maxReplicas to {wanted} or more first"),
        });
    }
    let changes = || {
        let metadata = &scaler.metadata;
        let same = patch::same(metadata).into_iter();
        let raise = patch::add(["spec", "minReplicas"], wanted);
        let kept = Raised::over(Raised::of(scaler), minimum, wanted).text();
        same.chain([raise])
            .chain(patch::annotate(metadata, keys::MINIMUM, kept))
            .collect()
    };
    Ok((minimum < wanted).then(|| ScalerPatch {
        scaler,
        minimum: (minimum, wanted),
        patch: Patch(changes()),
    }))
}
