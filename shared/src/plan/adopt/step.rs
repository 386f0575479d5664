//! One thing that is to be done, in words and for the one who does it.

use jiff::Timestamp;
use json_patch::Patch;
use serde_json::Value;

use crate::workload::Workload;

/// One thing that is to be done.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// The object as kubectl names it: `deployment.apps/shop-blue`.
    pub object: String,
    /// What becomes of it, in words.
    pub detail: String,
    /// The same for the one who does it.
    pub act: Act<'a>,
}

/// What is done in a step.
#[derive(Clone, Debug)]
pub enum Act<'a> {
    /// The object is created.
    Create(Value),
    /// The Deployment gets another number of replicas; `None` as long as it is not there.
    Resize(Option<(&'a Workload, Patch)>),
    /// Its pods are waited for, until the gate lets production go there.
    Await,
    /// The Service is marked as production.
    Mark(Patch),
    /// The Service selects the role.
    Flip,
    /// An autoscaler of that name gets another target.
    Retarget(String, Patch),
    /// Connections to its pods are given time; when production left them, where that is known.
    Drain(Option<Timestamp>),
    /// The Deployment is deleted.
    Delete(&'a Workload),
}

impl Act<'_> {
    /// What was done, in one word.
    #[must_use]
    pub fn done(&self) -> &'static str {
        match self {
            Self::Create(_) => "created",
            Self::Resize(_) => "scaled",
            Self::Await => "ready",
            Self::Mark(_) => "marked",
            Self::Flip => "flipped",
            Self::Retarget(..) => "retargeted",
            Self::Drain(_) => "drained",
            Self::Delete(_) => "deleted",
        }
    }
}
