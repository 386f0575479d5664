//! The least replicas of an autoscaler: raised for a release, and lowered again when connections to the
//! side that was left have drained.
//!
//! What it was is kept on the autoscaler itself, together with what it was raised to: where somebody has
//! changed it since, it is left alone.

use json_patch::Patch;
use k8s_openapi::api::autoscaling::v2::HorizontalPodAutoscaler;
use serde::{Deserialize, Serialize};

use crate::application::Application;
use crate::keys;
use crate::metadata::annotation;
use crate::patch;
use crate::workload::Workload;

use super::stage::ScalerPatch;

/// The annotation [`keys::MINIMUM`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Raised {
    /// Before.
    had: i32,
    /// Since.
    raised: i32,
}

impl Raised {
    /// What is to be kept when a minimum is raised: what it was before the first time.
    pub(crate) fn over(before: Option<Self>, minimum: i32, wanted: i32) -> Self {
        let had = match before {
            Some(before) if before.raised == minimum => before.had,
            _ => minimum,
        };
        Self {
            had,
            raised: wanted,
        }
    }

    /// What an autoscaler says.
    pub(crate) fn of(scaler: &HorizontalPodAutoscaler) -> Option<Self> {
        annotation(&scaler.metadata, keys::MINIMUM).and_then(Self::read)
    }

    /// As it is written.
    pub(crate) fn text(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }

    fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// The autoscaler's least replicas.
pub(crate) fn of(scaler: &HorizontalPodAutoscaler) -> i32 {
    let minimum = scaler.spec.as_ref().and_then(|spec| spec.min_replicas);
    minimum.unwrap_or(1)
}

/// Whether it scales that workload.
pub(crate) fn scales(scaler: &HorizontalPodAutoscaler, workload: &Workload) -> bool {
    scaler.spec.as_ref().is_some_and(|spec| {
        let target = &spec.scale_target_ref;
        target.kind == workload.kind() && target.name == workload.name()
    })
}

/// The autoscalers of the application that get the minimum back that they had before a release.
#[must_use]
pub fn lowered<'s>(
    application: &Application<'_>,
    scalers: &'s [HorizontalPodAutoscaler],
) -> Vec<ScalerPatch<'s>> {
    let workloads = || {
        let sides = application.environments.iter();
        sides.flat_map(|side| side.workloads.iter())
    };
    let ours = scalers
        .iter()
        .filter(|scaler| workloads().any(|workload| scales(scaler, workload)));
    ours.filter_map(|scaler| {
        let raised = Raised::of(scaler)?;
        let minimum = of(scaler);
        (minimum == raised.raised).then(|| lower(scaler, raised))
    })
    .collect()
}

fn lower(scaler: &HorizontalPodAutoscaler, raised: Raised) -> ScalerPatch<'_> {
    let changes = [
        patch::test(["spec", "minReplicas"], raised.raised),
        patch::replace(["spec", "minReplicas"], raised.had),
        patch::unannotate(keys::MINIMUM),
    ];
    let same = patch::same(&scaler.metadata).into_iter();
    ScalerPatch {
        scaler,
        minimum: (raised.raised, raised.had),
        patch: Patch(same.chain(changes).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_was_at_first_is_kept() {
        let first = Raised::over(None, 1, 3);
        let second = Raised::over(Some(first), 3, 5);
        assert_eq!(second, Raised { had: 1, raised: 5 });
        // Somebody has set it since.
        assert_eq!(
            Raised::over(Some(second), 2, 5),
            Raised { had: 2, raised: 5 }
        );
        assert_eq!(Raised::read(&second.text()), Some(second));
        assert_eq!(Raised::read("three"), None);
    }
}
