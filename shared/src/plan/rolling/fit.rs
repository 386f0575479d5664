//! What stands in the way of a rolling update, before anything is changed.

use crate::keys;
use crate::plan::{Declined, Why, plain};
use crate::refusal::counted;
use crate::selector;
use crate::workload::Workload;

use super::declined;
use super::scene::Scene;
use super::strategy;

/// Whether the Deployment may be updated as it stands; one that was cut off amid an update may
/// still be rolling out.
///
/// # Errors
/// It is not to be changed, or nobody could say what to go back to.
pub fn may_begin(scene: &Scene<'_>, goes_on: bool) -> Result<(), Declined> {
    let workload = scene.workload;
    let (what, resource) = (workload.reference(), workload.resource());
    let unfit = |message: String, hint: String| Err(declined(Why::Unfit, message, hint));
    if workload.is_deleting() {
        return unfit(
            format!("{what} is being deleted"),
            "kubectl get deployments".to_owned(),
        );
    }
    if workload.annotation(keys::TAKEDOWN).is_some() {
        return unfit(
            format!("{what} is marked as to be taken down"),
            format!(
                "kubectl annotate {resource} {}- if it is not",
                keys::TAKEDOWN
            ),
        );
    }
    let counts = workload.counts();
    let is_rolling = !workload.is_observed() || counts.replicas > counts.updated;
    if is_rolling && !goes_on {
        return unfit(
            format!(
                "{what} is rolling out, {} of {} its newest template: it could not be said what to go back to",
                counts.updated,
                if counts.replicas == 1 {
                    "1 pod runs".to_owned()
                } else {
                    format!("{} pods run", counts.replicas)
                }
            ),
            format!(
                "kubectl rollout status {resource}; one template back: kubectl rollout undo {resource}; then once more"
            ),
        );
    }
    Ok(())
}

/// Whether production could do with what the Deployment is to become.
///
/// # Errors
/// Requests would be lost on the way, or afterwards.
pub fn may_become(scene: &Scene<'_>, after: &Workload) -> Result<(), Declined> {
    let what = scene.reference();
    let unfit = |message: String, hint: &str| Err(declined(Why::Unfit, message, hint));
    if let Workload::Deployment(deployment) = after {
        strategy::check(deployment)?;
        if deployment.spec.as_ref().and_then(|spec| spec.paused) == Some(true) {
            return unfit(
                format!("{what} is paused, so that nothing would roll out"),
                &format!("kubectl rollout resume {}", scene.workload.resource()),
            );
        }
    }
    if after.replicas() < 1 {
        return unfit(
            format!("{what} wants 0 replicas: nothing would serve"),
            "ask for one or more: --replicas 2",
        );
    }
    if let Some(why) = after.recreates() {
        let pods = counted(usize::try_from(after.replicas()).unwrap_or(0), "replica");
        return unfit(
            format!(
                "{what} has {why} with {pods}: all of its pods would stop before there are new ones"
            ),
            "let one come first, in spec.strategy.rollingUpdate: --max-surge 1 --max-unavailable 0",
        );
    }
    let labels = after.pod_labels();
    let lost = scene
        .services
        .iter()
        .find(|service| !selector::matches(selector::of(service), labels));
    if let Some(service) = lost {
        return unfit(
            format!(
                "{what} would make pods that Service/{} does not select: it selects {}",
                plain::service_name(service),
                selector::query(selector::of(service))
            ),
            "keep these labels on the template",
        );
    }
    Ok(())
}
