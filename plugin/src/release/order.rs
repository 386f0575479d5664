//! What is to be flipped, what was, and why it was not.

use std::time::Duration;

use bluegreen_shared::application::Application;
use bluegreen_shared::plan::switch::FlipPlan;
use k8s_openapi::api::core::v1::Pod;

use crate::cluster::{Freshness, Rejected};
use crate::failure::Failure;
use crate::flags::DryRun;

/// Attempts to flip an object that others change at the same time.
const ATTEMPTS: usize = 5;

/// Counts the attempts that met a change by somebody else.
#[derive(Debug, Default)]
pub(crate) struct Conflicts(usize);

impl Conflicts {
    /// Whether the order, as it is by then, may be tried again.
    pub(crate) fn again(&mut self, stop: Stop) -> Result<(), Failure> {
        match stop {
            Stop::Changed(_) if self.0 + 1 < ATTEMPTS => {
                self.0 += 1;
                Ok(())
            }
            Stop::Unsure => Ok(()),
            Stop::Changed(failure) | Stop::Failed(failure) => Err(failure),
        }
    }
}

/// What is to be flipped, and how.
pub(crate) struct Order<'o> {
    /// The application.
    pub(crate) application: &'o Application<'o>,
    /// The pods that were read for it.
    pub(crate) pods: &'o [Pod],
    /// The flips, judged.
    pub(crate) plan: &'o FlipPlan<'o>,
    /// Why, for the history.
    pub(crate) reason: Option<&'o str>,
    /// Why the guard is to be passed; `None` for a flip that it judges.
    pub(crate) override_reason: Option<&'o str>,
    /// How far.
    pub(crate) dry_run: DryRun,
    /// How fresh what it was judged by is. Where that is not live, it is carried out only if the guard
    /// judges it too.
    pub(crate) seen: Freshness,
}

/// What was done.
pub(crate) struct Flipped {
    /// The Services, in the order in which they were flipped.
    pub(crate) services: Vec<String>,
    /// From the first patch of a selector to the last answer.
    pub(crate) took: Duration,
    /// What the slices said afterwards; `None` for a dry run.
    pub(crate) followed: Option<Followed>,
}

/// What the slices said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Followed {
    /// All traffic goes to the new side.
    Yes {
        /// The ready endpoints of what is selected, over all Services.
        endpoints: usize,
        /// Since the first patch of a selector was sent.
        took: Duration,
    },
    /// The new side has nothing that is ready, or will have nothing: what is the matter with it.
    Lost(String),
    /// They did not follow in time, or could not be seen to.
    Late(Failure),
}

/// Why the order was not carried out. As far as can be seen, nothing of it is left behind.
pub(crate) enum Stop {
    /// A Service is not as it was judged: look again, decide again.
    Changed(Failure),
    /// What it was judged by is not fresh enough for that: look live, decide again.
    Unsure,
    /// It can't be done.
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<Rejected> for Stop {
    fn from(rejected: Rejected) -> Self {
        match rejected {
            Rejected::Conflict(failure) => Self::Changed(failure),
            other => Self::Failed(other.into()),
        }
    }
}
