//! Why not: a stable code, one sentence with the names and numbers in it, and what to do next.

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
            Self::InvalidSetting => "InvalidSetting",
            Self::CannotLook => "CannotLook",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// One reason against a flip.
///
/// The sentence comes from spec and status alone and carries no ages, so that the plugin and the
/// webhook print the same text for the same objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The stable code.
    pub code: Code,
    /// One sentence, without a full stop, that names objects and numbers.
    pub message: String,
    /// What to do next, best a command.
    pub remedy: String,
    /// Every object that is to blame, with its own reason; the sentence names three at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
}

/// One object behind a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// `Pod/tomcat-deployment-green-db684958-kv8jt`.
    pub object: String,
    /// `container tomcat-container: CrashLoopBackOff, exit code 1, 4 restarts`.
    pub message: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code, self.message)
    }
}

/// Up to three of the items, and how many more there are: `a, b, c and 4 more`.
#[must_use]
pub fn three(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [a] => a.clone(),
        [a, b] => format!("{a} and {b}"),
        [a, b, c] => format!("{a}, {b} and {c}"),
        [a, b, c, rest @ ..] => format!("{a}, {b}, {c} and {} more", rest.len()),
    }
}
