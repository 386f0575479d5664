//! What `status` found out, apart from how it is shown; the names are those of `-o json`.

use bluegreen_shared::history::Entry;
use bluegreen_shared::plan::way_out::WayOut;
use bluegreen_shared::refusal::{Cause, Refusal};
use jiff::Timestamp;
use serde::Serialize;

/// An application.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) application: String,
    pub(super) namespace: String,
    /// The rule that decided which Service is production.
    pub(super) rule: String,
    /// The selector keys that differ between the sides.
    pub(super) role_keys: Vec<String>,
    /// The role that serves, in an overlap the one that did before; `None` where production is split or
    /// selects neither.
    pub(super) active: Option<String>,
    pub(super) production: State,
    /// The flip that led to what serves now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_flip: Option<Entry>,
    /// A switch that is under way, or did not end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) intent: Option<Announced>,
    /// What both sides serve for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) overlap: Option<OverlapLine>,
    pub(super) services: Vec<ServiceLine>,
    pub(super) environments: Vec<EnvironmentLine>,
    /// Whether the last flip can be taken back by `rollback`.
    pub(super) can_roll_back: bool,
    /// What a `switch` that names no role says to do instead, where it would be going back.
    #[serde(skip)]
    pub(super) instead: Option<String>,
    /// What a person should know and no verdict depends on.
    pub(super) notes: Vec<String>,
    #[serde(skip)]
    pub(super) now: Timestamp,
}

/// What production selects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) enum State {
    /// One role.
    Decided,
    /// Several Services, which select different roles.
    Split,
    /// Both sides, on purpose.
    Overlap,
    /// Neither side alone.
    Neither,
}

/// The intent on a production Service.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Announced {
    pub(super) service: String,
    pub(super) to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<String>,
    pub(super) until: Timestamp,
    /// Whether it has run out: whoever wrote it did not finish.
    pub(super) interrupted: bool,
}

/// An overlap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct OverlapLine {
    pub(super) from: String,
    pub(super) to: String,
    /// Whether no release is under way that would end it.
    pub(super) interrupted: bool,
    /// How it may end.
    #[serde(skip)]
    pub(super) ways: Vec<WayOut>,
}

/// A Service of the application.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct ServiceLine {
    pub(super) name: String,
    /// Whether a switch flips it; otherwise it stays with one side for good.
    pub(super) production: bool,
    /// The role that it selects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<String>,
}

/// One side.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnvironmentLine {
    pub(super) role: String,
    /// Whether a production Service selects it.
    pub(super) serves: bool,
    pub(super) workloads: Vec<WorkloadLine>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revision: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) verified: Option<VerifiedLine>,
    /// What the gate says of a switch to it; `None` where all of production selects it already.
    #[serde(rename = "switch", skip_serializing_if = "Option::is_none")]
    pub(super) gate: Option<GateLine>,
}

/// A workload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct WorkloadLine {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) images: Vec<String>,
    /// Pods that a Service would route to.
    pub(super) ready: usize,
    /// Pods that it wants.
    pub(super) replicas: i32,
}

/// The last verification of a side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct VerifiedLine {
    pub(super) at: Timestamp,
    pub(super) by: String,
    /// Whether the side still runs what was verified.
    pub(super) current: bool,
}

/// The gate's answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GateLine {
    pub(super) allowed: bool,
    /// `forward`, `way back` or `rescue`.
    pub(super) course: &'static str,
    /// Whether a switch goes there only where the role is named: what the side runs has served before.
    pub(super) has_to_be_named: bool,
    pub(super) refusals: Vec<Reason>,
    pub(super) warnings: Vec<Reason>,
}

/// One reason of the gate's, and what the cluster's events add to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Reason {
    #[serde(flatten)]
    pub(super) refusal: Refusal,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) events: Vec<String>,
}

impl Status {
    /// Both roles.
    pub(super) fn roles(&self) -> Vec<&str> {
        let roles = self.environments.iter().map(|side| side.role.as_str());
        roles.collect()
    }

    /// The side that waits while the other one serves alone.
    pub(super) fn idle(&self) -> Option<&EnvironmentLine> {
        self.active.as_ref()?;
        self.environments.iter().find(|side| !side.serves)
    }

    /// Whether no pod of the side that serves alone is ready.
    pub(super) fn is_down(&self) -> bool {
        let mut sides = self.environments.iter();
        let active = sides.find(|side| Some(&side.role) == self.active.as_ref());
        active.is_some_and(|side| side.workloads.iter().all(|workload| workload.ready == 0))
    }

    /// The gate's reasons, for all sides.
    pub(super) fn reasons(&mut self) -> impl Iterator<Item = &mut Reason> {
        self.environments
            .iter_mut()
            .filter_map(|side| side.gate.as_mut())
            .flat_map(|gate| gate.refusals.iter_mut().chain(&mut gate.warnings))
    }

    /// The names of the pods that a reason blames.
    pub(super) fn blamed_pods(&self) -> impl Iterator<Item = &str> {
        self.environments
            .iter()
            .filter_map(|side| side.gate.as_ref())
            .flat_map(|gate| gate.refusals.iter().chain(&gate.warnings))
            .flat_map(Reason::pods)
    }
}

impl Reason {
    /// The stable code.
    pub(super) fn code(&self) -> &'static str {
        self.refusal.code.as_str()
    }

    /// The names of the pods that it blames.
    pub(super) fn pods(&self) -> impl Iterator<Item = &str> {
        self.refusal.causes.iter().filter_map(pod)
    }
}

fn pod(cause: &Cause) -> Option<&str> {
    cause.object.strip_prefix("Pod/")
}
