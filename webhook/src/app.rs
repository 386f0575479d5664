//! What every review is answered with.

use std::sync::Arc;

use bluegreen_shared::refusal::Refusal;

use crate::cannot_look::CannotLook;
use crate::lookup::Lookup;
use crate::metrics::Metrics;
use crate::phase::Phase;
use crate::review::{Answer, Malformed};
use crate::server::Room;

/// The parts that the handlers share.
pub(crate) struct App {
    /// Reads what a flip is judged on, announced with and written down by.
    pub(crate) lookup: Lookup,
    /// Reads what a workload is completed by. Its permits are its own: no number of applies may
    /// keep a flip from being judged.
    pub(crate) mutate_lookup: Lookup,
    /// Field managers of the tools that apply what stands in a repository.
    pub(crate) delivery_tools: Vec<String>,
    /// Holds the bodies.
    pub(crate) room: Room,
    /// Counts.
    pub(crate) metrics: Arc<Metrics>,
    /// Whether we are ready, and for how long.
    pub(crate) phase: Arc<Phase>,
}

impl App {
    /// The denial for these reasons, each of them counted.
    pub(crate) fn deny(&self, hook: &'static str, refusals: Vec<Refusal>) -> Answer {
        for refusal in &refusals {
            self.metrics.refused(hook, refusal.code.as_str());
        }
        Answer::Deny(refusals)
    }
}

/// No verdict could be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The review makes no sense: asking again would not help.
    #[error(transparent)]
    Malformed(#[from] Malformed),
    /// The cluster could not be read: another replica may do better.
    #[error("the cluster could not be looked at: {0}")]
    CannotLook(#[from] CannotLook),
}
