//! The autoscalers of the old Deployment, pointed at the one that takes its place.

use json_patch::Patch;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;

use crate::patch;

/// Where an autoscaler says what it scales.
const TARGET: [&str; 3] = ["spec", "scaleTargetRef", "name"];

/// Those that scale the Deployment of that name.
pub(super) fn of<'s>(
    scalers: &'s [HorizontalPodAutoscaler],
    deployment: &str,
) -> impl Iterator<Item = &'s HorizontalPodAutoscaler> {
    scalers.iter().filter(move |scaler| {
        scaler.spec.as_ref().is_some_and(|spec| {
            let target = &spec.scale_target_ref;
            target.kind == "Deployment" && target.name == deployment
        })
    })
}

/// Lets the very autoscaler that was read scale another Deployment, if nobody has done so.
pub(super) fn retarget(scaler: &HorizontalPodAutoscaler, from: &str, to: &str) -> Patch {
    let same = patch::same(&scaler.metadata);
    let changes = [patch::test(TARGET, from), patch::replace(TARGET, to)];
    Patch(same.into_iter().chain(changes).collect())
}
