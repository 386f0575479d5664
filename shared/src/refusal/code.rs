//! The stable codes.

use std::fmt;

use serde::Serialize;

/// Why a flip is refused. The names are part of the interface: scripts, metrics and dashboards use them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Code {
    /// No workload or no pod matches the new selector, or the Service would lose its role.
    NoEnvironment,
    /// A workload of the target wants no pods.
    ScaledToZero,
    /// A workload of the target is being deleted.
    Terminating,
    /// The controller of a target's workload has not seen its newest spec.
    NotObserved,
    /// Not every replica of the target runs the newest template.
    RollingOut,
    /// The new selector also matches pods of no workload of the target.
    ForeignPods,
    /// A rollout exceeded its deadline, or pods can't be created.
    Stalled,
    /// Fewer pods of the target are ready than must be.
    NotReady,
    /// A serving container has no readiness probe, so ready says nothing.
    NoReadinessProbe,
    /// A named target port resolves on no container of a pod.
    PortMismatch,
    /// The target has fewer ready pods than the active environment asks for.
    BelowCapacity,
    /// Verification is asked for, and missing or of another revision.
    Unverified,
    /// Nobody announced the flip, and that is asked for.
    Drift,
    /// What is live, or what guards it, would be taken away.
    Protected,
    /// A setting on the Service or its Namespace can't be read.
    InvalidSetting,
    /// The cluster could not be read in time.
    CannotLook,
}

impl Code {
    /// The name as it is printed, logged and counted.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoEnvironment => "NoEnvironment",
            Self::ScaledToZero => "ScaledToZero",
            Self::Terminating => "Terminating",
            Self::NotObserved => "NotObserved",
            Self::RollingOut => "RollingOut",
            Self::ForeignPods => "ForeignPods",
            Self::Stalled => "Stalled",
            Self::NotReady => "NotReady",
            Self::NoReadinessProbe => "NoReadinessProbe",
            Self::PortMismatch => "PortMismatch",
            Self::BelowCapacity => "BelowCapacity",
            Self::Unverified => "Unverified",
            Self::Drift => "Drift",
            Self::Protected => "Protected",
            Self::InvalidSetting => "InvalidSetting",
            Self::CannotLook => "CannotLook",
        }
    }

    /// Whether it only warns where a guard would otherwise hold an outage in place: on the way back
    /// to what served, and on a rescue. Nor does a typing error on a Namespace do that.
    #[must_use]
    pub fn yields(self) -> bool {
        matches!(
            self,
            Self::NoReadinessProbe
                | Self::NotReady
                | Self::RollingOut
                | Self::NotObserved
                | Self::BelowCapacity
                | Self::Unverified
                | Self::InvalidSetting
        )
    }

    /// Whether controllers that are at work take it away in time, with nobody doing anything.
    #[must_use]
    pub fn passes(self) -> bool {
        matches!(
            self,
            Self::NotReady | Self::RollingOut | Self::NotObserved | Self::BelowCapacity
        )
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
